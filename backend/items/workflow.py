"""The life of a list item (D5) and the money that it asks for: one table, no I/O."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from backend.core.actor import Actor, Role
from backend.core.errors import BadInput, Conflict, Forbidden


class Kind(StrEnum):
    """Which list: 问题清单, 发展清单, 任务清单 (A1, P22 to P24)."""

    PROBLEM = "problem"
    DEVELOPMENT = "development"
    TASK = "task"


class State(StrEnum):
    """Where an item stands (D5). Values are stored."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    CLAIMED = "claimed"
    IN_PROGRESS = "in_progress"
    BLOCKED = "blocked"
    ACHIEVED = "achieved"
    ABANDONED = "abandoned"
    CARRIED_OVER = "carried_over"


OPEN = frozenset({State.PROPOSED, State.CONFIRMED, State.CLAIMED, State.IN_PROGRESS, State.BLOCKED})
ENDED = frozenset(State) - OPEN


class Recurs(StrEnum):
    """How often a task comes back."""

    YEAR = "year"
    HALF = "half"
    QUARTER = "quarter"
    MONTH = "month"


class Fund(StrEnum):
    """Where a request for money stands (D5)."""

    SUBMITTED = "submitted"
    REVIEWING = "reviewing"
    APPROVED = "approved"
    REFUSED = "refused"
    PAID = "paid"
    ACCEPTED = "accepted"


class Action(StrEnum):
    """What somebody does to an item."""

    PROPOSE = "propose"
    CONFIRM = "confirm"
    ASSIGN = "assign"
    CLAIM = "claim"
    RELEASE = "release"
    START = "start"
    PROGRESS = "progress"
    BLOCK = "block"
    UNBLOCK = "unblock"
    ACHIEVE = "achieve"
    ABANDON = "abandon"
    CARRY_OVER = "carry_over"
    RAISE = "raise"
    REVISE = "revise"
    PLAN_MILESTONE = "plan_milestone"
    REACH_MILESTONE = "reach_milestone"
    COMMENT = "comment"
    ASK_FUNDS = "ask_funds"
    REVIEW_FUNDS = "review_funds"
    APPROVE_FUNDS = "approve_funds"
    REFUSE_FUNDS = "refuse_funds"
    PAY_FUNDS = "pay_funds"
    ACCEPT_FUNDS = "accept_funds"


class Party(StrEnum):
    """Standing in one item that comes from the item, not from a post's role."""

    DOER = "doer"  # the organization that does it
    WANTED = "wanted"  # one that may claim it
    FUNDER = "funder"  # the one that is asked for money
    ANYBODY = "anybody"  # everybody who sees it


