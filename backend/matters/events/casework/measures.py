"""What each step adds to the indicators of D7, at the moment at which it happens.

Numbers are kept by month: ``2026-11.filed``. A rate is a quotient of two of them; what is void,
merged, transferred or rejected never enters one, because only what was accepted is counted.
"""

from collections.abc import Iterator

from backend.matters.events.casework.effects import Step
from backend.matters.events.vocabulary import Action, State

# One step, one number.
OF_ACTION = {
    Action.FILE: "filed", Action.FILE_AFTERWARDS: "filed", Action.RESOLVE_ON_SPOT: "self_resolved",
    Action.DISPATCH: "dispatched", Action.OFFER: "dispatched", Action.FAST_TRACK: "dispatched",
    Action.APPROVE_RETURN: "returned", Action.APPROVE_EXTENSION: "extended",
    Action.APPROVE_SUSPENSION: "suspended", Action.MERGE: "merged", Action.REOPEN: "reopened",
    Action.ACCEPT: "accepted", Action.CLAIM: "accepted", Action.WHISTLE: "whistled",
    Action.CO_ARRIVE: "arrived", Action.URGE: "urged", Action.SUPERVISE: "supervised",
    Action.ESCALATE: "escalated",
}  # fmt: skip

SENT_BACK = (Action.REWORK, Action.RECHECK_FAILED, Action.NOT_SOLVED)


def happened(step: Step, target: State) -> Iterator[str]:
    """The numbers that this step adds to."""
    action, event = step.body.action, step.event
    if action in OF_ACTION:
        yield OF_ACTION[action]
    if action is Action.APPROVE_RETURN and step.facts.return_reason == "not_our_duty":
        yield "misdispatched"
    if action is Action.FILE and event.recurrence_of is not None:
        yield "recurred"
    # Events sent back at least once, not the times.
    if action in SENT_BACK and event.rework_count == 1:
        yield "reworked"
    if action is Action.CARRY_BY_ITEM:
        yield "carried"
    elif target is State.CLOSED and step.facts.state is not State.CLOSED:
        yield "closed"
        ended = event.fed_back_at or step.now
        if event.due_at is not None and ended <= event.due_at:
            yield "closed_on_time"
    survey = step.body.survey
    if action is Action.ANSWER_SOLVED and survey is None:
        yield from ("surveyed", "reached", "solved")
    elif survey is not None:
        yield "surveyed"
        said = {"reached": survey.reached, "solved": survey.solved, "satisfied": survey.satisfied}
        yield from (name for name, yes in said.items() if yes)
