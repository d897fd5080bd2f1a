"""Taking a report in."""

import dataclasses
import json
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import String, Uuid, bindparam, insert, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

from backend.core import clock, crypto, ids, journal, phone_code
from backend.core.actor import Actor, Role
from backend.core.db import act_as
from backend.core.errors import BadInput
from backend.core.idempotency import fingerprint, known_answer, taken_answer
from backend.core.settings import get_settings
from backend.matters.categories import questions
from backend.matters.categories import service as categories
from backend.matters.categories.models import Category
from backend.matters.events import sensitivity
from backend.matters.events.casework import counting
from backend.matters.events.intake import references
from backend.matters.events.intake.placing import Place, place
from backend.matters.events.models import EventAction, EventContact
from backend.matters.events.placeless import desk_of
from backend.matters.events.promises import alarms
from backend.matters.events.schemas import ContactIn, ReportIn
from backend.matters.events.vocabulary import Action, State
from backend.tools.calendar import service as deadlines
from backend.tools.media import service as media

REPORT = text((Path(__file__).parent / "report.sql").read_text("utf-8")).bindparams(
    bindparam("answer", type_=JSONB),
    bindparam("raw_position", type_=JSONB(none_as_null=True)),
    bindparam("details", type_=JSONB),
    bindparam("fact_details", type_=JSONB),
    bindparam("answers", type_=JSONB),
    bindparam("named", type_=ARRAY(Uuid)),
    bindparam("delta_ids", type_=ARRAY(Uuid)),
    bindparam("measures", type_=ARRAY(String)),
    *(
        bindparam(name, type_=Uuid)
        for name in ("client_id", "account_id", "id", "reporter_id", "action_id", "post_id",
                     "organization_id")
    ),
)  # fmt: skip

SOURCES = {
    Role.RESIDENT: "resident", Role.UNIT_HEAD: "unit_head", Role.GRID_WORKER: "grid_worker",
    Role.VILLAGE_SECRETARY: "village",
}  # fmt: skip


def track_code(event_id: UUID) -> str:
    """The code that opens an event without an account; derived, so that it can be told again."""
    digest = crypto.blind(str(event_id), "track")
    return "".join(ids.READABLE[byte % len(ids.READABLE)] for byte in digest[:8])


def phone_blind(phone: str) -> bytes:
    """By what a telephone number is found again."""
    return crypto.blind(phone_code.digits_of(phone), "event_contact.phone")


def track_hash(code: str) -> bytes:
    """What is stored of a tracking code."""
    return crypto.blind(code.strip().upper(), "track-hash")


@dataclasses.dataclass(frozen=True)
class OnBehalf:
    """A report that a desk takes down for somebody: where it came from, and its number there."""

    source: str
    external_ref: str | None = None


def report(
    session: Session, actor: Actor, body: ReportIn, behalf: OnBehalf | None = None
) -> dict[str, Any]:
    """Take a report in and locate it at once; the receipt's fields.

    Sending the same report again returns the first receipt and adds nothing; so does the number
    that a matter has where it comes from, whoever takes it down.

    Raises
    ------
    BadInput
        Unknown category, unreadable position, missing photo or words.
    Conflict
        The client's key was used for another body; or its number was taken in elsewhere.
    """
    number = references.reference(behalf.source, behalf.external_ref) if behalf else None
    body_hash = fingerprint(_operation(behalf, number), body)
    category = categories.known(session, body.category)
    if category.photo_required and not body.photos:
        raise BadInput("needs_photo")
    if not body.text and not body.photos:
        raise BadInput("needs_words_or_photo")
    if len(body.photos) > get_settings().photos_per_event:
        raise BadInput("too_many_photos", most=get_settings().photos_per_event)
    where = place(session, actor, body.position, body.area_code)
    event_id = ids.new_id()
    if number is not None and not references.take(session, number, where.county_code, event_id):
        return _sent_before(session, actor, body, body_hash, number)
    answer = _insert(session, actor, event_id, body, where, category, body_hash, behalf)
    if answer is None:
        return _with_code(taken_answer(session, actor, body.client_id, body_hash))
    if body.photos:
        if actor.post_id is None:
            # Whoever has just made a report holds its code; nothing else of it is visible to them.
            act_as(session, dataclasses.replace(actor, tracked=event_id))
        media.claim(
            session, actor, body.photos, body.claims,
            (where.county_code, event_id, UUID(answer["action_id"])),
        )  # fmt: skip
    if body.contact and (body.contact.phone or body.contact.name):
        _keep_contact(session, where.county_code, event_id, body.contact)
    if desk_of(where.area_code) is not None:
        alarms.place_by(session, where.county_code, event_id, clock.now())
    return _with_code(answer)


def _operation(behalf: OnBehalf | None, number: references.Reference | None) -> str:
    """What a client's key stands for: of a desk's report its source and its number there as well.

    The same words under another number are another matter, and must not be lost as the same one.
    """
    if behalf is None:
        return "report"
    return f"report {behalf.source} {number.number if number else ''}"


