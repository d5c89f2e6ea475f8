"""What a province does with the script, and what becomes of its roster."""

import json
import sys
from unicodedata import normalize

import pytest

from tests.client.running import ROOT, Province
from tests.oauth.programs import Program
from tests.rosters.sending import Sender
from tests.world import World


async def states(coordinator: Sender) -> list[str]:
    """Of all syncs, the first one first."""
    found = (await coordinator.client.get("/roster-syncs")).json()["items"]
    return [sync["state"] for sync in reversed(found)]


@pytest.fixture
async def there(coordinator: Sender, province: Province) -> list[dict]:
    """Twenty people, who came with a file."""
    rows = coordinator.people(*range(20))
    done = province.runs(province.file(rows), "--yes")
    assert done.code == 0, done
    assert len(await coordinator.learners()) == 20
    return rows


async def test_what_would_change_is_shown_and_applied_when_somebody_says_yes(
    coordinator: Sender, province: Province, there: list[dict]
):
    there[3] |= {"position_title": "Trưởng phòng", "phone": "024 0000 0001"}
    there[4] = coordinator.person(100, full_name="Trần Văn Mới")
    done = province.runs(province.file(there), answer="c\n")
    assert done.code == 0, done
    for said in (
        "Chức vụ: Chuyên viên → Trưởng phòng",
        "Điện thoại: (trống) → 024 0000 0001",
        "VẮNG MẶT trong tệp",
        "Trần Văn Mới",
        "Áp dụng? [c/K]",
        "Đã áp dụng",
    ):
        assert said in done.said
    learners = await coordinator.learners()
    assert learners["CB-00003"]["position_title"] == "Trưởng phòng"
    assert learners["CB-00004"]["missing_since"] is not None
    assert "CB-00100" in learners


async def test_lines_of_json_are_sent_as_they_are(coordinator: Sender, province: Province):
    path = province.folder / "people.ndjson"
    path.write_text("\n".join(map(json.dumps, coordinator.people(1, 2))))
    assert province.runs(path, "--yes", "--mode", "delta").code == 0
    assert await coordinator.learners() != {}


async def test_a_dry_run_applies_nothing(coordinator: Sender, province: Province):
    done = province.runs(province.file(coordinator.people(1)), "--dry-run")
    assert done.code == 0, done
    assert "Áp dụng?" not in done.said
    assert await coordinator.learners() == {}
    assert await states(coordinator) == ["planned"]


@pytest.mark.parametrize("answer", ["k\n", "\n", "không\n"])
async def test_whoever_says_no_has_changed_nothing(
    coordinator: Sender, province: Province, answer: str
):
    done = province.runs(province.file(coordinator.people(1)), answer=answer)
    assert done.code == 0, done
    assert "Chưa áp dụng gì." in done.said
    assert await coordinator.learners() == {}
    assert await states(coordinator) == ["cancelled"]


async def test_where_nobody_is_there_to_answer_nothing_is_applied(
    coordinator: Sender, province: Province
):
    done = province.runs(province.file(coordinator.people(1)), answer="")
    assert done.code == 2
    assert "--yes" in done.noted
    assert await coordinator.learners() == {}


async def test_the_same_file_is_not_asked_about_and_counts_as_fresh(
    coordinator: Sender, province: Province, there: list[dict]
):
    done = province.runs(province.file(there))
    assert done.code == 0, done
    assert "Không có gì thay đổi" in done.said
    assert await states(coordinator) == ["applied", "applied"]


async def test_rows_that_are_rejected_are_shown_and_the_others_applied(
    coordinator: Sender, province: Province
):
    rows = [coordinator.person(1), coordinator.person(2, birth_date="31/02/1990")]
    done = province.runs(province.file(rows), "--yes")
    assert done.code == 1, done
    assert "31/02/1990" in done.said
    assert "Ngày sinh" in done.said
    assert list(await coordinator.learners()) == ["CB-00001"]
    assert province.runs(province.file(rows), "--dry-run").code == 1


async def test_a_file_that_lacks_too_many_waits_for_a_coordinator(
    coordinator: Sender, province: Province, there: list[dict]
):
    where = "https://portal.example/approve"
    done = province.runs(province.file(there[:10]), "--yes", "--approve-url", where)
    assert done.code == 3, done
    assert "tệp thiếu nhiều người hơn mức bình thường" in done.said
    assert where in done.said
    assert await states(coordinator) == ["applied", "cancelled", "held"]
    found = (await coordinator.client.get("/roster-syncs", params={"state": "held"})).json()
    (held,) = found["items"]
    assert held["id"] in done.said
    approved = await coordinator.does(held, "approve", removals=False)
    assert approved.status_code in (200, 202), approved.text


