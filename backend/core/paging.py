"""Keyset pages: the next page begins after the last row seen, however deep one goes.

UUIDv7 keys are time-ordered, so "after" is one comparison on the key. A cursor carries no scope:
reading with a stolen one still starts from the reader's own.
"""

from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

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