def _sent_before(
    session: Session, actor: Actor, body: ReportIn, body_hash: bytes, number: references.Reference
) -> dict[str, Any]:
    """What was answered when this number came for the first time, by whatever key it comes now."""
    answer = known_answer(session, actor, body.client_id, body_hash)
    return _with_code(answer or references.receipt(session, actor, number))


def _with_code(answer: dict[str, Any]) -> dict[str, Any]:
    """The receipt with its tracking code, which is told and stored nowhere in clear."""
    return answer | {"track_code": track_code(UUID(answer["id"]))}


def _insert(
    session: Session, actor: Actor, event_id: UUID, body: ReportIn, where: Place,
    category: Category, body_hash: bytes, behalf: OnBehalf | None,
) -> dict[str, Any] | None:  # fmt: skip
    now = clock.now()
    action_id = ids.new_id()
    measures = counting.first(now, restricted=category.sensitive)
    code = track_code(event_id)
    hidden = body.anonymous or actor.post_id is None or behalf is not None
    source = behalf.source if behalf else SOURCES.get(actor.role, "command_center")
    details: dict[str, Any] = {"source": source, "area_code": where.area_code}
    if body.position:
        details["position"] = json.loads(body.position.model_dump_json(exclude_none=True))
    if behalf:
        details["on_behalf"] = True
    if where.doubt:
        details["crs_suspect"] = where.doubt.crs
    entry = journal.entry(
        EventAction, actor, journal.GENESIS, 1, Action.SUBMIT, details=details, at=now,
        event_id=event_id, from_state=None, to_state=State.REPORTED.value,
        client_at=body.client_at,
    )  # fmt: skip
    answer = {
        "id": str(event_id), "action_id": str(action_id), "county_code": where.county_code,
        "event_no": ids.event_number(where.county_code, now),
        "state": State.REPORTED.value, "area_code": where.area_code,
        "doubt": where.doubt.model_dump() if where.doubt else None,
        "ask_position": _must_ask(body),
    }  # fmt: skip
    taken = session.execute(
        REPORT,
        {
            **entry,
            "home_county": actor.home_county, "client_id": body.client_id, "account_id": actor.id,
            "body_hash": body_hash, "answer": answer, "county_code": where.county_code,
            "id": event_id, "event_no": answer["event_no"], "state": State.REPORTED.value,
            "area_code": where.area_code, "scheme_version": category.scheme_version,
            "category_code": body.category, "text": body.text, "severity": body.severity,
            "source": source, "external_ref": behalf.external_ref if behalf else None,
            "reporter_id": None if hidden else actor.id,
            "lon": where.lon, "lat": where.lat,
            "raw_position": details.get("position"), "crs_suspect": details.get("crs_suspect"),
            "step_due_at": deadlines.leave_by(deadlines.current(session), State.REPORTED, now),
            "answers": questions.checked(category, body.answers),
            "restricted": category.sensitive,
            "named": sensitivity.named_at(session, where.area_code, actor.id)
            if category.sensitive else [],
            "address_text": body.address_text, "track_hash": track_hash(code),
            "action_id": action_id, "measures": measures,
            "delta_ids": [action_id, *(ids.new_id() for _ in measures[1:])],
            "fact_details": {"action": Action.SUBMIT.value, "action_id": str(action_id)}
            | ({"placeless": True} if desk_of(where.area_code) else {}),
        },
    ).scalar()  # fmt: skip
    return answer if taken is not None else None


def _must_ask(body: ReportIn) -> bool:
    """An inaccurate position asks for the pin to be dragged; it is never snapped silently."""
    position = body.position
    if position is None or position.confirmed or position.source != "gps":
        return False
    return (position.accuracy_m or 0) > get_settings().position_accuracy_m


def check_number(contact: ContactIn | None) -> None:
    """A stranger's number must be one that the stranger can read, where the city asks for that.

    Raises
    ------
    BadInput
        A wrong or missing code.
    """
    if contact is None or not contact.phone:
        return
    if contact.code is not None and not phone_code.holds(contact.phone, contact.code, clock.now()):
        raise BadInput("phone_code_wrong")
    if contact.code is None and get_settings().phone_code_required:
        raise BadInput("phone_code_missing")


def _keep_contact(session: Session, county_code: str, event_id: UUID, contact: ContactIn) -> None:
    proved = bool(
        contact.phone and contact.code
        and phone_code.holds(contact.phone, contact.code, clock.now())
    )  # fmt: skip
    session.execute(
        insert(EventContact).values(
            county_code=county_code,
            id=event_id,
            name_sealed=crypto.seal(contact.name, f"event_contact.name/{event_id}"),
            phone_sealed=crypto.seal(contact.phone or "", f"event_contact.phone/{event_id}"),
            phone_blind=phone_blind(contact.phone) if contact.phone else None,
            phone_proved=proved,
        )
    )
