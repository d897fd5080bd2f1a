"""Putting one event together for its reader: its log, its people, and the steps open to them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from backend.city.accounts import queries as accounts
from backend.city.areas import queries as areas
from backend.city.areas.views import show as show_area
from backend.city.duty import queries as department
from backend.city.organizations import queries as organizations
from backend.core import clock, day
from backend.core.actor import Actor, Role
from backend.core.language import say
from backend.matters.categories import service as categories
from backend.matters.categories.models import Category, FilingCondition
from backend.matters.events import kin, offering, queries, workflow
from backend.matters.events.case_views import (
    ActionOut,
    AnswerOut,
    AssignmentOut,
    ConditionOut,
    EventOut,
    OpenStepOut,
    StageOut,
)
from backend.matters.events.facts import Facts
from backend.matters.events.intake.placing import doubt_of
from backend.matters.events.models import Assignment, Event, EventAction
from backend.matters.events.promises import alarms
from backend.matters.events.reading.carried import carried_on, shown_to, waited_for
from backend.matters.events.reading.listing import line, own_help
from backend.matters.events.reading.turns import what_next, whose_turn
from backend.matters.events.reading.whole import read
from backend.matters.events.views import ChoiceOut
from backend.matters.events.vocabulary import REASONS, Action, State
from backend.matters.events.whereabouts import positions
from gis import codes

# A reporter's name is seen by those who take the report in, not by those who handle it.
SEES_REPORTERS = frozenset(
    {Role.VILLAGE_SECRETARY, Role.TOWN_DISPATCHER, Role.COUNTY_DISPATCHER, Role.CITY_DISPATCHER}
)


def whole(session: Session, actor: Actor, event: Event) -> EventOut:
    """One event with its log, its photos, its assignments and the steps open to the caller."""
    with kin.unfiltered(session, event.county_code):
        known = read(session, event)
        carried = carried_on(session, event, known.main)
        awaited = waited_for(session, event)
    entries, facts = known.entries, known.facts
    photos: dict[UUID, list[UUID]] = {}
    for photo in queries.photos_of(session, event):
        if photo.action_id is not None:
            photos.setdefault(photo.action_id, []).append(photo.id)
    chain = areas.chain(session, event.area_code)
    names = {area.code: area for area in chain}
    bodies = organizations.names(
        session,
        _organizations(event, entries, known.assignments)
        | _ids(*(one.item.organization_id for one in (carried, awaited) if one)),
    )
    handlers = _ids(*(a.handler_id for a in known.assignments))
    away = department.deputies(session, handlers)
    people = accounts.names(
        session,
        {e.actor_id for e in entries} | _ids(event.reporter_id, event.supervision_by)
        | handlers | set(away.values()),
    )  # fmt: skip
    fields = line(session, actor, event, names, positions([event]), bodies)
    timeline = [_entry(actor, event, e, people, bodies, photos.get(e.id, [])) for e in entries]
    raw = event.raw_position or {}
    at_it = _at_it(session, known.assignments, people, away)
    own = queries.kin(session, actor, event)
    conditions = categories.conditions(session, event.scheme_version, event.category_code)
    filed_under = next((c for c in conditions if c.code == event.condition_code), None)
    helpers = {one: ChoiceOut(code=str(one), name=bodies[one]) for one in facts.co}
    # Whom a step can be about, where not any may be chosen.
    about = {
        Action.REMOVE_CO: list(helpers.values()),
        Action.SET_HELP_TIME: [
            choice for one, choice in helpers.items() if facts.co[one] in queries.AT_HELP
        ],
    }
    # Beyond these a step's time is refused.
    latest = {
        Action.SET_HELP_TIME: event.due_at if event.due_at and event.due_at > clock.now() else None,
        Action.APPROVE_SUSPENSION: facts.asked_until,
    }  # fmt: skip
    return EventOut(
        **fields,
        **own_help(queries.own_duty(event, known.assignments, actor.organization_id)),
        photo=next((p for e in timeline for p in e.photos), None),
        chain=[show_area(area) for area in chain],
        responsible=accounts.leaders_of(
            session, codes.chain(event.area_code), day.of(event.reported_at)
        ),
        address_text=event.address_text,
        accuracy_m=raw.get("accuracy_m"),
        position_source=raw.get("source"),
        doubt=doubt_of(event.raw_position, event.crs_suspect),
        filed_at=event.filed_at,
        whose_turn=whose_turn(actor.language, event, fields["lead_organization"]),
        what_next=what_next(actor.language, event),
        condition=_condition(actor, filed_under) if filed_under else None,
        conditions=[_condition(actor, c) for c in conditions],
        stages=[
            StageOut(name=str(stage["en" if actor.language == "en" else "zh"]), due_at=due_at)
            for stage, due_at in alarms.stages(
                session, event, filed_under, suspended_before=facts.suspended_before
            )
        ],
        file_by=_file_by(entries) if event.fast_track and event.filed_at is None else None,
        clock=say(actor.language, f"clock.{event.limit_clock}") if event.limit_clock else None,
        rework_count=event.rework_count,
        unsolved_count=event.unsolved_count,
        return_count=event.return_count,
        extension_count=event.extension_count,
        reopen_count=event.reopen_count,
        put_off_count=event.put_off_count,
        suspended_until=event.suspended_until,
        supervision_by=people.get(event.supervision_by) if event.supervision_by else None,
        waits_for=shown_to(awaited, bodies),
        sampled=event.sampled,
        answers=_answers(actor, known.category, event.answers),
        carried_by=shown_to(carried, bodies),
        recurrence_no=own.earlier_no,
        merged_reports=len(known.ties.below),
        master_no=own.master_no,
        reporter_name=people.get(event.reporter_id)
        if event.reporter_id and _sees_reporter(actor, event) else None,
        reported_by_me=event.reporter_id == actor.id or actor.tracked == event.id,
        has_contact=known.ties.has_contact and actor.role in SEES_REPORTERS,
        log_seq=event.log_seq,
        timeline=timeline,
        assignments=[
            AssignmentOut(
                organization_id=a.organization_id, organization=bodies[a.organization_id],
                lead=a.lead, status=a.status, whistle=a.whistle,
                handler=at_it.get(a.id), handler_is_me=actor.id == a.handler_id,
                assigned_at=a.assigned_at, accepted_at=a.accepted_at,
                arrive_by=a.arrive_by, arrived_at=a.arrived_at, submitted_at=a.submitted_at,
                due_at=None if a.lead or a.status not in queries.AT_HELP
                else queries.sooner(a.due_at, event.due_at),
                late=not a.lead and a.status in queries.AT_HELP and a.overdue_at is not None,
            )
            for a in known.assignments
        ],
        steps=[
            _step(
                actor, facts, step, onward, about.get(step.action, []), latest.get(step.action)
            )
            for step, onward in offering.in_order(
                workflow.open_to(facts, actor), facts, doubted=event.crs_suspect is not None
            )
        ],
    )  # fmt: skip


def _step(
    actor: Actor, facts: Facts, step: workflow.OpenStep, onward: bool, about: list[ChoiceOut],
    latest: datetime | None,
) -> OpenStepOut:  # fmt: skip
    language = actor.language
    return OpenStepOut(
        action=step.action, target=step.target, needs=list(step.needs),
        extras=list(offering.may_bring(step.action, facts)), onward=onward,
        organizations=about, latest=latest,
        explains=say(language, f"explain.{step.action}"),
        reasons=[
            ChoiceOut(code=code, name=say(language, f"reason.{code}"))
            for code in REASONS.get(step.action, ())
        ],
        waits_for=say(language, step.blocked_by) if step.blocked_by else None,
    )  # fmt: skip


def _condition(actor: Actor, row: FilingCondition) -> ConditionOut:
    english = actor.language == "en"
    return ConditionOut(
        code=row.code, name=row.name_en if english else row.name_zh,
        clock=say(actor.language, f"clock.{row.clock}"),
        clock_means=say(actor.language, f"clock_means.{row.clock}"), amount=row.amount,
        closing=row.closing_en if english else row.closing_zh,
    )  # fmt: skip


def _answers(actor: Actor, category: Category | None, given: dict[str, Any]) -> list[AnswerOut]:
    english = actor.language == "en"
    found = []
    for question in category.questions if category else ():
        if question["code"] in given:
            answer = given[question["code"]]
            if question["type"] == "yes_no":
                answer = say(actor.language, f"answer.{answer}")
            words = (english and question.get("en")) or question["zh"]
            found.append(AnswerOut(question=words, answer=answer))
    return found


def _file_by(entries: Sequence[EventAction]) -> datetime | None:
    sent = next((e.at for e in entries if e.action == Action.FAST_TRACK), None)
    return sent + alarms.FILE_WITHIN if sent else None


def _at_it(
    session: Session, assignments: Sequence[Assignment], names: dict[UUID, str],
    away: dict[UUID, UUID],
) -> dict[UUID, str]:  # fmt: skip
    """Who of each organization is at it, in words, and who stands in for whom."""
    teams = organizations.team_names(session, {a.team_id for a in assignments if a.team_id})
    found = {}
    for a in assignments:
        words = [teams[a.team_id]] if a.team_id in teams else []
        if a.handler_id in names:
            deputy = away.get(a.handler_id)
            words.append(names[a.handler_id] + (f"（{names[deputy]}）" if deputy else ""))
        if words:
            found[a.id] = " · ".join(words)
    return found


def _ids(*maybe: UUID | None) -> set[UUID]:
    return {one for one in maybe if one is not None}


def _sees_reporter(actor: Actor, event: Event) -> bool:
    return event.reporter_id == actor.id or (
        actor.role in SEES_REPORTERS and actor.covers(event.county_code, event.area_code)
    )


def _organizations(
    event: Event, entries: Sequence[EventAction], assignments: Sequence[Assignment]
) -> set[UUID]:
    found = _ids(event.lead_organization_id, *(a.organization_id for a in assignments))
    found |= _ids(*(e.organization_id for e in entries))
    return found | {one for entry in entries for one in _given_to(entry)}


def _given_to(entry: EventAction) -> list[UUID]:
    """The organizations that an entry names: one that it was given to, or the whole pool."""
    one = entry.details.get("organization_id")
    return [UUID(o) for o in ([one] if one else entry.details.get("organizations", []))]


def _entry(
    actor: Actor, event: Event, entry: EventAction, people: dict[UUID, str],
    bodies: dict[UUID, str], photos: list[UUID],
) -> ActionOut:  # fmt: skip
    given_to = [bodies[one] for one in _given_to(entry) if one in bodies]
    reason = entry.details.get("reason")
    by_reporter = entry.actor_id == event.reporter_id or entry.action == Action.SUBMIT
    hidden = by_reporter and not _sees_reporter(actor, event)
    anonymous = by_reporter and event.reporter_id is None
    name = "" if hidden or anonymous else people.get(entry.actor_id, "")
    return ActionOut(
        id=entry.id, seq=entry.seq, action=Action(entry.action),
        from_state=State(entry.from_state) if entry.from_state else None,
        to_state=State(entry.to_state), at=entry.at,
        actor_name="" if actor.post_id is None else name, role=entry.role,
        organization=bodies.get(entry.organization_id) if entry.organization_id else None,
        note=entry.note, present=entry.details.get("present", []),
        to_organization="、".join(given_to) or None,
        reason=say(actor.language, f"reason.{reason}") if reason else None,
        until=entry.details.get("until") or entry.details.get("arrive_by"),
        review=entry.details.get("review"), photos=photos,
        supervision_no=entry.details.get("supervision_no"),
        supervision_level=entry.details.get("level"), item_no=entry.details.get("item_no"),
    )  # fmt: skip
