"""The life of a list item and the money that it asks for: one table, no I/O."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from backend.core import steps
from backend.core.actor import Actor, Role
from backend.core.rights import READERS


class Kind(StrEnum):
    """Which list: 问题清单, 发展清单, 任务清单."""

    PROBLEM = "problem"
    DEVELOPMENT = "development"
    TASK = "task"


class State(StrEnum):
    """Where an item stands. Values are stored."""

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
    """Where a request for money stands."""

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
    ABOVE_FUNDER = "above_funder"  # whoever governs it, where it was asked by one of its own
    ANYBODY = "anybody"  # everybody who sees it, but for those who only read


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
    # Persons: who asked for the money, and who granted or paid it.
    fund_asked_by: UUID | None = None
    fund_granted_by: frozenset[UUID] = frozenset()
    # Where the body serves that was asked for money by one of its own; None: by another.
    fund_within: str | None = None
    done_by: frozenset[UUID] = frozenset()
    milestones_left: int = 0
    recurs: bool = False


Guard = Callable[[Facts, Actor], str | None]


def fund_is(*states: Fund | None) -> Guard:
    """The request for money stands here."""
    return lambda facts, _: None if facts.fund in states else "fund_not_now"


def granting(*states: Fund | None) -> Guard:
    """Whoever asked for the money neither grants nor pays it."""
    stands = fund_is(*states)

    def guard(facts: Facts, actor: Actor) -> str | None:
        mine = "fund_you_asked" if actor.id == facts.fund_asked_by else None
        return stands(facts, actor) or mine

    return guard


def accepting(facts: Facts, actor: Actor) -> str | None:
    """Whoever asked for the money, granted or paid it does not say what became of it."""
    if actor.id in facts.fund_granted_by and actor.id != facts.fund_asked_by:
        return fund_is(Fund.PAID)(facts, actor) or "fund_you_granted"
    return granting(Fund.PAID)(facts, actor)


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


Rule = steps.Rule[Facts, State, Action, Need]
OpenStep = steps.OpenStep[State, Action, Need]

V, T, C = Role.VILLAGE_SECRETARY, Role.TOWN_DISPATCHER, Role.COUNTY_DISPATCHER
CITY, SYS = Role.CITY_DISPATCHER, Role.SYSTEM
D, W, F, ANY = Party.DOER, Party.WANTED, Party.FUNDER, Party.ANYBODY
ABOVE = Party.ABOVE_FUNDER
A, S, N = Action, State, Need
STAY = None
BEGUN = (S.CLAIMED, S.IN_PROGRESS, S.BLOCKED)


def standing(facts: Facts, actor: Actor) -> frozenset[StrEnum]:
    """In which capacities the caller meets this item."""
    found: set[StrEnum] = set() if actor.role in READERS else {Party.ANYBODY}
    if actor.covers(facts.county_code, facts.area_code):
        found.add(actor.role)
    within = facts.fund_within
    # One who is alone in a body is not stuck: it is granted by those above.
    if actor.role in (T, C, CITY) and within and actor.covers(facts.county_code, within):
        found.add(Party.ABOVE_FUNDER)
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


# Nothing that anybody could do would open these steps for this item: they are not offered.
NEVER_FOR_THIS = frozenset(
    {"fund_not_now", "item_does_not_recur", "task_is_last", "no_milestone_left"}
)
PROCESS = steps.Process[Facts, State, Action, Need](
    standing,
    steps.Words("item_not_allowed_here", "item_action", "item", "item_needs"),
    NEVER_FOR_THIS,
)
on = PROCESS.allow

# fmt: off
# On the list, and in somebody's hands.
on(A.CONFIRM, S.PROPOSED, S.CONFIRMED, V, T, C, CITY)
on(A.CLAIM, S.CONFIRMED, S.CLAIMED, W, needs=(N.DUE,))
on(A.ASSIGN, S.CONFIRMED, S.CLAIMED, V, T, C, CITY, needs=(N.ORGANIZATION, N.DUE))
on(A.RELEASE, BEGUN, S.CONFIRMED, D, T, C, CITY, needs=(N.NOTE,))
# Done step by step.
on(A.START, S.CLAIMED, S.IN_PROGRESS, D, V, needs=(N.NOTE,))
on(A.PROGRESS, (S.IN_PROGRESS, S.BLOCKED), STAY, D, V, T, needs=(N.NOTE,))
on(A.REACH_MILESTONE, S.IN_PROGRESS, STAY, D, V, T, needs=(N.MILESTONE,), guard=has_milestone)
on(A.PLAN_MILESTONE, OPEN, STAY, D, V, T, needs=(N.TITLE, N.DUE))
on(A.BLOCK, S.IN_PROGRESS, S.BLOCKED, D, V, T, needs=(N.NOTE,))
on(A.UNBLOCK, S.BLOCKED, S.IN_PROGRESS, D, V, T, needs=(N.NOTE,))
on(A.REVISE, OPEN, STAY, D, V, T, C, CITY)
# Money, asked for once at a time. Who asks neither grants nor accepts it; who is alone is helped from above.
on(A.ASK_FUNDS, OPEN, STAY, D, V, T, needs=(N.AMOUNT, N.ORGANIZATION, N.NOTE), guard=fund_is(None, Fund.REFUSED))
on(A.REVIEW_FUNDS, OPEN, STAY, F, ABOVE, guard=fund_is(Fund.SUBMITTED))
on(A.APPROVE_FUNDS, OPEN, STAY, F, ABOVE, needs=(N.NOTE,), guard=granting(Fund.REVIEWING))
on(A.REFUSE_FUNDS, OPEN, STAY, F, ABOVE, needs=(N.NOTE,), guard=fund_is(Fund.SUBMITTED, Fund.REVIEWING))
on(A.PAY_FUNDS, OPEN, STAY, F, ABOVE, guard=granting(Fund.APPROVED))
on(A.ACCEPT_FUNDS, OPEN, STAY, V, T, C, CITY, needs=(N.NOTE,), guard=accepting)
# The ends. An item that goes on elsewhere names where.
on(A.ACHIEVE, S.IN_PROGRESS, S.ACHIEVED, V, T, C, CITY, needs=(N.NOTE, N.PHOTO), guard=not_doer)
on(A.ACHIEVE, (S.PROPOSED, S.CONFIRMED, S.CLAIMED), S.ACHIEVED, SYS)
on(A.ABANDON, OPEN, S.ABANDONED, V, T, C, CITY, needs=(N.NOTE,))
on(A.CARRY_OVER, (S.CONFIRMED, *BEGUN), S.CARRIED_OVER, V, T, C, CITY, SYS, needs=(N.NOTE,), guard=comes_back)
on(A.CARRY_OVER, S.ACHIEVED, STAY, SYS, needs=(N.NOTE,), guard=comes_back)
on(A.RAISE, OPEN, S.CARRIED_OVER, V, T, C, CITY, needs=(N.KIND, N.TITLE, N.NOTE), guard=not_task)
on(A.COMMENT, frozenset(S), STAY, ANY, needs=(N.NOTE,))
# fmt: on

RULES: Mapping[tuple[StrEnum, StrEnum], Rule] = PROCESS.rules
step, open_to = PROCESS.step, PROCESS.open_to
