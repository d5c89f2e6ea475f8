"""A second proof beside the password: six digits of an authenticator (TOTP, RFC 6238).

Each code is taken once. Recovery codes take the place of an authenticator that is lost.
"""

from base64 import b32encode
from hashlib import sha256
from secrets import token_bytes
from time import time
from typing import NamedTuple
from uuid import UUID

from pyotp import TOTP, random_base32
from sqlalchemy import delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.models import User
from app.accounts.models import RecoveryCode, SecondFactor
from app.core.secrets import Seal

ISSUER = "Bang Giao"
STEP = 30  # seconds, as every authenticator has it
DRIFT = 1  # steps by which a telephone's clock may differ
CODES = 10


_USED_UP = text("select note_in_audit('delete', 'recovery_codes', :user_id, null)")


class Offer(NamedTuple):
    """A secret to be put into an authenticator, not yet anybody's."""

    secret: str
    address: str
    """By which a telephone opens its own authenticator."""
    qr_code: str
    """As the address of a picture, `data:image/svg+xml,...`."""


def offer(email: str, secret: str | None = None) -> Offer:
    """A new secret, or the one offered before once more."""
    secret = secret or random_base32()
    address = TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)
    import segno  # noqa: PLC0415 -- it takes 1 MB, and is seldom needed

    code = segno.make(address, error="m")
    return Offer(secret, address, code.svg_data_uri(scale=5, border=2, light="white"))


def step_of(secret: str, code: str) -> int | None:
    """The time step that a code belongs to, if it is one of those of now."""
    digits = code.replace(" ", "")
    totp, now = TOTP(secret), int(time()) // STEP
    steps = (step for step in range(now - DRIFT, now + DRIFT + 1))
    return next((step for step in steps if totp.verify(digits, for_time=step * STEP)), None)


async def active(session: AsyncSession, user_id: UUID) -> SecondFactor | None:
    """The user's, unless an administrator has reset it since."""
    found = (
        select(SecondFactor)
        .join(User, User.id == SecondFactor.user_id)
        .where(
            SecondFactor.user_id == user_id,
            or_(
                User.second_factor_reset_at.is_(None),
                User.second_factor_reset_at < SecondFactor.added_at,
            ),
        )
    )
    return await session.scalar(found)


async def add(
    session: AsyncSession, seal: Seal, user_id: UUID, secret: str, step: int
) -> list[str]:
    """Makes it the user's second factor. Returns new recovery codes, which nobody sees again."""
    values = {"sealed_secret": seal.close(secret.encode()), "last_step": step}
    put = insert(SecondFactor).values(user_id=user_id, **values)
    put = put.on_conflict_do_update(
        index_elements=["user_id"], set_=values | {"added_at": func.now()}
    )
    await session.execute(put)
    await session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = [_readable(b32encode(token_bytes(10)).decode().lower()) for _ in range(CODES)]
    session.add_all(RecoveryCode(user_id=user_id, hash=_hashed(code)) for code in codes)
    await session.flush()
    return codes


async def takes(session: AsyncSession, seal: Seal, factor: SecondFactor, code: str) -> bool:
    """Whether the code proves the user now; it never does again."""
    step = step_of(seal.open(factor.sealed_secret).decode(), code)
    if step is not None:
        later = update(SecondFactor).where(
            SecondFactor.user_id == factor.user_id, SecondFactor.last_step < step
        )
        taken = await session.execute(later.values(last_step=step).returning(SecondFactor.user_id))
        return taken.first() is not None
    used = delete(RecoveryCode).where(
        RecoveryCode.user_id == factor.user_id, RecoveryCode.hash == _hashed(code)
    )
    if (await session.execute(used.returning(RecoveryCode.hash))).first() is None:
        return False
    await session.execute(_USED_UP, {"user_id": factor.user_id})
    return True


def _readable(code: str) -> str:
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def _hashed(code: str) -> bytes:
    """Its 80 random bits need no slow hash."""
    return sha256("".join(filter(str.isalnum, code.lower())).encode()).digest()
