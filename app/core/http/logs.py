"""What the service says about itself: one line an event, as JSON, without secrets and persons.

Every logger of the process ends here, structlog's and the standard library's. Values are masked by
the name of their key and by their looks; tracebacks keep their frames but lose their messages,
because databases and parsers quote in them what they were given.
"""

import asyncio
import logging
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from pathlib import PurePath
from re import IGNORECASE, VERBOSE, Match
from re import compile as pattern
from traceback import format_tb
from typing import Any
from uuid import UUID

import structlog
from pydantic_core import to_json
from structlog.types import EventDict, Processor, WrappedLogger

MASK = "[redacted]"
LONGEST = 4096
DEEPEST = 8
FRAMES = 20

# Written by the service itself, or checked before they were bound: never masked.
OURS = frozenset({"timestamp", "level", "logger", "request_id", "method", "route"})

# Searched in a key without its separators: `Set-Cookie`, `full_name` and `fullName` are found.
TELLING_KEY = pattern(
    "passw|pwd|secret|token|authorization|cookie|credential|apikey|privatekey|assertion|verifier"
    "|signature|^otp|nationalid|citizenid|identitynumber|idnumber|cccd|cmnd|passport|email|phone"
    "|mobile|birth|fullname|firstname|lastname|givenname|familyname|hoten|username|address"
)
TELLING_TEXT = pattern(
    r"""
    (?P<kept>
        \b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b    # ids of ours: UUIDs,
      | \b[0-9a-f]{32}\b                                                    # and of requests
    )
    | \b(?:bearer|basic)\s+[\w.~+/=-]+
    | \beyJ[\w-]+\.[\w.-]+                                                  # a JWT
    | (?:cookie|authorization)["']?\s*[:=][^\r\n]*
    | (?:passw(?:or)?d|pwd|secret|token|api_?key)["']?\s*[:=]\s*["']?[^\s"'&,;]+
    | (?<![\w.%+-])[\w.%+-]++@[\w-]+(?:\.[\w-]+)+                           # an e-mail address
    | (?<!\d)(?:\+?84|0)(?:[ .()-]{0,2}\d){9,10}(?!\d)                      # a phone
    | (?<!\d)(?:\d{12}|\d{9})(?!\d)                                         # an id card
    """,
    VERBOSE | IGNORECASE,
)
# No pattern above matches without one of these, and looking for them is cheap.
HINT = pattern(r"[@:=\d]|eyJ|bearer|basic", IGNORECASE)
# What would start a new line, steer a terminal, reverse the reading order, or break UTF-8.
CONTROL = pattern(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

# Their messages are about code. Any other may quote what a client sent.
ABOUT_CODE = (AttributeError, ImportError, NameError, NotImplementedError, TypeError)

NUMBERS = (int, float)
BOXES = (dict, list, tuple, set, frozenset)
PLAIN = (UUID, date, timedelta, Decimal, Enum, PurePath)


def configure(level: str = "INFO") -> None:
    """For each process, first of all: a worker process does not inherit it.

    Start uvicorn with `log_config=None`, so that it does not configure it away.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        stamp,
        explain,
        redact,
    ]
    renderer = _renderer()
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_Line,
        cache_logger_on_first_use=True,
    )
    _adopt_standard_loggers(level, shared, renderer)


def plainly(log: Any, lines: Iterable[EventDict]) -> None:
    """Lines at INFO, all at once. Nothing in them is masked, because looking for what to mask takes
    longer than many a request; so nothing in them may come from a client unchecked."""
    if log.is_enabled_for(logging.INFO):
        render = structlog.get_config()["processors"][-1]
        rendered = [render(log, "info", {**line, "level": "info"}) for line in lines]
        if rendered:
            _Line().msg("\n".join(rendered))


def _renderer() -> Processor:
    if sys.stdout.isatty():
        return structlog.dev.ConsoleRenderer()
    return lambda _logger, _method, event: to_json(event).decode()


def _adopt_standard_loggers(level: str, shared: list[Processor], renderer: Processor) -> None:
    handler = _StandardOutput(level)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.captureWarnings(capture=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "sqlalchemy", "asyncpg"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        # The edge tells of every request, and knows its route; uvicorn tells its query string.
        logger.propagate = name != "uvicorn.access"
    # At INFO it tells the whole address of every request that we make.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    asyncio_log = logging.getLogger("asyncio")
    asyncio_log.filters.clear()
    asyncio_log.addFilter(_quieten)


class _Line:
    """Looks for stdout at the time of writing, so that whoever replaces it is obeyed."""

    def __init__(self, *_: object) -> None:
        pass

    def msg(self, line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    debug = info = warning = error = critical = exception = msg


class _StandardOutput(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        try:
            _Line().msg(self.format(record))
        except Exception:  # noqa: BLE001 - as every handler: a log must not break what it tells of
            self.handleError(record)


def _quieten(record: logging.LogRecord) -> bool:
    """A cancelled request leaves futures of its connection behind, whose failure is no news."""
    headline, _, _ = record.getMessage().partition("\n")
    record.msg, record.args = headline, ()  # the rest shows the future, and what it failed with
    error = record.exc_info[1] if record.exc_info else None
    if headline.startswith("Future exception was never retrieved") and _of_connection(error):
        record.levelno, record.levelname = logging.DEBUG, "DEBUG"
    return True


def _of_connection(error: BaseException | None) -> bool:
    return isinstance(error, asyncio.CancelledError | ConnectionError | TimeoutError) or (
        type(error).__module__.startswith("asyncpg")
    )


def stamp(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    event["timestamp"] = datetime.now(UTC).isoformat()
    return event


def explain(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """`exc_info`, as everybody passes it, becomes `exception`: where it happened, and of what."""
    given = event.pop("exc_info", None)
    error = given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given is True else given
    if isinstance(error, BaseException):
        event["exception"] = "".join(_told(error, set())).rstrip()
    return event


def _told(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    led_here = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if led_here is not None and id(led_here) not in seen:
        yield from _told(led_here, seen)
        yield "which led to\n"
    yield from format_tb(error.__traceback__, limit=-FRAMES)
    yield f"{type(error).__module__}.{type(error).__qualname__}{_facts(error)}\n"
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield "of which one is\n"
            yield from _told(part, seen)


def _facts(error: BaseException) -> str:
    if type(error) in ABOUT_CODE:
        return f": {_shown(str(error))}"
    names = ("sqlstate", "constraint_name", "errno")
    facts = [f"{name}={fact}" for name in names if (fact := getattr(error, name, None))]
    return f" ({', '.join(facts)})" if facts else ""


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Masks what is secret or personal, and leaves only what JSON knows."""
    return {key: value if key in OURS else _valued(key, value, 0) for key, value in event.items()}


def _valued(key: str, value: object, depth: int) -> object:
    if value is None or value is True or value is False:
        return value
    if _is_telling(key):
        return MASK
    if isinstance(value, str):
        return _masked(value) if key == "exception" else _shown(value)
    if isinstance(value, NUMBERS):
        return value
    if isinstance(value, BOXES):
        return "..." if depth == DEEPEST else _held(value, depth + 1)
    # The repr of anything else may show all that it holds.
    return _shown(str(value)) if isinstance(value, PLAIN) else f"<{type(value).__name__}>"


def _held(box: Iterable[object], depth: int) -> object:
    if isinstance(box, dict):
        named = ((str(key), value) for key, value in box.items())
        return {_shown(key): _valued(key, value, depth) for key, value in named}
    return [_valued("", value, depth) for value in box]


@lru_cache(maxsize=1024)
def _is_telling(key: str) -> bool:
    bare = key.lower().replace("_", "").replace("-", "").replace(" ", "")
    return TELLING_KEY.search(bare) is not None


def _shown(text: str) -> str:
    text = _masked(text).strip()[:LONGEST]
    return text if text.isprintable() else CONTROL.sub(_escaped, text)


def _masked(text: str) -> str:
    if not HINT.search(text):
        return text
    return TELLING_TEXT.sub(lambda found: found["kept"] or MASK, text)


def _escaped(found: Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()
