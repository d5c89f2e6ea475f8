"""Mail that the service sends: handed to the configured server, or refused with a reason."""

import asyncio
from email.message import EmailMessage
from smtplib import SMTP, SMTP_SSL, SMTPException
from ssl import create_default_context
from urllib.parse import unquote, urlsplit

from app.core.config import Settings

SECONDS = 10


class NotSent(Exception):
    """The mail server cannot be reached, or did not take it."""


async def send(settings: Settings, to: str, subject: str, body: str) -> None:
    """Hands a mail in. Raises NotSent."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.mail_from, to, subject
    message.set_content(body)
    assert settings.smtp_url is not None  # noqa: S101 -- who sends has looked
    try:
        await asyncio.to_thread(_hand_in, settings.smtp_url.get_secret_value(), message)
    except (OSError, SMTPException) as error:
        raise NotSent from error


def _hand_in(url: str, message: EmailMessage) -> None:
    server = urlsplit(url)
    tls = create_default_context()
    host = server.hostname or "localhost"
    if server.scheme == "smtps":
        smtp: SMTP = SMTP_SSL(host, server.port or 465, timeout=SECONDS, context=tls)
    else:
        smtp = SMTP(host, server.port or 25, timeout=SECONDS)
    with smtp:
        smtp.ehlo_or_helo_if_needed()
        if server.scheme != "smtps" and smtp.has_extn("starttls"):
            smtp.starttls(context=tls)
        if server.username:
            smtp.login(unquote(server.username), unquote(server.password or ""))
        smtp.send_message(message)
