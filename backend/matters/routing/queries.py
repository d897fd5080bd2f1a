"""Reads of routing rules. They are open to everyone who may read rules; where, the caller asks."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from backend.matters.events.models import Event
from backend.matters.routing.models import RoutingRule
from gis import codes

# What rules look at, and what a trial tells of a case: two thousand are read for one answer.
TRIED = (
    Event.county_code, Event.id, Event.event_no, Event.text, Event.category_code, Event.area_code,
    Event.source, Event.severity, Event.geom,
)  # fmt: skip


def _around(area_code: str, *, below: bool) -> ColumnElement[bool]:
    """Rules of an area and of those above it; or also all below."""
    around: ColumnElement[bool] = RoutingRule.area_code.in_(codes.chain(area_code))
    if below:
        first, after = area_code, codes.upper(area_code)
        around |= (RoutingRule.area_code >= first) & (RoutingRule.area_code < after)
    return around


def in_force(session: Session, area_code: str, *, below: bool = False) -> Sequence[RoutingRule]:
    """The rules that are asked for a place, its own and those above; or also all below."""
    return session.scalars(
        select(RoutingRule).where(
            RoutingRule.ended_at.is_(None), RoutingRule.enabled, _around(area_code, below=below)
        )
    ).all()


def kept(session: Session, area_code: str) -> Sequence[RoutingRule]:
    """The rules of an area, above and below it, whether they are switched on or not."""
    return session.scalars(
        select(RoutingRule).where(RoutingRule.ended_at.is_(None), _around(area_code, below=True))
    ).all()


# What makes two rules the same, beside the place.
SAME = (
    "name",
    "priority",
    "condition",
    "lead_organization_id",
    "co_organization_ids",
    "auto",
    "enabled",
)


def is_in_force(session: Session, wanted: RoutingRule) -> bool:
    """Whether a rule that is not kept yet is in force already, word for word: pressed twice."""
    rows = session.scalars(
        select(RoutingRule).where(
            RoutingRule.area_code == wanted.area_code, RoutingRule.name == wanted.name,
            RoutingRule.ended_at.is_(None),
        )
    )  # fmt: skip
    return any(all(getattr(row, f) == getattr(wanted, f) for f in SAME) for row in rows)
