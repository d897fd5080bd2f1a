"""How a motion's steps are put before a person: in which order, and what each may bring.

Pure tables, no I/O. Every screen and every program takes its forms from here through the API; none
names actions of its own.
"""

from enum import StrEnum

from backend.matters.deliberations.procedures import Kind, Step
from backend.matters.deliberations.workflow import ONWARD, Action, Need, OpenStep

A = Action


class Extra(StrEnum):
    """What a step may bring along although it need not."""

    FILE = "file"
    # The papers that the procedure asks for; an assembly that did not carry the motion has none.
    EVIDENCE = "evidence"
    TITLE = "title"
    WORDS = "words"
    AMOUNT = "amount"
    # What was spent in the end.
    SPENT = "spent"
    # For how many days it hangs out, where that is longer than the procedure asks for.
    DAYS = "days"


E = Extra

_MAY_BRING: dict[Action, tuple[Extra, ...]] = {
    A.APPROVE: (E.FILE,),
    A.SEND_BACK: (E.FILE,),
    A.REVISE: (E.TITLE, E.WORDS, E.AMOUNT, E.FILE),
    A.PUBLISH: (E.DAYS, E.FILE),
    A.PROGRESS: (E.FILE,),
    A.COMMENT: (E.FILE,),
}
# What waits for an answer is answered first, then what takes the motion on, the likeliest first.
_ONWARD = (
    A.ANSWER_OBJECTION, A.SUBMIT, A.HOLD, A.APPROVE, A.SEND_BACK, A.PUBLISH, A.END_NOTICE,
    A.START_WORK, A.PROGRESS, A.FINISH,
)  # fmt: skip
_RANK = {action: rank for rank, action in enumerate(_ONWARD)}


def must_bring(open_step: OpenStep, here: Step) -> tuple[Need, ...]:
    """What a step must bring where the motion stands: the procedure may ask for papers."""
    asks = here.evidence and open_step.action in ONWARD and Need.FILE not in open_step.needs
    return (*open_step.needs, Need.FILE) if asks else open_step.needs


def may_bring(action: Action, here: Step) -> tuple[Extra, ...]:
    """What a step may bring beyond that."""
    extras = _MAY_BRING.get(action, ())
    if action is A.PUBLISH and here.kind is Kind.RESULT:
        extras = (E.SPENT, *extras)
    return (*extras, E.EVIDENCE) if action is A.HOLD and here.evidence else extras


def rank(step: OpenStep) -> int | None:
    """Where a step stands among those that take the motion on, from 0; None for an aside."""
    return _RANK.get(step.action)
