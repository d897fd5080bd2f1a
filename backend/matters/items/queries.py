"""Every SELECT on list items. Each starts from `visible_to`, so scope is never forgotten."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select, text, union
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import SQLCoreOperations

from backend.city.organizations.models import Organization
from backend.core import journal, scope
from backend.core.actor import Actor
from backend.core.asking import holds
from backend.core.paging import Arm, newest
from backend.matters.items.models import Item, ItemAction, ItemEvent, Milestone

# What has ended never opens again (`workflow`), so that the day of its end says the same as its
# state; the indexes of what is open go by it.
OPEN_NOW = Item.closed_at.is_(None)


def _own(actor: Actor, what: SQLCoreOperations[str]) -> Any:
    """Something about the actor's organization, read once a query."""
    return (
        select(what)
        .where(Organization.id == actor.organization_id, Organization.closed_at.is_(None))
        .scalar_subquery()
    )


def arms(actor: Actor) -> ColumnElement[bool]:
    """In my scope, or my organization's to do or to pay for, or open for it to claim."""
    found = [*scope.arms(Item, actor.scope), *_elsewhere(actor)]
    return or_(*found) if found else text("false")  # type: ignore[return-value]


def _elsewhere(actor: Actor) -> list[ColumnElement[bool]]:
    """Why an organization sees an item, wherever it lies."""
    if actor.organization_id is None:
        return []
    # Both ends are values by then: an end that is still put together row by row may not go before
    # row-level security, and every pool of every area behind it would be read.
    claimable = and_(
        Item.state == "confirmed", Item.organization_id.is_(None),
        Item.area_code >= _own(actor, Organization.area_code),
        Item.area_code < _own(actor, Organization.area_code.concat(":")),
    )  # fmt: skip
    return [
        Item.organization_id == actor.organization_id, Item.funder_id == actor.organization_id,
        claimable,
    ]  # fmt: skip


def visible_to(actor: Actor) -> Select[Item]:
    """The items that the actor may know of; row-level security holds the same arms behind it."""
    return select(Item).where(arms(actor))


@dataclass(frozen=True)
class Wanted:
    """The filters of a list; None filters nothing."""

    kind: str | None = None
    states: Sequence[str] | None = None
    area: str | None = None
    counties: Sequence[str] | None = None
    organization: UUID | None = None
    # To be claimed by my organization.
    claimable: bool = False
    open_only: bool = False
    late: date | None = None
    # Nothing has happened since.
    stuck_since: datetime | None = None
    words: str = ""


def listed(actor: Actor, wanted: Wanted, after: UUID | None, size: int) -> Select[Item]:
    """One page of items, the newest first, and one row more to see whether others follow.

    The same arms as `arms` has, each read by itself: see `paging.newest`.
    """
    query = _filtered(wanted)
    parts = tuple(scope.narrowed(actor.scope, wanted.area, wanted.counties))
    elsewhere = _elsewhere(actor)
    if wanted.claimable and elsewhere:
        # What nobody has yet is nobody's to do.
        elsewhere = elsewhere[1:]
    reasons = [*scope.arms(Item, parts), *elsewhere]
    return newest(Item, [query.where(reason) for reason in reasons], size + 1, after)


def latest(
    session: Session, actor: Actor, area: str, states: Collection[str], by: Any, size: int,
    since: datetime | None = None, before: datetime | None = None,
) -> Sequence[Item]:  # fmt: skip
    """The items of an area in some states whose moment (a column) is the latest, the latest first.

    States of what is open go by `Item.moved_at`, of what has ended by `Item.closed_at`: each county
    is read from the end of its index, and only as far as the answer goes.
    """
    still = OPEN_NOW if by is Item.moved_at else Item.closed_at.is_not(None)
    query = select(Item.county_code, Item.id, by.label("moment")).where(
        still, Item.state.in_(states), scope.within(Item, area)
    )
    if since is not None and before is not None:
        # Not weighed: planned for any stretch of time, all of it would be gathered and sorted.
        query = query.where(scope.unweighed(by >= since), by < before)
    parts = scope.narrowed(actor.scope, area)
    reasons = [one for part in parts for one in scope.arms(Item, (part,))] + _elsewhere(actor)
    each = [
        select(query.where(reason).order_by(by.desc()).limit(size).subquery())
        for reason in reasons
    ]  # fmt: skip
    if not each:
        return []
    found = union(*each).subquery()
    keys = select(found).order_by(found.c.moment.desc()).limit(size).subquery()
    return session.scalars(
        select(Item)
        .join(keys, (keys.c.county_code == Item.county_code) & (keys.c.id == Item.id))
        .order_by(by.desc())
    ).all()


