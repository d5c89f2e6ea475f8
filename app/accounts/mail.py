"""Mail that the service sends: handed to the configured server, or refused with a reason."""

import asyncio
from email.message import EmailMessage
from email.utils import format_datetime, localtime, make_msgid, parseaddr
from ipaddress import ip_address
from re import compile as pattern
from smtplib import SMTP, SMTP_SSL, SMTPException
from ssl import CERT_NONE, SSLContext, create_default_context
from urllib.parse import unquote, urlsplit

from structlog import get_logger

from app.core.config import Settings

log = get_logger()

SECONDS = 10
"""For all of it: the transaction that waits meanwhile is given up soon after."""
_UNDER_WAY = asyncio.Semaphore(2)
"""Who invites holds a connection to the database meanwhile, and others need some."""
_ADDRESS = pattern(r'[^\s"(),:;<>@\[\\\]]+@[^\s"(),:;<>@\[\\\]]+')
"""One that nobody reads as several, or as somebody's name."""


class NotSent(Exception):
    """The mail server cannot be reached, or did not take it."""


class NoTls(SMTPException):
    """A password, or a link that sets one, would go over the net for everybody to read."""


async def send(settings: Settings, to: str, subject: str, body: str) -> None:
    """Hands a mail in. Raises NotSent."""
    assert settings.smtp_url is not None  # noqa: S101 -- who sends has looked
    url = settings.smtp_url.get_secret_value()
    try:
        message = _message(settings.mail_from, to, subject, body)
        async with asyncio.timeout(SECONDS), _UNDER_WAY:
            await asyncio.to_thread(_hand_in, url, message, to)
    except (OSError, SMTPException, ValueError) as error:
        code = getattr(error, "smtp_code", None) or getattr(error, "errno", None)
        log.warning("mail_not_taken", error=type(error).__name__, code=code)
        raise NotSent from error


def _message(sender: str, to: str, subject: str, body: str) -> EmailMessage:
    if not _ADDRESS.fullmatch(to):
        raise ValueError("no mail server would know whose address this is")
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = format_datetime(localtime())
    message["Message-ID"] = make_msgid(domain=parseaddr(sender)[1].rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence answers it
    message.set_content(body, cte="quoted-printable")  # every server takes seven bits
    return message


def _hand_in(url: str, message: EmailMessage, to: str) -> None:
    server = urlsplit(url)
    host = server.hostname or "localhost"
    is_local, tls = _is_local(host), _tls(host)
    if server.scheme == "smtps":
        smtp: SMTP = SMTP_SSL(host, server.port or 465, timeout=SECONDS, context=tls)
    else:
        smtp = SMTP(host, server.port or 25, timeout=SECONDS)
    with smtp:
        smtp.ehlo_or_helo_if_needed()
        is_private = is_local or server.scheme == "smtps"
        if server.scheme != "smtps" and smtp.has_extn("starttls"):
            smtp.starttls(context=tls)
            is_private = True
        if not is_private:
            raise NoTls
        if server.username:
            smtp.login(unquote(server.username), unquote(server.password or ""))
        smtp.send_message(message, to_addrs=[to])


def _tls(host: str) -> SSLContext:
    """A server on this very machine often has a certificate that names nobody."""
    context = create_default_context()
    if _is_local(host):
        context.check_hostname, context.verify_mode = False, CERT_NONE
    return context


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
