"""Categories over HTTP."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from backend.categories import service
from backend.core.permissions import allow_public
from backend.core.session import SessionDep

router = APIRouter(prefix="/categories", tags=["categories"])


class CategoryOut(BaseModel):
    """A category with its names in both languages."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    parent_code: str | None
    name_zh: str
    name_en: str
    icon: str
    limit_hours: int
    photo_required: bool
    self_resolve_allowed: bool


@router.get("", dependencies=[allow_public()])
def list_categories(session: SessionDep) -> list[CategoryOut]:
    """List the published scheme."""
    return [CategoryOut.model_validate(row) for row in service.current(session).values()]
