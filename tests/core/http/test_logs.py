"""What the service says about itself, and what it must never say."""

import asyncio
import io
import json
import logging
import sys
import warnings
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from time import perf_counter
from uuid import UUID

import pytest
import structlog
from pydantic import BaseModel

from app.core.http import logs

# Each with the part of it that nobody may ever read.
CANARIES = {
    "079203001234": "079203",  # citizen id
    "012345678": "012345",  # the older identity card
    "0912345678": "091234",
    "+84 912 345 678": "912 345",
    "024.3845.1234": "3845",
    "lan.nguyen@mofa.gov.vn": "lan.nguyen",
    "Bearer 3q2-7wAA.opaque": "opaque",
    "bearer of-letters-only": "letters",
    "basic dXNlcjpwdw": "dXNlcjpwdw",
    "eyJhbGciOiJF.eyJzdWIiOiI.cxlnbmVk": "cxlnbmVk",
    "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmVk": "c2lnbmVk",
    "password=hunter2": "hunter2",
    "client_secret: 's3cr3t'": "s3cr3t",
    "Cookie: session=abc; theme=dark": "theme",
    "Authorization: Basic dXNlcjpwdw==": "dXNlcjpwdw",
}
TELLING_KEYS = [
    "password",
    "access_token",
    "Authorization",
    "Set-Cookie",
    "client_secret",
    "X-API-Key",
    "national_id",
    "nationalId",
    "email",
    "phone",
    "birth_date",
    "full_name",
    "code_verifier",
]


@contextmanager
def logs_configured(level="INFO"):
    """The service's logging for one test, and pytest's own back after it."""
    root = logging.getLogger()
    handlers, before = root.handlers[:], root.level
    logs.configure(level)
    try:
        yield
    finally:
        logging.captureWarnings(capture=False)
        root.handlers[:] = handlers
        root.setLevel(before)
        structlog.reset_defaults()
        structlog.contextvars.clear_contextvars()


