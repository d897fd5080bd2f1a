"""Reads of organizations. Names and duties of public bodies are open to everyone signed in."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from backend.city.organizations.models import Kind, Organization, Team
from backend.core.asking import among
from gis import codes


def assignable(session: Session, area_code: str) -> Sequence[Organization]:
    """The organizations that serve an area: its own and those of every level above it.

    Committees and departments of the levels below belong to the places below; a town gives work to
    its own offices, its villages' committees and the departments of county and city.
    """
    above = or_(Organization.area_code.in_(codes.chain(area_code)))
    return session.scalars(
        select(Organization)
        .where(
            above,
            Organization.kind.not_in([Kind.COORD_CENTER, Kind.COMMAND_CENTER]),
            Organization.closed_at.is_(None),
        )
        .order_by(Organization.area_code.desc(), Organization.name)
    ).all()


def open_ones(session: Session) -> Sequence[Organization]:
    """Every organization of the city that has not closed."""
    return session.scalars(select(Organization).where(Organization.closed_at.is_(None))).all()


def assignable_each(session: Session, area_codes: Collection[str]) -> dict[str, set[UUID]]:
    """Who can be given work in each of these areas, in one query: as `assignable` says it."""
    chains = {code: codes.chain(code) for code in area_codes}
    rows = session.execute(
        select(Organization.id, Organization.area_code).where(
            among(Organization.area_code, {one for chain in chains.values() for one in chain}),
            Organization.kind.not_in([Kind.COORD_CENTER, Kind.COMMAND_CENTER]),
            Organization.closed_at.is_(None),
        )
    )
    of_area: dict[str, set[UUID]] = {}
    for row in rows:
        of_area.setdefault(row.area_code, set()).add(row.id)
    return {
        code: set().union(*(of_area.get(one, set()) for one in chain))
        for code, chain in chains.items()
    }


def for_duty(session: Session, area_code: str, duty: str) -> Organization | None:
    """Who usually does such work in an area: the nearest body with this duty."""
    return next((o for o in assignable(session, area_code) if duty and duty in o.duties), None)


def area_of(session: Session, organization_id: UUID | None) -> str | None:
    """The area that an organization serves; None for none."""
    return session.scalar(select(Organization.area_code).where(Organization.id == organization_id))


def names(session: Session, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names by id, in one query."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = session.execute(
        select(Organization.id, Organization.name).where(among(Organization.id, wanted))
    )
    return {row.id: row.name for row in rows}


def team_names(session: Session, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names of teams by id, in one query."""
    wanted = set(ids)
    if not wanted:
        return {}
    return {
        row.id: row.name
        for row in session.execute(select(Team.id, Team.name).where(among(Team.id, wanted)))
    }


def called(session: Session, name: str, area_code: str) -> UUID | None:
    """The open organization of a name that serves just this area."""
    return session.scalar(
        select(Organization.id).where(
            Organization.name == name, Organization.area_code == area_code,
            Organization.closed_at.is_(None),
        )
    )  # fmt: skip
