"""Moving an event one step along its workflow."""

from datetime import datetime
from typing import Any
from uuid import UUID

from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy import exists, insert, select, update
from sqlalchemy.orm import Session

from backend.areas import queries as areas
from backend.categories import service as categories
from backend.core import clock, ids, outbox
from backend.core.actor import Actor, system
from backend.core.db import act_as
from backend.core.errors import BadInput, Conflict, NotFound
from backend.core.idempotency import fingerprint, once
from backend.counters import service as counters
from backend.deadlines import service as deadlines
from backend.events import log, queries, workflow
from backend.events.guards import Facts
from backend.events.models import Assignment, Event, EventAction, EventContact
from backend.events.schemas import StepIn
from backend.events.service.facts import facts_of
from backend.events.service.placing import convert
from backend.events.vocabulary import TERMINAL, Action, Need, Party, State
from backend.media import service as media
from backend.organizations import queries as organizations


def has_contact(session: Session, event: Event) -> bool:
    """Whether the reporter left a way to be reached."""
    return bool(
        session.scalar(
            select(
                exists().where(
                    EventContact.county_code == event.county_code, EventContact.id == event.id
                )
            )
        )
    )


def read_facts(session: Session, event: Event) -> Facts:
    """The facts of an event as its log tells them now."""
    category = categories.of_version(session, event.scheme_version, event.category_code)
    return facts_of(event, queries.log_of(session, event), category, has_contact(session, event))


def advance(session: Session, actor: Actor, event_id: UUID, body: StepIn) -> None:
    """Take one step and record it; taking it again with the same key does nothing more.

    The row is locked and read again first, so of two people acting at once the second meets the
    new state.

    Raises
    ------
    NotFound
        No such event for this actor.
    workflow.NotAllowedHere, workflow.NotYours, workflow.NotYet, workflow.StepIncomplete
        The workflow refuses the step; nothing was written.
    """
    once(
        session, actor, body.client_id, fingerprint(f"step {event_id}", body),
        lambda: _advance(session, actor, event_id, body),
    )  # fmt: skip


def _advance(session: Session, actor: Actor, event_id: UUID, body: StepIn) -> dict[str, Any]:
    event = queries.one(session, actor, event_id, lock=True)
    if event is None:
        raise NotFound("event_not_found")
    if body.seen is not None and body.seen != event.log_seq and event.state not in _from(body):
        raise Conflict("somebody_was_faster", state=f"state.{event.state}")
    facts = read_facts(session, event)
    rule = workflow.step(facts, actor, body.action, _brought(body))
    details = _effects(session, actor, event, facts, body)
    before = event.state
    action_id = write(
        session, actor, event, rule.action, rule.target, body.note, details, body.client_at
    )
    if body.photos:
        media.claim(session, actor, body.photos, [], (event.county_code, event.id, action_id))
    counters.moved(session, event.county_code, event.area_code, before, rule.target)
    outbox.leave(
        session, event.county_code, "event.advanced", event.id,
        action=rule.action.value, action_id=str(action_id),
    )  # fmt: skip
    return {"id": str(event.id), "action_id": str(action_id)}


def _from(body: StepIn) -> set[str]:
    return {state for state, action in workflow.RULES if action is body.action}


def _brought(body: StepIn) -> frozenset[Need]:
    given = {
        Need.NOTE: bool(body.note), Need.PHOTO: bool(body.photos),
        Need.PRESENT: bool([p for p in body.present if p]),
        Need.ORGANIZATION: body.organization_id is not None,
        Need.MASTER: bool(body.master), Need.POSITION: body.position is not None,
    }  # fmt: skip
    return frozenset(need for need, here in given.items() if here)


def write(
    session: Session, actor: Actor, event: Event, action: Action, target: State, note: str,
    details: dict[str, Any], client_at: datetime | None = None,
) -> UUID:  # fmt: skip
    """Append one entry to a locked event's log and move the event; the entry's id."""
    entry: dict[str, Any] = {
        "event_id": event.id, "seq": event.log_seq + 1, "action": action,
        "from_state": event.state, "to_state": target, "actor_id": actor.id,
        "post_id": actor.post_id, "role": actor.role, "organization_id": actor.organization_id,
        "note": note, "details": details, "at": clock.now(), "client_at": client_at,
    }  # fmt: skip
    entry["hash"] = log.seal(event.log_head, entry)
    entry_id = ids.new_id()
    session.execute(insert(EventAction).values(county_code=event.county_code, id=entry_id, **entry))
    event.state = target
    event.log_seq = entry["seq"]
    event.log_head = entry["hash"]
    session.flush()
    return entry_id


