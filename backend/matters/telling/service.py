"""Who hears of what happens to an event, and reading what one was told."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from backend.city.areas import queries as areas
from backend.city.organizations import queries as organizations
from backend.matters.categories import service as categories
from backend.matters.events import kin
from backend.matters.events.models import Event, EventAction
from backend.matters.events.placeless import desk_of
from backend.matters.events.queries import sooner
from backend.matters.events.vocabulary import Action
from backend.matters.events.whereabouts import settled
from backend.matters.telling import messages
from backend.matters.telling import people as people_of
from backend.matters.telling.occasions import (  # fmt: skip
    OWN_AFFAIR,
    PLACED,
    PUT_OFFS_BEFORE_TELLING,
    TO_ABOVE,
    TO_DESK,
    TO_HANDLER,
    TO_HELPER,
    TO_LEAD,
    TO_LOCALS,
    TO_PLACE,
    TO_POOL,
    TO_SUPERVISOR,
    TO_VILLAGE,
    TOLD_TO_REPORTER,
)
from backend.tools.notices.models import Kind
from backend.tools.notices.writing import Told, write


@dataclass(frozen=True)
class About:
    """Who is told what of an event; by when, where that is sooner for them than for the case."""

    account_id: UUID
    words: str
    kind: Kind
    event: Event
    due_at: datetime | None = None


def tell(session: Session, county_code: str, event_id: UUID, details: Mapping[str, Any]) -> None:
    """Hear ``event.advanced``: tell the reporters, and those whose turn it is now.

    Nobody is told of what they did themselves.
    """
    action = Action(details["action"])
    groups = (
        TOLD_TO_REPORTER, TO_LEAD, TO_HELPER, TO_DESK, TO_VILLAGE, TO_LOCALS, TO_POOL, TO_HANDLER,
        TO_ABOVE, TO_SUPERVISOR,
    )  # fmt: skip
    about_place = action is Action.CORRECT_POSITION or details.get("placeless")
    if (
        action is not Action.PUT_OFF
        and not about_place
        and not any(action in group for group in groups)
    ):
        return
    event = settled(session, county_code, event_id)
    if event is None:
        return
    entry_id = UUID(details["action_id"])
    entry = session.get_one(EventAction, (event.county_code, entry_id))
    about: list[About] = []
    found = action is Action.CORRECT_POSITION and desk_of(entry.details["from_area"]) is not None
    if action in TOLD_TO_REPORTER or (found and desk_of(event.area_code) is None):
        told: set[bytes] = set()
        sentence = f"told.{PLACED if found else action}"
        for one in (event, *(() if action in OWN_AFFAIR else kin.merged_into(session, event))):
            if one.reporter_id is not None:
                about.append(About(one.reporter_id, sentence, Kind.MINE, one))
            messages.to_caller(session, one, entry, sentence, details_of(session, one), told)
    for words, people in _whose_turn(session, action, event, entry):
        about += [About(person, f"told.{words}", Kind.TASK, event) for person in people]
    for words, people, due_at in _helpers(session, action, event, entry):
        about += [About(person, f"told.{words}", Kind.TASK, event, due_at) for person in people]
    _write(session, event.county_code, entry_id, entry.actor_id, about, _of_supervision(entry))


def details_of(session: Session, event: Event) -> dict[str, str]:
    """What a notice may say of an event: number, place, matter, and until when.

    Of a restricted one its number alone: notices stand on locked screens and in other programs.
    """
    known = {"number": event.event_no}
    if event.restricted:
        return known
    known["place"] = " ".join(area.name for area in areas.chain(session, event.area_code)[2:4])
    category = categories.of_version(session, event.scheme_version, event.category_code)
    if category is not None:
        known |= {"matter": category.name_zh, "matter_en": category.name_en}
    if event.due_at is not None and event.closed_at is None:
        known["due_at"] = event.due_at.isoformat()
    return known


def _whose_turn(
    session: Session, action: Action, event: Event, entry: EventAction
) -> Iterator[tuple[str, frozenset[UUID]]]:
    """Those who have something to do after this step, with the sentence for them."""
    if action in TO_LEAD:
        yield TO_LEAD[action], people_of.at_work(session, event, event.lead_organization_id)
    for body in entry.details.get("organizations", []) if action in TO_POOL else ():
        yield TO_POOL[action], people_of.members(session, UUID(body))
    if action in TO_HANDLER and entry.organization_id is not None:
        yield TO_HANDLER[action], people_of.at_work(session, event, entry.organization_id)
    if action in TO_DESK:
        yield TO_DESK[action], people_of.desk(session, event)
    if action in TO_SUPERVISOR and event.supervision_by is not None:
        yield TO_SUPERVISOR[action], frozenset({event.supervision_by})
    if action is Action.SUPERVISE and entry.details.get("level") != "town":
        yield "supervised_no", people_of.desk(session, event)
    if action in TO_ABOVE:
        yield TO_ABOVE[action], people_of.above(session, event)
    came = action is Action.SUBMIT or "to_area" in entry.details
    if came and desk_of(event.area_code) is not None:
        yield TO_PLACE, people_of.desk(session, event)
    if action in TO_VILLAGE:
        yield TO_VILLAGE[action], people_of.village(session, event)
    if action is Action.PUT_OFF and entry.details["put_off_count"] > PUT_OFFS_BEFORE_TELLING:
        yield "put_off_again", people_of.desk(session, event)
    if action in TO_LOCALS:
        yield TO_LOCALS[action], people_of.lookers(session, event)
    if action is Action.ASK_RETURN and entry.details.get("late"):
        yield "asked", people_of.leaders(session, event)


def _helpers(
    session: Session, action: Action, event: Event, entry: EventAction
) -> Iterator[tuple[str, frozenset[UUID], datetime | None]]:
    """Those who are asked to help by this step, each by a time of its own or by the lead's."""
    own: dict[str, str] = entry.details.get("co_due", {})
    helpers = entry.details.get("co_organizations", [])
    if action in TO_HELPER:
        helpers = [entry.details["organization_id"]]
        own = {helpers[0]: entry.details["until"]} if "until" in entry.details else {}
    for helper in helpers:
        due_at = datetime.fromisoformat(own[helper]) if helper in own else None
        words = TO_HELPER.get(action, "asked_to_help")
        yield words, people_of.members(session, UUID(helper)), sooner(due_at, event.due_at)


