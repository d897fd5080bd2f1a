"""Moving an item one step along its workflow."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from geoalchemy2.shape import from_shape
from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend.city.organizations.models import Organization
from backend.core import clock, day, ids, outbox, stepping
from backend.core.actor import Actor
from backend.core.errors import BadInput
from backend.matters.items import queries, workflow
from backend.matters.items.models import Item, ItemAction, Milestone
from backend.matters.items.schemas import ItemStepIn
from backend.matters.items.service.journal import write
from backend.matters.items.service.proposing import check_serves, link, make, next_term, read_shape
from backend.matters.items.workflow import ENDED, Action, Facts, Fund, Kind, Need, Recurs, State
from backend.tools.media import service as media


@dataclass
class Step:
    """A step while it is being taken."""

    session: Session
    actor: Actor
    item: Item
    body: ItemStepIn
    details: dict[str, Any] = field(default_factory=dict)


def facts_of(
    session: Session, item: Item, actor: Actor, entries: Sequence[ItemAction] | None = None,
    milestones: Sequence[Milestone] | None = None,
) -> Facts:  # fmt: skip
    """What the rules must know about an item, from what was read of it already, or is read here.

    Persons count over all of their posts.
    """
    entries = queries.log_of(session, item) if entries is None else entries
    milestones = queries.milestones_of(session, item) if milestones is None else milestones
    done_by = {
        e.actor_id for e in entries
        if e.action in (Action.CLAIM, Action.START, Action.PROGRESS)
        and e.organization_id is not None and e.organization_id == item.organization_id
    }  # fmt: skip
    asked_by, granted_by, within = _money(session, item, entries)
    serves = False
    if actor.organization_id is not None and item.organization_id is None:
        body = session.get(Organization, actor.organization_id)
        serves = body is not None and item.area_code.startswith(body.area_code)
    return Facts(
        kind=Kind(item.kind), state=State(item.state), county_code=item.county_code,
        area_code=item.area_code, organization_id=item.organization_id, serves=serves,
        funder_id=item.funder_id, fund=Fund(item.fund_state) if item.fund_state else None,
        fund_asked_by=asked_by, fund_granted_by=granted_by, fund_within=within,
        done_by=frozenset(done_by), recurs=item.recurs is not None,
        milestones_left=sum(1 for stone in milestones if stone.done_on is None),
    )  # fmt: skip


def _money(
    session: Session, item: Item, entries: Sequence[ItemAction]
) -> tuple[UUID | None, frozenset[UUID], str | None]:
    """Who asked for the money last, who granted or paid it since, and where its funder serves if it
    was asked by one of its own."""
    asked: ItemAction | None = None
    granted: set[UUID] = set()
    for entry in entries:
        if entry.action == Action.ASK_FUNDS:
            asked, granted = entry, set()
        elif entry.action in (Action.APPROVE_FUNDS, Action.PAY_FUNDS):
            granted.add(entry.actor_id)
    if asked is None:
        return None, frozenset(), None
    own = asked.organization_id is not None and asked.organization_id == item.funder_id
    funder = session.get(Organization, item.funder_id) if own else None
    within = funder.area_code if funder is not None else None
    return asked.actor_id, frozenset(granted), within


def advance(session: Session, actor: Actor, item_id: UUID, body: ItemStepIn) -> None:
    """Take one step and record it; taking it again with the same key does nothing more.

    Raises
    ------
    NotFound
        No such item for this actor.
    Conflict, Forbidden, BadInput
        The workflow refuses the step; nothing was written.
    """
    stepping.advance(session, actor, item_id, body, STEPPER)


def take(session: Session, actor: Actor, item: Item, rule: workflow.Rule, body: ItemStepIn) -> UUID:
    """Carry out a step that the workflow allowed; the key of its entry in the log."""
    step = Step(session, actor, item, body)
    effect = EFFECTS.get(rule.action)
    if effect is not None:
        effect(step)
    if body.progress is not None and body.progress != item.progress:
        item.progress = step.details["progress"] = body.progress
    if rule.target in ENDED and item.closed_at is None:
        item.closed_at = clock.now()
        if rule.target is State.ACHIEVED:
            item.progress = 100
    entry_id = write(session, actor, item, rule.action, rule.target, body.note, step.details)
    for kind, given in (("photo", body.photos), ("document", body.documents)):
        if given:
            owner = (item.county_code, item.id, entry_id)
            media.claim(session, actor, given, [], owner, kind)
    outbox.leave(
        session, item.county_code, "item.advanced", item.id,
        action=rule.action.value, action_id=str(entry_id),
    )  # fmt: skip
    return entry_id


def _brought(body: ItemStepIn) -> frozenset[Need]:
    given = {
        Need.NOTE: bool(body.note), Need.PHOTO: bool(body.photos),
        Need.ORGANIZATION: body.organization_id is not None, Need.DUE: body.due_on is not None,
        Need.KIND: body.kind is not None, Need.AMOUNT: body.amount is not None,
        Need.MILESTONE: body.milestone_id is not None, Need.TITLE: body.title is not None,
    }  # fmt: skip
    return frozenset(need for need, here in given.items() if here)


def _not_past(step: Step) -> None:
    due = step.body.due_on
    if due is not None and due < day.today():
        raise BadInput("due_in_the_past")


def _assign(step: Step) -> None:
    """An organization does it, by a day; a claim names the caller's own."""
    _not_past(step)
    wanted = step.body.organization_id
    if step.body.action is Action.ASSIGN:
        assert wanted is not None
        check_serves(step.session, wanted, step.item.area_code)
    else:
        wanted = step.actor.organization_id
    step.item.organization_id, step.item.due_on = wanted, step.body.due_on
    step.item.reminded = 0
    step.details |= {"organization_id": str(wanted), "due_on": str(step.body.due_on)}


