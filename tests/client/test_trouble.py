"""What the script does when the service, or the way to it, has trouble."""

import base64
import os
import signal
import socket
import subprocess
from typing import Any
from urllib.parse import unquote_plus

import pytest

from tests.client.running import Province
from tests.client.stub import (
    APPLY,
    BUSY,
    CANCEL,
    CHANGES,
    ERRORS,
    LOOK,
    LOST,
    SEND,
    TOKEN,
    TOO_MANY,
    Answer,
    Stub,
    sync,
)

PEOPLE = [{"external_id": "CB-1"}]
REFUSED = Answer({"type": "/problems/unauthenticated", "detail": "No token."}, 401)


@pytest.mark.parametrize("trouble", [BUSY, TOO_MANY, LOST, Answer(b"", 502)], ids=str)
@pytest.mark.parametrize("at", [TOKEN, SEND, LOOK, APPLY])
def test_what_was_lost_or_put_off_is_sent_again_and_done_once(
    stub: Stub, stubbed: Province, at: str, trouble: Answer
):
    stub.answers[at].insert(0, trouble)
    done = stubbed.runs(stubbed.file(PEOPLE), "--yes")
    assert done.code == 0, done
    again = stub.heard(at)
    assert len(again) >= 2
    assert again[0].body == again[1].body
    assert again[0].headers["Idempotency-Key"] == again[1].headers["Idempotency-Key"]
    assert "Thử lại" in done.noted


def test_each_request_of_a_run_has_a_key_of_its_own_and_so_has_each_run(
    stub: Stub, stubbed: Province
):
    for _ in range(2):
        assert stubbed.runs(stubbed.file(PEOPLE), "--yes").code == 0
    keys = [asked.headers["Idempotency-Key"] for asked in stub.heard(SEND) + stub.heard(APPLY)]
    assert len(set(keys)) == 4


def test_a_service_that_is_not_there_is_told_as_such(stubbed: Province):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        stubbed.url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        done = stubbed.runs(stubbed.file(PEOPLE), "--yes", "--patience", "0")
    assert done.code == 5
    assert stubbed.url in done.noted


def test_patience_has_an_end(stub: Stub, stubbed: Province):
    stub.says(SEND, BUSY._replace(headers={"Retry-After": "60"}))
    assert stubbed.runs(stubbed.file(PEOPLE), "--yes", "--patience", "5").code == 5
    assert len(stub.heard(SEND)) == 1  # it was told when to come back, and that is too late
    stub.says(SEND, sync("received"))
    stub.says(LOOK, sync("received"))
    done = stubbed.runs(stubbed.file(PEOPLE), "--yes", "--patience", "0.3")
    assert done.code == 5
    assert sync("")["id"] in done.noted


def test_a_token_that_is_refused_is_exchanged_for_a_new_one(stub: Stub, stubbed: Province):
    stub.answers[LOOK].insert(0, REFUSED)
    assert stubbed.runs(stubbed.file(PEOPLE), "--yes").code == 0
    assert [asked.headers["Authorization"] for asked in stub.heard(LOOK)] == [
        "Bearer first",
        "Bearer second",
    ]
    stub.says(SEND, REFUSED)
    assert stubbed.runs(stubbed.file(PEOPLE), "--yes").code == 6


def test_client_and_secret_are_sent_as_oauth_wants_them(stub: Stub, stubbed: Province):
    stubbed.runs(stubbed.file(PEOPLE), "--yes")
    scheme, _, proof = stub.heard(TOKEN)[0].headers["Authorization"].partition(" ")
    assert scheme == "Basic"
    names = base64.b64decode(proof).decode().split(":")
    assert [unquote_plus(name) for name in names] == ["hue-hr", "a+b %:c"]
    assert all("a+b" not in word for word in stubbed.command(stubbed.file(PEOPLE)))


@pytest.mark.parametrize("status", [302, 307])
@pytest.mark.parametrize("at", [TOKEN, LOOK])
def test_nothing_is_sent_to_where_an_answer_redirects(
    stub: Stub, stubbed: Province, at: str, status: int
):
    with Stub() as thief:
        stub.says(at, Answer(None, status, {"Location": f"{thief.url}/stolen"}))
        done = stubbed.runs(stubbed.file(PEOPLE), "--yes")
        assert thief.asked == []
    assert done.code == 5
    assert thief.url in done.noted


def test_a_refusal_is_heard_before_all_is_sent(stub: Stub, stubbed: Province):
    stub.says(SEND, Answer({"detail": "Too large.", "type": "/problems/content-too-large"}, 413))
    path = stubbed.folder / "large.csv"
    path.write_bytes(b"x" * 30_000_000)
    done = stubbed.runs(path, "--yes", "--patience", "0")
    assert (done.code, "Too large." in done.noted) == (4, True), done


