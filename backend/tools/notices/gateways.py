"""The ways out: a file for development, an HTTP gateway or a mail server for real.

A gateway of a city (its SMS provider, its WeCom bot) is reached through one small JSON request:
``POST {"to": ..., "text": ..., "id": ...}`` with a bearer token. The id is the message's own: a
provider that knows it already sends nothing again.
"""

import json
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

from rq.timeouts import BaseTimeoutException

from backend.core import outside
from backend.core.faults import in_words
from backend.core.settings import get_settings
from backend.tools.notices.models import Channel

# So near to the end of its time a connection was broken off because of it.
NEARLY_S = 0.1
# Sends a text to an address under a key; raises `outside.Unreached` when nothing was delivered, and
# `outside.Failed` when that is not known.
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
        outside.post(url, {"id": key, "to": to, "text": text}, token)

    return send


class _Plain(smtplib.SMTP):
    """SMTP to a checked address, within one time for everything."""

    until: float

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return outside.connect(host, port, self.until)


class _Encrypted(smtplib.SMTP_SSL):
    """The same, encrypted throughout; the certificate must be that of the name."""

    until: float

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        inner = outside.connect(host, port, self.until)
        return self.context.wrap_socket(inner, server_hostname=host)


def over_smtp(url: str, sender: str) -> Gateway:
    """Send each message as mail; its first line is the subject. ``smtps`` is encrypted throughout,
    ``smtp`` from the moment at which the server offers it. Our key is the Message-ID.
    """
    server = urlsplit(url)

    def send(to: str, text: str, key: str) -> None:
        mail = EmailMessage()
        subject = next(iter(text.splitlines()), "")
        mail["From"], mail["To"], mail["Subject"] = sender, to, subject[:78]
        mail["Message-ID"] = f"<{key}@{sender.rpartition('@')[2]}>"
        mail.set_content(text)
        kind = _Encrypted if server.scheme == "smtps" else _Plain
        connection = kind(timeout=outside.TOTAL_S)
        connection.until = time.monotonic() + outside.TOTAL_S
        try:
            with _ended_in_time(connection):
                _send_over(connection, mail)
        except (outside.Unreached, outside.Hung, BaseTimeoutException):
            raise
        except Exception as fault:  # whatever a server may answer
            raise outside.Failed(_without_names(fault)) from fault

    def _send_over(connection: smtplib.SMTP, mail: EmailMessage) -> None:
        connection.connect(server.hostname or "", server.port or 0)
        connection.ehlo_or_helo_if_needed()
        if server.scheme == "smtp" and connection.has_extn("starttls"):
            # smtplib checks the certificate against the name that it was made with.
            connection._host = server.hostname or ""  # type: ignore[attr-defined]
            connection.starttls(context=ssl.create_default_context())
        if server.username:
            connection.login(unquote(server.username), unquote(server.password or ""))
        connection.send_message(mail)
        # It has been taken; how the server says goodbye changes nothing.
        with suppress(smtplib.SMTPException, OSError):
            connection.quit()

    return send


@contextmanager
def _ended_in_time(connection: _Plain | _Encrypted) -> Iterator[None]:
    """Break a connection off when its time is over, however slowly the other side drips."""

    def end() -> None:
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(connection.until - time.monotonic(), end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except BaseTimeoutException:
        raise
    except Exception as fault:
        if time.monotonic() >= connection.until - NEARLY_S:
            raise outside.Hung(_without_names(fault)) from fault
        raise
    finally:
        timer.cancel()
        connection.close()


def _without_names(fault: Exception) -> str:
    """Why a mail server did not take it: its code alone, for its words repeat whom it was to."""
    kind = type(fault).__name__
    if isinstance(fault, smtplib.SMTPRecipientsRefused):
        codes = sorted({str(code) for code, _ in fault.recipients.values()})
        return f"{kind}: {', '.join(codes)}"
    if isinstance(fault, smtplib.SMTPResponseException):
        return f"{kind}: {fault.smtp_code}"
    return kind if isinstance(fault, smtplib.SMTPException) else in_words(fault)


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
