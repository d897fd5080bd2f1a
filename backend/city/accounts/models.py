"""Tables of accounts. All but the audit list are small, and refer to no table that grows."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.core import day
from backend.core.db import Base, Code, CountyCode, CountyFirst
from backend.core.ids import new_id


class Account(Base):
    """A person who can sign in, as colleagues see them; the rest stands in two tables below."""

    __tablename__ = "account"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    language: Mapped[str] = mapped_column(default="zh-CN")
    # Whether they have chosen a password; before that they hold no post yet.
    joined: Mapped[bool] = mapped_column(server_default=false(), default=False)
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class AccountSecret(Base):
    """By what a person is known again; read by themselves alone. No row before they have joined."""

    __tablename__ = "account_secret"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    # data class: secret.
    password_hash: Mapped[str]


class AccountContact(Base):
    """How a person is reached; read by themselves and by who may fill a post of theirs."""

    __tablename__ = "account_contact"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    # data class: personal. Sealed with `core.crypto`; the blind value finds a number again.
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_blind: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    # data class: personal. Where notices go as mail, when the person wants that.
    mail_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class Post(Base):
    """An appointment: a role, in an area or an organization, for a period."""

    __tablename__ = "post"
    __table_args__ = (
        CheckConstraint("area_code IS NOT NULL OR organization_id IS NOT NULL", name="somewhere"),
        Index("ix_post_area", "area_code", "role"),
        # A second post is another one: nobody holds the same twice.
        Index(
            "uq_post_held",
            "account_id",
            "role",
            "area_code",
            "organization_id",
            unique=True,
            postgresql_where=text("valid_to IS NULL"),
            postgresql_nulls_not_distinct=True,
        ),
        # Who can be appointed stands in this order; few posts are of an organization.
        Index("ix_post_role", "role", "area_code"),
        Index(
            "ix_post_organization", "organization_id",
            postgresql_where=text("organization_id IS NOT NULL"),
        ),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    role: Mapped[str]
    area_code: Mapped[str | None] = mapped_column(Code)
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization.id"))
    # The managing county of the post's area: where the holder's own writes are keyed.
    home_county: Mapped[str] = mapped_column(CountyCode)
    valid_from: Mapped[date] = mapped_column(default=day.today)
    valid_to: Mapped[date | None]
    # Inside the organization; work that is given to the team is this person's as well.
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"))


class Leave(Base):
    """Days on which somebody is away, and who stands in for them; both days count."""

    __tablename__ = "leave"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint("account_id <> deputy_id", name="somebody_else"),
        # Nobody is away twice on one day.
        ExcludeConstraint(
            ("account_id", "="),
            (text("daterange(first_day, last_day, '[]')"), "&&"),
            name="ex_leave_days",
            using="gist",
            where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    deputy_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    made_by: Mapped[UUID]
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[datetime | None]


class SignIn(Base):
    """One device that is signed in; its refresh secret changes at every use."""

    __tablename__ = "sign_in"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    post_id: Mapped[UUID] = mapped_column(ForeignKey("post.id"))
    # The secret follows from these two and the installation's key (`tokens.secret_of`).
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    generation: Mapped[int]
    # When the newest secret was made, and those of the last minute before it.
    rotated_at: Mapped[datetime]
    replaced: Mapped[list[datetime]] = mapped_column(ARRAY(DateTime(timezone=True)))
    # data class: personal.
    device: Mapped[str] = mapped_column(default="")
    # Where it was last used from: the network as lists show it, and what the whole address is
    # known again by.
    address: Mapped[str] = mapped_column(server_default="", default="")
    address_blind: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Invitation(Base):
    """A link that lets its bearer set a password once: to join, or after forgetting it."""

    __tablename__ = "invitation"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    made_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)


class AuditEntry(CountyFirst, Base):
    """Something that must be answerable for; the application's role adds rows and changes none."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_what", "county_code", "what", "id"),
        Index("ix_audit_entry_account", "county_code", "account_id", "id"),
    )

    # Where it belongs; whoever audits that place reads it.
    area_code: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    what: Mapped[str]
    # Who did it; the nil key for somebody who is not signed in. The name is that of the day.
    account_id: Mapped[UUID]
    post_id: Mapped[UUID | None]
    role: Mapped[str]
    name: Mapped[str]
    # Whom or what it was done to, by key and in a few words without personal data.
    subject_id: Mapped[UUID | None]
    about: Mapped[str] = mapped_column(server_default="", default="")
    reason: Mapped[str] = mapped_column(server_default="", default="")
    details: Mapped[dict[str, Any]] = mapped_column(server_default="{}", default=dict)
