"""The words of messages over HTTP."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from backend.core.inputs import Cause, Key, Strict
from backend.core.permissions import ActorDep, allow
from backend.core.rights import Right
from backend.core.session import SessionDep
from backend.matters.telling import templates

router = APIRouter(prefix="/notices", tags=["notices"])


class TemplateOut(BaseModel):
    """The words for one occasion, and what the locale itself would say."""

    about: str
    words: str
    default: str
    preview: str


class TemplateIn(Strict):
    """Other words for an occasion."""

    words: Cause


class PreviewOut(BaseModel):
    """What a template would say."""

    words: str


Language = Annotated[Literal["zh-CN", "en"], Query()]


@router.get("/templates", dependencies=[allow(Right.READ_WORDS)])
def list_templates(session: SessionDep, language: Language = "zh-CN") -> list[TemplateOut]:
    """List the words of every occasion."""
    found = []
    for about, words in templates.all_words(session, language).items():
        found.append(
            TemplateOut(
                about=about, words=words, default=templates.default(about, language),
                preview=templates.filled(words, templates.FIELDS),
            )
        )  # fmt: skip
    return found


@router.post("/templates/preview", dependencies=[allow(Right.KEEP_WORDS)])
def preview_template(body: TemplateIn) -> PreviewOut:
    """Say what a template would say, and keep nothing."""
    return PreviewOut(words=templates.preview(body.words))


@router.put("/templates/{about}", status_code=204, dependencies=[allow(Right.KEEP_WORDS)])
def write_template(
    about: Annotated[Key, Path()],
    body: TemplateIn,
    actor: ActorDep,
    session: SessionDep,
    language: Language = "zh-CN",
) -> None:
    """Put other words in use."""
    templates.write(session, actor, about, language, body.words)
