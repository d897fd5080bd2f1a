"""Messages that leave the house: the quiet hours, and sending what is due."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core import clock, crypto, phone_code
from backend.core.actor import system
from backend.core.db import unit_of_work
from backend.core.language import say
from backend.core.settings import get_settings
from backend.tools.calendar.clocks import ZONE
from backend.tools.notices.gateways import gateway_of
from backend.tools.notices.models import Channel, Message

log = structlog.get_logger()

BATCH = 50
# A sender that has not come back by then was killed; its message is sent once more, and only once.
GIVEN_UP_AFTER = timedelta(minutes=5)
ATTEMPTS_MOST = 2


def after_quiet(now: datetime) -> datetime:
    """The moment itself, or the end of the quiet hours that it lies in (Chinese time)."""
    settings = get_settings()
    begins, ends = settings.quiet_from_hour, settings.quiet_until_hour
    local = now.astimezone(ZONE)
    quiet = (
        local.hour >= begins or local.hour < ends if begins > ends else begins <= local.hour < ends
    )
    if not quiet:
        return now
    morning = local.replace(hour=ends, minute=0, second=0, microsecond=0)
    return morning if morning > local else morning + timedelta(days=1)


def send_code(session: Session, county_code: str, key: UUID, details: Mapping[str, Any]) -> None:
    """Hear ``phone.asked``: send the code of this moment. It is good for ten minutes at least."""
    gateway = gateway_of(Channel.SMS)
    if gateway is None:
        log.warning("no way to send a code")
        return
    phone = crypto.unseal(bytes.fromhex(details["to"]), f"phone.asked/{key}")
    words = say("zh-CN", "message.phone_code", code=phone_code.code_for(phone, clock.now()))
    gateway(phone, words, str(key))


def send_due(county_code: str) -> int:
    """Send what is due in a county; the number that was tried.

    Each message is marked as taken and committed before its gateway is called: a crash in between
    repeats it at most once, never more.
    """
    taken = _take(county_code)
    for message_id in taken:
        _send(county_code, message_id)
    return len(taken)


def _take(county_code: str) -> list[object]:
    now = clock.now()
    with unit_of_work(system(county_code)) as session:
        lost = (Message.status == "sending") & (Message.taken_at < now - GIVEN_UP_AFTER)
        waiting = (Message.status == "waiting") & (Message.due_at <= now)
        rows = session.scalars(
            select(Message)
            .where(Message.county_code == county_code, waiting | lost)
            .order_by(Message.due_at)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        ).all()
        kept = []
        for row in rows:
            if row.attempts >= ATTEMPTS_MOST:
                row.status, row.error = "failed", row.error or "given up"
                continue
            row.status, row.taken_at, row.attempts = "sending", now, row.attempts + 1
            kept.append(row.id)
        return list(kept)


def _send(county_code: str, message_id: object) -> None:
    with unit_of_work(system(county_code)) as session:
        row = session.get(Message, (county_code, message_id))
        assert row is not None
        to = crypto.unseal(row.to_sealed, f"message.to/{row.id}")
        channel, words = Channel(row.channel), row.words
    gateway = gateway_of(channel)
    error = ""
    if gateway is None:
        error = "no gateway"
    else:
        try:
            gateway(to, words, str(message_id))
        except (OSError, ValueError) as fault:  # what urllib and smtplib raise are OSErrors
            error = repr(fault)[:300]
            log.warning("message not sent", channel=channel.value, because=error)
    with unit_of_work(system(county_code)) as session:
        row = session.get(Message, (county_code, message_id))
        assert row is not None
        row.error = error
        if not error:
            row.status, row.sent_at = "sent", clock.now()
        elif gateway is None or row.attempts >= ATTEMPTS_MOST:
            row.status = "failed"
        else:
            row.status, row.due_at = "waiting", clock.now() + timedelta(minutes=1)
