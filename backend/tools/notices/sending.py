"""Messages that leave the house: the quiet hours, and sending what is due.

One message at a time: it is marked as taken and committed before its gateway is called, so that a
crash in between repeats it at most once. What cannot be sent is marked with its reason and stops no
other; a gateway that is away or hangs is left alone until the next run.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

import structlog
from rq.timeouts import BaseTimeoutException
from sqlalchemy.orm import Session

from backend.core import clock, crypto, day, phone_code
from backend.core.actor import system
from backend.core.db import unit_of_work
from backend.core.faults import in_words
from backend.core.jobs import Halt
from backend.core.language import say
from backend.core.outside import Hung, Unreached
from backend.core.rows import Aside
from backend.core.settings import get_settings
from backend.tools.notices import queries
from backend.tools.notices.gateways import gateway_of
from backend.tools.notices.models import Channel, Message

log = structlog.get_logger()

# A sender that has not come back by then was killed; its message is sent once more, and only once.
GIVEN_UP_AFTER = timedelta(minutes=5)
ATTEMPTS_MOST = 2
AGAIN_AFTER = timedelta(minutes=1)
# A gateway that is away costs a message no attempt, but old news are not sent.
TOO_OLD = timedelta(days=1)
NO_GATEWAY = "no gateway"


def after_quiet(now: datetime) -> datetime:
    """The moment itself, or the end of the quiet hours that it lies in, by the city's clocks."""
    settings = get_settings()
    begins, ends = settings.quiet_from_hour, settings.quiet_until_hour
    local = day.local(now)
    quiet = (
        local.hour >= begins or local.hour < ends if begins > ends else begins <= local.hour < ends
    )
    if not quiet:
        return now
    morning = day.at(day.of(now), time(ends))
    return morning if morning > now else day.at(day.of(now) + timedelta(days=1), time(ends))


# A message that a sender has: its key, way, sealed address, words, and the sealed ones with codes.
Taken = tuple[UUID, Channel, bytes, str, bytes | None]


def send_code(session: Session, county_code: str, key: UUID, details: Mapping[str, Any]) -> None:
    """Hear ``phone.asked``: send the code of this moment. It is good for ten minutes at least."""
    gateway = gateway_of(Channel.SMS)
    if gateway is None:
        log.warning("no way to send a code")
        return
    phone = crypto.unseal(bytes.fromhex(details["to"]), f"phone.asked/{key}")
    words = say("zh-CN", "message.phone_code", code=phone_code.code_for(phone, clock.now()))
    gateway(phone, words, str(key))


def sms(county_code: str, _: Aside) -> int:
    """A slice of the job that sends SMS."""
    return send_next(county_code, Channel.SMS)


def wecom(county_code: str, _: Aside) -> int:
    """A slice of the job that sends WeCom messages."""
    return send_next(county_code, Channel.WECOM)


def mail(county_code: str, _: Aside) -> int:
    """A slice of the job that sends mail."""
    return send_next(county_code, Channel.MAIL)


def send_due(county_code: str) -> int:
    """Send all that is due in a county; the number that was tried."""
    tried = 0
    while send_next(county_code):
        tried += 1
    return tried


def send_next(county_code: str, channel: Channel | None = None) -> int:
    """Send the message that is due first in a county; 0 when none is.

    Raises
    ------
    Halt
        The gateway is away or hangs; the message waits, or has failed.
    """
    taken = _take(county_code, channel)
    if taken is None:
        return 0
    message_id, way, sealed, words, whole = taken
    try:
        gateway = gateway_of(way)
        if gateway is None:
            _ended(county_code, message_id, "failed", NO_GATEWAY)
            return 1
        to = crypto.unseal(sealed, f"message.to/{message_id}")
        if whole is not None:
            words = crypto.unseal(whole, f"message.words/{message_id}")
    except Exception as fault:
        _ended(county_code, message_id, "failed", f"the address cannot be read: {in_words(fault)}")
        return 1
    try:
        gateway(to, words, str(message_id))
    except Unreached as away:
        _not_there(county_code, message_id, in_words(away))
        raise Halt(f"{way}: {in_words(away)}") from away
    except BaseTimeoutException:
        raise
    except Exception as fault:
        _ended(county_code, message_id, None, in_words(fault))
        if isinstance(fault, Hung):
            raise Halt(f"{way}: {in_words(fault)}") from fault
    else:
        _ended(county_code, message_id, "sent", "")
    return 1


def _take(county_code: str, channel: Channel | None) -> Taken | None:
    """Mark the next message as taken; what two senders were killed over is given up."""
    now = clock.now()
    with unit_of_work(system(county_code)) as session:
        for row in queries.due(session, county_code, channel, now, now - GIVEN_UP_AFTER):
            if row.attempts >= ATTEMPTS_MOST:
                row.status, row.error = "failed", row.error or "given up"
                continue
            row.status, row.taken_at, row.attempts = "sending", now, row.attempts + 1
            return row.id, Channel(row.channel), row.to_sealed, row.words, row.words_sealed
    return None


def _ended(county_code: str, message_id: UUID, status: str | None, error: str) -> None:
    """Write down how it went; without a status it is tried once more, or has failed."""
    with unit_of_work(system(county_code)) as session:
        row = session.get(Message, (county_code, message_id), with_for_update=True)
        if row is None:
            return
        if error:
            log.warning("message not sent", id=str(message_id), channel=row.channel, because=error)
        row.error = error
        row.status = status or ("failed" if row.attempts >= ATTEMPTS_MOST else "waiting")
        if row.status == "sent":
            row.sent_at, row.words_sealed = clock.now(), None
        elif row.status == "waiting":
            row.due_at = clock.now() + AGAIN_AFTER


def _not_there(county_code: str, message_id: UUID, error: str) -> None:
    """Let a message wait, unless it has waited for a day."""
    with unit_of_work(system(county_code)) as session:
        row = session.get(Message, (county_code, message_id), with_for_update=True)
        if row is None:
            return
        old = clock.now() - row.made_at > TOO_OLD
        row.status, row.error, row.attempts = (
            "failed" if old else "waiting",
            error,
            row.attempts - 1,
        )
        row.due_at = clock.now() + AGAIN_AFTER


def again(session: Session, county_code: str, message_id: UUID) -> bool:
    """Let a message that was given up be sent anew; whether it had been given up."""
    row = session.get(Message, (county_code, message_id), with_for_update=True)
    if row is None or row.status != "failed":
        return False
    row.status, row.attempts, row.due_at = "waiting", 0, clock.now()
    return True