class Need(StrEnum):
    """What a step must bring."""

    NOTE = "note"
    PHOTO = "photo"
    ORGANIZATION = "organization"
    DUE = "due"
    KIND = "kind"
    AMOUNT = "amount"
    MILESTONE = "milestone"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules must know about one item."""

    kind: Kind
    state: State
    county_code: str
    area_code: str
    organization_id: UUID | None = None
    # The caller's own organization serves this place and may claim what nobody has.
    serves: bool = False
    funder_id: UUID | None = None
    fund: Fund | None = None
    done_by: frozenset[UUID] = frozenset()
    milestones_left: int = 0
    recurs: bool = False


Guard = Callable[[Facts, Actor], str | None]


def fund_is(*states: Fund | None) -> Guard:
    """The request for money stands here."""
    return lambda facts, _: None if facts.fund in states else "fund_not_now"


def not_doer(facts: Facts, actor: Actor) -> str | None:
    """Whoever did the work does not say that it is done; all milestones lie behind."""
    if actor.id in facts.done_by:
        return "item_you_did"
    return "milestones_left" if facts.milestones_left else None


def comes_back(facts: Facts, _: Actor) -> str | None:
    """Only a task that recurs goes on in the next term."""
    return None if facts.kind is Kind.TASK and facts.recurs else "item_does_not_recur"


def not_task(facts: Facts, _: Actor) -> str | None:
    """A task is the last list that a matter reaches."""
    return "task_is_last" if facts.kind is Kind.TASK else None


def has_milestone(facts: Facts, _: Actor) -> str | None:
    """There is one to reach."""
    return None if facts.milestones_left else "no_milestone_left"


@dataclass(frozen=True, slots=True)
class Rule:
    """One allowed step: from where to where, whose it is, what it must bring, what it waits for."""

    action: Action
    at: State
    target: State
    who: frozenset[Role | Party]
    needs: tuple[Need, ...] = ()
    guard: Guard | None = None


V, T, C = Role.VILLAGE_SECRETARY, Role.TOWN_DISPATCHER, Role.COUNTY_DISPATCHER
CITY, SYS = Role.CITY_DISPATCHER, Role.SYSTEM
D, W, F, ANY = Party.DOER, Party.WANTED, Party.FUNDER, Party.ANYBODY
A, S, N = Action, State, Need
STAY = None
BEGUN = (S.CLAIMED, S.IN_PROGRESS, S.BLOCKED)


def _rules(
    action: Action, at: State | Iterable[State], target: State | None, *who: Role | Party,
    needs: tuple[Need, ...] = (), guard: Guard | None = None,
) -> Iterator[Rule]:  # fmt: skip
    for state in (at,) if isinstance(at, State) else sorted(at):
        yield Rule(action, state, target or state, frozenset(who), needs, guard)


_TABLE = (
    # On the list, and in somebody's hands.
    *_rules(A.CONFIRM, S.PROPOSED, S.CONFIRMED, V, T, C, CITY),
    *_rules(A.CLAIM, S.CONFIRMED, S.CLAIMED, W, needs=(N.DUE,)),
    *_rules(A.ASSIGN, S.CONFIRMED, S.CLAIMED, V, T, C, CITY, needs=(N.ORGANIZATION, N.DUE)),
    *_rules(A.RELEASE, BEGUN, S.CONFIRMED, D, T, C, CITY, needs=(N.NOTE,)),
    # Done step by step.
    *_rules(A.START, S.CLAIMED, S.IN_PROGRESS, D, V, needs=(N.NOTE,)),
    *_rules(A.PROGRESS, (S.IN_PROGRESS, S.BLOCKED), STAY, D, V, T, needs=(N.NOTE,)),
    *_rules(A.REACH_MILESTONE, S.IN_PROGRESS, STAY, D, V, T, needs=(N.MILESTONE,), guard=has_milestone),
    *_rules(A.PLAN_MILESTONE, OPEN, STAY, D, V, T, needs=(N.TITLE, N.DUE)),
    *_rules(A.BLOCK, S.IN_PROGRESS, S.BLOCKED, D, V, T, needs=(N.NOTE,)),
    *_rules(A.UNBLOCK, S.BLOCKED, S.IN_PROGRESS, D, V, T, needs=(N.NOTE,)),
    *_rules(A.REVISE, OPEN, STAY, D, V, T, C, CITY),
    # Money, asked for once at a time.
    *_rules(A.ASK_FUNDS, OPEN, STAY, D, V, T, needs=(N.AMOUNT, N.ORGANIZATION, N.NOTE), guard=fund_is(None, Fund.REFUSED)),
    *_rules(A.REVIEW_FUNDS, OPEN, STAY, F, guard=fund_is(Fund.SUBMITTED)),
    *_rules(A.APPROVE_FUNDS, OPEN, STAY, F, needs=(N.NOTE,), guard=fund_is(Fund.REVIEWING)),
    *_rules(A.REFUSE_FUNDS, OPEN, STAY, F, needs=(N.NOTE,), guard=fund_is(Fund.SUBMITTED, Fund.REVIEWING)),
    *_rules(A.PAY_FUNDS, OPEN, STAY, F, guard=fund_is(Fund.APPROVED)),
    *_rules(A.ACCEPT_FUNDS, OPEN, STAY, V, T, needs=(N.NOTE,), guard=fund_is(Fund.PAID)),
    # The ends. An item that goes on elsewhere names where.
    *_rules(A.ACHIEVE, S.IN_PROGRESS, S.ACHIEVED, V, T, C, CITY, needs=(N.NOTE, N.PHOTO), guard=not_doer),
    *_rules(A.ACHIEVE, (S.PROPOSED, S.CONFIRMED, S.CLAIMED), S.ACHIEVED, SYS),
    *_rules(A.ABANDON, OPEN, S.ABANDONED, V, T, C, CITY, needs=(N.NOTE,)),
    *_rules(A.CARRY_OVER, (S.CONFIRMED, *BEGUN), S.CARRIED_OVER, V, T, C, CITY, SYS, needs=(N.NOTE,), guard=comes_back),
    *_rules(A.RAISE, OPEN, S.CARRIED_OVER, V, T, C, CITY, needs=(N.KIND, N.TITLE, N.NOTE), guard=not_task),
    *_rules(A.COMMENT, frozenset(S), STAY, ANY, needs=(N.NOTE,)),
)  # fmt: skip

RULES: Mapping[tuple[State, Action], Rule] = {(rule.at, rule.action): rule for rule in _TABLE}

# Nothing that anybody could do would open these steps for this item: they are not offered.
NEVER_FOR_THIS = frozenset(
    {"fund_not_now", "item_does_not_recur", "task_is_last", "no_milestone_left"}
)


@dataclass(frozen=True, slots=True)
class OpenStep:
    """A step that the caller may take now, or why not yet."""

    action: Action
    target: State
    needs: tuple[Need, ...]
    blocked_by: str | None = None


def standing(facts: Facts, actor: Actor) -> frozenset[Role | Party]:
    """In which capacities the caller meets this item."""
    found: set[Role | Party] = {Party.ANYBODY}
    if actor.covers(facts.county_code, facts.area_code):
        found.add(actor.role)
    own, works = actor.organization_id, actor.role in (Role.DEPARTMENT_CLERK, V)
    if own is not None and works:
        if facts.organization_id == own:
            found.add(Party.DOER)
            found.add(Party.WANTED)
        elif facts.organization_id is None and facts.serves:
            found.add(Party.WANTED)
        if facts.funder_id == own:
            found.add(Party.FUNDER)
    return frozenset(found)


def step(facts: Facts, actor: Actor, action: Action, brought: frozenset[Need]) -> Rule:
    """Return the rule that lets ``actor`` take ``action`` now.

    Raises
    ------
    Conflict
        The action does not apply here, or something is missing first.
    Forbidden
        It belongs to somebody else.
    BadInput
        The step does not bring what it must.
    """
    rule = RULES.get((facts.state, action))
    if rule is None:
        raise Conflict(
            "item_not_allowed_here", action=f"item_action.{action}", state=f"item.{facts.state}",
            open_steps=[s.action for s in open_to(facts, actor) if not s.blocked_by],
        )  # fmt: skip
    if not rule.who & standing(facts, actor):
        raise Forbidden("not_yours", action=f"item_action.{action}")
    missing = rule.guard(facts, actor) if rule.guard else None
    if missing is not None:
        raise Conflict(missing)
    for need in rule.needs:
        if need not in brought:
            raise BadInput(f"item_needs_{need}")
    return rule


def open_to(facts: Facts, actor: Actor) -> list[OpenStep]:
    """The steps that are the caller's from here, in the table's order; some wait for something."""
    parties = standing(facts, actor)
    mine = (rule for rule in _TABLE if rule.at is facts.state and rule.who & parties)
    waits = ((rule, rule.guard(facts, actor) if rule.guard else None) for rule in mine)
    return [
        OpenStep(rule.action, rule.target, rule.needs, missing)
        for rule, missing in waits
        if missing not in NEVER_FOR_THIS
    ]