def _release(step: Step) -> None:
    """Back on the list, for others to claim."""
    step.details["organization_id"] = str(step.item.organization_id)
    step.item.organization_id = None


def _start(step: Step) -> None:
    step.item.started_at = clock.now()
    if step.body.plan:
        step.item.plan = step.body.plan


def _revise(step: Step) -> None:
    """Change what it is called, what is planned, why, where and until when; the log keeps both."""
    item, body = step.item, step.body
    changed: dict[str, Any] = {}
    for name in ("title", "plan", "cause", "people", "due_on"):
        value = getattr(body, name)
        if value is not None and value != getattr(item, name):
            changed[name] = [_plain(getattr(item, name)), _plain(value)]
            setattr(item, name, value)
    if "due_on" in changed:
        item.reminded = 0
    if body.shape is not None:
        item.geom = from_shape(read_shape(body.shape), srid=4490)
        changed["shape"] = True
    if not changed:
        raise BadInput("nothing_changed")
    step.details["changed"] = changed


def _plain(value: object) -> str | None:
    return None if value is None else str(value)


def _plan_milestone(step: Step) -> None:
    assert step.body.title is not None and step.body.due_on is not None
    step.session.execute(
        insert(Milestone).values(
            county_code=step.item.county_code, id=ids.new_id(), item_id=step.item.id,
            title=step.body.title, due_on=step.body.due_on,
        )
    )  # fmt: skip
    step.details |= {"milestone": step.body.title, "due_on": str(step.body.due_on)}


def _reach_milestone(step: Step) -> None:
    row = step.session.get(Milestone, (step.item.county_code, step.body.milestone_id))
    if row is None or row.item_id != step.item.id or row.done_on is not None:
        raise BadInput("milestone_unknown")
    row.done_on = day.today()
    step.details["milestone"] = row.title


