"""The people of one's own area over HTTP: listed, ended, invited from a spreadsheet."""

from typing import Annotated
from uuid import UUID

import segno
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from backend.city.accounts import keeping, service
from backend.city.accounts.views import Ended, Me, SessionOut, show_sessions, signed_in
from backend.city.areas import queries as areas
from backend.city.organizations import queries as organizations
from backend.city.staffing import appointing, guarding, queries, roster
from backend.city.staffing import posts as staff
from backend.city.staffing.placing import Wanted
from backend.core.actor import Role
from backend.core.inputs import AreaCode, Name, Phone, Reason, Secret, ShortSearch, Strict, Username
from backend.core.paging import Cursor, Page, Size, page_of
from backend.core.permissions import ActorDep, allow, allow_public
from backend.core.rights import Right
from backend.core.session import SessionDep
from backend.core.settings import get_settings
from backend.tools.importing import sheets

router = APIRouter(tags=["staff"])


class HolderOut(BaseModel):
    """A person in a post; the number is masked."""

    account_id: UUID
    post_id: UUID
    name: str
    username: str
    phone: str
    role: Role
    area_code: str | None
    place: str
    organization: str | None
    joined: bool


class EndIn(Strict):
    """Who takes over what the holder was named in; nobody, when left out.

    ``own`` says that the caller means to end a post of their own.
    """

    successor: UUID | None = None
    own: bool = False


class InvitedOut(BaseModel):
    """Somebody from the list, and the link to hand over; none for who has an account already."""

    row: int
    name: str
    username: str
    link: str | None


class RosterOut(BaseModel):
    """What became of a list; with faults nobody was invited."""

    people: int
    invited: list[InvitedOut]
    faults: list[sheets.Fault]


class AccountIn(Strict):
    """A person to be invited."""

    username: Username
    name: Name
    role: Role
    area_code: AreaCode | None = None
    organization_id: UUID | None = None
    phone: Phone | None = None


class InvitationOut(BaseModel):
    """A link and its QR code; both open the same page once.

    Without them the person has an account already: the post stands beside their others, and a
    notice tells them.
    """

    account_id: UUID
    link: str | None
    qr_svg: str | None


class AcceptBody(Strict):
    """An invitation's secret and the password that its bearer chose."""

    secret: Secret
    password: Secret
    bearer: bool = False


@router.get("/staff", dependencies=[allow(Right.APPOINT)])
def list_staff(
    actor: ActorDep,
    session: SessionDep,
    role: Role | None = None,
    q: Annotated[ShortSearch, Query(description="a part of a name or user name")] = "",
    area: Annotated[AreaCode | None, Query(description="posts that count in this area")] = None,
    disabled: Annotated[bool, Query(description="those whose account is disabled")] = False,
    after: Cursor = None,
    size: Size = 50,
) -> Page[HolderOut]:
    """List who holds the posts that the caller may fill: by role, place and name."""
    wanted = queries.Wanted(role, q, area, disabled)
    found = queries.holders(session, actor, wanted, size + 1, after)
    phones = keeping.masked_phones(session, {h.account.id for h in found})
    named = areas.named(session, {h.post.area_code for h in found if h.post.area_code})
    bodies = organizations.names(
        session, {h.post.organization_id for h in found if h.post.organization_id}
    )
    shown = [
        HolderOut(
            account_id=h.account.id, post_id=h.post.id, name=h.account.name,
            username=h.account.username,
            phone=phones.get(h.account.id, ""),
            role=Role(h.post.role), area_code=h.post.area_code,
            place=named[h.post.area_code].name if h.post.area_code in named else "",
            organization=bodies.get(h.post.organization_id) if h.post.organization_id else None,
            joined=h.account.joined,
        )
        for h in found
    ]  # fmt: skip
    return page_of(shown, [h.post.id for h in found], size)


@router.post("/posts/{post_id}/end", status_code=204, dependencies=[allow(Right.APPOINT)])
def end_post(post_id: UUID, body: EndIn, actor: ActorDep, session: SessionDep) -> None:
    """End a post now; its holder's sessions in it stop."""
    staff.end(session, actor, post_id, body.successor, own=body.own)


class ReasonIn(Strict):
    """Why an account is disabled, or opened again."""

    reason: Reason