async def test_it_is_not_even_sent_for_approval_when_somebody_says_no(
    coordinator: Sender, province: Province, there: list[dict]
):
    done = province.runs(province.file(there[:10]), answer="k\n")
    assert done.code == 0
    assert await states(coordinator) == ["applied", "cancelled"]
    assert province.runs(province.file(there[:10]), "--dry-run").code == 3


async def test_a_wrong_secret_is_refused(coordinator: Sender, province: Province):
    file = province.file(coordinator.people(1))
    done = province.runs(file, "--yes", BANGGIAO_CLIENT_SECRET="not this one")
    assert done.code == 6
    assert "--client" in done.noted
    assert await states(coordinator) == []


async def test_a_program_that_may_not_is_told_so(
    world: World, coordinator: Sender, province: Province
):
    reader = Program(world)
    await reader.register(coordinator.client.organization, "rosters:read")
    province.client = reader.name
    file = province.file(coordinator.people(*range(2000)))
    done = province.runs(file, "--yes", BANGGIAO_CLIENT_SECRET=reader.secret)
    assert done.code == 6
    assert "rosters:write" in done.noted


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
async def test_the_secret_is_read_from_a_file_however_it_was_saved(
    coordinator: Sender, province: Province, encoding: str
):
    path = province.folder / "secret.txt"
    path.write_text(province.environment.pop("BANGGIAO_CLIENT_SECRET") + "\r\n", encoding)
    path.chmod(0o644)
    file = province.file(coordinator.people(1))
    done = province.runs(file, "--dry-run", "--secret-file", str(path))
    assert done.code == 0, done
    assert "chmod 600" in done.noted
    path.chmod(0o600)
    assert "chmod" not in province.runs(file, "--dry-run", "--secret-file", str(path)).noted


@pytest.mark.parametrize("code_page", ["cp1258", "cp437", "ascii"])
async def test_no_code_page_of_windows_breaks_it(
    coordinator: Sender, province: Province, code_page: str
):
    rows = [coordinator.person(1, full_name="Đặng Thị Ngữ ☃"), coordinator.person(2, email="x")]
    done = province.runs(province.file(rows), "--yes", PYTHONIOENCODING=code_page, PYTHONUTF8="")
    assert done.code == 1, done
    name = "Đặng Thị Ngữ ?" if code_page == "cp1258" else "Dang Thi Ngu ?"
    assert name in normalize("NFC", done.said)


async def test_a_log_has_one_line_for_each_run(coordinator: Sender, province: Province):
    rows = [coordinator.person(1), coordinator.person(2, birth_date="never")]
    done = province.runs(province.file(rows), "--yes", "--quiet")
    assert done.code == 1
    assert done.noted == ""
    (line,) = done.said.splitlines()
    for said in ('state="applied"', "exit=1", "created=1", "rejected=1", 'file="'):
        assert said in line
    refused = province.runs(
        province.file(rows), "--yes", "--quiet", BANGGIAO_CLIENT_SECRET="not this one"
    )
    (line,) = refused.said.splitlines()
    assert "exit=6" in line
    assert 'error="' in line


async def test_it_speaks_english_when_asked(coordinator: Sender, province: Province):
    rows = [coordinator.person(1), coordinator.person(2, email="x")]
    done = province.runs(province.file(rows), "--lang", "en", answer="y\n")
    assert done.code == 1, done
    assert "Apply? [y/N]" in done.said
    assert "Email" in done.said
    assert "lỗi" not in done.said.lower()


async def test_the_command_of_the_service_does_the_same(coordinator: Sender, province: Province):
    words = province.command(province.file(coordinator.people(1)), "--yes")[3:]
    code = "from app.cli import cli; cli()"
    call = [sys.executable, "-c", code, "sync"]
    assert province.calls([*call, *words], PYTHONPATH=ROOT).code == 0
    assert "CB-00001" in await coordinator.learners()
    assert "--dry-run" in province.calls([*call, "--help"], PYTHONPATH=ROOT).said
