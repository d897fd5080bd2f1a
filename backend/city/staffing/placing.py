"""Where a post may be, and who may fill it: role, area and organization decide together."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from backend.city.areas import queries as areas
from backend.city.organizations.models import Organization
from backend.core.actor import Actor, Role
from backend.core.errors import BadInput, Forbidden
from backend.core.rights import LEVEL_OF_ROLE, MAY_APPOINT, WITHOUT_AREA
from gis import codes


@dataclass(frozen=True)
class Wanted:
    """A person and the post that they are wanted for."""

    username: str
    name: str
    role: Role
    area_code: str | None = None
    organization_id: UUID | None = None
    phone: str | None = None


def home_of(session: Session, actor: Actor, wanted: Wanted) -> str:
    """The managing county of the wanted post, when the actor may fill it at all.

    Raises
    ------
    Forbidden
        The actor may not appoint this role, or does not govern the place or the organization.
    BadInput
        The place or organization is unknown, of another level, or the two do not belong together.
    """
    if wanted.role not in MAY_APPOINT.get(actor.role, frozenset()):
        raise Forbidden("may_not_appoint", role=f"role.{wanted.role}")
    body = _body(session, wanted)
    area_code = wanted.area_code or (body.area_code if body else None)
    if area_code is None:
        raise BadInput("post_needs_place")
    county = areas.home_of(session, area_code)
    if county is None:
        raise BadInput("area_unknown", code=area_code)
    level = LEVEL_OF_ROLE.get(wanted.role)
    if level is not None and (wanted.area_code is None or codes.level_of(area_code) != level):
        raise BadInput("role_needs_level", role=f"role.{wanted.role}", level=f"level.{level}")
    if not actor.governs(county, area_code):
        raise Forbidden("not_your_area")
    if body is not None:
        its = areas.home_of(session, body.area_code)
        # A post of an organization reads what the organization was given: nobody hands that out
        # but whoever governs the organization as well.
        if its is None or not actor.governs(its, body.area_code):
            raise Forbidden("organization_not_yours", name=body.name)
        if not belongs(wanted.role, area_code, body.area_code):
            raise BadInput("organization_elsewhere", name=body.name)
    return county


def _body(session: Session, wanted: Wanted) -> Organization | None:
    if wanted.organization_id is None:
        if wanted.role in WITHOUT_AREA:
            raise BadInput("post_needs_organization", role=f"role.{wanted.role}")
        return None
    body = session.get(Organization, wanted.organization_id)
    if body is None or body.closed_at is not None:
        raise BadInput("organization_unknown")
    return body


def belongs(role: Role, area_code: str, its_area: str) -> bool:
    """Whether a post in an area may stand in an organization that serves ``its_area``.

    A clerk's place is the organization's own. Whoever works in a grid or unit belongs to nothing
    beyond the village; everybody else to what serves the post's own area or a part of it.
    """
    if role in WITHOUT_AREA:
        return area_code == its_area
    village = codes.LENGTH[codes.Level.VILLAGE]
    return its_area.startswith(area_code[:village])


def may_fill(session: Session, actor: Actor, wanted: Wanted) -> bool:
    """Whether the actor may put somebody into such a post."""
    try:
        home_of(session, actor, wanted)
    except (Forbidden, BadInput):
        return False
    return True


def may_empty(
    session: Session, actor: Actor, role: Role, area_code: str | None, body_id: UUID | None
) -> bool:
    """Whether the actor may take somebody out of such a post, as it stands.

    What could not be filled any more can still be emptied: the organization has closed, the area
    is gone. The place alone decides then.
    """
    if role not in MAY_APPOINT.get(actor.role, frozenset()):
        return False
    places = [area_code] if area_code else []
    if body_id is not None and (role in WITHOUT_AREA or not places):
        body = session.get(Organization, body_id)
        places = [body.area_code] if body else places
    homes = [(areas.home_of(session, place, ended=True), place) for place in places]
    return bool(homes) and all(home and actor.governs(home, place) for home, place in homes)
