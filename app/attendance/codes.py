"""The code that is shown in class: another one each few seconds, which only who is there can enter.

A code is the beginning of a MAC over the session and the time step that it is shown in. It is valid
while it is shown and one step longer, for typing takes time. Nothing of it is kept but, in the
ledger, which step each learner has entered.
"""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from hmac import compare_digest, digest
from typing import NamedTuple
from uuid import UUID

from app.attendance.problems import AttendanceCodeExpired, AttendanceCodeWrong

STEP = 20
"""Seconds for which a code is shown."""
VALID = 2 * STEP
"""Seconds for which it is taken, at most."""
_REMEMBERED = 3 * 60 * 60 // STEP
"""Steps of which a code is known to have been right once."""
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without what looks alike: 30 letters, so that eight of them are 6.5e11 codes."""
_LETTERS, _GROUP = 8, 4
_LOOK_ALIKE = str.maketrans({"0": "Q", "O": "Q", "1": "J", "I": "J", "L": "J", "U": "V"})


class Code(NamedTuple):
    """What is shown now."""

    text: str
    step: int
    shown_until: datetime
    valid_until: datetime


class Codes:
    """Those of one installation."""

    def __init__(self, secret: str) -> None:
        self._key = blake2b(secret.encode(), digest_size=32, person=b"attendance").digest()

    def now(self, session_id: UUID, at: datetime) -> Code:
        step = _step(at)
        begins = datetime.fromtimestamp(step * STEP, UTC)
        until = begins + timedelta(seconds=STEP), begins + timedelta(seconds=VALID)
        return Code(self._code(session_id, step), step, *until)

    def step_of(self, session_id: UUID, code: str, at: datetime) -> int:
        """In which step a code was shown that is valid still.

        Raises AttendanceCodeExpired for one that was valid within the last hours, and
        AttendanceCodeWrong for what is none of this session's.
        """
        said = written(code)
        for back in range(_REMEMBERED):
            step = _step(at) - back
            if compare_digest(written(self._code(session_id, step)), said):
                if back * STEP < VALID:
                    return step
                raise AttendanceCodeExpired
        raise AttendanceCodeWrong

    def _code(self, session_id: UUID, step: int) -> str:
        mac = digest(self._key, session_id.bytes + step.to_bytes(8, "big"), "sha256")
        number = int.from_bytes(mac, "big")
        letters = [_ALPHABET[number // len(_ALPHABET) ** n % len(_ALPHABET)] for n in range(8)]
        text = "".join(letters)
        return f"{text[:_GROUP]}-{text[_GROUP:_LETTERS]}"


def written(code: str) -> bytes:
    """As it is compared: people type it in small letters, and without the dash."""
    kept = "".join(char for char in code.upper() if char.isalnum() and char.isascii())
    return kept.translate(_LOOK_ALIKE).encode()


def picture(address: str) -> str:
    """A QR code as SVG, to stand in a page as it is."""
    import segno  # noqa: PLC0415 -- it takes 1 MB, and is seldom needed

    code = segno.make(address, error="m", micro=False)
    return str(code.svg_inline(scale=4, border=4, dark="#000", light="#fff"))


def _step(at: datetime) -> int:
    return int(at.timestamp()) // STEP
