"""What hangs out, for everybody: decisions and results, and what one has to say against them."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from backend.city.areas import queries as areas
from backend.core.errors import NotFound
from backend.core.inputs import AreaCode, Number
from backend.core.permissions import allow_public
from backend.core.rate import limited
from backend.core.session import SessionDep
from backend.matters.deliberations import queries
from backend.matters.deliberations.schemas import ObjectionIn, PublicLine, PublicOut
from backend.matters.deliberations.service import publishing
from backend.matters.deliberations.workflow import State

router = APIRouter(prefix="/public/notices", tags=["public"])


def _line(row: Any, names: dict[str, areas.Named]) -> dict[str, Any]:
    return {
        "deliberation_no": row.deliberation_no, "title": row.title, "state": State(row.state),
        "place": names[row.area_code].name if row.area_code in names else row.area_code,
        "notice_until": row.notice_until,
    }  # fmt: skip


@router.get("", dependencies=[allow_public()])
def list_notices(
    session: SessionDep, area: Annotated[AreaCode | None, Query()] = None
) -> list[PublicLine]:
    """List the village decisions that hang out, or have; at most a hundred."""
    rows = queries.published(session, area)
    names = areas.named(session, {row.area_code for row in rows})
    return [PublicLine(**_line(row, names)) for row in rows]


@router.get("/{number}", dependencies=[allow_public()])
def get_notice(number: Annotated[Number, Path()], session: SessionDep) -> PublicOut:
    """Return what everybody may read of one decision."""
    rows = queries.published(session, number=number)
    if not rows:
        raise NotFound("deliberation_not_found")
    (row,) = rows
    names = areas.named(session, [row.area_code])
    return PublicOut(
        **_line(row, names), notice=row.notice, result=row.result,
        open_to_objections=publishing.is_open(row.state, row.notice_until),
    )  # fmt: skip


@router.post(
    "/{number}/objections", status_code=201,
    dependencies=[allow_public(), limited("public_reports_per_hour")],
)  # fmt: skip
def object_to_notice(
    number: Annotated[Number, Path()], body: ObjectionIn, session: SessionDep
) -> PublicOut:
    """Say something against what hangs out; the village must answer before it goes on."""
    publishing.object_publicly(session, number, body)
    return get_notice(number, session)
