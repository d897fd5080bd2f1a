"""Routing over HTTP: what the rules say of one event, the rules themselves, and a trial of them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from backend.city.organizations import queries as organizations
from backend.core.errors import NotFound
from backend.core.ids import new_id
from backend.core.inputs import AreaCode, Name, Strict
from backend.core.language import say
from backend.core.permissions import ActorDep, allow
from backend.core.rights import Right
from backend.core.session import SessionDep
from backend.matters.events import queries
from backend.matters.routing import queries as rules_of
from backend.matters.routing import service
from backend.matters.routing.rules import Condition, Finding, Rule

router = APIRouter(tags=["routing"])

Area = Annotated[AreaCode, Query()]


class RuleIn(Strict):
    """A rule: what goes to whom. ``replaces`` ends an earlier one in the same moment."""

    area_code: AreaCode
    name: Name
    priority: Annotated[int, Field(ge=1, le=999)] = 100
    condition: Condition
    lead: Annotated[UUID | None, Field(description="none: the owner of the asset")] = None
    helpers: Annotated[list[UUID], Field(max_length=10)] = []
    auto: bool = False
    enabled: bool = True
    replaces: UUID | None = None


class RuleOut(BaseModel):
    """A rule in force, with the names of those it names and what is wrong with it."""

    id: UUID
    area_code: str
    name: str
    priority: int
    condition: dict[str, object]
    lead: UUID | None
    lead_name: str
    helpers: list[UUID]
    auto: bool
    enabled: bool
    findings: list[str]


class SuggestionOut(BaseModel):
    """What the rules say of an event: whom to give it to and why, or why a person must decide."""

    rule: str | None
    why: str
    lead: UUID | None
    lead_name: str | None
    helpers: list[UUID]
    note: str


class TrialRow(BaseModel):
    """An event that the rules would have given to somebody else, or to nobody."""

    event_id: UUID
    event_no: str
    text: str
    people_chose: str
    rules_say: str | None
    rule: str | None
    why: str


class TrialOut(BaseModel):
    """What the rules would have done, beside what people did."""

    tried: int
    same: int
    other: int
    no_rule: int
    stopped: int
    rows: list[TrialRow]


@router.get("/events/{event_id}/routing", dependencies=[allow(Right.READ_CASES)])
def suggest(event_id: UUID, actor: ActorDep, session: SessionDep) -> SuggestionOut:
    """Return what the rules say of an event."""
    event = queries.one(session, actor, event_id)
    if event is None:
        raise NotFound("event_not_found")
    decision = service.ask(session, event)
    why = service.in_words(session, actor.language, decision.because)
    rule = decision.rule
    if rule is None and decision.stopped_by is None:
        usual = service.usual(session, event)
        if usual is not None:
            words = say(actor.language, "routing.usual", name=usual.name)
            return SuggestionOut(
                rule=None, why=words, lead=usual.id, lead_name=usual.name, helpers=[], note=""
            )
    if rule is None:
        code = "routing.stopped" if decision.stopped_by else "routing.no_rule"
        name = decision.stopped_by.name if decision.stopped_by else ""
        words = say(actor.language, code, name=name)
        return SuggestionOut(rule=None, why=words, lead=None, lead_name=None, helpers=[], note="")
    lead = decision.lead
    assert lead is not None  # a rule that fires has found somebody
    names = organizations.names(session, [lead])
    return SuggestionOut(
        rule=rule.name, why=why, lead=lead, lead_name=names.get(lead),
        helpers=[one for one in rule.helpers if one != lead],
        note=say(actor.language, "routing.followed", name=rule.name, why=why),
    )  # fmt: skip


@router.get("/routing/rules", dependencies=[allow(Right.READ_RULES)])
def list_rules(area: Area, actor: ActorDep, session: SessionDep) -> list[RuleOut]:
    """List the rules of an area and those above and below it, in the order of the asking."""
    rows = rules_of.kept(session, area)
    names = organizations.names(
        session, {r.lead_organization_id for r in rows if r.lead_organization_id}
    )
    owner = say(actor.language, "routing.owner")
    wrong: dict[UUID, list[str]] = {}
    for finding in service.findings(session, area):
        wrong.setdefault(finding.rule.id, []).append(_in_words(actor.language, finding))
    return [
        RuleOut(
            id=r.id, area_code=r.area_code, name=r.name, priority=r.priority,
            condition=r.condition, lead=r.lead_organization_id,
            lead_name=names.get(r.lead_organization_id, "") if r.lead_organization_id else owner,
            helpers=list(r.co_organization_ids),
            auto=r.auto, enabled=r.enabled, findings=wrong.get(r.id, []),
        )
        for r in sorted(rows, key=lambda r: service.as_rule(r).order)
    ]  # fmt: skip


def _in_words(language: str, finding: Finding) -> str:
    other = finding.other.name if finding.other else ""
    return say(language, f"finding.{finding.kind}", other=other, value=finding.value)


@router.post("/routing/rules", status_code=201, dependencies=[allow(Right.KEEP_RULES)])
def make_rule(body: RuleIn, actor: ActorDep, session: SessionDep) -> list[RuleOut]:
    """Put a rule in force; the rules of its area with what is wrong with them now."""
    service.keep(session, actor, _wanted(body), body.replaces)
    return list_rules(body.area_code, actor, session)


@router.delete("/routing/rules/{rule_id}", status_code=204, dependencies=[allow(Right.KEEP_RULES)])
def end_rule(rule_id: UUID, actor: ActorDep, session: SessionDep) -> None:
    """End a rule."""
    service.end(session, actor, rule_id)


@router.get("/routing/trial", dependencies=[allow(Right.TRY_RULES)])
def try_rules(
    area: Area, actor: ActorDep, session: SessionDep,
    days: Annotated[int, Query(ge=1, le=365)] = 30,
) -> TrialOut:  # fmt: skip
    """Try the rules in force on what was reported and given out in the last days."""
    return _trial(actor.language, session, service.try_out(session, actor, area, days=days))


@router.post("/routing/trial", dependencies=[allow(Right.TRY_RULES)])
def try_candidate(
    body: RuleIn, actor: ActorDep, session: SessionDep,
    days: Annotated[int, Query(ge=1, le=365)] = 30,
) -> TrialOut:  # fmt: skip
    """Try a rule that is not in force yet, together with those that are; nothing is kept."""
    candidate = Rule(
        body.replaces or new_id(), body.name, body.area_code, body.priority,
        body.condition.model_dump(exclude_defaults=True), body.lead, tuple(body.helpers), body.auto,
    )  # fmt: skip
    trial = service.try_out(session, actor, body.area_code, candidate, days)
    return _trial(actor.language, session, trial)


def _wanted(body: RuleIn) -> service.Wanted:
    return service.Wanted(
        body.area_code, body.name, body.priority, body.condition, body.lead, body.helpers,
        body.auto, body.enabled,
    )  # fmt: skip


def _trial(language: str, session: SessionDep, trial: service.Trial) -> TrialOut:
    named = {chosen for _, chosen, _ in trial.rows}
    named |= {d.lead for _, _, d in trial.rows if d.lead is not None}
    names = organizations.names(session, named)
    return TrialOut(
        tried=trial.tried, same=trial.same, other=trial.other, no_rule=trial.no_rule,
        stopped=trial.stopped,
        rows=[
            TrialRow(
                event_id=event.id, event_no=event.event_no, text=event.text,
                people_chose=names.get(chosen, ""),
                rules_say=names.get(decision.lead) if decision.lead else None,
                rule=decision.rule.name if decision.rule
                else decision.stopped_by.name if decision.stopped_by else None,
                why=service.in_words(session, language, decision.because),
            )
            for event, chosen, decision in trial.rows
        ],
    )  # fmt: skip