def _filtered(wanted: Wanted) -> Arm:
    """The keys of the items that a list wants, whoever sees them."""
    query = select(Item.county_code, Item.id)
    if wanted.kind:
        query = query.where(Item.kind == wanted.kind)
    if wanted.states:
        query = query.where(Item.state.in_(wanted.states))
    if wanted.area:
        query = query.where(scope.within(Item, wanted.area))
    if wanted.counties:
        query = query.where(Item.county_code.in_(wanted.counties))
    if wanted.organization:
        query = query.where(Item.organization_id == wanted.organization)
    if wanted.claimable:
        query = query.where(Item.state == "confirmed", Item.organization_id.is_(None))
    if wanted.open_only:
        query = query.where(OPEN_NOW)
    if wanted.late:
        query = query.where(OPEN_NOW, Item.due_on < wanted.late)
    if wanted.stuck_since:
        query = query.where(OPEN_NOW, Item.moved_at < wanted.stuck_since)
    if wanted.words:
        # Words are on the list often enough to look for them from its newest end; taken for rare,
        # as the planner takes them, all that matches would be gathered and sorted.
        found = or_(holds(Item.title, wanted.words), Item.item_no == wanted.words)
        query = query.where(scope.unweighed(found))
    return query


def one(session: Session, actor: Actor, item_id: UUID, *, lock: bool = False) -> Item | None:
    """One visible item; locked and read afresh when it is going to change."""
    query = visible_to(actor).where(Item.id == item_id)
    if lock:
        query = query.with_for_update(of=Item).execution_options(populate_existing=True)
    return session.scalar(query)


def standing_for(session: Session, county_code: str, item_id: UUID) -> Item:
    """The item that stands for another one now: raised into it, or carried over; for the system.

    Whoever followed the first one follows the last one; a thread has no circle, each is newer.
    """
    item = session.get_one(Item, (county_code, item_id))
    while item.to_item_id is not None:
        item = session.get_one(Item, (county_code, item.to_item_id))
    return item


def log_of(session: Session, item: Item) -> Sequence[ItemAction]:
    """An item's log from the beginning."""
    return journal.entries_of(session, ItemAction, item)


def milestones_of(session: Session, item: Item) -> Sequence[Milestone]:
    """The steps on an item's way, by day."""
    return session.scalars(
        select(Milestone)
        .where(Milestone.county_code == item.county_code, Milestone.item_id == item.id)
        .order_by(Milestone.due_on, Milestone.id)
    ).all()


def events_of(session: Session, item: Item) -> Sequence[ItemEvent]:
    """The events that an item goes back to, the first first."""
    return session.scalars(
        select(ItemEvent)
        .where(ItemEvent.county_code == item.county_code, ItemEvent.item_id == item.id)
        .order_by(ItemEvent.event_id)
    ).all()


def counties_of_items(session: Session, county_code: str, event_id: UUID) -> set[str]:
    """The counties whose items go back to an event: an item stays where it was made."""
    return set(
        session.scalars(
            select(ItemEvent.county_code).where(
                ItemEvent.event_county == county_code, ItemEvent.event_id == event_id
            )
        )
    )


def items_of_event(session: Session, county_code: str, event_id: UUID) -> Sequence[Item]:
    """The items that go back to an event, without asking who may see them: for jobs."""
    return session.scalars(
        select(Item)
        .join(
            ItemEvent,
            and_(ItemEvent.county_code == Item.county_code, ItemEvent.item_id == Item.id),
        )
        .where(ItemEvent.event_county == county_code, ItemEvent.event_id == event_id)
    ).all()


def awaited_by(session: Session, county_code: str, event_id: UUID) -> UUID | None:
    """The item that a suspended event of a county waits for; the newest, where there were more."""
    return session.scalar(
        select(ItemEvent.item_id)
        .where(
            ItemEvent.event_county == county_code, ItemEvent.event_id == event_id,
            ItemEvent.awaited, ItemEvent.county_code == county_code,
        )
        .order_by(ItemEvent.item_id.desc())
        .limit(1)
    )  # fmt: skip


def shapes(session: Session, items: Sequence[Item]) -> dict[UUID, dict[str, Any]]:
    """Geometries of items as GeoJSON (CGCS2000, six decimals), in one query."""
    rows = session.execute(
        text(
            "SELECT id, ST_AsGeoJSON(geom, 6) AS shape FROM item"
            " WHERE id = ANY(:ids) AND geom IS NOT NULL"
        ),
        {"ids": [item.id for item in items]},
    )
    return {row.id: json.loads(row.shape) for row in rows}