def _effects(
    session: Session, actor: Actor, event: Event, facts: Facts, body: StepIn
) -> dict[str, Any]:
    """What a step changes beside the state; the details that its log entry keeps."""
    now = clock.now()
    details: dict[str, Any] = {}
    if body.present:
        details["present"] = [person for person in body.present if person]
    match body.action:
        case Action.CORRECT_POSITION:
            details |= _correct_position(session, event, body)
            act_as(session, actor)
        case Action.FILE:
            category = categories.of_version(session, event.scheme_version, event.category_code)
            if category is None:
                raise Conflict("category_gone", code=event.category_code)
            event.filed_at = now
            event.due_at = deadlines.due_at(category, now)
            event.due_rule = deadlines.RULE_VERSION
            details |= {"due_at": event.due_at.isoformat(), "due_rule": event.due_rule}
        case Action.DISPATCH:
            assert body.organization_id is not None
            details |= _assign(session, event, body.organization_id)
        case Action.ACCEPT:
            _assignment(session, event, actor, "accepted", accepted_at=now, accepted_by=actor.id)
        case Action.SUBMIT_RESULT:
            _assignment(session, event, actor, "submitted", submitted_at=now)
            event.fed_back_at = now
        case Action.REWORK | Action.RECHECK_FAILED | Action.NOT_SOLVED:
            event.rework_count += 1
            event.fed_back_at = None
            _lead_assignment(session, event, "rework")
            if body.action is Action.NOT_SOLVED:
                event.unsolved_count += 1
                details["by_reporter"] = Party.REPORTER in workflow.standing(facts, actor)
        case Action.MERGE:
            details |= _merge(session, actor, event, body.master or "")
    target = workflow.RULES[(facts.state, body.action)].target
    if target in TERMINAL:
        event.closed_at = now
    if target is State.CLOSED:
        _lead_assignment(session, event, "done")
    return details


def _correct_position(session: Session, event: Event, body: StepIn) -> dict[str, Any]:
    assert body.position is not None
    lon, lat = convert(body.position)
    code = areas.code_at(session, lon, lat)
    if code is None:
        raise BadInput("position_outside")
    county = areas.named(session, [code])[code].managing_county
    if county != event.county_code:
        # A row never changes its county: the report is taken in anew at the right place.
        raise Conflict("position_other_county")
    if code != event.area_code:
        counters.count(session, county, event.area_code, f"state.{event.state}", -1)
        counters.count(session, county, code, f"state.{event.state}", +1)
    details = {"from_area": event.area_code, "to_area": code,
               "position": body.position.model_dump(mode="json", exclude_none=True)}  # fmt: skip
    # The new place may lie outside the caller's slice, where row-level security would refuse it.
    act_as(session, system(event.county_code))
    event.area_code = code
    event.geom = from_shape(Point(lon, lat), srid=4490)
    event.crs_suspect = None
    session.flush()
    return details


def _assign(session: Session, event: Event, organization_id: UUID) -> dict[str, Any]:
    allowed = {row.id: row.name for row in organizations.assignable(session, event.area_code)}
    if organization_id not in allowed:
        raise BadInput("organization_not_here")
    event.lead_organization_id = organization_id
    session.execute(
        insert(Assignment).values(
            county_code=event.county_code, id=ids.new_id(), event_id=event.id,
            organization_id=organization_id, lead=True, status="pending",
        )
    )  # fmt: skip
    return {"organization_id": str(organization_id)}


def _assignment(session: Session, event: Event, actor: Actor, status: str, **values: Any) -> None:
    session.execute(
        update(Assignment)
        .where(
            Assignment.county_code == event.county_code,
            Assignment.event_id == event.id,
            Assignment.organization_id == actor.organization_id,
        )
        .values(status=status, **values)
    )


def _lead_assignment(session: Session, event: Event, status: str) -> None:
    session.execute(
        update(Assignment)
        .where(
            Assignment.county_code == event.county_code,
            Assignment.event_id == event.id,
            Assignment.lead,
        )
        .values(status=status)
    )


def _merge(session: Session, actor: Actor, event: Event, master_no: str) -> dict[str, Any]:
    master = session.scalar(
        queries.visible_to(actor).where(
            Event.event_no == master_no.strip().upper(), Event.county_code == event.county_code
        )
    )
    if master is None or master.id == event.id:
        raise BadInput("master_unknown", number=master_no)
    if master.state in TERMINAL:
        raise Conflict("master_closed", number=master_no)
    event.master_id = master.id
    return {"master_no": master.event_no}
