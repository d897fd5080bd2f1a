"""Categories over HTTP: the scheme in force, and a new edition from a spreadsheet."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict

from backend.core.errors import NotFound
from backend.core.inputs import Short, Version
from backend.core.permissions import ActorDep, allow, allow_public
from backend.core.rights import Right
from backend.core.session import SessionDep
from backend.matters.categories import publishing, queries, service, sheet, sheet_writing
from backend.matters.categories.models import Scheme
from backend.matters.categories.schemes import Question
from backend.tools.importing import sheets

router = APIRouter(prefix="/categories", tags=["categories"])


class CategoryOut(BaseModel):
    """A category with its names in both languages."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    parent_code: str | None
    name_zh: str
    name_en: str
    icon: str
    photo_required: bool
    self_resolve_allowed: bool
    fast_track: bool
    questions: list[Question]


class SchemeOut(BaseModel):
    """One edition of the categories."""

    model_config = ConfigDict(from_attributes=True)

    version: int
    name: str
    published_at: str
    categories: int


class PublishedOut(BaseModel):
    """What became of a file; with faults nothing was changed."""

    version: int | None
    dry: bool
    categories: int
    conditions: int
    added: list[str]
    removed: list[str]
    faults: list[sheets.Fault]


@router.get("", dependencies=[allow_public()])
def list_categories(session: SessionDep) -> list[CategoryOut]:
    """List the published scheme."""
    return [CategoryOut.model_validate(row) for row in service.current(session).values()]


@router.get("/schemes", dependencies=[allow()])
def list_schemes(session: SessionDep) -> list[SchemeOut]:
    """List the editions, the newest first."""
    return [
        SchemeOut(
            version=row.version, name=row.name, published_at=row.published_at.isoformat(),
            categories=size,
        )
        for row, size in queries.editions(session)
    ]  # fmt: skip


@router.get("/schemes/{version}.xlsx", dependencies=[allow()], response_class=Response)
def download_scheme(version: Annotated[Version, Path()], session: SessionDep) -> Response:
    """Return an edition as the spreadsheet that a new one can be published from."""
    if session.get(Scheme, version) is None:
        raise NotFound("nothing_here")
    book = sheets.write(sheet_writing.to_tables(publishing.published(session, version)))
    name = f"attachment; filename=categories-{version}.xlsx"
    return Response(book, media_type=sheets.XLSX, headers={"Content-Disposition": name})


@router.post("/schemes", dependencies=[allow(Right.KEEP_CATEGORIES)])
def publish_scheme(
    tables: sheets.Sent,
    session: SessionDep,
    actor: ActorDep,
    name: Annotated[Short, Query()] = "",
    dry: Annotated[bool, Query(description="only look for faults")] = False,
) -> PublishedOut:
    """Publish a new edition; the body is the spreadsheet. One fault, and nothing is changed.

    What says the same under the same name as the edition in force is answered with that one.
    """
    draft = sheet.of_tables(tables, service.everything(session))
    version = None
    before = {row.code for row in service.current(session).values()}
    after = {c.code for c in draft.categories if c.conditions}
    if not draft.faults and not dry:
        version = publishing.publish(session, actor, draft.categories, name)
    return PublishedOut(
        version=version, dry=dry, categories=len(draft.categories),
        conditions=sum(len(c.conditions) for c in draft.categories),
        added=sorted(after - before), removed=sorted(before - after),
        faults=sheets.in_words(draft.faults, actor.language),
    )  # fmt: skip
