"""How steps are put before a person: in which order, and what each may bring beyond what it must.

Pure tables, no I/O. Every screen and every program takes its forms from here through the API; none
names actions of its own.
"""

from enum import StrEnum

from backend.core import steps
from backend.matters.events.facts import Facts
from backend.matters.events.placeless import desk_of
from backend.matters.events.vocabulary import Action, Ask
from backend.matters.events.workflow import OpenStep

A = Action


class Extra(StrEnum):
    """What a step may bring along although it need not."""

    PHOTO = "photo"
    UNTIL = "until"
    # Under which condition it is filed, or as what else.
    CONDITION = "condition"
    # Who helps; the rules' suggestion stands beside it.
    HELPERS = "helpers"
    # By when whoever is asked to help is to be done, where that is sooner than the lead.
    HELP_UNTIL = "help_until"
    # A list item is proposed for it, under this title.
    ITEM = "item"
    # What a reporter said when called, and how satisfied one is.
    CALL = "call"
    SATISFIED = "satisfied"


_MAY_BRING: dict[Action, tuple[Extra, ...]] = {
    A.FILE: (Extra.CONDITION,),
    A.FILE_AFTERWARDS: (Extra.CONDITION,),
    A.DISPATCH: (Extra.HELPERS,),
    A.FAST_TRACK: (Extra.HELPERS,),
    A.ASSIGN_FOR_GOOD: (Extra.HELPERS,),
    A.ADD_CO: (Extra.HELP_UNTIL,),
    A.APPROVE_SUSPENSION: (Extra.UNTIL, Extra.ITEM),
    A.RECHECK_FAILED: (Extra.PHOTO,),
    A.NOT_SOLVED: (Extra.PHOTO,),
    A.CO_SUBMIT: (Extra.PHOTO,),
    A.CHECK_SAMPLE: (Extra.PHOTO,),
    A.RECORD_CALL: (Extra.CALL,),
    A.ANSWER_SOLVED: (Extra.SATISFIED,),
}

# What waits for an answer is answered first, then what moves the case on, the likeliest first.
# Taking something in comes before giving it to a colleague: it is not one's own until then.
_ONWARD = (
    A.APPROVE_RETURN, A.REFUSE_RETURN, A.ASSIGN_FOR_GOOD, A.APPROVE_EXTENSION, A.REFUSE_EXTENSION,
    A.APPROVE_SUSPENSION, A.REFUSE_SUSPENSION, A.UPHOLD_APPEAL, A.REFUSE_APPEAL, A.REFUSE_REOPEN,
    A.UPHOLD_OBJECTION, A.REFUSE_OBJECTION,
    A.FILE, A.FILE_AFTERWARDS, A.PUT_ON_AGENDA, A.REQUEST_VERIFICATION, A.SUBMIT_VERIFICATION,
    A.DISPATCH, A.OFFER, A.CLAIM, A.ACCEPT, A.CO_ACCEPT, A.CO_ARRIVE, A.CO_SUBMIT, A.SUBMIT_RESULT,
    A.OBJECT_TO_REWORK,
    A.ASSIGN_HANDLER, A.REQUEST_RECHECK, A.PASS_RECHECK, A.RECHECK_FAILED, A.START_FOLLOW_UP,
    A.ANSWER_SOLVED, A.NOT_SOLVED, A.CLOSE, A.CLOSE_WITH_EXPLANATION, A.CLOSE_WITHOUT_FOLLOW_UP,
    A.RESOLVE_ON_SPOT, A.FAST_TRACK, A.RESUME, A.REWORK, A.REOPEN, A.APPEAL, A.ASK_REOPEN,
    A.UNDO_MERGE, A.ANSWER_SUPERVISION, A.CHECK_SAMPLE, A.RECORD_CALL, A.PUT_OFF, A.REPORT_AGAIN,
)  # fmt: skip
_RANK = {action: rank for rank, action in enumerate(_ONWARD)}


def may_bring(action: Action, facts: Facts) -> tuple[Extra, ...]:
    """What a step may bring beyond what it must; nothing restricted goes on a list."""
    extras = _MAY_BRING.get(action, ())
    return tuple(one for one in extras if not (one is Extra.ITEM and facts.restricted))


def rank(step: OpenStep, facts: Facts, *, doubted: bool) -> int | None:
    """Where a step stands among those that move the case on, from 0; None for an aside.

    A doubted place is mended before all else, and an unknown one found. Reopening is possible
    without being asked, and then no everyday step.
    """
    if step.action is A.CORRECT_POSITION:
        return -1 if doubted or desk_of(facts.area_code) else None
    if step.action is A.REOPEN and Ask.REOPEN not in facts.asked:
        return None
    return _RANK.get(step.action)


def in_order(
    open_steps: list[OpenStep], facts: Facts, *, doubted: bool
) -> list[tuple[OpenStep, bool]]:
    """Steps with whether each moves the case on: those first, the likeliest first, then asides."""
    return steps.in_order(open_steps, lambda step: rank(step, facts, doubted=doubted))
