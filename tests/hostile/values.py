"""What no form would send: values that have broken programs before."""

import json
from typing import Any

CANARY = "kẻ-lạ-7f3a"
"""In everything that is long enough to hold it: no refusal may repeat it."""

ODD = (
    "",
    f"{CANARY}\0",
    f"{CANARY}\ud800",
    f"{CANARY}\udc00\ud800",
    f"'; drop table learners; -- {CANARY}",
    CANARY * 10_000,
    "0",
    "-1",
    "1e999",
    "9223372036854775808",
)
"""Texts for every place, whatever belongs there."""

TEXTS = (
    " ",
    "null",
    "__proto__",
    f"{CANARY}\x1b[31m",
    f"{CANARY}\uffff",
    f"' or '1'='1 {CANARY}",
    f"../../../etc/{CANARY}",
    f"<script>{CANARY}</script>",
    f"{{{{7*7}}}}${{7*7}}%s%n{CANARY}",
    f"{CANARY}\r\nSet-Cookie: a=b",
    f"{CANARY} 🧑🏽‍💼🇻🇳",
    f"\u202e{CANARY}\u2066",
    f"{CANARY} Hoa\u0300 \u1ea4 A\u0302\u0301",
    "\N{COMBINING ACUTE ACCENT}" * 100,
    "ﷺ" * 200,  # each becomes eighteen letters when it is searched for
    "\N{ARABIC-INDIC DIGIT ONE}" * 12,
)
"""For places where any text belongs."""

BY_FORMAT = {
    "date": (
        "1700000000",
        "0000-01-01",
        "0001-01-01",
        "-0001-01-01",
        "2024-02-30",
        "9999-12-31",
        "10000-01-01",
        "2024-01-01T00:00:00",
        "2024-W01-1",
    ),
    "date-time": (
        "1700000000",
        "2024-01-01",
        "2024-01-01T00:00:00",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "2016-12-31T23:59:60Z",
        "2024-01-01T00:00:00+99:00",
    ),
    "uuid": (
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "{01a20171-1143-73fd-a4db-cf073fae703f}",
        "urn:uuid:01a20171-1143-73fd-a4db-cf073fae703f",
        "01a20171-1143-73fd-a4db-cf073fae703g",
    ),
}

OTHERS: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    -0.0,
    2**31,
    2**63,
    -(2**63) - 1,
    10**400,
    1e308,
    [],
    {},
    [None],
    [[]],
    [{}],
    {"__proto__": {"a": CANARY}},
    [CANARY] * 2_000,
    {f"a{n}": CANARY for n in range(2_000)},
)
"""What else JSON can say."""

SYNTAX = {
    "1e999": b"1e999",
    "not a number": b"NaN",
    "infinity": b"-Infinity",
    "a number of 5,000 digits": b"9" * 5_000,
    "50,000 arrays": b"[" * 50_000 + b"]" * 50_000,
    "50,000 objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "40 arrays": b"[" * 40 + b"]" * 40,
    "a raw surrogate": b'"\xed\xa0\x80"',
    "no UTF-8": b'"\xff\xfe"',
    "UTF-16": '"a"'.encode("utf-16"),
    "a raw control character": b'"a\x01b"',
    "half an escape": b'"\\u00"',
    "a comma": b",",
    "a key twice": b'{"a":1,"a":2}',
}
"""What stands in the place of a value without being one, or is one that parsers differ about."""

HEADERS = (
    b"",
    b" ",
    b"*",
    b'"',
    b'W/"1"',
    b'"1", "2"',
    b"\xff\xfe",
    "kẻ-lạ-7f3a".encode(),
    b"'; drop table learners; --",
    b"../../etc/passwd",
    b"%00",
    b"a" * 256,
    b"a" * 9_000,
    b"\x7f\x01",
    b"9223372036854775808",
    b"=?utf-8?q?=00?=",
)


def written(value: Any) -> bytes:
    """As JSON, half characters and NUL escaped."""
    return json.dumps(value).encode()


def texts(formats: frozenset[str]) -> tuple[str, ...]:
    """What to send as text to a place where texts of these formats belong, or of any."""
    particular = [BY_FORMAT[name] for name in formats if name in BY_FORMAT]
    return ODD + (sum(particular, ()) if particular else TEXTS)