@router.get("/accounts/{account_id}/sessions", dependencies=[allow(Right.APPOINT)])
def list_sessions(account_id: UUID, actor: ActorDep, session: SessionDep) -> list[SessionOut]:
    """List where somebody of the caller's area is signed in, the one used last first."""
    return show_sessions(session, guarding.sessions(session, actor, account_id))


@router.post("/accounts/{account_id}/sessions/end", dependencies=[allow(Right.APPOINT)])
def end_sessions(account_id: UUID, actor: ActorDep, session: SessionDep) -> Ended:
    """End every session of somebody in the posts that the caller may end."""
    return Ended(sessions=guarding.end_sessions(session, actor, account_id))


@router.delete(
    "/accounts/{account_id}/sessions/{session_id}", status_code=204,
    dependencies=[allow(Right.APPOINT)],
)  # fmt: skip
def end_session(account_id: UUID, session_id: UUID, actor: ActorDep, session: SessionDep) -> None:
    """End one session of somebody of the caller's area."""
    guarding.end_session(session, actor, account_id, session_id)


@router.post(
    "/accounts/{account_id}/disable", status_code=204,
    dependencies=[allow(Right.DISABLE_ACCOUNTS)],
)  # fmt: skip
def disable(account_id: UUID, body: ReasonIn, actor: ActorDep, session: SessionDep) -> None:
    """Disable an account; its sessions stop everywhere within a second or two."""
    guarding.disable(session, actor, account_id, body.reason)


@router.post(
    "/accounts/{account_id}/enable", status_code=204, dependencies=[allow(Right.DISABLE_ACCOUNTS)]
)
def enable(account_id: UUID, body: ReasonIn, actor: ActorDep, session: SessionDep) -> None:
    """Let a disabled account sign in again."""
    guarding.enable(session, actor, account_id, body.reason)


@router.post("/staff/roster", dependencies=[allow(Right.APPOINT)])
def invite_roster(
    tables: sheets.Sent,
    actor: ActorDep,
    session: SessionDep,
    dry: Annotated[bool, Query(description="only look for faults")] = False,
) -> RosterOut:
    """Invite everybody on a spreadsheet; one fault, and nobody is."""
    found = roster.read(session, actor, tables)
    invited = [] if found.faults or dry else roster.invite(session, actor, found)
    url = get_settings().public_url
    return RosterOut(
        people=len(found.wanted), faults=sheets.in_words(found.faults, actor.language),
        invited=[
            InvitedOut(
                row=i.row, name=i.name, username=i.username,
                link=f"{url}/welcome#{i.secret}" if i.secret else None,
            )
            for i in invited
        ],
    )  # fmt: skip


def _invitation(account_id: UUID, secret: str | None) -> InvitationOut:
    if secret is None:
        return InvitationOut(account_id=account_id, link=None, qr_svg=None)
    # The secret stands behind '#': browsers do not send that part to any server.
    link = f"{get_settings().public_url}/welcome#{secret}"
    svg = segno.make(link, error="m").svg_inline(scale=5, border=2)
    return InvitationOut(account_id=account_id, link=link, qr_svg=svg)


@router.post("/accounts", status_code=201, dependencies=[allow(Right.APPOINT)])
def invite(body: AccountIn, actor: ActorDep, session: SessionDep) -> InvitationOut:
    """Put somebody into a post in one's own area: by a link who is new, else at once."""
    made = appointing.appoint(session, actor, Wanted(**body.model_dump()))
    return _invitation(made.account.id, made.secret)


@router.post(
    "/accounts/{account_id}/invitations", status_code=201, dependencies=[allow(Right.APPOINT)]
)
def invite_again(account_id: UUID, actor: ActorDep, session: SessionDep) -> InvitationOut:
    """Give somebody who forgot the password a new link."""
    return _invitation(account_id, appointing.invite_again(session, actor, account_id))


@router.post("/auth/invitation", dependencies=[allow_public()])
def accept(body: AcceptBody, request: Request, response: Response, session: SessionDep) -> Me:
    """Set a password with an invitation, and be signed in."""
    account = appointing.accept(session, body.secret, body.password)
    issued = service.sign_in(session, account, request.headers.get("user-agent", ""))
    return signed_in(session, issued, request, response, body.bearer)
