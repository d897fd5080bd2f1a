"""Organizations over HTTP: the contact book for all, kept by administrators and towns."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.city.organizations import queries, service
from backend.city.organizations.models import Kind
from backend.core.permissions import ActorDep, allow
from backend.core.rights import Right
from backend.core.session import SessionDep

router = APIRouter(prefix="/organizations", tags=["organizations"])

Duty = Annotated[str, StringConstraints(pattern=r"^[a-z_]{2,40}$")]


class OrganizationOut(BaseModel):
    """An organization as everyone may see it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    kind: str
    area_code: str
    duties: list[str]
    phone: str


class OrganizationIn(BaseModel):
    """An organization: its duties are words of `Category.lead_duty`."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=80)]
    kind: Kind
    area_code: Annotated[str, StringConstraints(pattern=r"^\d{4,18}$")]
    duties: Annotated[list[Duty], Field(max_length=30)] = []
    phone: Annotated[str, StringConstraints(pattern=r"^[0-9+\- ]{0,20}$")] = ""


@router.get("", dependencies=[allow()])
def list_assignable(
    session: SessionDep, area: Annotated[str, Query(pattern=r"^\d{4,18}$")]
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
