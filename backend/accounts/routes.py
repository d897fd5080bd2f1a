"""Signing in, posts and invitations over HTTP."""

from typing import Annotated
from uuid import UUID

import segno
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts import appointing, queries, service, tokens
from backend.accounts.models import Account
from backend.areas import queries as areas
from backend.core.actor import Role
from backend.core.db import unit_of_work
from backend.core.errors import NotSignedIn
from backend.core.permissions import ActorDep, allow, allow_public
from backend.core.session import SessionDep
from backend.core.settings import get_settings
from backend.organizations import queries as organizations

router = APIRouter(tags=["accounts"])

Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Strict(BaseModel):
    """A body that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid")


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


class AccountIn(Strict):
    """A person to be invited."""

    username: Short
    name: Short
    role: Role
    area_code: Annotated[str, StringConstraints(pattern=r"^\d{4,18}$")] | None = None
    organization_id: UUID | None = None
    phone: Annotated[str, StringConstraints(pattern=r"^[0-9+\- ]{5,20}$")] | None = None


class InvitationOut(BaseModel):
    """A link and its QR code; both open the same page once."""

    account_id: UUID
    link: str
    qr_svg: str


class AcceptBody(Strict):
    """An invitation's secret and the password that its bearer chose."""

    secret: Secret
    password: Secret
    bearer: bool = False


def _posts(session: Session, account_id: UUID) -> list[PostOut]:
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


def _me(
    session: Session, issued: service.Issued, request: Request, response: Response, bearer: bool
) -> Me:
    posts = _posts(session, issued.account.id)
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
        return _me(session, issued, request, response, body.bearer)


@router.post("/auth/refresh", dependencies=[allow_public()])
def refresh(body: RefreshBody, request: Request, response: Response) -> Me:
    """Exchange the refresh secret; repeating it within a minute is harmless."""
    presented = body.refresh or request.cookies.get(tokens.REFRESH_COOKIE, "")
    with unit_of_work() as session:
        issued = service.refresh(session, presented)
        if issued is not None:
            return _me(session, issued, request, response, body.refresh is not None)
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
    return _me(session, issued, request, response, body.refresh is not None)


@router.get("/auth/me", dependencies=[allow()])
def who_am_i(actor: ActorDep, session: SessionDep) -> Me:
    """Say who is signed in."""
    posts = _posts(session, actor.id)
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


def _invitation(account_id: UUID, secret: str) -> InvitationOut:
    # The secret stands behind '#': browsers do not send that part to any server.
    link = f"{get_settings().public_url}/welcome#{secret}"
    svg = segno.make(link, error="m").svg_inline(scale=5, border=2)
    return InvitationOut(account_id=account_id, link=link, qr_svg=svg)


MAY_APPOINT = (Role.SYS_ADMIN, Role.VILLAGE_SECRETARY, Role.TOWN_DISPATCHER)


@router.post("/accounts", status_code=201, dependencies=[allow(*MAY_APPOINT)])
def invite(body: AccountIn, actor: ActorDep, session: SessionDep) -> InvitationOut:
    """Invite somebody to a post in one's own area."""
    account, secret = appointing.appoint(session, actor, appointing.Wanted(**body.model_dump()))
    return _invitation(account.id, secret)


@router.post(
    "/accounts/{account_id}/invitations", status_code=201, dependencies=[allow(*MAY_APPOINT)]
)
def invite_again(account_id: UUID, actor: ActorDep, session: SessionDep) -> InvitationOut:
    """Give somebody who forgot the password a new link."""
    return _invitation(account_id, appointing.invite_again(session, actor, account_id))


@router.post("/auth/invitation", dependencies=[allow_public()])
def accept(body: AcceptBody, request: Request, response: Response, session: SessionDep) -> Me:
    """Set a password with an invitation, and be signed in."""
    account = appointing.accept(session, body.secret, body.password)
    issued = service.sign_in(session, account, request.headers.get("user-agent", ""))
    return _me(session, issued, request, response, body.bearer)


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
        for post in _posts(session, account.id)[:1]:
            found.append(
                DemoAccount(
                    username=account.username, name=account.name, role=post.role,
                    place=post.organization or post.place,
                )
            )  # fmt: skip
    return found
