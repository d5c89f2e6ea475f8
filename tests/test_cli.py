"""The command line, as an operator types it: each command a process, on a directory of its own."""

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx
import psutil
import pytest

from app.core.database.embedded import EmbeddedPostgres
from app.core.database.serving import DATABASE
from tests.service import COMMAND, Service, environment

Run = Callable[..., subprocess.CompletedProcess[str]]
IN_HANOI = ("--role", "coordinator", "--organization", "VN-01")


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dữ liệu")


@pytest.fixture(scope="module")
def banggiao(directory: Path) -> Run:
    """Runs a command beside the data directory, where the demonstration is loaded."""

    def run(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COMMAND, *words],
            cwd=directory,
            env=environment(**settings),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    assert "banggiao migrate" in refusal(run("doctor"))  # before there is anything
    assert "banggiao migrate" in refusal(run("token", "admin@academy.example"))
    loaded = run("demo")
    assert loaded.returncode == 0, loaded.stderr
    return run


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """What a command says when it does not do it: a sentence, never a traceback."""
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.stderr.strip()


def test_a_sound_installation_is_called_well(banggiao: Run):
    assert banggiao("doctor").returncode == 0


def test_the_demonstration_is_loaded_once(banggiao: Run):
    again = banggiao("demo")
    assert again.returncode == 0
    assert "learner@hanoi.example" in again.stderr


def test_a_token_is_printed_for_an_account_and_for_a_client(banggiao: Run):
    for words in (["coordinator@hanoi.example"], ["--client", "hanoi-hr"]):
        printed = banggiao("token", *words)
        assert printed.returncode == 0, printed.stderr
        assert printed.stdout.count(".") == 2


@pytest.mark.parametrize("words", [["nobody@hanoi.example"], ["--client", "nobody"], []])
def test_nobody_else_gets_a_token(banggiao: Run, words: list[str]):
    assert refusal(banggiao("token", *words))


def test_outside_the_demonstration_no_token_is_handed_out(banggiao: Run, tmp_path: Path):
    settings = {"BANGGIAO_DATA_DIRECTORY": str(tmp_path)}
    assert banggiao("migrate", **settings).returncode == 0
    said = refusal(banggiao("token", "admin@academy.example", **settings))
    assert "demonstration" in said
    assert banggiao("reference", **settings).returncode == 0


def test_models_and_tables_agree(banggiao: Run):
    assert banggiao("migrate", "--check").returncode == 0


async def test_keys_are_not_rotated_before_every_process_knows_the_next(
    banggiao: Run, directory: Path
):
    assert banggiao("token", "coordinator@hanoi.example").returncode == 0
    with EmbeddedPostgres(directory / ".banggiao" / "postgres") as server:
        connection = await asyncpg.connect(server.dsn(DATABASE))
        # However long a command takes to start.
        made = "update signing_keys set changed_at = now() + interval '1 h' where state = 'next'"
        assert await connection.execute(made) == "UPDATE 1"
        assert "only seconds old" in refusal(banggiao("keys", "rotate"))
        await connection.execute(made.replace("+", "-"))
        await connection.close()
    assert banggiao("keys", "rotate").returncode == 0


