"""Signing in, posts and invitations over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy import select

from backend.city.accounts import service, tokens
from backend.city.accounts.models import Account
from backend.city.accounts.views import Me, Secret, Short, Strict, posts_of, signed_in
from backend.core.actor import Role
from backend.core.db import unit_of_work
from backend.core.errors import NotSignedIn
from backend.core.permissions import ActorDep, allow, allow_public
from backend.core.session import SessionDep
from backend.core.settings import get_settings

router = APIRouter(tags=["accounts"])


class SignInBody(Strict):
    """Who signs in. ``bearer`` asks for the tokens in the answer, for programs."""

    username: Short
    password: Secret
    bearer: bool = False


class RefreshBody(Strict):
    """A program's refresh secret; browsers send their cookie instead."""

    refresh: str | None = None


class PostBody(Strict):
    """The post to act in from now on."""

    post_id: UUID
    refresh: str | None = None


@router.post("/auth/sign-in", dependencies=[allow_public()])
def sign_in(body: SignInBody, request: Request, response: Response) -> Me:
    """Sign in with a name and a password."""
    # Two units of work: a failure must be counted although the request is refused.
    with unit_of_work() as session:
        account = service.verify(session, body.username, body.password)
        account_id = account.id if account else None
    if account_id is None:
        raise NotSignedIn("wrong_name_or_password")
    with unit_of_work() as session:
        account = session.get(Account, account_id)
        assert account is not None
        device = request.headers.get("user-agent", "")
        issued = service.sign_in(session, account, device)
        return signed_in(session, issued, request, response, body.bearer)


@router.post("/auth/refresh", dependencies=[allow_public()])
def refresh(body: RefreshBody, request: Request, response: Response) -> Me:
    """Exchange the refresh secret; repeating it within a minute is harmless."""
    presented = body.refresh or request.cookies.get(tokens.REFRESH_COOKIE, "")
    with unit_of_work() as session:
        issued = service.refresh(session, presented)
        if issued is not None:
            return signed_in(session, issued, request, response, body.refresh is not None)
    raise NotSignedIn("not_signed_in")


@router.post("/auth/sign-out", status_code=204, dependencies=[allow_public()])
def sign_out(body: RefreshBody, request: Request, response: Response, session: SessionDep) -> None:
    """End this device's session."""
    service.sign_out(session, body.refresh or request.cookies.get(tokens.REFRESH_COOKIE, ""))
    response.delete_cookie(tokens.ACCESS_COOKIE)
    response.delete_cookie(tokens.REFRESH_COOKIE, path="/api/auth")


@router.post("/auth/post", dependencies=[allow()])
def switch_post(
    body: PostBody, request: Request, response: Response, actor: ActorDep, session: SessionDep
) -> Me:
    """Act in another of one's own posts."""
    presented = body.refresh or request.cookies.get(tokens.REFRESH_COOKIE, "")
    issued = service.switch_post(session, actor, body.post_id, presented)
    return signed_in(session, issued, request, response, body.refresh is not None)


@router.get("/auth/me", dependencies=[allow()])
def who_am_i(actor: ActorDep, session: SessionDep) -> Me:
    """Say who is signed in."""
    posts = posts_of(session, actor.id)
    now = next((p for p in posts if p.id == actor.post_id), None)
    if now is None:
        raise NotSignedIn("not_signed_in")
    mail = service.masked_mail(session, actor)
    return Me(id=actor.id, name=actor.name, post=now, posts=posts, mail=mail)


class MailIn(BaseModel):
    """Where notices go as mail; empty: nowhere."""

    model_config = ConfigDict(extra="forbid")

    mail: Annotated[
        str, StringConstraints(max_length=200, pattern=r"^([^@\s]+@[^@\s]+\.[^@\s]+)?$")
    ]


@router.put("/auth/me/mail", status_code=204, dependencies=[allow()])
def set_mail(body: MailIn, actor: ActorDep, session: SessionDep) -> None:
    """Say where one's own notices go as mail."""
    service.set_mail(session, actor, body.mail)


class DemoAccount(BaseModel):
    """Somebody who can sign in to the demo."""

    username: str
    name: str
    role: Role
    place: str


@router.get("/auth/demo", dependencies=[allow_public()])
def demo_accounts(session: SessionDep) -> list[DemoAccount]:
    """Say who can sign in; empty anywhere but in the embedded demo."""
    if not get_settings().demo:
        return []
    rows = session.scalars(
        select(Account).where(Account.username.like("demo-%")).order_by(Account.id)
    )
    found = []
    for account in rows:
        for post in posts_of(session, account.id)[:1]:
            found.append(
                DemoAccount(
                    username=account.username, name=account.name, role=post.role,
                    place=post.organization or post.place,
                )
            )  # fmt: skip
    return found
