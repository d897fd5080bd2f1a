"""Whose step a village decision waits for: one table, no I/O.

A motion stands at one step of its procedure; the state says of which sort that step is. Where the
table moves nothing, the step's effect moves the motion along its procedure: to the next step, or
back to an earlier one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from backend.core import steps
from backend.core.actor import Actor, Role
from backend.core.rights import READERS
from backend.matters.deliberations.procedures import Kind, Step


class State(StrEnum):
    """Where a motion stands. Values are stored."""

    PROPOSING = "proposing"
    MEETING = "meeting"
    REVIEWING = "reviewing"
    ON_NOTICE = "on_notice"
    CARRYING_OUT = "carrying_out"
    RESULT = "result"
    DONE = "done"
    WITHDRAWN = "withdrawn"


STATE_OF = {
    Kind.PROPOSE: State.PROPOSING, Kind.MEET: State.MEETING, Kind.REVIEW: State.REVIEWING,
    Kind.NOTICE: State.ON_NOTICE, Kind.CARRY_OUT: State.CARRYING_OUT, Kind.RESULT: State.RESULT,
}  # fmt: skip
OPEN = frozenset(STATE_OF.values())


class Action(StrEnum):
    """What somebody does to a motion."""

    PROPOSE = "propose"
    REVISE = "revise"
    SUBMIT = "submit"
    HOLD = "hold"
    APPROVE = "approve"
    SEND_BACK = "send_back"
    SKIP = "skip"
    PUBLISH = "publish"
    OBJECT = "object"
    ANSWER_OBJECTION = "answer_objection"
    END_NOTICE = "end_notice"
    START_WORK = "start_work"
    PROGRESS = "progress"
    FINISH = "finish"
    WITHDRAW = "withdraw"
    COMMENT = "comment"


# These take the motion to the next step of its procedure.
ONWARD = frozenset({Action.SUBMIT, Action.APPROVE, Action.SKIP, Action.END_NOTICE, Action.FINISH})


class Party(StrEnum):
    """Standing that comes from the step, not from a post's role."""

    TURN = "turn"  # the step names the caller's role
    ANYBODY = "anybody"  # everybody who sees it, but for those who only read


