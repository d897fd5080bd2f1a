"""Queuing messages for reporters without an account and for staff, and sending what is due."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.accounts.models import Account
from backend.core import clock, crypto, ids, phone_code
from backend.core.actor import system
from backend.core.db import unit_of_work
from backend.core.language import say
from backend.core.settings import get_settings
from backend.deadlines.clocks import ZONE
from backend.events.models import Event, EventAction, EventContact
from backend.events.service.reporting import phone_blind, track_code
from backend.notices import templates
from backend.notices.gateways import gateway_of
from backend.notices.models import Channel, Message

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


def to_caller(session: Session, event: Event, entry: EventAction, about: str, place: str) -> None:
    """Queue a message to somebody who left a number and has no account; once a step."""
    if event.reporter_id is not None:
        return
    contact = session.get(EventContact, (event.county_code, event.id))
    if contact is None or not contact.phone_sealed:
        return
    phone = crypto.unseal(contact.phone_sealed, f"event_contact.phone/{event.id}")
    if not phone:
        return
    message_id = ids.new_id()
    words = templates.filled(
        templates.words(session, about, "zh-CN"),
        {
            "number": event.event_no, "code": track_code(event.id), "place": place,
            "url": f"{get_settings().public_url}/public",
        },
    )  # fmt: skip
    urgent = event.severity >= 4
    now = clock.now()
    session.execute(
        insert(Message)
        .values(
            county_code=event.county_code, id=message_id, event_id=event.id, action_id=entry.id,
            channel=Channel.SMS, to_sealed=crypto.seal(phone, f"message.to/{message_id}"),
            to_blind=phone_blind(phone), about=about, words=words,
            due_at=now if urgent else after_quiet(now),
        )
        .on_conflict_do_nothing()
    )  # fmt: skip


def to_staff(session: Session, event: Event, action_id: UUID, about: str, account_id: UUID) -> None:
    """Queue a message about a task to somebody of the staff, by each way that reaches them.

    Only where the city has connected one: everybody finds the same notice in the console. WeCom
    knows people by their user name; mail goes to those who left an address.
    """
    ways = [way for way in (Channel.WECOM, Channel.MAIL) if gateway_of(way) is not None]
    account = session.get(Account, account_id) if ways else None
    if account is None:
        return
    for way in ways:
        to = account.username if way is Channel.WECOM else mail_of(account)
        if to:
            _queue_for_staff(session, event, action_id, about, account, way, to)


def mail_of(account: Account) -> str:
    """The address that somebody left; empty when none."""
    if account.mail_sealed is None:
        return ""
    return crypto.unseal(account.mail_sealed, f"account.mail/{account.id}")


def _queue_for_staff(
    session: Session, event: Event, action_id: UUID, about: str, account: Account, way: Channel,
    to: str,
) -> None:  # fmt: skip
    message_id = ids.new_id()
    words = say(account.language, about, number=event.event_no)
    now = clock.now()
    session.execute(
        insert(Message)
        .values(
            county_code=event.county_code, id=message_id, event_id=event.id, action_id=action_id,
            account_id=account.id, channel=way,
            to_sealed=crypto.seal(to, f"message.to/{message_id}"),
            to_blind=crypto.blind(to, "message.to"), about=about, words=words,
            due_at=now if event.severity >= 4 else after_quiet(now),
        )
        .on_conflict_do_nothing()
    )  # fmt: skip


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
