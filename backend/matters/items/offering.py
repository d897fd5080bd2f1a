"""How an item's steps are put before a person: in which order, and what each may bring.

Pure tables, no I/O. Every screen and every program takes its forms from here through the API; none
names actions of its own.
"""

from enum import StrEnum

from backend.matters.items.workflow import Action, OpenStep

A = Action


class Extra(StrEnum):
    """What a step may bring along although it need not."""

    PHOTO = "photo"
    DOCUMENT = "document"
    DUE = "due"
    TITLE = "title"
    PLAN = "plan"
    CAUSE = "cause"
    # Who takes part, in words.
    PEOPLE = "people"
    # Where it lies, drawn anew.
    SHAPE = "shape"
    # How far it is, in percent.
    PROGRESS = "progress"
    # What is granted may be less than what was asked for.
    AMOUNT = "amount"
    # Where money comes from.
    SOURCE = "source"


class Kept(StrEnum):
    """What a form begins with as the item has it; the rest begins empty."""

    ORGANIZATION = "organization"
    DUE = "due"
    TITLE = "title"
    AMOUNT = "amount"


E, K = Extra, Kept

_MAY_BRING: dict[Action, tuple[Extra, ...]] = {
    A.START: (E.PLAN, E.PHOTO, E.DOCUMENT),
    A.PROGRESS: (E.PROGRESS, E.PHOTO, E.DOCUMENT),
    A.ACHIEVE: (E.DOCUMENT,),
    A.COMMENT: (E.DOCUMENT,),
    A.REVISE: (E.TITLE, E.DUE, E.PLAN, E.CAUSE, E.PEOPLE, E.SHAPE, E.DOCUMENT),
    A.CARRY_OVER: (E.DUE,),
    A.ASK_FUNDS: (E.SOURCE, E.DOCUMENT),
    A.APPROVE_FUNDS: (E.AMOUNT,),
}
_KEEPS: dict[Action, tuple[Kept, ...]] = {
    A.ASSIGN: (K.ORGANIZATION, K.DUE),
    A.CLAIM: (K.DUE,),
    A.REVISE: (K.TITLE, K.DUE),
    A.RAISE: (K.TITLE,),
    A.APPROVE_FUNDS: (K.AMOUNT,),
}
# Money that somebody waits for is answered first, then what moves the item on, the likeliest first.
_ONWARD = (
    A.REVIEW_FUNDS, A.APPROVE_FUNDS, A.REFUSE_FUNDS, A.PAY_FUNDS, A.ACCEPT_FUNDS, A.CONFIRM,
    A.CLAIM, A.ASSIGN, A.START, A.UNBLOCK, A.PROGRESS, A.REACH_MILESTONE, A.ACHIEVE,
)  # fmt: skip
_RANK = {action: rank for rank, action in enumerate(_ONWARD)}


def may_bring(action: Action) -> tuple[Extra, ...]:
    """What a step may bring beyond what it must."""
    return _MAY_BRING.get(action, ())


def keeps(action: Action) -> tuple[Kept, ...]:
    """What a step's form begins with as the item has it."""
    return _KEEPS.get(action, ())


def rank(step: OpenStep) -> int | None:
    """Where a step stands among those that move the item on, from 0; None for an aside."""
    return _RANK.get(step.action)
