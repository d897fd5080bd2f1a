"""Review meetings over HTTP."""

import io
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import segno
from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import FileResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from backend.city.accounts import audit
from backend.city.areas import queries as areas
from backend.core import clock, rate
from backend.core.db import unit_of_work
from backend.core.errors import Forbidden
from backend.core.inputs import AreaCode, Count, Moment, Number
from backend.core.permissions import ActorDep, allow
from backend.core.rights import Right
from backend.core.session import TURN, SessionDep
from backend.core.settings import get_settings
from backend.matters.reviews import (
    attending,
    deciding,
    leading,
    live,
    minutes,
    pattern_queries,
    patterns,
    projecting,
    queries,
    service,
    sheet,
    showing,
    units,
)
from backend.matters.reviews.schemas import (
    EndingOut,
    JoinIn,
    PatternIn,
    PatternOut,
    PresentIn,
    ReviewIn,
    ReviewLineOut,
    ReviewOut,
    ViewIn,
)
from backend.tools.importing import sheets

router = APIRouter(prefix="/reviews", tags=["reviews"], dependencies=[TURN])

LEADS = allow(Right.LEAD_MEETINGS)
CODES_PER_HOUR = 30
CODES_PER_HOUR_THERE = 300


@router.get("", dependencies=[allow(Right.READ_MEETINGS)])
def list_reviews(
    actor: ActorDep, session: SessionDep, since: Annotated[Moment | None, Query()] = None,
    until: Annotated[Moment | None, Query()] = None,
    area: Annotated[AreaCode | None, Query()] = None,
) -> list[ReviewLineOut]:  # fmt: skip
    """List the meetings that the caller may know of: two months back and one ahead, unless said."""
    now = clock.now()
    rows = queries.between(
        session, actor, since or now - timedelta(days=60), until or now + timedelta(days=31), area
    )
    return showing.calendar(session, rows)


@router.post("", status_code=201, dependencies=[LEADS])
def plan_review(body: ReviewIn, actor: ActorDep, session: SessionDep) -> ReviewOut:
    """Call a meeting; its agenda makes itself."""
    return units.show(session, actor, service.plan(session, actor, body))


@router.get("/patterns", dependencies=[LEADS])
def list_patterns(actor: ActorDep, session: SessionDep) -> list[PatternOut]:
    """List the meetings of the caller's area that set themselves up."""
    rows = pattern_queries.of(session, actor)
    names = areas.named(session, {row.area_code for row in rows})
    return [
        PatternOut(
            id=row.id, area_code=row.area_code, weekday=row.weekday, at=row.at, title=row.title,
            rhythm=row.rhythm,
            place=names[row.area_code].name if row.area_code in names else row.area_code,
        )
        for row in rows
    ]  # fmt: skip


@router.post("/patterns", status_code=201, dependencies=[LEADS])
def keep_pattern(body: PatternIn, actor: ActorDep, session: SessionDep) -> list[PatternOut]:
    """Let meetings set themselves up; the next ones are in the calendar at once."""
    patterns.keep(session, actor, body)
    return list_patterns(actor, session)


@router.delete("/patterns/{pattern_id}", dependencies=[LEADS])
def stop_pattern(pattern_id: UUID, actor: ActorDep, session: SessionDep) -> list[PatternOut]:
    """End a pattern; what it has called and nobody has opened is cancelled."""
    patterns.stop(session, actor, pattern_id)
    return list_patterns(actor, session)


@router.post("/join", dependencies=[allow(Right.JOIN_MEETINGS)])
def join_review(body: JoinIn, request: Request, actor: ActorDep) -> ReviewOut:
    """Sign in to a meeting by the code that its projector shows."""
    rate.once_more(str(actor.id), "review_codes", CODES_PER_HOUR)
    # A whole hall comes from one address.
    rate.once_more(rate.address_of(request), "review_codes_there", CODES_PER_HOUR_THERE)
    with unit_of_work(actor) as session:
        review_id = attending.join(session, actor, body.code)
    with unit_of_work(actor) as session:
        return units.show(session, actor, review_id)


@router.delete("/{review_id}", dependencies=[LEADS])
def cancel_review(review_id: UUID, actor: ActorDep) -> ReviewOut:
    """Call a meeting off before it opens."""
    return units.do(actor, review_id, lambda s: service.cancel(s, actor, review_id))


@router.get(
    "/{review_id}/sheet", dependencies=[allow(Right.READ_MEETINGS)], response_class=Response
)
def download_review(review_id: UUID, actor: ActorDep, session: SessionDep) -> Response:
    """Return a meeting's points and decisions as a spreadsheet."""
    shown = units.show(session, actor, review_id)
    audit.exported(session, actor, f"{shown.review_no}.xlsx", len(shown.entries))
    return sheets.answer([sheet.to_table(actor.language, shown)], f"{shown.review_no}.xlsx")


