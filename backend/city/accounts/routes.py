"""Signing in, posts and invitations over HTTP."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from backend.city.accounts import audit, keeping, queries, service, signing_in, slowing, tokens
from backend.city.accounts.views import Ended, Me, SessionOut, posts_of, show_sessions, signed_in
from backend.core import rate
from backend.core.actor import Role, registrar
from backend.core.db import acting_as, unit_of_work
from backend.core.errors import NotSignedIn
from backend.core.inputs import Mail, Secret, Strict, Token, Username
from backend.core.permissions import ActorDep, allow, allow_public
from backend.core.session import SessionDep
from backend.core.settings import get_settings

router = APIRouter(tags=["accounts"])


class SignInBody(Strict):
    """Who signs in. ``bearer`` asks for the tokens in the answer, for programs."""

    username: Username
    password: Secret
    bearer: bool = False


class RefreshBody(Strict):
    """A program's refresh secret; browsers send their cookie instead."""

    refresh: Token | None = None


class PasswordBody(Strict):
    """The password until now, and the one from now on."""

    old: Secret
    new: Secret


class PostBody(Strict):
    """The post to act in from now on."""

    post_id: UUID
    refresh: Token | None = None


@router.post("/auth/sign-in", dependencies=[allow_public()])
async def sign_in(body: SignInBody, request: Request, response: Response) -> Me:
    """Sign in with a name and a password."""
    mark = request.cookies.get(slowing.cookie_of(body.username), "")
    wanted = signing_in.Try(
        body.username, body.password, request.headers.get("user-agent", ""),
        rate.address_of(request), mark,
    )  # fmt: skip

    def show(session: Session, issued: service.Issued) -> Me:
        return signed_in(session, issued, request, response, body.bearer)

    return await signing_in.sign_in(wanted, show)


@router.post("/auth/refresh", dependencies=[allow_public()])
def refresh(body: RefreshBody, request: Request, response: Response) -> Me:
    """Exchange the refresh secret; repeating it within a minute is harmless."""
    presented = body.refresh or request.cookies.get(tokens.REFRESH_COOKIE, "")
    with unit_of_work() as session:
        issued = service.refresh(session, presented, rate.address_of(request))
        if issued is not None:
            bearer = body.refresh is not None
            return signed_in(session, issued, request, response, bearer, renewed=True)
    raise NotSignedIn("not_signed_in")


@router.post("/auth/sign-out", status_code=204, dependencies=[allow_public()])
def sign_out(body: RefreshBody, request: Request, response: Response, session: SessionDep) -> None:
    """End this device's session."""
    service.sign_out(session, body.refresh or request.cookies.get(tokens.REFRESH_COOKIE, ""))
    response.delete_cookie(tokens.ACCESS_COOKIE)
    response.delete_cookie(tokens.REFRESH_COOKIE, path="/api/auth")


@router.post("/auth/post", dependencies=[allow()])
def switch_post(body: PostBody, request: Request, response: Response, actor: ActorDep) -> Me:
    """Act in another of one's own posts."""
    presented = body.refresh or request.cookies.get(tokens.REFRESH_COOKIE, "")
    # What was copied ends the session, which must be kept although the request is refused.
    with unit_of_work(actor) as session:
        issued = service.switch_post(session, actor, body.post_id, presented)
        if issued is not None:
            return signed_in(session, issued, request, response, body.refresh is not None)
    raise NotSignedIn("not_signed_in")


@router.get("/auth/me", dependencies=[allow()])
def who_am_i(actor: ActorDep, session: SessionDep) -> Me:
    """Say who is signed in."""
    posts = posts_of(session, actor.id)
    now = next((p for p in posts if p.id == actor.post_id), None)
    if now is None:
        raise NotSignedIn("not_signed_in")
    mail = keeping.masked_mail(session, actor.id)
    return Me(id=actor.id, name=actor.name, post=now, posts=posts, mail=mail)


class MailIn(Strict):
    """Where notices go as mail; empty: nowhere."""

    mail: Mail


@router.put("/auth/me/mail", status_code=204, dependencies=[allow()])
def set_mail(body: MailIn, actor: ActorDep, session: SessionDep) -> None:
    """Say where one's own notices go as mail."""
    keeping.keep_mail(session, actor.id, body.mail)


@router.put("/auth/me/password", status_code=204, dependencies=[allow()])
async def change_password(body: PasswordBody, actor: ActorDep) -> None:
    """Change one's own password; every other session of the person ends."""
    await signing_in.change_password(actor, body.old, body.new)


@router.get("/auth/sessions", dependencies=[allow()])
def list_sessions(actor: ActorDep, session: SessionDep) -> list[SessionOut]:
    """List where the caller is signed in, the one used last first."""
    return show_sessions(session, service.sessions_of(session, actor.id), actor.sign_in_id)


@router.delete("/auth/sessions/{session_id}", status_code=204, dependencies=[allow()])
def end_session(session_id: UUID, actor: ActorDep, session: SessionDep) -> None:
    """End one of the caller's own sessions."""
    service.end_session(session, actor, actor.id, session_id)


@router.post("/auth/sessions/end-others", dependencies=[allow()])
def end_other_sessions(actor: ActorDep, session: SessionDep) -> Ended:
    """End every session of the caller but this one."""
    ended = service.end_sessions(session, actor.id, but=actor.sign_in_id)
    audit.note(
        session, actor, audit.What.SESSION_ENDED, subject_id=actor.id, because="end_others",
        sessions_ended=ended,
    )  # fmt: skip
    return Ended(sessions=ended)


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
    found = []
    # Residents are nobody's business but for who appoints; here everybody plays all of them.
    with acting_as(session, registrar()):
        people = queries.demo_accounts(session)
    for account in people:
        for post in posts_of(session, account.id)[:1]:
            found.append(
                DemoAccount(
                    username=account.username, name=account.name, role=post.role,
                    place=post.organization or post.place,
                )
            )  # fmt: skip
    return found