def test_all_that_is_wrong_with_a_request_is_told(stub: Stub, stubbed: Province):
    wrong = {"in": "query", "pointer": "/data_set", "code": "x", "message": "Not a code."}
    refusal = {"detail": "See `errors`.", "trace_id": "0af7", "errors": [wrong]}
    stub.says(SEND, Answer(refusal, 422))
    done = stubbed.runs(stubbed.file(PEOPLE), "--yes")
    assert done.code == 4
    assert "/data_set: Not a code." in done.noted
    assert "0af7" in done.noted


def test_a_sync_that_fails_says_why_in_the_language_that_is_read(stub: Stub, stubbed: Province):
    problem = {"detail_vi": "Tệp hỏng.", "detail_en": "Damaged."}
    stub.says(LOOK, sync("failed", problem=problem))
    for lang, said in (("vi", "Tệp hỏng."), ("en", "Damaged.")):
        done = stubbed.runs(stubbed.file(PEOPLE), "--yes", "--lang", lang)
        assert (done.code, said in done.noted) == (4, True)
        assert stub.asked[-1].headers["Accept-Language"] == lang


def test_a_sync_that_somebody_cancels_meanwhile_is_told(stub: Stub, stubbed: Province):
    stub.says(LOOK, sync("cancelled"))
    assert stubbed.runs(stubbed.file(PEOPLE), "--yes").code == 4


@pytest.mark.parametrize("answer", [b"<html>Sign in to the proxy", b"[]", b'{"html": 1}'])
def test_what_is_not_the_service_is_told_as_such(stub: Stub, stubbed: Province, answer: bytes):
    stub.says(TOKEN, Answer(answer))
    done = stubbed.runs(stubbed.file(PEOPLE), "--yes")
    assert done.code == 5
    assert "--url" in done.noted


def test_people_who_were_changed_meanwhile_are_told(stub: Stub, stubbed: Province):
    stub.says(APPLY, sync("applied", counts={"outdated": 1}))
    assert stubbed.runs(stubbed.file(PEOPLE), "--yes").code == 1


def test_changes_and_errors_are_saved_for_excel_before_anything_is_applied(
    stub: Stub, stubbed: Province
):
    page, file = Answer({"items": [], "next": None}), Answer(b"\xef\xbb\xbfM\xc3\xa3")
    for what in (CHANGES, ERRORS):
        stub.says(what, page, file, page, file)
    stub.says(LOOK, sync("planned", counts={"rejected": 1}))
    words = "--changes", "thay đổi.csv", "--errors", "lỗi.csv"
    assert stubbed.runs(stubbed.file(PEOPLE), "--yes", *words).code == 0
    for name in words[1::2]:
        assert (stubbed.folder / name).read_bytes() == b"\xef\xbb\xbfM\xc3\xa3"
    stub.asked.clear()
    done = stubbed.runs(stubbed.file(PEOPLE), "--yes", "--errors", "no/such/folder.csv")
    assert done.code == 2
    assert stub.heard(APPLY) == []


def test_a_file_is_sent_as_its_ending_says(stub: Stub, stubbed: Province):
    content = bytes(range(256)) * 20_000
    for ending, kind in (
        ("csv", "text/csv"),
        ("XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ):
        stub.asked.clear()
        path = stubbed.folder / f"people.{ending}"
        path.write_bytes(content)
        assert stubbed.runs(path, "--yes").code == 0
        (sent,) = stub.heard(SEND)
        assert (sent.headers["Content-Type"], sent.body) == (kind, content)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--mode", "some"], "--mode"),
        (["--quiet"], "--dry-run"),
        (["--url", "http://banggiao.example"], "https://"),
        (["--url", "ftp://127.0.0.1"], "https://"),
        (["--secret", "x"], "--secret"),
        (["--ca-file", "nothing.pem"], "nothing.pem"),
        (["--secret-file", "nothing.txt"], "nothing.txt"),
    ],
    ids=str,
)
def test_a_command_that_cannot_be_meant_is_refused(
    stub: Stub, stubbed: Province, words: list[str], said: str
):
    done = stubbed.runs(stubbed.file(PEOPLE), *words)
    assert done.code == 2
    assert said in done.noted + done.said
    assert stub.asked == []


def test_a_file_that_is_not_there_or_of_another_kind_is_refused(stubbed: Province):
    assert stubbed.runs(stubbed.folder / "none.csv").code == 2
    assert ".xlsx" in stubbed.runs(stubbed.file(PEOPLE, "people.xls")).noted
    assert stubbed.runs(stubbed.file(PEOPLE), "--yes", BANGGIAO_CLIENT_SECRET="").code == 2


def test_the_mode_has_to_be_chosen(stub: Stub, stubbed: Province):
    words = stubbed.command(stubbed.file(PEOPLE), "--yes")
    words.remove("--mode")
    words.remove("full")
    done = stubbed.calls(words)
    assert done.code == 2
    assert "--mode delta" in done.noted
    assert stub.asked == []


