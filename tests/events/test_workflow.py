"""The table of the process, walked pair by pair; what it means in practice is in the stories."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from backend.core import steps
from backend.core.actor import Actor, Role, Slice
from backend.matters.events import workflow
from backend.matters.events.facts import Facts
from backend.matters.events.vocabulary import TERMINAL, Action, Ask, Need, Party, State

TOWN, UNIT = "359902101", "359902101001001001"
OFFICE, HELPER = UUID(int=77), UUID(int=78)
EVERYTHING = frozenset(Need)


def somebody(role: Role, area: str = TOWN, organization: UUID | None = None) -> Actor:
    scope = () if organization else (Slice("359902", area, area[:-1] + chr(ord(area[-1]) + 1)),)
    return Actor(uuid4(), role, uuid4(), role.value, area, "359902", scope, organization)


PEOPLE = {
    **{role.value: somebody(role) for role in Role if role is not Role.DEPARTMENT_CLERK},
    "lead": somebody(Role.DEPARTMENT_CLERK, "", OFFICE),
    "helper": somebody(Role.DEPARTMENT_CLERK, "", HELPER),
    "stranger": somebody(Role.VILLAGE_SECRETARY, "359902102002"),
}
NEW = Facts(
    state=State.REPORTED, county_code="359902", area_code=UNIT, source="unit_head",
    reporter_id=PEOPLE["unit_head"].id, lead_organization_id=OFFICE, co={HELPER: "pending"},
    now=datetime(2026, 11, 20, tzinfo=UTC),
)  # fmt: skip


@pytest.mark.parametrize("state", State)
def test_nothing_outside_the_table_moves(state: State) -> None:
    facts = replace(NEW, state=state)
    for actor in PEOPLE.values():
        offered = {step.action for step in workflow.open_to(facts, actor)}
        for action in Action:
            rule = workflow.RULES.get((state, action))
            if rule is None:
                assert action not in offered
                with pytest.raises(steps.NotAllowedHere):
                    workflow.step(facts, actor, action, EVERYTHING)
            elif not rule.who & workflow.standing(facts, actor):
                assert action not in offered
                with pytest.raises(steps.NotYours):
                    workflow.step(facts, actor, action, EVERYTHING)


def test_a_stranger_has_no_standing_anywhere() -> None:
    for state in State:
        assert workflow.open_to(replace(NEW, state=state), PEOPLE["stranger"]) == []


@pytest.mark.parametrize("rule", workflow.RULES.values(), ids=lambda r: f"{r.at}-{r.action}")
def test_a_step_without_what_it_needs_is_refused(rule: workflow.Rule) -> None:
    for need in rule.needs:
        bare = replace(rule, guard=None)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(workflow.PROCESS, "rules", {(rule.at, rule.action): bare})
            patch.setattr(workflow.PROCESS, "standing", lambda *_: frozenset(rule.who))
            with pytest.raises(steps.StepIncomplete, match=f"needs_{need}"):
                workflow.step(
                    replace(NEW, state=rule.at),
                    PEOPLE["town_dispatcher"],
                    rule.action,
                    EVERYTHING - {need},
                )


def test_active_states_lead_to_an_end() -> None:
    reach = {state: {r.target for r in workflow.RULES.values() if r.at is state} for state in State}
    for state in set(State) - TERMINAL:
        seen, frontier = {state}, [state]
        while frontier:
            for target in reach[frontier.pop()] - seen:
                seen.add(target)
                frontier.append(target)
        assert State.CLOSED in seen, state
    # What has ended stays, or goes back to where it is decided anew; never to another end.
    for state in TERMINAL:
        assert reach[state] <= {state, State.REPORTED, State.HANDLING}, state
    assert reach[State.TRANSFERRED] == {State.TRANSFERRED}
    assert Party.LEAD in workflow.RULES[(State.DISPATCHED, Action.ACCEPT)].who


def test_every_request_has_its_answers() -> None:
    for kind in Ask:
        for rule in workflow.RULES.values():
            if rule.action == f"ask_{kind}" or (rule.action, kind) == (Action.APPEAL, Ask.APPEAL):
                answers = {
                    r.action for r in workflow.RULES.values()
                    if r.at is rule.at and r.guard is not None
                    and r.guard(replace(NEW, state=rule.at), PEOPLE["city_dispatcher"])
                    == f"nothing_asked_{kind}"
                }  # fmt: skip
                assert answers or kind is Ask.REOPEN, (rule.at, kind)


def test_parties_come_from_the_event() -> None:
    assert Party.LEAD in workflow.standing(NEW, PEOPLE["lead"])
    assert Party.CO in workflow.standing(NEW, PEOPLE["helper"])
    assert Party.REPORTER in workflow.standing(NEW, PEOPLE["unit_head"])
    assert not workflow.standing(replace(NEW, co={}), PEOPLE["helper"])
