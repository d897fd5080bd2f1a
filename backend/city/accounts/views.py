"""How a signed-in person is shown, and what their device gets."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, computed_field
from sqlalchemy.orm import Session

from backend.city.accounts import queries, service, slowing, tokens
from backend.city.accounts.models import SignIn
from backend.city.areas import queries as areas
from backend.city.organizations import queries as organizations
from backend.core.actor import Role
from backend.core.rights import MAY_APPOINT, Right, held_by
from backend.core.settings import get_settings


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

    @computed_field  # type: ignore[prop-decorator]
    @property
    def rights(self) -> list[Right]:
        """What the post may do: which pages and buttons there are."""
        return sorted(held_by(self.post.role, self.post.area_code))

    @computed_field  # type: ignore[prop-decorator]
    @property
    def zone(self) -> str:
        """The city's zone by its IANA name: its days and clocks are those of every screen."""
        return get_settings().zone

    @computed_field  # type: ignore[prop-decorator]
    @property
    def appoints(self) -> list[Role]:
        """Whom the post may appoint."""
        return [role for role in Role if role in MAY_APPOINT.get(self.post.role, ())]


class Ended(BaseModel):
    """How many sessions were ended."""

    sessions: int


class SessionOut(BaseModel):
    """A device on which somebody is signed in."""

    id: UUID
    # As the browser or program names itself, and in a word or two for screens.
    agent: str
    device: str
    # The network that it was last used from, and the post that it acts in.
    address: str
    role: Role | None
    place: str
    since: datetime
    # Renewed every quarter of an hour of use.
    seen_at: datetime
    current: bool


# What a name of a browser contains, in the order in which to look: Edge says Chrome as well.
BROWSERS = {"MicroMessenger": "WeChat", "wxwork": "WeCom", "Edg": "Edge", "Firefox": "Firefox",
            "Chrome": "Chrome", "Safari": "Safari"}  # fmt: skip
SYSTEMS = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows",
           "Mac OS": "macOS", "HarmonyOS": "HarmonyOS", "Linux": "Linux"}  # fmt: skip


def device_of(agent: str) -> str:
    """A browser's long name in a word or two; a program's own name; empty when it says none."""
    browser = next((said for sign, said in BROWSERS.items() if sign in agent), "")
    system = next((said for sign, said in SYSTEMS.items() if sign in agent), "")
    return " · ".join(part for part in (browser, system) if part) or agent.partition("/")[0][:40]


def show_sessions(
    session: Session, rows: Sequence[SignIn], current: UUID | None = None
) -> list[SessionOut]:
    """Sessions as lists show them."""
    posts = queries.posts_by_id(session, {row.post_id for row in rows})
    named = areas.named(session, [p.area_code for p in posts.values() if p.area_code])
    bodies = organizations.names(
        session, [p.organization_id for p in posts.values() if p.organization_id]
    )
    shown = []
    for row in rows:
        post = posts.get(row.post_id)
        area, body = (post.area_code, post.organization_id) if post else (None, None)
        place = bodies.get(body, "") if body else ""
        shown.append(
            SessionOut(
                id=row.id, agent=row.device, device=device_of(row.device), address=row.address,
                role=Role(post.role) if post else None,
                place=place or (named[area].name if area in named else ""),
                since=row.created_at, seen_at=row.rotated_at, current=row.id == current,
            )
        )  # fmt: skip
    return shown


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
    session: Session, issued: service.Issued, request: Request, response: Response, bearer: bool,
    *, renewed: bool = False,
) -> Me:  # fmt: skip
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
        secure = settings.secure_cookies or request.scope["scheme"] == "https"
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
        # A browser that stays is known from its first renewal on.
        name = slowing.cookie_of(issued.account.username)
        known = slowing.is_known(issued.account.username, request.cookies.get(name, ""))
        if renewed and not known:
            response.set_cookie(
                name, slowing.mark_of(issued.account.username),
                max_age=slowing.MARK_DAYS * 86400,
                path="/api/auth", **common,  # type: ignore[arg-type]
            )  # fmt: skip
    response.headers["Cache-Control"] = "no-store"
    return me
