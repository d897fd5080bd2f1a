"""Reads of category schemes, which are open to everybody; `service` remembers the newest."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.matters.categories.models import Category, FilingCondition, Scheme


def last_version(session: Session) -> int:
    """The number of the newest edition; 0 before the first."""
    return session.scalar(select(func.max(Scheme.version))) or 0


def newest(session: Session) -> Sequence[Category]:
    """The categories and groups of the newest edition, in their order; one statement."""
    version = select(func.max(Scheme.version)).scalar_subquery()
    return session.scalars(
        select(Category).where(Category.scheme_version == version).order_by(Category.position)
    ).all()


def of_version(session: Session, version: int) -> Sequence[Category]:
    """The categories and groups of one edition, in their order."""
    return session.scalars(
        select(Category).where(Category.scheme_version == version).order_by(Category.position)
    ).all()


def conditions(session: Session, version: int, code: str) -> Sequence[FilingCondition]:
    """The filing conditions of a category in one edition, in their order."""
    return session.scalars(
        select(FilingCondition)
        .where(FilingCondition.scheme_version == version, FilingCondition.category_code == code)
        .order_by(FilingCondition.position)
    ).all()


def editions(session: Session) -> list[tuple[Scheme, int]]:
    """Every edition with how many categories and groups it has, the newest first."""
    size = (
        select(func.count())
        .select_from(Category)
        .where(Category.scheme_version == Scheme.version)
        .scalar_subquery()
    )
    rows = session.execute(select(Scheme, size).order_by(Scheme.version.desc()))
    return [(scheme, n) for scheme, n in rows]
