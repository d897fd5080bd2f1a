"""The published scheme, remembered by each process: published rows never change."""

import time

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.categories.models import Category
from backend.core.errors import BadInput

_REMEMBER_S = 30


class _Memory:
    scheme: dict[str, Category] | None = None
    read_at: float = 0.0


def current(session: Session) -> dict[str, Category]:
    """The categories of the newest scheme version, by code; at most half a minute old."""
    if _Memory.scheme is None or time.monotonic() - _Memory.read_at > _REMEMBER_S:
        newest = select(func.max(Category.scheme_version)).scalar_subquery()
        rows = session.scalars(
            select(Category).where(Category.scheme_version == newest).order_by(Category.position)
        ).all()
        for row in rows:
            session.expunge(row)
        _Memory.scheme = {row.code: row for row in rows}
        _Memory.read_at = time.monotonic()
    return _Memory.scheme


def forget() -> None:
    """Read the scheme again at the next question; for seeds and tests."""
    _Memory.scheme = None


def known(session: Session, code: str) -> Category:
    """The current category of that code.

    Raises
    ------
    BadInput
        When the scheme has no such category.
    """
    category = current(session).get(code)
    if category is None:
        raise BadInput("unknown_category", code=code)
    return category


def of_version(session: Session, version: int, code: str) -> Category | None:
    """A category as it was when an event took it; None when the scheme never had it."""
    category = current(session).get(code)
    if category is not None and category.scheme_version == version:
        return category
    return session.get(Category, (version, code))
