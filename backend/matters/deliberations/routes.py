"""Village decisions over HTTP: motions and their steps, rolls, procedures."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from backend.city.areas import queries as areas
from backend.core.errors import Forbidden
from backend.core.inputs import AreaCode, ShortSearch, SmallKey, VillageCode
from backend.core.paging import Cursor, Page, Size, page_of
from backend.core.permissions import ActorDep, allow
from backend.core.rights import Right
from backend.core.session import SessionDep, few
from backend.matters.deliberations import exporting, queries, record, showing, templates
from backend.matters.deliberations.procedures import Assembly, Procedure
from backend.matters.deliberations.schemas import (
    DeliberationIn,
    DeliberationLine,
    DeliberationOut,
    DeliberationStepIn,
    MemberOut,
    ProcedureOut,
    RollIn,
    RollOut,
)
from backend.matters.deliberations.service import proposing, rolls, stepping
from backend.matters.deliberations.workflow import State
from backend.tools.importing import handing

# Setting and signing a paper takes a second of one core.
PAPERS_AT_ONCE = 2

router = APIRouter(tags=["deliberations"])

AreaPath = Annotated[VillageCode, Query()]


@router.get("/procedures", dependencies=[allow(Right.READ_PROCEDURES)])
def list_procedures(actor: ActorDep, session: SessionDep) -> list[ProcedureOut]:
    """List the newest version of each procedure that counts where the caller is."""
    return [
        ProcedureOut(
            id=row.id,
            version=row.version,
            area_code=row.area_code,
            body=Procedure.model_validate(row.body),
        )
        for row in queries.procedures(session, actor.home_county)
    ]


@router.post("/procedures", status_code=201, dependencies=[allow(Right.KEEP_PROCEDURES)])
def publish_procedure(body: Procedure, actor: ActorDep, session: SessionDep) -> list[ProcedureOut]:
    """Put a new version of a procedure in force, in the city or one's county.

    Running motions keep theirs.
    """
    templates.publish(session, actor.id, body, templates.edition_of(actor))
    return list_procedures(actor, session)


@router.delete("/procedures/{code}", dependencies=[allow(Right.KEEP_PROCEDURES)])
def withdraw_procedure(
    code: Annotated[SmallKey, Path()], actor: ActorDep, session: SessionDep
) -> list[ProcedureOut]:
    """Withdraw one's county's own edition of a procedure: the city's is in force there again.

    Running motions keep theirs.
    """
    templates.withdraw(session, actor, code)
    return list_procedures(actor, session)


@router.get("/deliberations", dependencies=[allow(Right.READ_DELIBERATIONS)])
def list_deliberations(
    actor: ActorDep, session: SessionDep,
    state: Annotated[list[State] | None, Query(max_length=40)] = None,
    area: Annotated[AreaCode | None, Query()] = None,
    q: Annotated[ShortSearch, Query()] = "",
    after: Cursor = None, size: Size = 50,
) -> Page[DeliberationLine]:  # fmt: skip
    """List the motions of the caller's area, the newest first."""
    query = queries.listed(actor, state, area, q.strip(), after, size)
    rows = session.scalars(query).all()
    return page_of(showing.lines(session, actor, rows), [row.id for row in rows], size)


@router.get(
    "/deliberations.xlsx", dependencies=[allow(Right.READ_DELIBERATIONS)], response_class=Response
)
async def download_deliberations(actor: ActorDep) -> Response:
    """Return the motions of the caller's area as a spreadsheet, all of them."""
    count = partial(exporting.count, actor)
    return await handing.handed("deliberations.xlsx", count, exporting.save, actor)


@router.post("/deliberations", status_code=201, dependencies=[allow(Right.BRING_MOTIONS)])
def propose(body: DeliberationIn, actor: ActorDep, session: SessionDep) -> DeliberationOut:
    """Bring a motion in."""
    deliberation_id = proposing.propose(session, actor, body)
    return showing.whole(session, actor, queries.one(session, actor, deliberation_id))


@router.get("/deliberations/{deliberation_id}", dependencies=[allow(Right.READ_DELIBERATIONS)])
def get_deliberation(
    deliberation_id: UUID, actor: ActorDep, session: SessionDep
) -> DeliberationOut:
    """Return one motion with its history and the steps open to the caller."""
    return showing.whole(session, actor, queries.one(session, actor, deliberation_id))


@router.post(
    "/deliberations/{deliberation_id}/steps",
    status_code=201,
    dependencies=[allow(Right.STEP_DELIBERATIONS)],
)
def take_step(
    deliberation_id: UUID, body: DeliberationStepIn, actor: ActorDep, session: SessionDep
) -> DeliberationOut:
    """Take one step of a motion."""
    stepping.advance(session, actor, deliberation_id, body)
    return showing.whole(session, actor, queries.one(session, actor, deliberation_id))


@router.get(
    "/deliberations/{deliberation_id}/record.pdf",
    dependencies=[allow(Right.READ_DELIBERATIONS), few("papers", PAPERS_AT_ONCE)],
    response_class=Response,
)
def get_record(deliberation_id: UUID, actor: ActorDep, session: SessionDep) -> Response:
    """Return the record of a motion as PDF: each step, each assembly, each vote; signed."""
    row = queries.one(session, actor, deliberation_id)
    pdf = record.write(showing.whole(session, actor, row), row.log_head)
    name = f'inline; filename="{row.deliberation_no}.pdf"'
    return Response(pdf, media_type="application/pdf", headers={"Content-Disposition": name})


@router.get("/rolls", dependencies=[allow(Right.READ_ROLLS)])
def list_rolls(area: AreaPath, actor: ActorDep, session: SessionDep) -> list[RollOut]:
    """List who belongs to a village's assemblies."""
    known = areas.named(session, [area]).get(area)
    if known is None or not actor.covers(known.managing_county, area):
        raise Forbidden("not_your_area")
    return [
        RollOut(
            assembly=assembly,
            members=[
                MemberOut(id=m.id, name=m.name)
                for m in queries.roll(session, actor, area, assembly)
            ],
        )
        for assembly in Assembly
    ]


@router.put("/rolls/{assembly}", dependencies=[allow(Right.KEEP_ROLLS)])
def keep_roll(
    assembly: Assembly, area: AreaPath, body: RollIn, actor: ActorDep, session: SessionDep
) -> list[RollOut]:
    """Put the roll of an assembly in order: the names that stay, and those that join."""
    rolls.keep(session, actor, area, assembly, body.names)
    return list_rolls(area, actor, session)
