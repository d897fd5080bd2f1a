"""Organizations over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from backend.core.permissions import allow
from backend.core.session import SessionDep
from backend.organizations import queries

router = APIRouter(prefix="/organizations", tags=["organizations"])


class OrganizationOut(BaseModel):
    """An organization as everyone may see it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    kind: str
    area_code: str


@router.get("", dependencies=[allow()])
def list_assignable(
    session: SessionDep, area: Annotated[str, Query(pattern=r"^\d{4,18}$")]
) -> list[OrganizationOut]:
    """List the organizations that work in an area can be given to, the nearest first."""
    return [OrganizationOut.model_validate(row) for row in queries.assignable(session, area)]
