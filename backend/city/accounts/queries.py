"""Reads of accounts and posts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, LargeBinary, Select, and_, false, func, or_, select, text
from sqlalchemy.orm import Session

from backend.city.accounts.audit import RESTRICTED
from backend.city.accounts.models import Account, AccountContact, AccountSecret, AuditEntry, Post
from backend.city.areas import queries as areas
from backend.core import day, scope
from backend.core.actor import Actor, Role
from backend.core.asking import among
from gis import codes


def running(held_on: date | None = None) -> ColumnElement[bool]:
    """Posts that are held on a day (today when not said)."""
    on = held_on or day.today()
    return (Post.valid_from <= on) & or_(Post.valid_to.is_(None), Post.valid_to >= on)


# Whose sessions the transaction is about. Row-level security shows those of the account named here
# and of the signed-in one: whoever names another has asked before whether the caller may.
SUBJECT = text("SELECT set_config('onemap.subject', :account, true)")
SUBJECT_OF_SESSION = text(
    "SELECT set_config('onemap.subject', coalesce(account_of_session(:id)::text, ''), true)"
)


def name_subject(session: Session, account_id: UUID) -> None:
    """Say whose sessions the rest of the transaction may read and change."""
    session.execute(SUBJECT, {"account": str(account_id)})


def name_session(session: Session, sign_in_id: UUID) -> None:
    """The same by one session: its token or secret has been presented, its owner is not known."""
    session.execute(SUBJECT_OF_SESSION, {"id": sign_in_id})


def password_hash(session: Session, account_id: UUID) -> str | None:
    """The hash of the caller's own password; None for anybody else's."""
    return session.scalar(
        select(AccountSecret.password_hash).where(AccountSecret.account_id == account_id)
    )


def own_mail(session: Session, account_id: UUID) -> bytes | None:
    """The caller's own address, sealed."""
    return session.scalar(
        select(AccountContact.mail_sealed).where(AccountContact.account_id == account_id)
    )


def mail_for_notices(session: Session, account_id: UUID) -> bytes | None:
    """Anybody's address, sealed; for what sends notices, whoever it runs as."""
    return session.scalar(select(func.mail_of_account(account_id, type_=LargeBinary)))


def phones(session: Session, ids: Iterable[UUID]) -> dict[UUID, bytes]:
    """The sealed numbers of those of these people whom the caller may appoint."""
    rows = session.execute(
        select(AccountContact.account_id, AccountContact.phone_sealed).where(
            among(AccountContact.account_id, set(ids)), AccountContact.phone_sealed.is_not(None)
        )
    )
    return {account_id: sealed for account_id, sealed in rows if sealed is not None}


def words_of(session: Session, account: Account) -> list[str]:
    """What others know of a person, and would try as a password: names, places and their codes."""
    held = {post.area_code for post in posts_of(session, account.id) if post.area_code}
    chains = {code for area in held for code in codes.chain(area)}
    places = areas.named(session, chains)
    return [account.username, account.name, *held, *(place.name for place in places.values())]


