"""Queuing messages for reporters without an account and for staff."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.city.accounts import keeping
from backend.city.accounts.models import Account
from backend.core import clock, crypto, ids
from backend.core.settings import get_settings
from backend.matters.events.intake.reporting import phone_blind, track_code
from backend.matters.events.models import Event, EventAction, EventContact
from backend.matters.telling import templates
from backend.tools.notices import saying
from backend.tools.notices.gateways import gateway_of
from backend.tools.notices.models import Channel, Message
from backend.tools.notices.sending import after_quiet
from backend.tools.notices.writing import Told


def to_caller(
    session: Session,
    event: Event,
    entry: EventAction,
    about: str,
    details: Mapping[str, str],
    told: set[bytes],
) -> None:
    """Queue a message to somebody who left a number and has no account; once a step.

    ``told`` are the numbers that hear of this step already: who reported the same matter twice is
    told of it once.
    """
    if event.reporter_id is not None:
        return
    contact = session.get(EventContact, (event.county_code, event.id))
    if contact is None or not contact.phone_sealed:
        return
    phone = crypto.unseal(contact.phone_sealed, f"event_contact.phone/{event.id}")
    if not phone:
        return
    if phone_blind(phone) in told:
        return
    told.add(phone_blind(phone))
    message_id = ids.new_id()
    template = templates.words(session, about, "zh-CN")
    code = track_code(event.id)
    urgent = event.severity >= 4
    now = clock.now()
    leaves = now if urgent else after_quiet(now)
    # Days are said as they are when it leaves, not when it was written.
    fields = {
        "number": event.event_no, "place": details.get("place", ""),
        "category": details.get("matter", ""), "url": f"{get_settings().public_url}/public",
        **saying.phrases("zh-CN", details, leaves),
    }  # fmt: skip
    # Without an account the number is the way back to the report.
    if fields["what"] != event.event_no:
        fields["what"] += f"（{event.event_no}）"
    # The code opens the report as its reporter: only the gateway reads it.
    shown = templates.filled(template, fields | {"code": "*" * len(code)})
    whole = templates.filled(template, fields | {"code": code})
    session.execute(
        insert(Message)
        .values(
            county_code=event.county_code, id=message_id, event_id=event.id, action_id=entry.id,
            channel=Channel.SMS, to_sealed=crypto.seal(phone, f"message.to/{message_id}"),
            to_blind=phone_blind(phone), about=about, words=shown,
            words_sealed=crypto.seal(whole, f"message.words/{message_id}"),
            due_at=leaves,
        )
        .on_conflict_do_nothing()
    )  # fmt: skip


def to_staff(session: Session, event: Event, action_id: UUID, told: Told) -> None:
    """Queue a message about a task to somebody of the staff, by each way that reaches them.

    Only where the city has connected one: everybody finds the same notice in the console. WeCom
    knows people by their user name; mail goes to those who left an address.
    """
    ways = [way for way in (Channel.WECOM, Channel.MAIL) if gateway_of(way) is not None]
    account = session.get(Account, told.account_id) if ways else None
    if account is None:
        return
    for way in ways:
        mail = way is Channel.MAIL
        to = keeping.mail_for_notices(session, account.id) if mail else account.username
        if to:
            _queue_for_staff(session, event, action_id, told, account, way, to)


def _queue_for_staff(
    session: Session, event: Event, action_id: UUID, told: Told, account: Account, way: Channel,
    to: str,
) -> None:  # fmt: skip
    message_id = ids.new_id()
    now = clock.now()
    leaves = now if event.severity >= 4 else after_quiet(now)
    words = saying.words(account.language, told.about, told.words, leaves)
    if event.event_no not in words:
        words += f"（{event.event_no}）"
    session.execute(
        insert(Message)
        .values(
            county_code=event.county_code, id=message_id, event_id=event.id, action_id=action_id,
            account_id=account.id, channel=way,
            to_sealed=crypto.seal(to, f"message.to/{message_id}"),
            to_blind=crypto.blind(to, "message.to"), about=told.about, words=words,
            due_at=leaves,
        )
        .on_conflict_do_nothing()
    )  # fmt: skip
