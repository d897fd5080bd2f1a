"""Organizations over HTTP: the contact book for all, kept by administrators and towns."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from backend.city.organizations import queries, service
from backend.city.organizations.models import Kind
from backend.core.inputs import AreaCode, OrganizationName, PhoneOrNone, SmallKey, Strict
from backend.core.permissions import ActorDep, allow
from backend.core.rights import Right
from backend.core.session import SessionDep

router = APIRouter(prefix="/organizations", tags=["organizations"])


class OrganizationOut(BaseModel):
    """An organization as everyone may see it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    kind: str
    area_code: str
    duties: list[str]
    phone: str


class OrganizationIn(Strict):
    """An organization: its duties are words of `Category.lead_duty`."""

    name: OrganizationName
    kind: Kind
    area_code: AreaCode
    duties: Annotated[list[SmallKey], Field(max_length=30)] = []
    phone: PhoneOrNone = ""


@router.get("", dependencies=[allow()])
def list_assignable(
    session: SessionDep, area: Annotated[AreaCode, Query()]
) -> list[OrganizationOut]:
    """List the organizations that work in an area can be given to, the nearest first."""
    return [OrganizationOut.model_validate(row) for row in queries.assignable(session, area)]


@router.post("", status_code=201, dependencies=[allow(Right.KEEP_ORGANIZATIONS)])
def make(body: OrganizationIn, actor: ActorDep, session: SessionDep) -> OrganizationOut:
    """Make an organization in one's own area."""
    row = service.keep(session, actor, service.Wanted(**body.model_dump()))
    return OrganizationOut.model_validate(row)


@router.put("/{organization_id}", dependencies=[allow(Right.KEEP_ORGANIZATIONS)])
def change(
    organization_id: UUID, body: OrganizationIn, actor: ActorDep, session: SessionDep
) -> OrganizationOut:
    """Change an organization of one's own area."""
    wanted = service.Wanted(**body.model_dump())
    return OrganizationOut.model_validate(service.keep(session, actor, wanted, organization_id))


@router.delete(
    "/{organization_id}", status_code=204, dependencies=[allow(Right.KEEP_ORGANIZATIONS)]
)
def end(organization_id: UUID, actor: ActorDep, session: SessionDep) -> None:
    """End an organization: it gets no new work, and finishes what it has."""
    service.end(session, actor, organization_id)
