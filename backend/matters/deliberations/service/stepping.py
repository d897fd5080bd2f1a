"""Moving a motion along its procedure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from backend.core import clock, day, stepping
from backend.core.actor import Actor, system
from backend.core.db import acting_as
from backend.core.errors import BadInput
from backend.matters.deliberations import queries, workflow
from backend.matters.deliberations.models import (
    Deliberation,
    DeliberationAction,
    Objection,
    ProcedureRow,
)
from backend.matters.deliberations.procedures import Kind, Outcome, Procedure
from backend.matters.deliberations.schemas import DeliberationStepIn
from backend.matters.deliberations.service import publishing
from backend.matters.deliberations.service.journal import write
from backend.matters.deliberations.service.sittings import hold
from backend.matters.deliberations.workflow import ONWARD, STATE_OF, Action, Facts, Need, State
from backend.matters.items.models import Item
from backend.matters.items.schemas import ItemIn
from backend.matters.items.service import proposing as item_proposing
from backend.matters.items.workflow import ENDED as ITEM_ENDED
from backend.matters.items.workflow import Kind as ItemKind
from backend.matters.items.workflow import State as ItemState
from backend.tools.media import service as media


@dataclass
class Taking:
    """A step while it is being taken."""

    session: Session
    actor: Actor
    deliberation: Deliberation
    procedure: Procedure
    body: DeliberationStepIn
    since: datetime
    details: dict[str, Any] = field(default_factory=dict)

    def go(self, code: str) -> None:
        """Stand at another step; an earlier one begins a new round and takes the notice down."""
        row, before = self.deliberation, self.procedure.at(self.deliberation.step_code)
        place = self.procedure.at(code)
        row.step_code, row.state = code, STATE_OF[self.procedure.steps[place].kind]
        row.notice_until = None
        if place < before:
            row.round += 1
            row.notice = row.result = None

    def onward(self) -> None:
        """Go to the next step; after the last one it is done."""
        place = self.procedure.at(self.deliberation.step_code) + 1
        if place < len(self.procedure.steps):
            self.go(self.procedure.steps[place].code)
        else:
            self.deliberation.state = State.DONE
            self.deliberation.closed_at = clock.now()


def procedure_of(session: Session, deliberation: Deliberation) -> tuple[Procedure, int]:
    """The version of the procedure under which a motion runs."""
    row = session.get_one(ProcedureRow, deliberation.procedure_id)
    return Procedure.model_validate(row.body), row.version


def passed_by(entries: Sequence[DeliberationAction]) -> dict[str, frozenset[UUID]]:
    """Who let the motion pass each step, the last time that it was passed.

    What was passed in an earlier round, and is not gone through again, stands.
    """
    rounds: dict[str, int] = {}
    found: dict[str, frozenset[UUID]] = {}
    for e in entries:
        if e.action not in ONWARD and not (e.action == Action.HOLD and e.to_step != e.step_code):
            continue
        others = found.get(e.step_code, frozenset()) if rounds.get(e.step_code) == e.round else ()
        rounds[e.step_code], found[e.step_code] = e.round, frozenset({*others, e.actor_id})
    return found


def facts_of(
    session: Session, deliberation: Deliberation, procedure: Procedure,
    entries: Sequence[DeliberationAction], objections: Sequence[Objection],
) -> Facts:  # fmt: skip
    """What the rules must know about a motion, from what was read of it.

    The work is asked after as the system: whoever does not see its list item is told no less.
    """
    item = None
    if deliberation.item_id is not None:
        with acting_as(session, system(deliberation.county_code)):
            item = session.get(Item, (deliberation.county_code, deliberation.item_id))
    step = procedure.steps[procedure.at(deliberation.step_code)]
    return Facts(
        state=State(deliberation.state), county_code=deliberation.county_code,
        area_code=deliberation.area_code, step=step, now=clock.now(),
        passed_by=passed_by(entries),
        published=deliberation.notice_until is not None, notice_until=deliberation.notice_until,
        objections_open=sum(1 for o in objections if o.answer is None),
        has_work=deliberation.item_id is not None,
        work_open=item is not None and ItemState(item.state) not in ITEM_ENDED,
        came_at=max(
            (e.at for e in entries if e.to_step != e.step_code or e.action == Action.PROPOSE),
            default=deliberation.made_at,
        ),
    )  # fmt: skip


def advance(
    session: Session, actor: Actor, deliberation_id: UUID, body: DeliberationStepIn
) -> None:
    """Take one step and record it; taking it again with the same key does nothing more.

    Raises
    ------
    NotFound
        No such motion for this actor.
    Conflict, Forbidden, BadInput
        The procedure refuses the step; nothing was written.
    """
    stepping.advance(session, actor, deliberation_id, body, STEPPER)


def _facts(session: Session, _: Actor, row: Deliberation) -> Facts:
    procedure, _version = procedure_of(session, row)
    objections = queries.objections_of(session, row)
    return facts_of(session, row, procedure, queries.log_of(session, row), objections)


def _take(
    session: Session, actor: Actor, row: Deliberation, facts: Facts, rule: workflow.Rule,
    body: DeliberationStepIn,
) -> UUID:  # fmt: skip
    if rule.action in ONWARD and facts.step.evidence and not (body.documents or body.photos):
        raise BadInput("needs_file")
    at_step = (row.step_code, row.round)
    procedure, _ = procedure_of(session, row)
    assert facts.came_at is not None
    taking = Taking(session, actor, row, procedure, body, facts.came_at)
    effect = EFFECTS.get(rule.action)
    if effect is not None:
        effect(taking)
    if rule.action in ONWARD:
        if facts.step.seal:
            # Where the seal belongs; it is set on paper until electronic seals are connected.
            taking.details["seal"] = "on_paper"
        taking.onward()
    if rule.target is State.WITHDRAWN:
        row.state, row.closed_at, row.notice, row.notice_until = (
            State.WITHDRAWN, clock.now(), None, None,
        )  # fmt: skip
    entry_id = write(session, actor, row, rule.action, body.note, taking.details, at_step)
    for kind, given in (("photo", body.photos), ("document", body.documents)):
        if given:
            media.claim(session, actor, given, [], (row.county_code, row.id, entry_id), kind)
    return entry_id


def _brought(body: DeliberationStepIn) -> frozenset[Need]:
    given = {
        Need.NOTE: bool(body.note), Need.FILE: bool(body.documents or body.photos),
        Need.SITTING: body.sitting is not None, Need.STEP: body.step is not None,
        Need.TITLE: body.title is not None, Need.OBJECTION: body.objection_id is not None,
    }  # fmt: skip
    return frozenset(need for need, here in given.items() if here)


def _revise(taking: Taking) -> None:
    """Other words while it is a proposal; the log keeps both."""
    row, body = taking.deliberation, taking.body
    changed: dict[str, Any] = {}
    for name in ("title", "words", "amount"):
        value, before = getattr(body, name), getattr(row, name)
        before = float(before) if name == "amount" and before is not None else before
        if value is not None and value != before:
            changed[name] = [before, value]
            setattr(row, name, value)
    if not changed and not taking.body.documents:
        raise BadInput("nothing_changed")
    taking.details["changed"] = changed


def _hold(taking: Taking) -> None:
    """Passed goes on, voted down goes back, too few people stays and is held again."""
    row, body = taking.deliberation, taking.body
    step = taking.procedure.steps[taking.procedure.at(row.step_code)]
    assert body.sitting is not None
    result, details = hold(
        taking.session, taking.actor, row, step, body.sitting, taking.since
    )  # fmt: skip
    taking.details |= details
    if result is Outcome.PASSED:
        if step.evidence and not (body.documents or body.photos):
            raise BadInput("needs_file")
        taking.onward()
    elif result is Outcome.VOTED_DOWN:
        taking.go(step.back_to or taking.procedure.steps[0].code)


def _send_back(taking: Taking) -> None:
    """To an earlier step, with the reason in the note; what was decided since counts no more."""
    codes = [step.code for step in taking.procedure.steps]
    here = taking.procedure.at(taking.deliberation.step_code)
    if taking.body.step not in codes[:here]:
        raise BadInput("back_to_earlier")
    taking.details["back_to"] = taking.body.step
    taking.go(str(taking.body.step))


def _publish(taking: Taking) -> None:
    """Hang it out from today; the first day does not count, the last one ends at midnight."""
    row = taking.deliberation
    step = taking.procedure.steps[taking.procedure.at(row.step_code)]
    assert step.days is not None
    days = taking.body.days or step.days
    if days < step.days:
        raise BadInput("notice_too_short", days=step.days)
    row.notice_until = day.end(day.today() + timedelta(days=days))
    taking.details |= {"days": days, "until": row.notice_until.isoformat()}
    if step.kind is Kind.RESULT:
        row.result = publishing.result(row, taking.body.note, taking.body.amount)
        row.spent = taking.body.amount
    else:
        row.notice = publishing.notice(taking.session, row, taking.procedure)


def _answer(taking: Taking) -> None:
    row = taking.session.get(Objection, (taking.deliberation.county_code, taking.body.objection_id))
    if row is None or row.deliberation_id != taking.deliberation.id or row.answer is not None:
        raise BadInput("objection_unknown")
    row.answer, row.answered_at = taking.body.note, clock.now()
    taking.details["objection"] = str(row.id)


def _object(taking: Taking) -> None:
    publishing.object_to(
        taking.session, taking.deliberation, taking.actor.name, taking.body.note
    )  # fmt: skip


def _start_work(taking: Taking) -> None:
    """What was decided goes on the development list, and the motion follows it."""
    row, body = taking.deliberation, taking.body
    assert body.title is not None
    row.item_id = item_proposing.propose(
        taking.session, taking.actor,
        ItemIn(
            client_id=uuid5(body.client_id, "item"), kind=ItemKind.DEVELOPMENT, title=body.title,
            plan=body.note or row.words, cause=row.deliberation_no, area_code=row.area_code,
        ),
    )  # fmt: skip
    taking.details["item"] = str(row.item_id)


EFFECTS: Mapping[Action, Callable[[Taking], None]] = {
    Action.REVISE: _revise, Action.HOLD: _hold, Action.SEND_BACK: _send_back,
    Action.PUBLISH: _publish, Action.ANSWER_OBJECTION: _answer, Action.OBJECT: _object,
    Action.START_WORK: _start_work,
}  # fmt: skip


STEPPER = stepping.Stepper[Deliberation, Facts, State, Action, Need, DeliberationStepIn](
    "deliberation step", "deliberation_not_found", workflow.PROCESS,
    lock=lambda session, actor, key, _: queries.one(session, actor, key, lock=True),
    facts=_facts, action=lambda body: body.action, brought=_brought, take=_take,
)  # fmt: skip
