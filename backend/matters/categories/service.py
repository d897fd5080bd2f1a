"""The scheme in force, remembered by each process: published rows never change."""

import time
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.core.errors import BadInput
from backend.matters.categories.models import Category, FilingCondition, Scheme

_REMEMBER_S = 30


class _Memory:
    scheme: dict[str, Category] | None = None
    all: dict[str, Category] = {}  # noqa: RUF012
    groups: set[str | None] = set()  # noqa: RUF012
    conditions: dict[tuple[int, str], list[FilingCondition]] = {}  # noqa: RUF012
    read_at: float = 0.0


def current(session: Session) -> dict[str, Category]:
    """The categories of the newest edition that a matter can have, by code: those without others
    below them. At most half a minute old.
    """
    if _Memory.scheme is None or time.monotonic() - _Memory.read_at > _REMEMBER_S:
        newest = select(func.max(Scheme.version)).scalar_subquery()
        rows = session.scalars(
            select(Category).where(Category.scheme_version == newest).order_by(Category.position)
        ).all()
        for row in rows:
            session.expunge(row)
        _Memory.groups = {row.parent_code for row in rows}
        _Memory.all = {row.code: row for row in rows}
        _Memory.scheme = {row.code: row for row in rows if row.code not in _Memory.groups}
        _Memory.read_at = time.monotonic()
    return _Memory.scheme


def named(session: Session, code: str) -> Category | None:
    """A category or group of the newest edition, for its names."""
    current(session)
    return _Memory.all.get(code)


def forget() -> None:
    """Read the scheme again at the next question; for seeds and tests."""
    _Memory.scheme = None
    _Memory.conditions = {}


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


def conditions(session: Session, version: int, code: str) -> Sequence[FilingCondition]:
    """The filing conditions of a category in one edition, in their order."""
    key = (version, code)
    if key not in _Memory.conditions:
        rows = session.scalars(
            select(FilingCondition)
            .where(FilingCondition.scheme_version == version, FilingCondition.category_code == code)
            .order_by(FilingCondition.position)
        ).all()
        for row in rows:
            session.expunge(row)
        _Memory.conditions[key] = list(rows)
    return _Memory.conditions[key]


def condition_of(
    session: Session, version: int, code: str, wanted: str | None
) -> FilingCondition | None:
    """The condition that a case was filed under; None when it is not filed."""
    return next((c for c in conditions(session, version, code) if c.code == wanted), None)


def condition(session: Session, version: int, code: str, wanted: str | None) -> FilingCondition:
    """The condition that somebody chose; the only one when there is just one.

    Raises
    ------
    BadInput
        None was chosen where there are several, or one that the category does not have.
    """
    found = conditions(session, version, code)
    if wanted is None and len(found) == 1:
        return found[0]
    for one in found:
        if one.code == wanted:
            return one
    raise BadInput("condition_unknown" if wanted else "needs_condition")