def _ask_funds(step: Step) -> None:
    item, body = step.item, step.body
    funder = step.session.get(Organization, body.organization_id)
    if funder is None or funder.closed_at is not None:
        raise BadInput("organization_unknown")
    check_serves(step.session, funder.id, item.area_code)
    item.fund_amount, item.fund_source, item.funder_id = body.amount, body.source, funder.id
    item.fund_state = Fund.SUBMITTED
    step.details |= {
        "amount": body.amount, "source": body.source, "organization_id": str(funder.id),
    }  # fmt: skip


def _fund(state: Fund) -> Callable[[Step], None]:
    def move(step: Step) -> None:
        step.item.fund_state = state
        if state is Fund.APPROVED and step.body.amount is not None:
            # What is granted may be less than what was asked for.
            step.details["amount"] = step.body.amount
            step.item.fund_amount = step.body.amount

    return move


def _carry_over(step: Step) -> None:
    """The same task in its next term, with the thread of what was before."""
    item = step.item
    assert item.recurs is not None and item.term is not None
    recurs = Recurs(item.recurs)
    _goes_on(step, Kind.TASK, item.title, term=next_term(recurs, item.term), recurs=recurs)


def _raise(step: Step) -> None:
    """From one list to another; the events come along."""
    assert step.body.kind is not None and step.body.title is not None
    order = list(Kind)
    if order.index(step.body.kind) <= order.index(Kind(step.item.kind)):
        raise BadInput("raise_upwards")
    _not_past(step)
    if step.body.organization_id is not None:
        check_serves(step.session, step.body.organization_id, step.item.area_code)
    _goes_on(step, step.body.kind, step.body.title)


def _goes_on(
    step: Step, kind: Kind, title: str, term: str | None = None, recurs: Recurs | None = None
) -> None:
    item, body = step.item, step.body
    after = make(
        step.session, step.actor, county_code=item.county_code, kind=kind, recurs=recurs,
        title=title, plan=body.plan or item.plan, cause=body.cause or item.cause,
        area_code=item.area_code, category_code=item.category_code, geom=item.geom,
        organization_id=item.organization_id if term else body.organization_id,
        due_on=body.due_on, term=term, people=item.people if term else "",
        from_item_id=item.id, hot_spot_id=item.hot_spot_id,
    )  # fmt: skip
    for row in queries.events_of(step.session, item):
        # Whose event this item carried on follows the next one.
        link(
            step.session, after, [row.event_id], carried=row.carried, awaited=row.awaited,
            county=row.event_county,
        )  # fmt: skip
    write(step.session, step.actor, after, Action.CONFIRM, State.CONFIRMED, "", {})
    item.to_item_id = after.id
    step.details |= {"to": after.item_no, "to_id": str(after.id)}


EFFECTS: Mapping[Action, Callable[[Step], None]] = {
    Action.ASSIGN: _assign, Action.CLAIM: _assign, Action.RELEASE: _release, Action.START: _start,
    Action.REVISE: _revise, Action.PLAN_MILESTONE: _plan_milestone,
    Action.REACH_MILESTONE: _reach_milestone, Action.ASK_FUNDS: _ask_funds,
    Action.REVIEW_FUNDS: _fund(Fund.REVIEWING), Action.APPROVE_FUNDS: _fund(Fund.APPROVED),
    Action.REFUSE_FUNDS: _fund(Fund.REFUSED), Action.PAY_FUNDS: _fund(Fund.PAID),
    Action.ACCEPT_FUNDS: _fund(Fund.ACCEPTED), Action.CARRY_OVER: _carry_over,
    Action.RAISE: _raise,
}  # fmt: skip


STEPPER = stepping.Stepper[Item, Facts, State, Action, Need, ItemStepIn](
    "item step", "item_not_found", workflow.PROCESS,
    lock=lambda session, actor, key, _: queries.one(session, actor, key, lock=True),
    facts=lambda session, actor, item: facts_of(session, item, actor),
    action=lambda body: body.action, brought=_brought,
    take=lambda session, actor, item, _, rule, body: take(session, actor, item, rule, body),
)  # fmt: skip
