"""The process, told as stories by hand, and walked pair by pair."""

from dataclasses import replace
from itertools import product
from uuid import UUID, uuid4

import pytest

from backend.core.actor import Actor, Role, Slice
from backend.events import workflow
from backend.events.guards import Facts
from backend.events.vocabulary import TERMINAL, Action, Need, Party, State

VILLAGE, TOWN, UNIT = "359902101001", "359902101", "359902101001001001"
OFFICE = UUID(int=77)
EVERYTHING = frozenset(Need)


def somebody(role: Role, area: str = TOWN, organization: UUID | None = None) -> Actor:
    scope = () if organization else (Slice("359902", area, area[:-1] + chr(ord(area[-1]) + 1)),)
    return Actor(uuid4(), role, uuid4(), role.value, area, "359902", scope, organization)


PEOPLE = {
    "head": somebody(Role.UNIT_HEAD, UNIT),
    "grid": somebody(Role.GRID_WORKER, VILLAGE + "001"),
    "village": somebody(Role.VILLAGE_SECRETARY, VILLAGE),
    "village2": somebody(Role.VILLAGE_SECRETARY, VILLAGE),
    "town": somebody(Role.TOWN_DISPATCHER),
    "town2": somebody(Role.TOWN_DISPATCHER),
    "clerk": somebody(Role.DEPARTMENT_CLERK, "", OFFICE),
    "stranger": somebody(Role.VILLAGE_SECRETARY, "359902101002"),
}
NEW = Facts(
    state=State.REPORTED, county_code="359902", area_code=UNIT, source="unit_head",
    reporter_id=PEOPLE["head"].id, lead_organization_id=OFFICE, reachable=True,
    self_resolve_allowed=True,
)  # fmt: skip


def after(facts: Facts, actor: Actor, action: Action) -> Facts:
    """The facts once a step was taken, worked out here by hand and not by the product."""
    rule = workflow.step(facts, actor, action, EVERYTHING)
    facts = replace(facts, state=rule.target)
    if action is Action.DISPATCH:
        return replace(facts, dispatched_by=facts.dispatched_by | {actor.id})
    if action in (Action.ACCEPT, Action.SUBMIT_RESULT):
        return replace(
            facts, handled_by=facts.handled_by | {actor.id}, recheck_passed=False,
            said_solved=False, calls=0,
        )  # fmt: skip
    if action is Action.PASS_RECHECK:
        return replace(facts, recheck_passed=True)
    if action is Action.ANSWER_SOLVED:
        return replace(facts, said_solved=True)
    if action is Action.RECORD_CALL:
        return replace(facts, calls=facts.calls + 1)
    if action is Action.PROPOSE_REJECT:
        return replace(facts, reject_proposed_by=facts.reject_proposed_by | {actor.id})
    if action is Action.NOT_SOLVED and actor.id == facts.reporter_id:
        return replace(facts, reporter_unsolved=facts.reporter_unsolved + 1)
    return facts


STORIES = {
    "a good day": """
        village put_on_agenda judging  village file filed  town dispatch dispatched
        clerk accept handling  clerk submit_result feedback  town request_recheck rechecking
        grid pass_recheck rechecking  town start_follow_up following_up
        head answer_solved following_up  town close closed
    """,
    "filed without a meeting": "village file filed  village dispatch dispatched",
    "fixed on the spot": "head resolve_on_spot self_resolved",
    "fixed, says the meeting": "village put_on_agenda judging  village resolve_on_spot self_resolved",
    "pinned anew by the desk": "town correct_position reported  village put_on_agenda judging  village correct_position judging",
    "nonsense": "village void void",
    "nonsense, says the meeting": "village put_on_agenda judging  town void void",
    "the same again": "village merge merged",
    "the same, says the meeting": "village put_on_agenda judging  village merge merged",
    "the same, seen late": "village file filed  town merge merged",
    "not ours": "village reject rejected",
    "proposed and refused": "village propose_reject reported  village2 reject rejected",
    "the meeting refuses": """
        village put_on_agenda judging  village propose_reject judging  town reject rejected
    """,
    "poor evidence": """
        village file filed  town dispatch dispatched  clerk accept handling
        clerk submit_result feedback  town rework handling  clerk submit_result feedback
    """,
    "the recheck fails": """
        village file filed  town dispatch dispatched  clerk accept handling
        clerk submit_result feedback  town request_recheck rechecking
        grid recheck_failed handling
    """,
    "the reporter says no, then yes": """
        village file filed  town dispatch dispatched  clerk accept handling
        clerk submit_result feedback  town start_follow_up following_up  head not_solved handling
        clerk submit_result feedback  town start_follow_up following_up
        head answer_solved following_up  town close closed
    """,
    "three calls in vain": """
        village file filed  town dispatch dispatched  clerk accept handling
        clerk submit_result feedback  town start_follow_up following_up
        town record_call following_up  town record_call following_up
        village record_call following_up  town close closed
    """,
}


def tell(story: str, facts: Facts = NEW) -> Facts:
    words = story.split()
    for who, action, expected in zip(words[::3], words[1::3], words[2::3], strict=True):
        facts = after(facts, PEOPLE[who], Action(action))
        assert facts.state == expected, f"after {action}"
    return facts


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
def test_story(story: str) -> None:
    tell(story)


def test_a_report_by_a_camera_ends_without_a_call() -> None:
    camera = replace(NEW, source="camera_ai", reporter_id=None, reachable=False)
    feedback = "village file filed town dispatch dispatched clerk accept handling clerk submit_result feedback"
    tell(f"{feedback} town close_without_follow_up closed", camera)
    tell(
        f"{feedback} town request_recheck rechecking grid pass_recheck rechecking"
        " town close_without_follow_up closed",
        camera,
    )


