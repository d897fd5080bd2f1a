"""The ways out: a file for development, an HTTP gateway or a mail server for real.

A gateway of a city (its SMS provider, its WeCom bot) is reached through one small JSON request:
``POST {"to": ..., "text": ..., "id": ...}`` with a bearer token. The id is the message's own: a
provider that knows it already sends nothing again.
"""

import json
import smtplib
import ssl
import urllib.request
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

from backend.core.settings import get_settings
from backend.tools.notices.models import Channel

TIMEOUT_S = 10
# Sends a text to an address under a key; raises when it cannot.
Gateway = Callable[[str, str, str], None]


def to_file(path: Path) -> Gateway:
    """Write each message as a line of JSON; for development and tests."""

    def send(to: str, text: str, key: str) -> None:
        line = json.dumps({"id": key, "to": to, "text": text}, ensure_ascii=False)
        with path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    return send


def over_http(url: str, token: str) -> Gateway:
    """Post each message to a gateway; any answer but 2xx is a failure."""

    def send(to: str, text: str, key: str) -> None:
        body = json.dumps({"id": key, "to": to, "text": text}, ensure_ascii=False).encode()
        request = urllib.request.Request(  # noqa: S310 (the scheme is checked in `gateway_of`)
            url, body, {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT_S):  # noqa: S310
            pass

    return send


def over_smtp(url: str, sender: str) -> Gateway:
    """Send each message as mail; its first line is the subject. ``smtps`` is encrypted throughout,
    ``smtp`` from the moment at which the server offers it. Our key is the Message-ID.
    """
    server = urlsplit(url)

    def send(to: str, text: str, key: str) -> None:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, to, text.splitlines()[0][:78]
        mail["Message-ID"] = f"<{key}@{sender.rpartition('@')[2]}>"
        mail.set_content(text)
        kind = smtplib.SMTP_SSL if server.scheme == "smtps" else smtplib.SMTP
        with kind(server.hostname or "", server.port or 0, timeout=TIMEOUT_S) as connection:
            connection.ehlo_or_helo_if_needed()
            if kind is smtplib.SMTP and connection.has_extn("starttls"):
                connection.starttls(context=ssl.create_default_context())
            if server.username:
                connection.login(unquote(server.username), unquote(server.password or ""))
            connection.send_message(mail)

    return send


def gateway_of(channel: Channel) -> Gateway | None:
    """The way out that the settings name for a channel; None when there is none."""
    settings = get_settings()
    url = {
        Channel.SMS: settings.sms_gateway,
        Channel.WECOM: settings.wecom_gateway,
        Channel.MAIL: settings.mail_gateway,
    }[channel]
    scheme = url.partition(":")[0]
    if scheme == "file":
        return to_file(Path(url.removeprefix("file://")))
    if scheme in ("http", "https"):
        return over_http(url, settings.gateway_token.get_secret_value())
    if scheme in ("smtp", "smtps"):
        return over_smtp(url, settings.mail_from)
    return None
