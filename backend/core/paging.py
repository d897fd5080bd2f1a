"""Keyset pages: the next page begins after the last row seen, however deep one goes.

UUIDv7 keys are time-ordered, so "after" is one comparison on the key. A cursor carries no scope:
reading with a stolen one still starts from the reader's own.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select, false, literal_column, select, union_all
from sqlalchemy.dialects.postgresql import distinct_on

Item = TypeVar("Item")

Cursor = Annotated[UUID | None, Query(description="`next` of the page before")]
Size = Annotated[int, Query(ge=1, le=200, description="rows a page")]


class Page(BaseModel, Generic[Item]):
    """One page and the way to the next; ``next`` is null on the last."""

    items: list[Item]
    next: UUID | None = None


def page_of(items: Sequence[Item], keys: Sequence[UUID], size: int) -> Page[Item]:
    """A page from ``size + 1`` rows that were asked for, and their keys."""
    more = len(items) > size
    return Page(items=list(items[:size]), next=keys[size - 1] if more else None)


# A county and a key, in this order.
Arm = Select[str, UUID]


def newest(table: Any, arms: Sequence[Arm], size: int, after: UUID | None = None) -> Select[Any]:
    """The newest ``size`` rows of ``table`` that any of the arms finds, the newest first.

    Each arm stops by its own index after ``size`` keys; joined by "or", they would have to be
    gathered whole and sorted, with a city's past among them. Keys are time-ordered; with ``after``
    the page begins behind that one.
    """
    # Said in the statement: as a parameter, PostgreSQL takes it for a tenth of all rows.
    most: ColumnElement[int] = literal_column(str(int(size)))
    ended = []
    for arm in arms:
        key = arm.selected_columns[1]
        behind = arm if after is None else arm.where(key < after)
        part = behind.order_by(key.desc()).limit(most).subquery()
        ended.append(select(part.c[0].label("county_code"), part.c[1].label("id")))
    if not ended:
        return select(table).where(false())
    found = union_all(*ended).subquery()
    keys = (
        select(found).ext(distinct_on(found.c.id)).order_by(found.c.id.desc()).limit(most)
    ).subquery()
    return (
        select(table)
        .join(keys, (keys.c.county_code == table.county_code) & (keys.c.id == table.id))
        .order_by(table.id.desc())
    )