class TestUsers:
    async def test_are_added_and_invited_with_links_that_work(self, banggiao: Run, directory: Path):
        added = banggiao("users", "add", "first@academy.example", "Người Quản Trị")
        there = banggiao("users", "add", "Lan@hanoi.example", "Lan", *IN_HANOI)
        again = banggiao("users", "invite", " lan@HANOI.example ")
        for done in (added, there, again):
            assert done.returncode == 0, done.stderr
        links = [urlsplit(done.stdout.strip()) for done in (added, there, again)]
        assert {link.netloc for link in links} == {"127.0.0.1:8000"}
        async with Service(directory / "links.log") as service, httpx.AsyncClient() as client:
            opened = [await client.get(f"{service.url}{link.path}") for link in links]
        assert [page.status_code for page in opened] == [200, 410, 200], "the last one is good"
        assert "first@academy.example" in opened[0].text
        assert "Lan@hanoi.example" in opened[2].text

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["COORDINATOR@hanoi.example", "Lan"], "Another user has this address."),
            (["lan2@hanoi.example", "Lan", "--organization", "VN-99"], "VN-99"),
            (["lan2@hanoi.example", "Lan", "--organization", "VN-01"], "members of the Academy"),
            (["lan2@hanoi.example", "Lan", "--role", "learner"], "needs a learner_id"),
            (["lan2@hanoi.example", "Lan", "--role", "client"], "role: "),
            (["lan2@hanoi", "Lan"], "email: "),
            (["lan2@hanoi.example", ""], "name: "),
        ],
        ids=str,
    )
    def test_that_cannot_be_are_refused_in_a_sentence(
        self, banggiao: Run, words: list[str], said: str
    ):
        assert said in refusal(banggiao("users", "add", *words))

    def test_are_not_added_without_their_role(self, banggiao: Run):
        alone = "lan3@hanoi.example"
        refusal(banggiao("users", "add", alone, "Lan", "--organization", "VN-01"))
        assert "No user" in refusal(banggiao("users", "invite", alone))

    @pytest.mark.parametrize("email", ["nobody@hanoi.example", "[/bold]", ""])
    def test_that_are_not_there_are_not_invited(self, banggiao: Run, email: str):
        said = refusal(banggiao("users", "invite", email))
        assert said == f"No user has the address {email}."

    async def test_that_are_kept_out_are_not_invited(self, banggiao: Run, directory: Path):
        assert banggiao("users", "add", "gone@hanoi.example", "Ai Đó", *IN_HANOI).returncode == 0
        async with Service(directory / "disable.log") as service:
            token = banggiao("token", "admin@academy.example").stdout.strip()
            headers = {"Authorization": f"Bearer {token}"}
            async with httpx.AsyncClient(base_url=f"{service.url}/v1", headers=headers) as admin:
                found = await admin.get("/users", params={"email": "gone@hanoi.example"})
                (user,) = found.json()["items"]
                disabled = await admin.post(f"/users/{user['id']}/disable")
        assert disabled.status_code == 200
        assert "kept out" in refusal(banggiao("users", "invite", "gone@hanoi.example"))


@pytest.mark.parametrize(("lang", "said"), [("vi", "học viên"), ("en", "learner")])
def test_the_document_is_printed_in_both_languages(banggiao: Run, lang: str, said: str):
    document = json.loads(banggiao("openapi", "--lang", lang).stdout)
    operation = document["paths"]["/v1/learners"]["get"]
    assert said in operation["summary"].lower()


def test_settings_that_cannot_be_are_named(banggiao: Run):
    said = refusal(banggiao("doctor", PORT="many", BANGGIAO_SECRET_KEY="short"))
    assert "PORT" in said
    assert "BANGGIAO_SECRET_KEY" in said


def test_a_given_database_wants_a_given_secret(banggiao: Run):
    said = refusal(banggiao("doctor", DATABASE_URL="postgresql://somebody@127.0.0.1:1/x"))
    assert "BANGGIAO_SECRET_KEY" in said


async def test_the_service_stops_when_told_and_leaves_nothing_running(
    banggiao: Run, directory: Path
):
    async with Service(directory / "serve.log") as service:
        async with httpx.AsyncClient() as client:
            ready = await client.get(f"{service.url}/health/ready")
            docs = await client.get(f"{service.url}/docs")
        assert (ready.status_code, docs.status_code) == (200, 200)
        service.process.send_signal(signal.SIGTERM)
        service.process.wait(30)
    data = str(directory / ".banggiao" / "postgres" / "data")
    left = [p for p in psutil.process_iter(["cwd"]) if p.info["cwd"] == data]
    assert left == []


def test_a_worker_works_until_it_is_told_to_stop(banggiao: Run, directory: Path):
    worker = subprocess.Popen(
        [COMMAND, "worker"], cwd=directory, env=environment(), stdout=subprocess.PIPE, text=True
    )
    with pytest.raises(subprocess.TimeoutExpired):
        worker.wait(4)
    worker.send_signal(signal.SIGTERM)
    said, _ = worker.communicate(timeout=20)
    assert "Traceback" not in said
