"""Photos and documents over HTTP."""

from collections.abc import AsyncIterator
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from backend.core import rate
from backend.core.actor import Actor
from backend.core.db import unit_of_work
from backend.core.inputs import Line
from backend.core.owners import SeesDep
from backend.core.permissions import ActorDep, allow, allow_public
from backend.core.rights import Right
from backend.core.session import SessionDep
from backend.core.settings import get_settings
from backend.core.uploads import body_within, under_way
from backend.tools.media import documents, service
from backend.tools.media.decoding import Decoded
from backend.tools.media.models import Media

router = APIRouter(prefix="/media", tags=["media"])

# Photos and documents come with reports and steps, and are read by who reads what those belong to.
WRITES = (Right.REPORT, Right.STEP_CASES, Right.STEP_ITEMS, Right.STEP_DELIBERATIONS)
BRINGS = allow(*WRITES)
READS = allow(Right.READ_CASES, Right.READ_LISTS, Right.READ_DELIBERATIONS)


class MediaOut(BaseModel):
    """A photo that was taken in. ``claim`` is for senders without an account."""

    id: UUID
    width: int
    height: int
    claim: str | None = None
    suggested_position: Annotated[
        dict[str, float] | None,
        Field(description="where the camera says it was, WGS 84; shown to the sender only"),
    ] = None


# Files that one account has under way at once; an address may stand for many people.
OF_ACCOUNT, OF_ADDRESS = 4, 8


async def not_too_many(request: Request, actor: ActorDep) -> AsyncIterator[None]:
    """Count an upload, for an account or else for the address; asked before the body is read."""
    settings = get_settings()
    if actor.post_id is not None:
        sender, most = str(actor.id), OF_ACCOUNT
        hourly = ("uploads_per_hour", settings.uploads_per_hour)
    else:
        sender, most = rate.address_of(request), OF_ADDRESS
        hourly = ("public_uploads_per_hour", settings.public_uploads_per_hour)
    with under_way(sender, most):
        await run_in_threadpool(rate.once_more, sender, *hourly)
        yield


COUNTED = Depends(not_too_many, scope="function")


async def photo_body(request: Request) -> bytes:
    """The request's body, refused as soon as it grows past the limit."""
    return await body_within(get_settings().photo_max_bytes, "photo_too_large")(request)


@router.post("", status_code=201, dependencies=[allow_public(*WRITES), COUNTED])
async def upload(data: Annotated[bytes, Depends(photo_body)], actor: ActorDep) -> MediaOut:
    """Take in one photo; the request's body is the file itself."""
    photo = await service.opened(data)
    row, claim = await run_in_threadpool(_keep, actor, data, photo)
    return MediaOut(
        id=row.id, width=row.width, height=row.height, claim=claim,
        suggested_position=row.exif_position,
    )  # fmt: skip


def _keep(actor: Actor, data: bytes, photo: Decoded) -> tuple[Media, str | None]:
    with unit_of_work(actor) as session:
        return service.keep(session, actor, data, photo)


@router.get("/{media_id}/{size}.jpg", dependencies=[allow_public()], response_class=FileResponse)
def download(
    media_id: UUID, size: Literal["full", "thumb"], actor: ActorDep, session: SessionDep,
    sees: SeesDep,
) -> FileResponse:  # fmt: skip
    """Return a photo to those who may see its event."""
    row = service.visible(session, actor, media_id, sees)
    return FileResponse(
        service.folder(row.id) / f"{size}.jpg",
        media_type="image/jpeg",
        headers={"Cache-Control": "private, max-age=3600", "Vary": "Cookie, Authorization"},
    )


class DocumentOut(BaseModel):
    """A document that was taken in."""

    id: UUID


@router.post("/documents", status_code=201, dependencies=[BRINGS, COUNTED])
async def upload_document(
    data: Annotated[bytes, Depends(body_within(documents.BYTES_MOST, "document_too_large"))],
    name: Annotated[Line, Query(min_length=1)],
    actor: ActorDep,
) -> DocumentOut:
    """Take in one PDF, DOCX or XLSX; the request's body is the file itself."""
    ending = await documents.opened(data)
    return DocumentOut(id=await run_in_threadpool(_keep_document, actor, data, name, ending))


def _keep_document(actor: Actor, data: bytes, name: str, ending: documents.Format) -> UUID:
    with unit_of_work(actor) as session:
        return documents.keep(session, actor, data, name, ending)


@router.get("/{media_id}/document", dependencies=[READS], response_class=FileResponse)
def download_document(
    media_id: UUID, actor: ActorDep, session: SessionDep, sees: SeesDep
) -> FileResponse:
    """Return a document to those who may see what it belongs to; never to be opened in the page."""
    row = service.visible(session, actor, media_id, sees, "document")
    return FileResponse(
        documents.path_of(row), media_type=documents.type_of(row), filename=row.name,
        headers={"Cache-Control": "private, no-store"},
    )  # fmt: skip