def _of_supervision(entry: EventAction) -> dict[str, str]:
    number, level = entry.details.get("supervision_no"), entry.details.get("level")
    found = {"supervision": number or ""} if "supervision_no" in entry.details else {}
    return found | ({"level": f"supervision.{level}"} if level else {})


def remind(session: Session, county_code: str, event_id: UUID, details: Mapping[str, Any]) -> None:
    """Hear ``event.reminder``: tell those at work how far the limit is; when late, the desk."""
    event = settled(session, county_code, event_id)
    if event is None:
        return
    percent = details["percent"]
    people = set(people_of.at_work(session, event, event.lead_organization_id))
    if percent >= 100 or not people:
        people |= set(people_of.desk(session, event))
    about = [About(p, f"told.reminder_{percent}", Kind.REMINDER, event) for p in people]
    # The same reminder has the same key, however often the fact is heard.
    due = event.due_at.isoformat() if event.due_at else ""
    _write(session, event.county_code, uuid5(event_id, f"{percent} {due}"), None, about)


def late(session: Session, county_code: str, event_id: UUID, details: Mapping[str, Any]) -> None:
    """Hear ``event.late``: tell whose turn it is, and the desk, what did not happen in time."""
    event = settled(session, county_code, event_id)
    if event is None:
        return
    kind, name = details["kind"], details["name"]
    words = {"state": f"state.{event.state}", "name": name}
    people = set(people_of.desk(session, event))
    if kind == "step":
        people |= people_of.late_step(session, event)
    elif kind in ("stage", "supervision"):
        people |= people_of.at_work(session, event, event.lead_organization_id)
        if kind == "supervision":
            people |= {event.supervision_by} if event.supervision_by else set()
            people |= people_of.leaders(session, event)
    elif kind in ("help", "help_soon"):
        if kind == "help_soon":
            people = set()
        elif event.lead_organization_id is not None:
            people |= people_of.at_work(session, event, event.lead_organization_id)
        people |= people_of.at_work(session, event, UUID(name))
        words["name"] = organizations.names(session, [UUID(name)]).get(UUID(name), "")
    elif kind == "arrival":
        people |= people_of.at_work(session, event, UUID(name))
        words["name"] = organizations.names(session, [UUID(name)]).get(UUID(name), "")
    about = [About(p, f"told.late_{kind}", Kind.REMINDER, event) for p in people]
    key = uuid5(event_id, f"{kind} {name} {details['at']}")
    _write(session, event.county_code, key, None, about, words)


def _write(
    session: Session, county_code: str, action_id: UUID, actor_id: UUID | None,
    about: Iterable[About], more: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    events = {}
    told = []
    for one in about:
        event = one.event
        # A restricted case is told to nobody who cannot see it.
        if event.restricted and one.kind is not Kind.MINE and one.account_id not in event.named:
            continue
        events[event.id] = event
        details = {**details_of(session, event), **(more or {})}
        if one.due_at is not None and "due_at" in details:
            details["due_at"] = one.due_at.isoformat()
        told.append(Told(one.account_id, one.words, one.kind, event_id=event.id, words=details))
    for new in write(session, county_code, action_id, actor_id, told):
        if new.kind is Kind.TASK and new.event_id is not None:
            messages.to_staff(session, events[new.event_id], action_id, new)
