"""The ways on which the city's past events went: which steps, by whom, at which part of the time.

Each step stands in the table of the process (`events/workflow.py`). What is left out is said in
this folder's README.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from backend.core.actor import Role
from backend.matters.events.vocabulary import Action, State

A, S = Action, State


class By(StrEnum):
    """Who takes a step: the head of the unit, the desk of the town, the lead's clerk."""

    HEAD = Role.UNIT_HEAD
    DESK = Role.TOWN_DISPATCHER
    LEAD = Role.DEPARTMENT_CLERK
    # The clerk of whom it was given to first, and who handed it back.
    FIRST = "first"

    @property
    def role(self) -> str:
        """The role that the log names."""
        return Role.DEPARTMENT_CLERK if self is By.FIRST else self.value


@dataclass(frozen=True, slots=True)
class Turn:
    """One step; ``part`` is how much of the event's time has passed by then.

    ``details`` is canonical JSON (RFC 8785). Words in angle brackets are filled in for each event:
    its unit's code, its lead, who had it first, whether the result came in time.
    """

    action: Action
    after: State
    by: By
    part: float
    note: str = ""
    details: str = "{}"


@dataclass(frozen=True, slots=True)
class Way:
    """All steps of one event, and the share of events that went like this."""

    share: float
    turns: tuple[Turn, ...]
    sampled: bool = False
    asked: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        """Where it ends."""
        return self.turns[-1].after

    def part_of(self, action: Action) -> float | None:
        """When this step was taken the last time, as a part of the time; None when never."""
        return next((t.part for t in reversed(self.turns) if t.action is action), None)

    def pairs(self) -> Iterator[tuple[State | None, Turn]]:
        """Each step with the state before it."""
        before: State | None = None
        for turn in self.turns:
            yield before, turn
            before = turn.after


SUBMIT = Turn(
    A.SUBMIT, S.REPORTED, By.HEAD, 0, details='{"area_code":"<unit>","source":"unit_head"}'
)
FILE = Turn(A.FILE, S.FILED, By.DESK, 0.05)
GIVEN = '{"organization_id":"<lead>"}'
DISPATCH = Turn(A.DISPATCH, S.DISPATCHED, By.DESK, 0.06, details=GIVEN)
ACCEPT = Turn(A.ACCEPT, S.HANDLING, By.LEAD, 0.1)
RESULT = Turn(A.SUBMIT_RESULT, S.FEEDBACK, By.LEAD, 0.8, "已处理完毕")
ASK = Turn(A.START_FOLLOW_UP, S.FOLLOWING_UP, By.DESK, 0.85)
CALL = Turn(
    A.RECORD_CALL, S.FOLLOWING_UP, By.DESK, 0.9, "已回访",
    '{"survey":{"reached":true,"satisfied":true,"solved":true}}',
)  # fmt: skip
ON_TIME = '{"on_time":<on_time>}'
CLOSE = Turn(A.CLOSE, S.CLOSED, By.DESK, 1, details=ON_TIME)
CLOSE_UNASKED = Turn(A.CLOSE_WITHOUT_FOLLOW_UP, S.CLOSED, By.DESK, 1, details=ON_TIME)
TAKEN = (SUBMIT, FILE, DISPATCH, ACCEPT)

WAYS = (
    Way(0.50, (*TAKEN, RESULT, CLOSE_UNASKED)),
    Way(0.20, (*TAKEN, RESULT, ASK, CALL, CLOSE)),
    Way(
        0.06,
        (
            SUBMIT, FILE,
            Turn(A.DISPATCH, S.DISPATCHED, By.DESK, 0.06, details='{"organization_id":"<first>"}'),
            Turn(A.ASK_RETURN, S.DISPATCHED, By.FIRST, 0.1, "不属本单位职责",
                 '{"reason":"not_our_duty"}'),
            Turn(A.APPROVE_RETURN, S.FILED, By.DESK, 0.15, details='{"return_count":1}'),
            Turn(A.DISPATCH, S.DISPATCHED, By.DESK, 0.2, details=GIVEN),
            Turn(A.ACCEPT, S.HANDLING, By.LEAD, 0.25),
            RESULT, CLOSE_UNASKED,
        ),
    ),
    Way(
        0.04,
        (
            *TAKEN,
            Turn(A.SUBMIT_RESULT, S.FEEDBACK, By.LEAD, 0.5, "已处理"),
            Turn(A.REWORK, S.HANDLING, By.DESK, 0.55, "现场仍未清理"),
            RESULT, CLOSE_UNASKED,
        ),
    ),
    Way(0.1235, (SUBMIT, Turn(A.RESOLVE_ON_SPOT, S.SELF_RESOLVED, By.HEAD, 0.1))),
    Way(
        0.006,
        (
            SUBMIT, Turn(A.RESOLVE_ON_SPOT, S.SELF_RESOLVED, By.HEAD, 0.1),
            Turn(A.CHECK_SAMPLE, S.SELF_RESOLVED, By.DESK, 1, "抽查属实"),
        ),
    ),
    Way(0.0005, (SUBMIT, Turn(A.RESOLVE_ON_SPOT, S.SELF_RESOLVED, By.HEAD, 0.1)), sampled=True),
    Way(
        0.02,
        (SUBMIT, Turn(A.VOID, S.VOID, By.DESK, 0.3, "误报", '{"reason":"mistaken"}')),
    ),
    Way(0.02, (SUBMIT, Turn(A.MERGE, S.MERGED, By.DESK, 0.3))),
    # Still open.
    Way(0.006, (SUBMIT,)),
    Way(0.004, (SUBMIT, Turn(A.PUT_ON_AGENDA, S.JUDGING, By.DESK, 0.3))),
    Way(0.004, (SUBMIT, FILE, DISPATCH)),
    Way(0.0105, TAKEN),
    Way(
        0.0015,
        (*TAKEN, Turn(A.ASK_EXTENSION, S.HANDLING, By.LEAD, 0.8, "材料未到")),
        asked=("extension",),
    ),
    Way(0.004, (*TAKEN, RESULT, ASK)),
)  # fmt: skip
