"""A mail server of a test's own, which takes letters, refuses them, or does worse."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from re import search
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from typing import Any
from urllib.parse import urlsplit

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HERE, ELSEWHERE = "127.0.0.1", "0.0.0.0"
"""Both lead to this machine, but only the first one says so."""


class PostOffice:
    """What came in: letters, to whom, and the passwords that were shown."""

    def __init__(self) -> None:
        self.letters: list[tuple[list[str], EmailMessage]] = []
        self.passwords: list[bytes] = []
        self.answers: dict[str, str] = {}
        """What it answers in another way than it should, by command."""

    async def handle_MAIL(  # noqa: N802 -- so aiosmtpd calls it
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT", "250 OK")

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if refusal := self.answers.get("DATA"):
            return refusal
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append((envelope.rcpt_tos, letter))
        return "250 OK"

    def authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, proof: Any
    ) -> AuthResult:
        self.passwords.append(proof.password)
        known = (proof.login, proof.password) == (b"bang@giao", b"p/ss:w rd")
        return AuthResult(success=known, handled=False)

    def link(self) -> str:
        """The path that the last letter leads to."""
        found = search(r"https?://\S+", text_of(self.letters[-1][1]))
        assert found is not None
        return urlsplit(found[0]).path


LOGIN = "bang%40giao:p%2Fss%3Aw%20rd@"


def text_of(letter: EmailMessage) -> str:
    return str(letter.get_content())


@asynccontextmanager
async def open_for_mail(
    office: PostOffice, *, wrapped: SSLContext | None = None, **line: Any
) -> AsyncIterator[int]:
    """Gives the port."""
    loop = asyncio.get_running_loop()
    line = {"authenticator": office.authenticate, "hostname": "post.example"} | line
    lines: list[SMTP] = []

    def picked_up() -> SMTP:
        lines.append(SMTP(office, loop=loop, **line))
        return lines[-1]

    async with await loop.create_server(picked_up, HERE, 0, ssl=wrapped) as server:
        yield server.sockets[0].getsockname()[1]
    for one in lines:
        if one.transport is not None:  # whoever has not hung up
            one.transport.close()


@asynccontextmanager
async def answering(answer: bytes | None) -> AsyncIterator[int]:
    """Something else than a mail server: it says this, or nothing at all, and then hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if answer is not None:
            writer.write(answer)
        else:
            await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, HERE, 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def certificate(folder: Path, *names: str) -> tuple[SSLContext, Path]:
    """For these addresses, signed by itself; and the file that makes whoever reads it believe."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "post.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(one)) for one in names]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    pem, public = folder / "private.pem", folder / "public.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    pem.write_bytes(private + public.read_bytes())
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context, public