def names(session: Session, ids: Iterable[UUID]) -> dict[UUID, str]:
    """People's names by id, in one query."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = session.execute(select(Account.id, Account.name).where(among(Account.id, wanted)))
    return {row.id: row.name for row in rows}


def by_username(session: Session, usernames: Iterable[str]) -> dict[str, Account]:
    """People by their user names, in one query."""
    rows = session.scalars(select(Account).where(among(Account.username, usernames)))
    return {account.username: account for account in rows}


def demo_accounts(session: Session) -> Sequence[Account]:
    """Who can sign in to the demo, in the order in which they were made."""
    return session.scalars(
        select(Account).where(Account.username.like("demo-%")).order_by(Account.id)
    ).all()


LEADERS = {
    codes.Level.UNIT: Role.UNIT_HEAD,
    codes.Level.GRID: Role.GRID_WORKER,
    codes.Level.VILLAGE: Role.VILLAGE_SECRETARY,
}


def leaders_of(session: Session, chain: Sequence[str], asked_for: date | None = None) -> list[str]:
    """Who was responsible for a place on a day: the unit's head, the grid's worker, the secretary.

    Today's when not said. Whoever was invited and has not joined holds nothing yet; whoever has
    left since then held it all the same.
    """
    on = asked_for or day.today()
    wanted = {c: LEADERS[codes.level_of(c)] for c in chain if codes.level_of(c) in LEADERS}
    rows = session.execute(
        select(Account.name, Post.area_code, Post.role)
        .join(Account, Account.id == Post.account_id)
        .where(
            among(Post.area_code, wanted),
            running(on),
            Account.joined,
            or_(Account.disabled_at.is_(None), Account.disabled_at >= day.midnight(on)),
        )
    )
    found = [(row.area_code, row.name) for row in rows if wanted[row.area_code] == row.role]
    return [name for _, name in sorted(found, key=lambda pair: -len(pair[0]))]


def posts_of(session: Session, account_id: UUID) -> Sequence[Post]:
    """The posts that a person holds today, the newest first."""
    return session.scalars(
        select(Post).where(Post.account_id == account_id, running()).order_by(Post.id.desc())
    ).all()


def running_post(session: Session, post_id: UUID, *, lock: bool = False) -> Post | None:
    """A post that is held today; locked and read afresh when it is going to change."""
    query = select(Post).where(Post.id == post_id, running())
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def posts_by_id(session: Session, ids: Iterable[UUID]) -> dict[UUID, Post]:
    """Posts by their keys, whether they are held today or not."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = session.scalars(select(Post).where(Post.id.in_(wanted)))
    return {post.id: post for post in rows}


def holders(session: Session, chain: Sequence[str], roles: Iterable[Role]) -> frozenset[UUID]:
    """Who holds one of these roles today, in one of these areas."""
    return frozenset(
        session.scalars(
            select(Post.account_id)
            .join(Account, Account.id == Post.account_id)
            .where(
                Post.area_code.in_(chain), Post.role.in_(list(roles)), running(),
                Account.disabled_at.is_(None),
            )
        )
    )  # fmt: skip


def holders_anywhere(session: Session, role: Role) -> frozenset[UUID]:
    """Who holds a role today, wherever: for what has no place yet."""
    return frozenset(
        session.scalars(
            select(Post.account_id)
            .join(Account, Account.id == Post.account_id)
            .where(Post.role == role, running(), Account.disabled_at.is_(None))
        )
    )


def members(session: Session, organization_id: UUID) -> frozenset[UUID]:
    """Who holds a post in an organization today."""
    return frozenset(
        session.scalars(
            select(Post.account_id)
            .join(Account, Account.id == Post.account_id)
            .where(
                Post.organization_id == organization_id, running(), Account.disabled_at.is_(None)
            )
        )
    )


@dataclass(frozen=True)
class Entries:
    """Which entries of the audit list are wanted."""

    what: Sequence[str] = ()
    # A part of the name of whoever did it, or of what it was done to.
    who: str = ""
    account: UUID | None = None
    since: date | None = None
    until: date | None = None


def entries(actor: Actor, wanted: Entries, after: UUID | None, size: int) -> Select[AuditEntry]:
    """The entries of the actor's place, the newest first; one more than a page."""
    query = select(AuditEntry).where(or_(false(), *scope.arms(AuditEntry, actor.scope)))
    if wanted.what:
        query = query.where(AuditEntry.what.in_(wanted.what))
    if wanted.who:
        about = AuditEntry.about.contains(wanted.who, autoescape=True)
        if actor.role is not Role.AUDITOR:
            # Who is not told what it is about must not find it by that either.
            open_to_all = AuditEntry.details[RESTRICTED].is_(None)
            about = and_(about, or_(open_to_all, AuditEntry.account_id == actor.id))
        said = or_(AuditEntry.name.contains(wanted.who, autoescape=True), about)
        query = query.where(said)
    if wanted.account is not None:
        query = query.where(AuditEntry.account_id == wanted.account)
    if wanted.since is not None:
        query = query.where(AuditEntry.at >= day.midnight(wanted.since))
    if wanted.until is not None:
        query = query.where(AuditEntry.at < day.end(wanted.until))
    if after is not None:
        query = query.where(AuditEntry.id < after)
    return query.order_by(AuditEntry.id.desc()).limit(size + 1)