class Need(StrEnum):
    """What a step must bring."""

    NOTE = "note"
    FILE = "file"
    SITTING = "sitting"
    STEP = "step"
    TITLE = "title"
    OBJECTION = "objection"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules must know about one motion."""

    state: State
    county_code: str
    area_code: str
    step: Step
    now: datetime
    # Who let it pass which earlier step, the last time; persons, whatever post they acted in.
    passed_by: Mapping[str, frozenset[UUID]]
    # Since when, and until when, something hangs out now.
    published: bool = False
    notice_until: datetime | None = None
    objections_open: int = 0
    has_work: bool = False
    work_open: bool = False
    # Since when it has stood at its step.
    came_at: datetime | None = None


def apart(facts: Facts, actor: Actor) -> str | None:
    """Whoever passed a step that this one checks does not take it."""
    earlier: frozenset[UUID] = frozenset()
    for code in facts.step.apart_from:
        earlier |= facts.passed_by.get(code, frozenset())
    return "deliberation_apart" if actor.id in earlier else None


def skippable(facts: Facts, _: Actor) -> str | None:
    """The procedure allows to leave the step out."""
    return None if facts.step.may_skip else "step_not_skippable"


def not_published(facts: Facts, _: Actor) -> str | None:
    """It does not hang out yet."""
    return "already_published" if facts.published else None


def hangs_out(facts: Facts, _: Actor) -> str | None:
    """It hangs out, and may be objected to."""
    if not facts.published or facts.notice_until is None:
        return "not_published"
    return None if facts.now < facts.notice_until else "notice_over"


def notice_done(facts: Facts, _: Actor) -> str | None:
    """It hung out for its time, and every objection has its answer."""
    if not facts.published or facts.notice_until is None:
        return "not_published"
    if facts.now < facts.notice_until:
        return "notice_runs"
    return "objections_open" if facts.objections_open else None


def has_objection(facts: Facts, _: Actor) -> str | None:
    """There is one to answer."""
    return None if facts.objections_open else "no_objection"


def no_work_yet(facts: Facts, _: Actor) -> str | None:
    """No list item carries the work yet."""
    return "work_already" if facts.has_work else None


def work_done(facts: Facts, _: Actor) -> str | None:
    """The list item that carries the work has ended."""
    return "work_open" if facts.work_open else None


Rule = steps.Rule[Facts, State, Action, Need]
OpenStep = steps.OpenStep[State, Action, Need]

V, T = Role.VILLAGE_SECRETARY, Party.TURN
A, S, N = Action, State, Need
STAY = None


def standing(facts: Facts, actor: Actor) -> frozenset[StrEnum]:
    """In which capacities the caller meets this motion."""
    found: set[StrEnum] = set() if actor.role in READERS else {Party.ANYBODY}
    if actor.covers(facts.county_code, facts.area_code):
        found.add(actor.role)
        if actor.role in facts.step.who:
            found.add(Party.TURN)
    return frozenset(found)


# Nothing that anybody could do would open these steps for this motion: they are not offered.
NEVER_FOR_THIS = frozenset(
    {"step_not_skippable", "already_published", "no_objection", "work_already", "notice_over"}
)
PROCESS = steps.Process[Facts, State, Action, Need](
    standing,
    steps.Words("deliberation_not_here", "deliberation_action", "deliberation", "needs"),
    NEVER_FOR_THIS,
)
on = PROCESS.allow

# fmt: off
# Put into words, and into the procedure.
on(A.REVISE, S.PROPOSING, STAY, V)
on(A.SUBMIT, S.PROPOSING, STAY, T)
# Assemblies: too few people, and it is held again; voted down, and the motion goes back.
on(A.HOLD, S.MEETING, STAY, T, needs=(N.SITTING,))
# Reviews look at what others decided.
on(A.APPROVE, S.REVIEWING, STAY, T, needs=(N.NOTE,), guard=apart)
on(A.SEND_BACK, (S.MEETING, S.REVIEWING, S.ON_NOTICE), STAY, T, needs=(N.NOTE, N.STEP))
on(A.SKIP, (S.MEETING, S.REVIEWING), STAY, T, needs=(N.NOTE,), guard=skippable)
# Hung out for everybody; objections are answered before it goes on.
on(A.PUBLISH, S.ON_NOTICE, STAY, T, guard=not_published)
on(A.PUBLISH, S.RESULT, STAY, T, needs=(N.NOTE,), guard=not_published)
on(A.OBJECT, (S.ON_NOTICE, S.RESULT), STAY, Party.ANYBODY, needs=(N.NOTE,), guard=hangs_out)
on(A.ANSWER_OBJECTION, (S.ON_NOTICE, S.RESULT), STAY, T, needs=(N.OBJECTION, N.NOTE), guard=has_objection)
on(A.END_NOTICE, (S.ON_NOTICE, S.RESULT), STAY, T, guard=notice_done)
# Done, as a list item or by itself.
on(A.START_WORK, S.CARRYING_OUT, STAY, T, needs=(N.TITLE,), guard=no_work_yet)
on(A.PROGRESS, S.CARRYING_OUT, STAY, T, needs=(N.NOTE,))
on(A.FINISH, S.CARRYING_OUT, STAY, T, needs=(N.NOTE, N.FILE), guard=work_done)
# At any time.
on(A.WITHDRAW, OPEN - {S.CARRYING_OUT, S.RESULT}, S.WITHDRAWN, V, needs=(N.NOTE,))
on(A.COMMENT, frozenset(S), STAY, Party.ANYBODY, needs=(N.NOTE,))
# fmt: on

RULES: Mapping[tuple[StrEnum, StrEnum], Rule] = PROCESS.rules
step, open_to = PROCESS.step, PROCESS.open_to