def told(capsys):
    """Every line that was written, read as a machine would."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.fixture(autouse=True)
def _logs():
    with logs_configured():
        yield


def raise_telling(secret):
    message = f"Key (email)=({secret}) exists"
    raise ExceptionGroup(message, [ValueError(secret)]) from KeyError(secret)


@pytest.mark.parametrize("secret", CANARIES)
def test_a_secret_is_masked_wherever_it_stands(capsys, secret):
    log, standard = structlog.get_logger(), logging.getLogger("asyncpg")
    text = f"before {secret}"
    log.info(text)
    log.info("event", note=text, many=[text], deep={"a": [{"b": (text, {text})}], text: 1})
    standard.warning("before %s", secret)
    standard.warning("before", extra={"note": text})
    try:
        raise_telling(secret)
    except ExceptionGroup:
        log.exception("failed")
        standard.exception("failed")
    output = capsys.readouterr().out
    assert len(output.splitlines()) == 6
    assert CANARIES[secret] not in output
    assert output.count(logs.MASK) >= 6


@pytest.mark.parametrize("key", TELLING_KEYS)
def test_a_value_is_masked_under_a_telling_name(capsys, key):
    structlog.get_logger().info("event", **{key: "Ngọc"}, within={"rows": [{key: 1999}]})
    line = told(capsys)[0]
    assert line[key] == logs.MASK
    assert line["within"] == {"rows": [{key: logs.MASK}]}


def test_what_is_no_secret_stays_readable(capsys):
    facts = {
        "event": "đã nhập 1234 dòng trong 3.5 giây",
        "organization": "0190f1d2-1111-7111-8111-123456789012",
        "trace": "00000000000000000123456789000000",
        "rows": 123456789,
        "share": 0.123456789,
        "partial": False,
        "reason": None,
        "at": "2026-11-22T10:00:00+07:00",
    }
    structlog.get_logger().info(**facts)
    assert facts.items() <= told(capsys)[0].items()


def test_objects_are_told_by_their_value_only_if_it_is_plain(capsys):
    class Learner(BaseModel):
        known_as: str

    structlog.get_logger().info(
        "event",
        id=UUID(int=1),
        at=datetime(2026, 1, 1, tzinfo=UTC),
        cost=Decimal("1.5"),
        learner=Learner(known_as="Lan"),
        body=b"Lan",
        failure=ValueError("Lan"),
    )
    line = told(capsys)[0]
    assert line["id"] == str(UUID(int=1))
    assert line["at"] == "2026-01-01 00:00:00+00:00"
    assert line["cost"] == "1.5"
    assert (line["learner"], line["body"], line["failure"]) == (
        "<Learner>",
        "<bytes>",
        "<ValueError>",
    )


def test_nesting_without_end_is_cut(capsys):
    endless = []
    endless.append(endless)
    structlog.get_logger().info("event", endless=endless)
    assert "..." in str(told(capsys)[0]["endless"])


@pytest.mark.parametrize("sign", ["\r\n", "\x1b[2J", "\x00", "\x85", "\u2028", "\u202e", "\ud800"])
def test_text_cannot_forge_a_line_or_steer_a_terminal(capsys, sign):
    structlog.get_logger().info(f"a{sign}b", note=f"a{sign}b", held={f"a{sign}b": 1})
    logging.getLogger("any").warning("a%sb", sign)
    output = capsys.readouterr().out
    assert len(output.splitlines()) == 2
    assert sign not in output
    escaped = sign.encode("unicode_escape").decode()
    assert json.loads(output.splitlines()[0])["note"] == f"a{escaped}b"


def test_a_long_text_is_cut(capsys):
    structlog.get_logger().info("x" * 1_000_000)
    assert len(told(capsys)[0]["event"]) == logs.LONGEST


@pytest.mark.parametrize(
    "text", ["1" + "a" * 200_000, "a-" * 100_000 + "1", "0 " * 100_000, "@a." * 70_000]
)
def test_masking_takes_time_in_proportion_to_the_text(text):
    began = perf_counter()
    logs.redact(None, "info", {"event": text})
    assert perf_counter() - began < 1


def test_a_traceback_tells_where_and_of_what_but_quotes_no_values(capsys):
    class ViolationError(Exception):
        sqlstate = "23505"
        constraint_name = "external_id_taken"

    def fail(said):
        raise RuntimeError(said) from ViolationError(said)

    name = "Lan"
    try:
        fail(name)
    except RuntimeError:
        structlog.get_logger().exception("failed")
    told_of = told(capsys)[0]["exception"]
    assert "ViolationError (sqlstate=23505, constraint_name=external_id_taken)\nwhich" in told_of
    assert told_of.endswith("builtins.RuntimeError")
    assert f'{__file__}", line' in told_of
    assert "raise RuntimeError(said) from ViolationError(said)" in told_of
    assert "Lan" not in told_of


def test_a_traceback_tells_each_of_several_mistakes(capsys):
    try:
        raise_telling("Lan")
    except ExceptionGroup:
        structlog.get_logger().exception("failed")
    assert told(capsys)[0]["exception"].splitlines()[-3:] == [
        "builtins.ExceptionGroup",
        "of which one is",
        "builtins.ValueError",
    ]


def test_a_mistake_in_the_code_is_told_in_full(capsys):
    try:
        None.missing  # noqa: B018
    except AttributeError:
        structlog.get_logger().exception("failed")
    assert "no attribute 'missing'" in told(capsys)[0]["exception"]


def test_every_library_speaks_in_the_same_lines(capsys):
    structlog.contextvars.bind_contextvars(request_id="r-1")
    for name in ("uvicorn.error", "sqlalchemy.engine", "asyncpg", "anything"):
        logging.getLogger(name).warning("from %s", name)
    lines = told(capsys)
    assert [(line["logger"], line["event"]) for line in lines] == [
        (name, f"from {name}")
        for name in ("uvicorn.error", "sqlalchemy.engine", "asyncpg", "anything")
    ]
    assert {(line["level"], line["request_id"]) for line in lines} == {("warning", "r-1")}


def test_warnings_are_lines_too(capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old habit", stacklevel=1)
    assert "old habit" in told(capsys)[0]["event"]


def test_the_server_keeps_no_access_log_of_its_own(capsys):
    access = logging.getLogger("uvicorn.access")
    access.addHandler(logging.StreamHandler(sys.stdout))
    with logs_configured():
        access.info("GET /?national_id=1")
    assert told(capsys) == []


def test_addresses_that_we_call_are_not_told(capsys):
    logging.getLogger("httpx").info("HTTP Request: GET https://idp.example/?code=1")
    assert told(capsys) == []


@pytest.mark.parametrize(
    ("error", "level", "seen"),
    [
        (ConnectionResetError(), "INFO", []),
        (ConnectionResetError(), "DEBUG", ["debug"]),
        (ValueError("Lan"), "INFO", ["error"]),
    ],
)
async def test_what_a_cancelled_request_leaves_behind_is_no_news(capsys, error, level, seen):
    with logs_configured(level):
        future = asyncio.get_running_loop().create_future()
        future.set_exception(error)
        del future
        lines = [line for line in told(capsys) if line["logger"] == "asyncio"]
    assert [line["level"] for line in lines] == seen
    assert all(line["event"] == "Future exception was never retrieved" for line in lines)
    assert "Lan" not in str(lines)


def test_a_terminal_is_spoken_to_in_plain_lines(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    with logs_configured():
        structlog.get_logger().info("started", password="hunter2")
    assert "started" in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")
    assert "hunter2" not in terminal.getvalue()
