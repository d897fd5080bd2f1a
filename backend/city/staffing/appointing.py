"""Making accounts and posts, and inviting people to them by a link."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.city.accounts import passwords, queries, tokens
from backend.city.accounts.models import Account, Invitation, Post
from backend.city.accounts.service import end_sessions
from backend.city.areas import queries as areas
from backend.city.organizations.models import Organization
from backend.core import crypto
from backend.core.actor import INTAKE_COUNTY, Actor, Role
from backend.core.errors import BadInput, Conflict, Forbidden, NotFound
from gis import codes

INVITATION_DAYS = 7

# Who may appoint whom, inside their own area (D8: a secretary makes the village's unit heads).
MAY_APPOINT = {
    Role.SYS_ADMIN: frozenset(Role) - {Role.SYSTEM},
    Role.VILLAGE_SECRETARY: frozenset({Role.UNIT_HEAD, Role.GRID_WORKER}),
    Role.TOWN_DISPATCHER: frozenset(
        {Role.VILLAGE_SECRETARY, Role.UNIT_HEAD, Role.GRID_WORKER, Role.DEPARTMENT_CLERK}
    ),
}

LEVEL_OF_ROLE = {
    Role.UNIT_HEAD: codes.Level.UNIT,
    Role.GRID_WORKER: codes.Level.GRID,
    Role.VILLAGE_SECRETARY: codes.Level.VILLAGE,
    Role.TOWN_DISPATCHER: codes.Level.TOWN,
    Role.COUNTY_DISPATCHER: codes.Level.COUNTY,
    Role.CITY_DISPATCHER: codes.Level.CITY,
}


@dataclass(frozen=True)
class Wanted:
    """A new person and the post that they are wanted for."""

    username: str
    name: str
    role: Role
    area_code: str | None = None
    organization_id: UUID | None = None
    phone: str | None = None


def appoint(session: Session, actor: Actor, wanted: Wanted) -> tuple[Account, str]:
    """Make an account with one post; the account and the secret of its invitation.

    Raises
    ------
    Forbidden
        The actor may not appoint this role, or not there.
    BadInput
        The role belongs to another level of area, or the place is unknown.
    Conflict
        The user name is taken.
    """
    home = _home(session, actor, wanted)
    if session.scalar(select(Account.id).where(Account.username == wanted.username)):
        raise Conflict("username_taken", username=wanted.username)
    account = Account(username=wanted.username, name=wanted.name)
    session.add(account)
    session.flush()
    if wanted.phone:
        account.phone_sealed = crypto.seal(wanted.phone, f"account.phone/{account.id}")
        account.phone_blind = crypto.blind(wanted.phone, "account.phone")
    session.add(
        Post(
            account_id=account.id, role=wanted.role, area_code=wanted.area_code,
            organization_id=wanted.organization_id, home_county=home,
        )
    )  # fmt: skip
    return account, invite(session, actor, account)


def _home(session: Session, actor: Actor, wanted: Wanted) -> str:
    """The managing county of the new post, when the actor may appoint there at all."""
    if wanted.role not in MAY_APPOINT.get(actor.role, frozenset()):
        raise Forbidden("may_not_appoint", role=f"role.{wanted.role}")
    area_code = wanted.area_code
    if wanted.organization_id is not None:
        body = session.get(Organization, wanted.organization_id)
        if body is None:
            raise BadInput("organization_unknown")
        area_code = area_code or body.area_code
    if area_code is None:
        raise BadInput("post_needs_place")
    area = areas.named(session, [area_code]).get(area_code)
    if area is None:
        raise BadInput("area_unknown", code=area_code)
    level = LEVEL_OF_ROLE.get(wanted.role)
    if level is not None and (wanted.area_code is None or area.level != level):
        raise BadInput("role_needs_level", role=f"role.{wanted.role}", level=f"level.{level}")
    in_city = codes.level_of(area_code) is codes.Level.CITY
    county = INTAKE_COUNTY if in_city else area.managing_county
    if not (actor.covers(county, area_code) or (in_city and actor.role is Role.SYS_ADMIN)):
        raise Forbidden("not_your_area")
    return county


def may_fill(session: Session, actor: Actor, wanted: Wanted) -> bool:
    """Whether the actor may put somebody into such a post, or take them out of it."""
    try:
        _home(session, actor, wanted)
    except (Forbidden, BadInput):
        return False
    return True


def invite(session: Session, actor: Actor, account: Account) -> str:
    """A secret that sets a password once within a week; earlier ones stop working."""
    now = datetime.now(UTC)
    for old in session.scalars(
        select(Invitation).where(Invitation.account_id == account.id, Invitation.used_at.is_(None))
    ):
        old.used_at = now
    secret = tokens.new_secret()
    session.add(
        Invitation(
            account_id=account.id, secret_hash=tokens.secret_hash(secret), made_by=actor.id,
            expires_at=now + timedelta(days=INVITATION_DAYS),
        )
    )  # fmt: skip
    session.flush()
    return secret


def invite_again(session: Session, actor: Actor, account_id: UUID) -> str:
    """A new link for somebody who forgot the password, from whoever may appoint them.

    Raises
    ------
    NotFound
        No such person holds a post that the actor may fill.
    """
    for post in queries.posts_of(session, account_id):
        wanted = Wanted("", "", Role(post.role), post.area_code, post.organization_id)
        if not may_fill(session, actor, wanted):
            continue
        account = session.get(Account, account_id)
        assert account is not None
        return invite(session, actor, account)
    raise NotFound("account_not_found")


def accept(session: Session, secret: str, password: str) -> Account:
    """Set a password with an invitation; every older session of the person ends.

    Raises
    ------
    NotFound
        The invitation is unknown, used or too old.
    BadInput
        The password is too short, too long, or easily guessed.
    """
    row = session.scalar(
        select(Invitation)
        .where(
            Invitation.secret_hash == tokens.secret_hash(secret),
            Invitation.used_at.is_(None),
            Invitation.expires_at > datetime.now(UTC),
        )
        .with_for_update()
    )
    account = session.get(Account, row.account_id) if row else None
    if row is None or account is None or account.disabled_at is not None:
        raise NotFound("invitation_over")
    passwords.check_new(password, queries.words_of(session, account))
    account.password_hash = passwords.hashed(password)
    row.used_at = datetime.now(UTC)
    end_sessions(session, account.id)
    return account
