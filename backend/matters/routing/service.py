"""Keeping rules, asking them about an event, trying them on what happened, and sending."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from backend.city.areas import queries as areas
from backend.city.organizations import queries as organizations
from backend.city.organizations.models import Organization
from backend.core import clock, ids
from backend.core.actor import Actor, system
from backend.core.db import one_at_a_time
from backend.core.errors import BadInput, Conflict, Forbidden, NotFound
from backend.core.language import say
from backend.matters.categories import service as categories
from backend.matters.events import queries, workflow
from backend.matters.events.casework.stepping import take
from backend.matters.events.models import Event
from backend.matters.events.reading.whole import read as read_event
from backend.matters.events.schemas import StepIn
from backend.matters.events.vocabulary import Action, State
from backend.matters.events.whereabouts import positions, settled
from backend.matters.routing import queries as rules_of
from backend.matters.routing.models import RoutingRule
from backend.matters.routing.rules import (
    Asset,
    Case,
    Condition,
    Decision,
    Finding,
    Rule,
    Why,
    decide,
    examine,
    in_order,
)
from backend.registers.assets import queries as assets
from backend.tools.calendar import service as deadlines

TRIED_MOST = 2_000


def of_area(session: Session, area_code: str, *, below: bool = False) -> list[Rule]:
    """The rules in force for a place, its own and those of the areas above; or also all below."""
    return [as_rule(row) for row in rules_of.in_force(session, area_code, below=below)]


def as_rule(row: RoutingRule) -> Rule:
    """A row as the arithmetic of rules sees it."""
    return Rule(
        row.id, row.name, row.area_code, row.priority, row.condition, row.lead_organization_id,
        tuple(row.co_organization_ids), row.auto,
    )  # fmt: skip


Beside = Mapping[UUID, tuple[assets.Near, ...]]


def beside(session: Session, rules: Sequence[Rule], events: Sequence[Event | Row[Any]]) -> Beside:
    """The assets beside events, looked for only when a rule asks."""
    if not any(rule.condition.get("asset") for rule in rules):
        return {}
    points = positions(events)
    return assets.near(
        session,
        [assets.Place(e.id, e.county_code, *points[e.id]) for e in events if e.id in points],
    )


def case_of(session: Session, event: Event | Row[Any], at: datetime, known: Beside) -> Case:
    """What the rules see of an event that is given out at a moment."""
    working = deadlines.current(session).works_at(at)
    near = tuple(Asset(a.kind, a.number, a.owner_id) for a in known.get(event.id, ()))
    return Case(event.category_code, event.area_code, event.source, event.severity, working, near)


def ask(session: Session, event: Event) -> Decision:
    """What the rules say about an event now."""
    able = {o.id for o in organizations.assignable(session, event.area_code)}
    rules = of_area(session, event.area_code)
    case = case_of(session, event, clock.now(), beside(session, rules, [event]))
    return decide(in_order(rules), case, able)


def usual(session: Session, event: Event) -> Organization | None:
    """Who usually leads in such a matter, by the duty that its category names; a proposal only."""
    category = categories.of_version(session, event.scheme_version, event.category_code)
    if category is None:
        return None
    return organizations.for_duty(session, event.area_code, category.lead_duty)


def in_words(session: Session, language: str, because: Sequence[Why]) -> str:
    """Why a rule fired, as a sentence."""
    parts = []
    for why in because:
        value = why.value
        if why.clause == "category":
            known = categories.named(session, value)
            value = (known.name_en if language == "en" else known.name_zh) if known else value
        elif why.clause == "area":
            area = areas.named(session, [value]).get(value)
            value = area.name if area else value
        elif why.clause == "source":
            value = say(language, f"source.{value}")
        clause = why.clause
        if clause.startswith("asset_"):
            value = say(language, f"asset.{clause.removeprefix('asset_')}") + f" {value}"
            clause = "asset"
        parts.append(say(language, f"routing.{clause}", value=value))
    return "，".join(parts) if language != "en" else ", ".join(parts)


def hear(session: Session, county_code: str, event_id: UUID, details: Mapping[str, Any]) -> None:
    """Hear ``event.advanced``: what was filed is sent out, where an automatic rule says where.

    Safe to hear twice: afterwards the event is not in the state of being filed any more. One that
    was found to lie elsewhere since is sent out there.
    """
    if details["action"] != Action.FILE:
        return
    found = settled(session, county_code, event_id)
    event = queries.locked(session, found.county_code, event_id) if found else None
    if event is None or event.state != State.FILED or event.restricted:
        return
    decision = ask(session, event)
    if decision.rule is None or not decision.rule.auto:
        return
    rule = workflow.RULES[State.FILED, Action.DISPATCH]
    why = in_words(session, "zh-CN", decision.because)
    # A rule outlives the organizations that it names: one that has closed is left out.
    able = {o.id for o in organizations.assignable(session, event.area_code)}
    body = StepIn(
        client_id=ids.new_id(), action=Action.DISPATCH, organization_id=decision.lead,
        co_organizations=[one for one in decision.rule.helpers if one in able - {decision.lead}],
        note=say("zh-CN", "routing.sent", name=decision.rule.name, why=why),
    )  # fmt: skip
    facts = read_event(session, event).facts
    take(session, system(event.county_code), event, facts, rule, body)


@dataclass(frozen=True)
class Wanted:
    """A rule as somebody wants it."""

    area_code: str
    name: str
    priority: int
    condition: Condition
    # None: the owner of the asset that the condition finds.
    lead: UUID | None
    helpers: Sequence[UUID] = field(default_factory=tuple)
    auto: bool = False
    enabled: bool = True


def keep(session: Session, actor: Actor, wanted: Wanted, replaces: UUID | None = None) -> Rule:
    """Put a rule in force; the one that it replaces ends.

    Raises
    ------
    Forbidden
        The area is not the actor's.
    BadInput
        An unknown area, an organization that does not serve it, or no lead and no asset either.
    NotFound
        The rule to be replaced is not in force in the actor's area.
    Conflict
        The same rule is in force already.
    """
    _within(session, actor, wanted.area_code)
    able = {o.id for o in organizations.assignable(session, wanted.area_code)}
    if wanted.lead is None and not wanted.condition.asset:
        raise BadInput("owner_without_asset")
    if not {*wanted.helpers, *([wanted.lead] if wanted.lead else [])} <= able:
        raise BadInput("organization_not_here")
    if replaces is not None:
        end(session, actor, replaces)
    one_at_a_time(session, f"rule/{wanted.area_code}")
    row = RoutingRule(
        area_code=wanted.area_code, name=wanted.name, priority=wanted.priority,
        condition=wanted.condition.model_dump(exclude_defaults=True),
        lead_organization_id=wanted.lead, co_organization_ids=list(wanted.helpers),
        auto=wanted.auto, enabled=wanted.enabled, made_by=actor.id, replaces=replaces,
    )  # fmt: skip
    if rules_of.is_in_force(session, row):
        raise Conflict("already_there")
    session.add(row)
    session.flush()
    return as_rule(row)


def end(session: Session, actor: Actor, rule_id: UUID) -> None:
    """End a rule; what it sent keeps its reason."""
    row = session.get(RoutingRule, rule_id, with_for_update=True)
    if row is None or row.ended_at is not None:
        raise NotFound("rule_not_found")
    try:
        _within(session, actor, row.area_code)
    except Forbidden as outside:
        raise NotFound("rule_not_found") from outside
    row.ended_at = clock.now()


def _within(session: Session, actor: Actor, area_code: str) -> None:
    known = areas.named(session, [area_code]).get(area_code)
    if known is None:
        raise BadInput("area_unknown", code=area_code)
    county = known.managing_county
    if not actor.governs(county, area_code):
        raise Forbidden("not_your_area")


def findings(session: Session, area_code: str) -> list[Finding]:
    """What is wrong with the rules of an area."""
    rules = of_area(session, area_code, below=True)
    named = {code for rule in rules for code in rule.condition.get("area", [])}
    known = set(areas.named(session, named)) if named else set()
    able = {rule.lead for rule in rules if rule.lead and _serves(session, rule)}
    kinds = assets.kinds_in(session, area_code)
    return examine(rules, set(categories.current(session)), known, able, kinds)


def _serves(session: Session, rule: Rule) -> bool:
    return any(o.id == rule.lead for o in organizations.assignable(session, rule.area_code))


@dataclass
class Trial:
    """What the rules would have done, beside what people did."""

    tried: int = 0
    same: int = 0
    other: int = 0
    no_rule: int = 0
    stopped: int = 0
    rows: list[tuple[Row[Any], UUID, Decision]] = field(default_factory=list)


def try_out(
    session: Session, actor: Actor, area_code: str, candidate: Rule | None = None,
    days: int = 30, shown: int = 50,
) -> Trial:  # fmt: skip
    """Ask the rules about what was reported and given out in ``days``, and compare with people.

    ``candidate`` is tried as if it were in force. Only events that the actor may see are tried.
    """
    rules = of_area(session, area_code, below=True)
    if candidate is not None:
        rules = [r for r in rules if r.id != candidate.id] + [candidate]
    wanted = queries.Wanted(
        area=area_code, counties=areas.managing(session, area_code), was_led=True,
        reported_since=clock.now() - timedelta(days=days),
    )  # fmt: skip
    events = queries.page(session, actor, wanted, None, TRIED_MOST - 1, rules_of.TRIED)
    given = queries.first_given(session, events)
    rows = [(event, *given[event.id]) for event in events if event.id in given]
    able = organizations.assignable_each(session, {event.area_code[:12] for event, _, _ in rows})
    known = beside(session, rules, [event for event, _, _ in rows])
    asked = in_order(rules)
    trial = Trial()
    for event, chosen, at in rows:
        decision = decide(asked, case_of(session, event, at, known), able[event.area_code[:12]])
        trial.tried += 1
        if decision.stopped_by is not None:
            trial.stopped += 1
        elif decision.rule is None:
            trial.no_rule += 1
        elif decision.lead == chosen:
            trial.same += 1
            continue
        else:
            trial.other += 1
        trial.rows.append((event, chosen, decision))
    # Where rules and people differ is looked at first; what no rule knows comes last.
    trial.rows.sort(key=lambda row: row[2].rule is None)
    del trial.rows[shown:]
    return trial
