"""How a signed-in person is shown, and what their device gets."""

from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy.orm import Session

from backend.city.accounts import queries, service, tokens
from backend.city.areas import queries as areas
from backend.city.organizations import queries as organizations
from backend.core.actor import Role
from backend.core.settings import get_settings

Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Strict(BaseModel):
    """A body that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid")


class PostOut(BaseModel):
    """A post of the signed-in person."""

    id: UUID
    role: Role
    area_code: str | None
    place: str
    organization_id: UUID | None
    organization: str | None


class Me(BaseModel):
    """Who is signed in, in which post, and which others there are."""

    id: UUID
    name: str
    post: PostOut
    posts: list[PostOut]
    # Where notices go as mail, masked; only `who_am_i` says it.
    mail: str = ""
    access: str | None = None
    refresh: str | None = None


def posts_of(session: Session, account_id: UUID) -> list[PostOut]:
    """The posts that a person holds today, with the names of their places."""
    posts = queries.posts_of(session, account_id)
    named = areas.named(session, [p.area_code for p in posts if p.area_code])
    bodies = organizations.names(session, [p.organization_id for p in posts if p.organization_id])
    return [
        PostOut(
            id=p.id, role=Role(p.role), area_code=p.area_code,
            place=named[p.area_code].name if p.area_code in named else "",
            organization_id=p.organization_id,
            organization=bodies.get(p.organization_id) if p.organization_id else None,
        )
        for p in posts
    ]  # fmt: skip


def signed_in(
    session: Session, issued: service.Issued, request: Request, response: Response, bearer: bool
) -> Me:
    """Tell a device that it is signed in: tokens for programs, cookies for browsers."""
    posts = posts_of(session, issued.account.id)
    me = Me(
        id=issued.account.id, name=issued.account.name, posts=posts,
        post=next(p for p in posts if p.id == issued.post.id),
    )  # fmt: skip
    if bearer:
        me.access, me.refresh = issued.access, issued.refresh
    else:
        settings = get_settings()
        secure = settings.secure_cookies or request.url.scheme == "https"
        common = {"httponly": True, "samesite": "strict", "secure": secure}
        response.set_cookie(
            tokens.ACCESS_COOKIE,
            issued.access,
            max_age=settings.access_minutes * 60,
            **common,  # type: ignore[arg-type]
        )
        response.set_cookie(
            tokens.REFRESH_COOKIE, issued.refresh, max_age=settings.refresh_days * 86400,
            path="/api/auth", **common,  # type: ignore[arg-type]
        )  # fmt: skip
    response.headers["Cache-Control"] = "no-store"
    return me
