"""The points of a meeting's agenda over HTTP."""

from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import FileResponse

from backend.core.actor import system
from backend.core.db import act_as
from backend.core.errors import NotFound
from backend.core.permissions import ActorDep, allow
from backend.core.rights import Right
from backend.core.session import TURN, SessionDep
from backend.matters.items.schemas import ShapeIn
from backend.matters.reviews import (
    arranging,
    attending,
    cases,
    deciding,
    projecting,
    queries,
    units,
)
from backend.matters.reviews.schemas import (
    CaseOut,
    DecisionIn,
    EntryIn,
    MoveIn,
    RemarkIn,
    ReviewOut,
    VoteIn,
    VoteNeededIn,
)
from backend.tools.media import queries as photos
from backend.tools.media import service as media

router = APIRouter(prefix="/reviews", tags=["reviews"], dependencies=[TURN])

LEADS = allow(Right.LEAD_MEETINGS)


@router.post("/{review_id}/entries", status_code=201, dependencies=[LEADS])
def add_entry(review_id: UUID, body: EntryIn, actor: ActorDep) -> ReviewOut:
    """Put one more point on the agenda."""
    return units.do(actor, review_id, lambda s: arranging.add_entry(s, actor, review_id, body))


@router.post("/{review_id}/entries/within", status_code=201, dependencies=[LEADS])
def add_within(review_id: UUID, body: ShapeIn, actor: ActorDep) -> ReviewOut:
    """Put every open case inside a shape on the agenda."""
    return units.do(actor, review_id, lambda s: arranging.add_within(s, actor, review_id, body))


@router.get("/{review_id}/entries/{entry_id}", dependencies=[allow(Right.READ_MEETINGS)])
def get_case(review_id: UUID, entry_id: UUID, actor: ActorDep, session: SessionDep) -> CaseOut:
    """Return the case of a point, with what happened at its place before and what is open near."""
    review = queries.one(session, actor, review_id)
    return cases.case(session, actor, review, queries.entry(session, review, entry_id))


@router.delete("/{review_id}/entries/{entry_id}", dependencies=[LEADS])
def remove_entry(review_id: UUID, entry_id: UUID, actor: ActorDep) -> ReviewOut:
    """Take a point off the agenda."""
    return units.do(
        actor, review_id, lambda s: arranging.remove_entry(s, actor, review_id, entry_id)
    )


@router.post("/{review_id}/entries/{entry_id}/restore", dependencies=[LEADS])
def put_back(review_id: UUID, entry_id: UUID, actor: ActorDep) -> ReviewOut:
    """Put a point that was taken off the agenda back where it was."""
    return units.do(actor, review_id, lambda s: arranging.put_back(s, actor, review_id, entry_id))


@router.post("/{review_id}/entries/{entry_id}/move", dependencies=[LEADS])
def move_entry(review_id: UUID, entry_id: UUID, body: MoveIn, actor: ActorDep) -> ReviewOut:
    """Put a point elsewhere in the order."""
    return units.do(
        actor, review_id, lambda s: arranging.move_entry(s, actor, review_id, entry_id, body.after)
    )


@router.post("/{review_id}/entries/{entry_id}/show", status_code=204, dependencies=[LEADS])
def show_entry(review_id: UUID, entry_id: UUID, actor: ActorDep) -> None:
    """Show a point on everybody's screen."""
    units.act(actor, lambda s: projecting.show(s, actor, review_id, entry_id))


@router.post("/{review_id}/entries/{entry_id}/decision", dependencies=[LEADS])
def decide(review_id: UUID, entry_id: UUID, body: DecisionIn, actor: ActorDep) -> ReviewOut:
    """Decide on a point; it takes effect when the meeting ends."""
    return units.do(
        actor, review_id, lambda s: deciding.decide(s, actor, review_id, entry_id, body)
    )


@router.delete("/{review_id}/entries/{entry_id}/decision", dependencies=[LEADS])
def take_back(review_id: UUID, entry_id: UUID, actor: ActorDep) -> ReviewOut:
    """Take a decision back."""
    return units.do(actor, review_id, lambda s: deciding.undo(s, actor, review_id, entry_id))


@router.post(
    "/{review_id}/entries/{entry_id}/remarks",
    status_code=204,
    dependencies=[allow(Right.JOIN_MEETINGS)],
)
def remark(review_id: UUID, entry_id: UUID, body: RemarkIn, actor: ActorDep) -> None:
    """Say something on a point, or draw it."""
    units.act(actor, lambda s: attending.remark(s, actor, review_id, entry_id, body))


@router.put("/{review_id}/entries/{entry_id}/vote-needed", dependencies=[LEADS])
def ask_vote(review_id: UUID, entry_id: UUID, body: VoteNeededIn, actor: ActorDep) -> ReviewOut:
    """Put a point to the vote before it is decided, or do without."""
    return units.do(
        actor, review_id,
        lambda s: arranging.ask_vote(s, actor, review_id, entry_id, needed=body.needed),
    )  # fmt: skip


@router.put(
    "/{review_id}/entries/{entry_id}/vote",
    status_code=204,
    dependencies=[allow(Right.JOIN_MEETINGS)],
)
def vote(review_id: UUID, entry_id: UUID, body: VoteIn, actor: ActorDep) -> None:
    """Give one's voice on a point."""
    units.act(actor, lambda s: attending.vote(s, actor, review_id, entry_id, body.choice))


@router.get(
    "/{review_id}/photos/{media_id}/{size}.jpg", dependencies=[allow(Right.READ_MEETINGS)],
    response_class=FileResponse,
)  # fmt: skip
def photo(
    review_id: UUID, media_id: UUID, size: Literal["full", "thumb"], actor: ActorDep,
    session: SessionDep,
) -> FileResponse:  # fmt: skip
    """Return a photo of a case on the agenda to whoever is in the meeting."""
    review = queries.one(session, actor, review_id)
    keys = {e.event_id for e in queries.entries(session, review) if e.event_id}
    act_as(session, system(review.county_code))
    row = photos.one(session, media_id, "photo")
    # A case that was restricted since shows its pictures to those named in it, as its words.
    of_agenda = cases.cases(session, actor, review, keys)
    if row is None or row.event_id is None or row.event_id not in of_agenda:
        raise NotFound("photo_not_found")
    return FileResponse(
        media.folder(row.id) / f"{size}.jpg",
        media_type="image/jpeg",
        headers={"Cache-Control": "private, max-age=3600", "Vary": "Cookie, Authorization"},
    )
