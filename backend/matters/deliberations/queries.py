"""Every SELECT on village decisions. Each starts from `visible_to`, or from what hangs out."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, func, or_, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from backend.core import journal, scope
from backend.core.actor import Actor
from backend.core.asking import among, holds
from backend.core.db import one_at_a_time
from backend.core.errors import NotFound
from backend.matters.deliberations.models import (
    Deliberation,
    DeliberationAction,
    Objection,
    ProcedureRow,
    RollMember,
    Sitting,
    SittingPerson,
)
from backend.matters.deliberations.procedures import Assembly
from gis import codes


def _inside(table: type[Deliberation] | type[RollMember], actor: Actor) -> ColumnElement[bool]:
    return or_(false(), *scope.arms(table, actor.scope))


def visible_to(actor: Actor) -> Select[Deliberation]:
    """The motions of the actor's area; row-level security holds the same arm behind it."""
    return select(Deliberation).where(_inside(Deliberation, actor))


def one(
    session: Session, actor: Actor, deliberation_id: UUID, *, lock: bool = False
) -> Deliberation:
    """One visible motion; locked and read afresh when it is going to change.

    Raises
    ------
    NotFound
        No such motion for this actor.
    """
    query = visible_to(actor).where(Deliberation.id == deliberation_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None:
        raise NotFound("deliberation_not_found")
    return found


def listed(
    actor: Actor, states: Collection[str] | None, area: str | None, words: str,
    after: UUID | None, size: int,
) -> Select[Deliberation]:  # fmt: skip
    """A page of motions, the newest first; one row more than asked for tells of a next page."""
    query = visible_to(actor)
    if states:
        query = query.where(Deliberation.state.in_(states))
    if area:
        query = query.where(
            Deliberation.area_code >= area, Deliberation.area_code < codes.upper(area)
        )
    if words:
        query = query.where(holds(Deliberation.title, words))
    if after is not None:
        query = query.where(Deliberation.id < after)
    return query.order_by(Deliberation.id.desc()).limit(size + 1)


def of_item(
    session: Session, actor: Actor, county_code: str, item_id: UUID
) -> Sequence[Deliberation]:
    """The motions about a list item that the actor may see."""
    return session.scalars(
        visible_to(actor)
        .where(Deliberation.county_code == county_code, Deliberation.item_id == item_id)
        .order_by(Deliberation.id)
    ).all()


def log_of(session: Session, deliberation: Deliberation) -> Sequence[DeliberationAction]:
    """A motion's log from the beginning."""
    return journal.entries_of(session, DeliberationAction, deliberation)


def sittings_of(session: Session, deliberation: Deliberation) -> Sequence[Sitting]:
    """The assemblies that were held on it, in their order."""
    return session.scalars(
        select(Sitting)
        .where(
            Sitting.county_code == deliberation.county_code,
            Sitting.deliberation_id == deliberation.id,
        )
        .order_by(Sitting.id)
    ).all()


def people_of(
    session: Session, county_code: str, sittings: Sequence[Sitting]
) -> dict[UUID, list[str]]:
    """Who was at which sitting, in one query."""
    found: dict[UUID, list[str]] = {}
    rows = session.scalars(
        select(SittingPerson)
        .where(
            SittingPerson.county_code == county_code,
            among(SittingPerson.sitting_id, [s.id for s in sittings]),
        )
        .order_by(SittingPerson.id)
    )
    for person in rows:
        found.setdefault(person.sitting_id, []).append(person.name)
    return found


def objections_of(session: Session, deliberation: Deliberation) -> Sequence[Objection]:
    """What was said against it, in order."""
    return session.scalars(
        select(Objection)
        .where(
            Objection.county_code == deliberation.county_code,
            Objection.deliberation_id == deliberation.id,
        )
        .order_by(Objection.id)
    ).all()


def roll(
    session: Session, actor: Actor, area_code: str, assembly: Assembly
) -> Sequence[RollMember]:
    """Who belongs to an assembly now, in order."""
    return session.scalars(
        select(RollMember)
        .where(
            _inside(RollMember, actor), RollMember.area_code == area_code,
            RollMember.assembly == assembly, RollMember.ended_at.is_(None),
        )
        .order_by(RollMember.position, RollMember.id)
    ).all()  # fmt: skip


def procedures(session: Session, county_code: str) -> Sequence[ProcedureRow]:
    """The newest version of each procedure that counts in a county: its own, or else the city's."""
    newest = (
        select(ProcedureRow)
        .ext(distinct_on(ProcedureRow.code, ProcedureRow.area_code))
        .where(ProcedureRow.area_code.in_(["", county_code]))
        .order_by(ProcedureRow.code, ProcedureRow.area_code, ProcedureRow.version.desc())
    )
    # The city's comes first, and makes way for the county's own that is not withdrawn.
    found = {row.code: row for row in session.scalars(newest) if not row.withdrawn}
    return list(found.values())


def own_procedure(session: Session, code: str, county_code: str) -> ProcedureRow | None:
    """The edition of a procedure that is a county's own, unless it is withdrawn."""
    newest = session.scalar(
        select(ProcedureRow)
        .where(ProcedureRow.code == code, ProcedureRow.area_code == county_code)
        .order_by(ProcedureRow.version.desc())
        .limit(1)
    )
    return None if newest is None or newest.withdrawn else newest


def procedures_by_id(session: Session, ids: Collection[UUID]) -> Sequence[ProcedureRow]:
    """Editions of procedures by their keys, in one query."""
    return session.scalars(select(ProcedureRow).where(among(ProcedureRow.id, ids))).all()


def last_version(session: Session, code: str) -> int:
    """The number of a procedure's newest edition, 0 for none; held until the end.

    Two people at once: the second waits, and makes the version after.
    """
    one_at_a_time(session, f"procedure/{code}")
    newest = select(func.max(ProcedureRow.version)).where(ProcedureRow.code == code)
    return session.scalar(newest) or 0


PUBLIC = text("SELECT * FROM public_deliberations(:lo, :hi, :wanted)")


def published(
    session: Session, area: str | None = None, number: str | None = None
) -> Sequence[Any]:
    """What hangs out, or has: for anybody."""
    return session.execute(
        PUBLIC,
        {"lo": area, "hi": codes.upper(area) if area else None, "wanted": number},
    ).all()
