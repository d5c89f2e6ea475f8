"""What an installation keeps secret: one key, from which the others are derived."""

import os
from base64 import urlsafe_b64encode
from hashlib import blake2b
from hmac import digest
from pathlib import Path
from secrets import token_urlsafe

from cryptography.fernet import Fernet, InvalidToken

from app.core.config import Settings


class SecretMissing(Exception):
    """Several processes must share the secret, so none may make one up."""


def secret_key(settings: Settings) -> str:
    """The configured secret. Beside an embedded database it is made once, and kept beside it."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    if settings.database_url is not None:
        raise SecretMissing(
            "Set BANGGIAO_SECRET_KEY: with DATABASE_URL, all processes must share one secret."
        )
    return _kept(settings.data_directory / "secret.key")


def _kept(file: Path) -> str:
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text()
    with os.fdopen(descriptor, "w") as fresh:
        fresh.write(secret := token_urlsafe(32))
    return secret


class Pepper:
    """Hashes low-entropy secrets (national ids, claim codes) with a key, so that whoever reads the
    database alone cannot try them all."""

    def __init__(self, secret: str) -> None:
        self._key = blake2b(secret.encode(), person=b"banggiao-pepper").digest()

    def hash(self, value: str) -> bytes:
        return digest(self._key, value.encode(), "sha256")


class BrokenSeal(Exception):
    """It was not sealed here, was changed since, or is too old."""


class Seal:
    """Closes what only the service may read again: what it stores, or gives away for a while.

    Of one purpose: what was sealed for another is not opened.
    """

    def __init__(self, secret: str, purpose: str) -> None:
        person = b"seal " + purpose.encode()  # BLAKE2 takes 16 bytes
        key = blake2b(secret.encode(), digest_size=32, person=person).digest()
        self._fernet = Fernet(urlsafe_b64encode(key))

    def close(self, content: bytes) -> bytes:
        return self._fernet.encrypt(content)

    def open(self, sealed: bytes, seconds: int | None = None) -> bytes:
        """What was sealed, at most so many seconds ago. Raises BrokenSeal."""
        try:
            return self._fernet.decrypt(sealed, seconds)
        except InvalidToken as error:
            raise BrokenSeal from error


class Seals:
    """One for each purpose."""

    def __init__(self, secret: str) -> None:
        self.answers = Seal(secret, "answers")
        """That an Idempotency-Key repeats."""
        self.secrets = Seal(secret, "secrets")
        """Which authenticators share with us."""
        self.webhooks = Seal(secret, "webhooks")
        """Secrets that sign messages."""
        self.flows = Seal(secret, "flows")
        """Of people through the pages on which they sign in."""
        self.devices = Seal(secret, "devices")
        """That somebody signed in from before."""
