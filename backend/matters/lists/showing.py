"""Putting items together for their readers: a fixed number of queries."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.orm import Session

from backend.city.accounts import queries as accounts
from backend.city.areas import queries as areas
from backend.city.areas.views import AreaOut
from backend.city.areas.views import show as show_area
from backend.city.organizations import queries as organizations
from backend.core import clock, day, steps
from backend.core.actor import Actor
from backend.core.language import say
from backend.matters.deliberations import queries as deliberations
from backend.matters.deliberations.workflow import State as DeliberationState
from backend.matters.events.reading import listing
from backend.matters.events.views import EventLine
from backend.matters.items import offering, queries, workflow
from backend.matters.items.models import Item
from backend.matters.items.schemas import FundOut, ItemEntryOut, ItemLine, ItemStepOut, MilestoneOut
from backend.matters.items.service.stepping import facts_of
from backend.matters.items.workflow import OPEN, Action, Fund, Kind, Recurs, State
from backend.matters.lists import queries as reads
from backend.tools.media import queries as media
from backend.tools.media.documents import FileOut
from gis import codes

# Nothing has happened for so long: towns see it as stuck.
STUCK_AFTER = timedelta(days=30)


class ItemBrief(BaseModel):
    """An item that another one goes on from, or to."""

    id: UUID
    item_no: str
    kind: Kind
    title: str
    state: State
    term: str | None


class DeliberationBrief(BaseModel):
    """A village decision about an item."""

    id: UUID
    deliberation_no: str
    title: str
    state: DeliberationState


class ItemOut(ItemLine):
    """One item, whole, with its thread and the steps open to the caller."""

    plan: str
    cause: str
    people: str
    chain: list[AreaOut]
    responsible: list[str]
    fund: FundOut | None
    milestones: list[MilestoneOut]
    timeline: list[ItemEntryOut]
    events: list[EventLine]
    events_hidden: int
    before: list[ItemBrief]
    after: list[ItemBrief]
    deliberations: list[DeliberationBrief]
    hot_spot_id: UUID | None
    log_seq: int
    steps: list[ItemStepOut]


def lines(session: Session, items: Sequence[Item]) -> list[ItemLine]:
    """Items as a list shows them: three queries."""
    names = areas.named(session, {c for i in items for c in codes.chain(i.area_code)[2:]})
    bodies = organizations.names(session, (i.organization_id for i in items if i.organization_id))
    shapes = queries.shapes(session, items)
    return [ItemLine(**_line(item, names, bodies, shapes)) for item in items]


def _line(
    item: Item, names: dict[str, areas.Named], bodies: dict[UUID, str],
    shapes: dict[UUID, dict[str, Any]],
) -> dict[str, Any]:  # fmt: skip
    is_open = State(item.state) in OPEN
    return {
        "id": item.id, "county_code": item.county_code, "item_no": item.item_no,
        "kind": Kind(item.kind), "state": State(item.state), "title": item.title,
        "area_code": item.area_code,
        "place": " ".join(names[c].name for c in codes.chain(item.area_code)[2:] if c in names),
        "organization": bodies.get(item.organization_id) if item.organization_id else None,
        "organization_id": item.organization_id, "due_on": item.due_on,
        "late": is_open and item.due_on is not None and item.due_on < day.today(),
        "stuck": is_open and item.moved_at < clock.now() - STUCK_AFTER,
        "progress": item.progress, "term": item.term,
        "recurs": Recurs(item.recurs) if item.recurs else None,
        "fund_state": Fund(item.fund_state) if item.fund_state else None,
        "moved_at": item.moved_at, "made_at": item.made_at, "closed_at": item.closed_at,
        "geometry": shapes.get(item.id),
    }  # fmt: skip


def brief(item: Item) -> ItemBrief:
    """An item in one line."""
    return ItemBrief(
        id=item.id, item_no=item.item_no, kind=Kind(item.kind), title=item.title,
        state=State(item.state), term=item.term,
    )  # fmt: skip


def whole(session: Session, actor: Actor, item: Item) -> ItemOut:
    """One item with its log, its thread, its events and the steps open to the caller."""
    entries = queries.log_of(session, item)
    area_chain = areas.chain(session, item.area_code)
    given = {UUID(v) for e in entries if (v := e.details.get("organization_id"))}
    bodies = organizations.names(
        session,
        given | {o for o in (item.organization_id, item.funder_id) if o}
        | {e.organization_id for e in entries if e.organization_id},
    )  # fmt: skip
    people = accounts.names(session, {e.actor_id for e in entries})
    photos: dict[UUID | None, list[UUID]] = {}
    papers: dict[UUID | None, list[FileOut]] = {}
    for file in media.of_thing(session, item.county_code, item.id):
        if file.kind == "photo":
            photos.setdefault(file.action_id, []).append(file.id)
        else:
            papers.setdefault(file.action_id, []).append(FileOut(id=file.id, name=file.name))
    milestones = queries.milestones_of(session, item)
    linked = reads.behind(session, actor, item)
    seen = [event for event in linked if event is not None]
    names = {area.code: area for area in area_chain}
    line = _line(item, names, bodies, queries.shapes(session, [item]))
    return ItemOut(
        **line,
        plan=item.plan, cause=item.cause, people=item.people,
        chain=[show_area(area) for area in area_chain],
        responsible=accounts.leaders_of(session, codes.chain(item.area_code)),
        fund=FundOut(
            state=Fund(item.fund_state), amount=float(item.fund_amount or 0),
            source=item.fund_source,
            funder=bodies.get(item.funder_id) if item.funder_id else None,
        ) if item.fund_state else None,
        milestones=[
            MilestoneOut(id=m.id, title=m.title, due_on=m.due_on, done_on=m.done_on)
            for m in milestones
        ],
        timeline=[
            ItemEntryOut(
                id=e.id, seq=e.seq, action=Action(e.action),
                from_state=State(e.from_state) if e.from_state else None,
                to_state=State(e.to_state), at=e.at, actor_name=people.get(e.actor_id, ""),
                role=e.role,
                organization=bodies.get(
                    UUID(e.details["organization_id"]) if "organization_id" in e.details
                    else e.organization_id  # type: ignore[arg-type]
                ),
                note=e.note,
                details={k: v for k, v in e.details.items() if k in SHOWN},
                photos=photos.get(e.id, []),
                documents=papers.get(e.id, []),
            )
            for e in entries
        ],
        events=listing.lines(session, actor, seen),
        events_hidden=len(linked) - len(seen),
        before=_thread(session, item, "from_item_id"),
        after=_thread(session, item, "to_item_id"),
        deliberations=[
            DeliberationBrief(
                id=d.id, deliberation_no=d.deliberation_no, title=d.title,
                state=DeliberationState(d.state),
            )
            for d in deliberations.of_item(session, actor, item.county_code, item.id)
        ],
        hot_spot_id=item.hot_spot_id, log_seq=item.log_seq,
        steps=[
            ItemStepOut(
                action=s.action, target=s.target, needs=list(s.needs),
                extras=list(offering.may_bring(s.action)), keeps=list(offering.keeps(s.action)),
                onward=onward, explains=say(actor.language, f"item_explain.{s.action}"),
                waits_for=say(actor.language, s.blocked_by) if s.blocked_by else None,
            )
            for s, onward in steps.in_order(
                workflow.open_to(facts_of(session, item, actor, entries, milestones), actor),
                offering.rank,
            )
        ],
    )  # fmt: skip


# Of an entry's details, what the page shows.
SHOWN = (
    "due_on",
    "amount",
    "source",
    "milestone",
    "to",
    "changed",
    "progress",
    "kind",
    "meeting",
    "meeting_id",
)


def _thread(session: Session, item: Item, link: str) -> list[ItemBrief]:
    """The items before or after, nearest first; a chain of ten terms is followed to its end."""
    found: list[ItemBrief] = []
    key = getattr(item, link)
    while key is not None and len(found) < 10:
        other = session.get(Item, (item.county_code, key))
        if other is None:
            break
        found.append(brief(other))
        key = getattr(other, link)
    return found