def test_changes_are_told_in_words(stub: Stub, stubbed: Province):
    fields = {
        "status": ("active", "left"),
        "languages": ([], [{"language": "en", "level": 4, "evidence": None}]),
        "fields": (["consular"], ["consular", "protocol_and_events"]),
        "national_id": (None, "099"),
        "phone": (None, "7\x1b[2J"),
        "shoe_size": (1, 2),
    }
    named = [{"field": f, "before": b, "after": a} for f, (b, a) in fields.items()]
    person = {"row_number": 2, "external_id": "CB-1", "full_name": "Hoà", "kind": "update"}
    stub.says(CHANGES, {"items": [person | {"fields": named * 2}], "next": None})
    stub.says(LOOK, sync("planned", counts={"rows": 40, "created": 39, "updated": 1}))
    said = stubbed.runs(stubbed.file(PEOPLE), "--dry-run", COLUMNS="120").said
    for line in (
        "Tình trạng: đang công tác → đã nghỉ",
        "Ngoại ngữ: (trống) → en: 4",
        "Lĩnh vực: consular → consular; protocol_and_events",
        "Số định danh cá nhân: (trống) → …099",
        "shoe_size: 1 → 2",
        "và 6 trường nữa",
        "và 39 người nữa",
    ):
        assert line in said
    assert "\x1b" not in said
    narrow = stubbed.runs(stubbed.file(PEOPLE), "--dry-run", COLUMNS="80").said
    assert max(map(len, narrow.splitlines())) <= 100


def test_a_terminal_shows_how_far_it_is(stub: Stub, stubbed: Province):
    stub.says(LOOK, sync("staged", rows_read=30, rows_total=60), sync("planned"))
    ours, theirs = os.openpty()
    command = stubbed.command(stubbed.file(PEOPLE), "--yes")
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        subprocess.run(command, env=stubbed.environment, stderr=theirs, check=True)
        os.close(theirs)
        said = terminal.read(65536).decode()
    assert "Đang gửi" in said
    assert "100%" in said
    assert "50%" in said


class TestCtrlC:
    """The interrupt comes while the service is being asked how far it is."""

    def runs(
        self, stub: Stub, stubbed: Province, at: str, answer: str, *words: str, time: int = 1
    ) -> Any:
        def interrupt(what: str) -> None:
            if what == at and len(stub.heard(at)) == time:
                os.kill(process.pid, signal.SIGINT)

        stub.when = interrupt
        process = subprocess.Popen(
            stubbed.command(stubbed.file(PEOPLE), *words),
            env=stubbed.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        said, noted = process.communicate(answer.encode(), timeout=30)
        assert process.returncode == 130
        return said.decode() + noted.decode()

    @pytest.mark.parametrize(("answer", "cancels"), [("c\n", 1), ("k\n", 0), ("", 0)])
    def test_before_it_is_applied_asks_whether_to_cancel(
        self, stub: Stub, stubbed: Province, answer: str, cancels: int
    ):
        stub.says(LOOK, sync("staged"))
        said = self.runs(stub, stubbed, LOOK, answer)
        assert len(stub.heard(CANCEL)) == cancels
        assert ("Đã hủy" in said) == bool(cancels)
        assert ("không tự áp dụng" in said) == (not cancels)

    def test_what_was_sent_for_approval_goes_on(self, stub: Stub, stubbed: Province):
        waits = sync("planned", held_for=["empty_file"])
        stub.says(LOOK, waits, sync("staged", dry_run=False))
        stub.says(SEND, sync("received"), sync("received", dry_run=False))
        said = self.runs(stub, stubbed, LOOK, "", "--yes", time=2)
        assert "vẫn làm tiếp" in said
        assert stub.heard(CANCEL) == []

    def test_says_when_it_is_too_late_to_cancel(self, stub: Stub, stubbed: Province):
        stub.says(LOOK, sync("staged"))
        stub.says(CANCEL, Answer({"type": "/problems/sync-ended", "detail": "Ended."}, 409))
        assert "Ended." in self.runs(stub, stubbed, LOOK, "c\n")

    @pytest.mark.parametrize("words", [(), ("--yes",)])
    def test_while_it_is_applied_says_that_it_goes_on(
        self, stub: Stub, stubbed: Province, words: tuple[str, ...]
    ):
        said = self.runs(stub, stubbed, APPLY, "c\n", *words)
        assert "vẫn làm tiếp" in said
        assert stub.heard(CANCEL) == []

    def test_before_anything_was_received_has_changed_nothing(self, stub: Stub, stubbed: Province):
        assert "Chưa có gì được áp dụng" in self.runs(stub, stubbed, TOKEN, "")
