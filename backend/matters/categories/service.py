"""The scheme in force, remembered by each process: published rows never change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from backend.core.errors import BadInput
from backend.core.memory import Memory
from backend.matters.categories import queries
from backend.matters.categories.models import Category, FilingCondition


@dataclass(frozen=True)
class _Edition:
    """The newest edition: all of it, and what a matter can have, by code."""

    all: Mapping[str, Category]
    scheme: dict[str, Category]


_newest: Memory[str, _Edition] = Memory(seconds=30)
# Published editions never change.
_conditions: Memory[tuple[int, str], Sequence[FilingCondition]] = Memory(seconds=3600)


def current(session: Session) -> dict[str, Category]:
    """The categories of the newest edition that a matter can have, by code: those without others
    below them. At most half a minute old.
    """
    return _edition(session).scheme


def _edition(session: Session) -> _Edition:
    known = _newest.get(session, "")
    if known is None:
        rows = queries.newest(session)
        for row in rows:
            session.expunge(row)
        groups = {row.parent_code for row in rows}
        known = _Edition(
            {row.code: row for row in rows},
            {row.code: row for row in rows if row.code not in groups},
        )
        _newest.put(session, "", known)
    return known


def everything(session: Session) -> Mapping[str, Category]:
    """The newest edition with its groups, by code."""
    return _edition(session).all


def named(session: Session, code: str) -> Category | None:
    """A category or group of the newest edition, for its names."""
    return _edition(session).all.get(code)


def forget(session: Session | None = None) -> None:
    """Read the scheme again at the next question; a session that has changed it names itself."""
    _newest.forget(session)
    _conditions.forget(session)


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
    known = _conditions.get(session, (version, code))
    if known is None:
        known = queries.conditions(session, version, code)
        for row in known:
            session.expunge(row)
        _conditions.put(session, (version, code), known)
    return known


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