@router.get("/{review_id}/code.svg", dependencies=[LEADS], response_class=Response)
def show_code(review_id: UUID, actor: ActorDep, session: SessionDep) -> Response:
    """Return the way in as a QR code: a phone that reads it opens the page with the code filled."""
    review = queries.one(session, actor, review_id)
    if not leading.may_decide(actor, review):
        raise Forbidden("review_not_yours")
    out = io.BytesIO()
    url = f"{get_settings().public_url}/reviews?code={review.code}"
    segno.make(url, error="m").save(out, kind="svg", scale=8, border=2)
    return Response(
        out.getvalue(), media_type="image/svg+xml", headers={"Cache-Control": "private, no-store"}
    )


@router.get("/{review_id}", dependencies=[allow(Right.READ_MEETINGS)])
def get_review(review_id: UUID, actor: ActorDep, session: SessionDep) -> ReviewOut:
    """Return a meeting with its agenda, its people and its record."""
    return units.show(session, actor, review_id)


@router.post("/{review_id}/open", dependencies=[LEADS])
def open_review(review_id: UUID, actor: ActorDep) -> ReviewOut:
    """Open the meeting."""
    return units.do(actor, review_id, lambda s: service.begin(s, actor, review_id))


@router.post("/{review_id}/end", dependencies=[LEADS])
def end_review(review_id: UUID, actor: ActorDep) -> ReviewOut:
    """End the meeting: its decisions take effect."""
    return units.do(actor, review_id, lambda s: deciding.end(s, actor, review_id))


@router.get("/{review_id}/ending", dependencies=[LEADS])
def look_at_ending(review_id: UUID, actor: ActorDep) -> EndingOut:
    """Return what ending the meeting now would mean; what would fail is tried and undone."""
    with unit_of_work(actor) as session:
        return showing.ending(session, actor, review_id)


@router.post("/{review_id}/restore", dependencies=[LEADS])
def restore_review(review_id: UUID, actor: ActorDep) -> ReviewOut:
    """Take back, within minutes, that the meeting was called off or ended."""
    return units.do(actor, review_id, lambda s: service.restore(s, actor, review_id))


@router.post("/{review_id}/present", dependencies=[LEADS])
def present(review_id: UUID, actor: ActorDep) -> ReviewOut:
    """Take the projector over: everybody follows the caller's screen."""
    return units.do(actor, review_id, lambda s: projecting.present(s, actor, review_id))


@router.post("/{review_id}/view", status_code=204, dependencies=[LEADS])
def move_view(review_id: UUID, body: ViewIn, actor: ActorDep) -> None:
    """Move everybody's map."""
    units.act(actor, lambda s: projecting.look(s, actor, review_id, body))


@router.post("/{review_id}/people", dependencies=[LEADS])
def enter_person(review_id: UUID, body: PresentIn, actor: ActorDep) -> ReviewOut:
    """Enter somebody in the room who has no account."""
    return units.do(
        actor, review_id, lambda s: attending.enter_present(s, actor, review_id, body.name)
    )


@router.get(
    "/{review_id}/minutes.pdf",
    dependencies=[allow(Right.READ_MEETINGS)],
    response_class=FileResponse,
)
def read_minutes(review_id: UUID, actor: ActorDep, session: SessionDep) -> FileResponse:
    """Return the signed minutes; a file that is not the signed one is refused."""
    path = minutes.read(session, actor, review_id)
    return FileResponse(path, media_type="application/pdf", filename=f"{review_id}.pdf")


def _may_follow(review_id: UUID, actor: ActorDep, session: SessionDep) -> UUID:
    """Refused before the stream begins; the stream opens sessions of its own."""
    return queries.one(session, actor, review_id).id


async def _place(actor: ActorDep) -> AsyncIterator[None]:
    with live.place_for(actor):
        yield


@router.get(
    "/{review_id}/live",
    # The place is given back when the stream is over, and not when it begins.
    dependencies=[allow(Right.READ_MEETINGS), Depends(_place, scope="request")],
    response_class=EventSourceResponse,
)
async def follow_review(
    review_id: Annotated[UUID, Depends(_may_follow)],
    actor: ActorDep,
    after: Annotated[Count, Query()] = 0,
    last_event_id: Annotated[Number | None, Header()] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Follow a meeting line by line; a screen that was away gets what it missed."""
    async for event in live.follow(actor, review_id, live.begins_after(last_event_id, after)):
        yield event