def test_a_doubtful_position_is_settled_by_its_reporter() -> None:
    tell("head correct_position reported", replace(NEW, crs_suspect=True))
    with pytest.raises(workflow.NotYet):
        tell("head correct_position reported")


def test_every_rule_is_in_a_story() -> None:
    told = {(State.FEEDBACK, Action.CLOSE_WITHOUT_FOLLOW_UP),
            (State.RECHECKING, Action.CLOSE_WITHOUT_FOLLOW_UP)}  # fmt: skip
    for story in STORIES.values():
        words = story.split()
        states = ["reported", *words[2::3]]
        told |= {(State(s), Action(a)) for s, a in zip(states, words[1::3], strict=False)}
    assert told == set(workflow.RULES)


REFUSED = [
    ("somebody else's village", "stranger put_on_agenda", workflow.NotYours),
    ("a clerk files", "clerk file", workflow.NotYours),
    ("a handler closes", "village file town dispatch clerk accept clerk submit_result clerk close_without_follow_up", workflow.NotYours),
    ("the dispatcher of another village", "village file stranger dispatch", workflow.NotYours),
    ("closed before the reporter spoke", "village file town dispatch clerk accept clerk submit_result town start_follow_up town close", workflow.NotYet),
    ("follow-up before the recheck is in", "village file town dispatch clerk accept clerk submit_result town request_recheck town start_follow_up", workflow.NotYet),
    ("rechecked by who reported", "village file town dispatch clerk accept clerk submit_result town request_recheck head pass_recheck", workflow.NotYet),
    ("rechecked by who dispatched", "village file village dispatch clerk accept clerk submit_result town request_recheck village pass_recheck", workflow.NotYet),
    ("rechecked twice", "village file town dispatch clerk accept clerk submit_result town request_recheck grid pass_recheck grid pass_recheck", workflow.NotYet),
    ("handled before it is accepted", "village file town dispatch clerk submit_result", workflow.NotAllowedHere),
    ("no call-back where a person can be asked", "village file town dispatch clerk accept clerk submit_result town close_without_follow_up", workflow.NotYet),
    ("not solved, a second time", "village file town dispatch clerk accept clerk submit_result town start_follow_up head not_solved clerk submit_result town start_follow_up head not_solved", workflow.NotYet),
    ("a closed one moved", "village void village file", workflow.NotAllowedHere),
]  # fmt: skip


@pytest.mark.parametrize(
    ("story", "refusal"), [c[1:] for c in REFUSED], ids=[c[0] for c in REFUSED]
)
def test_refused(story: str, refusal: type[Exception]) -> None:
    facts, words = NEW, story.split()
    steps = list(zip(words[::2], words[1::2], strict=True))
    for who, action in steps[:-1]:
        facts = after(facts, PEOPLE[who], Action(action))
    who, action = steps[-1]
    with pytest.raises(refusal):
        workflow.step(facts, PEOPLE[who], Action(action), EVERYTHING)


def test_a_residents_report_is_turned_away_by_two_people() -> None:
    resident = replace(NEW, source="resident")
    for story in (
        "village reject rejected",
        "village propose_reject reported village reject rejected",
    ):
        with pytest.raises(workflow.NotYet):
            tell(story, resident)
    tell("village propose_reject reported village2 reject rejected", resident)


def test_duties_are_separate_over_all_posts_of_a_person() -> None:
    filed = tell("village file filed")
    reporter_as_town = replace(PEOPLE["town"], id=PEOPLE["head"].id)
    with pytest.raises(workflow.NotYet, match="you_reported"):
        workflow.step(filed, reporter_as_town, Action.DISPATCH, EVERYTHING)
    dispatched = after(filed, PEOPLE["town"], Action.DISPATCH)
    dispatcher_as_clerk = replace(PEOPLE["clerk"], id=PEOPLE["town"].id)
    with pytest.raises(workflow.NotYet, match="you_dispatched"):
        workflow.step(dispatched, dispatcher_as_clerk, Action.ACCEPT, EVERYTHING)


@pytest.mark.parametrize(("state", "action", "who"), list(product(State, Action, PEOPLE)))
def test_nothing_outside_the_table_moves(state: State, action: Action, who: str) -> None:
    facts = replace(NEW, state=state, crs_suspect=True, recheck_passed=True, said_solved=True)
    actor = PEOPLE[who]
    rule = workflow.RULES.get((state, action))
    offered = {step.action for step in workflow.open_to(facts, actor)}
    if rule is None:
        assert action not in offered
        with pytest.raises(workflow.NotAllowedHere):
            workflow.step(facts, actor, action, EVERYTHING)
    elif not rule.who & workflow.standing(facts, actor):
        assert action not in offered
        with pytest.raises(workflow.NotYours):
            workflow.step(facts, actor, action, EVERYTHING)
    else:
        assert action in offered


@pytest.mark.parametrize("rule", workflow.RULES.values(), ids=lambda r: f"{r.at}-{r.action}")
def test_a_step_without_what_it_needs_is_refused(rule: workflow.Rule) -> None:
    for need in rule.needs:
        bare = replace(rule, guard=None)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(workflow, "RULES", {(rule.at, rule.action): bare})
            patch.setattr(workflow, "standing", lambda *_: frozenset(rule.who))
            with pytest.raises(workflow.StepIncomplete, match=f"needs_{need}"):
                workflow.step(
                    replace(NEW, state=rule.at), PEOPLE["town"], rule.action, EVERYTHING - {need}
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
    assert all(not reach[state] for state in TERMINAL)
    assert Party.LEAD in workflow.RULES[(State.DISPATCHED, Action.ACCEPT)].who
