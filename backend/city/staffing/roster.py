"""Many people invited from one spreadsheet: a hundred and thirty unit heads in one go."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.orm import Session

from backend.city.accounts import queries as accounts
from backend.city.areas import queries as areas
from backend.city.organizations import queries as organizations
from backend.city.organizations.models import Organization
from backend.city.staffing import appointing
from backend.city.staffing import queries as staff
from backend.city.staffing.placing import Wanted, belongs, may_fill
from backend.core.actor import Actor, Role
from backend.core.db import one_at_a_time
from backend.core.errors import Refused
from backend.core.inputs import Name, Phone, Username
from backend.core.language import SUPPORTED, say, sentences
from backend.core.rights import LEVEL_OF_ROLE, MAY_APPOINT, stand_apart
from backend.tools.importing.cells import read_cells
from backend.tools.importing.sheets import Fault, Row, Table
from gis import codes

NAME, PHONE, ROLE, AREA, BODY, USERNAME = "姓名", "手机", "岗位", "区域编码", "单位", "用户名"
COLUMNS = (NAME, PHONE, ROLE, AREA, BODY, USERNAME)
# Of a user name that is left to us: among 140,000 people and 20,000 new ones none meets another's.
RANDOM_BYTES = 6


@dataclass(frozen=True)
class Invited:
    """Somebody from the list, and the secret of the invitation; none for who is known already."""

    row: int
    account_id: UUID
    name: str
    username: str
    secret: str | None


@dataclass
class Roster:
    """What a list says, and everything that is wrong with it."""

    wanted: list[tuple[int, Wanted]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def role_words() -> dict[str, Role]:
    """Roles by what people call them, in every language, and by their own names."""
    named = {sentences(lang)[f"role.{role}"]: role for lang in SUPPORTED for role in Role}
    return named | {role.value: role for role in Role}


def read(session: Session, actor: Actor, tables: Sequence[Table]) -> Roster:
    """Check a list against the tree, the organizations and what the actor may appoint.

    Of two lists that come at once the second is read once the first is done: sent twice, a list
    invites nobody twice.
    """
    one_at_a_time(session, f"roster/{actor.home_county}")
    roster = Roster()
    table = tables[0] if tables else Table("", [], [])
    missing = [title for title in (NAME, ROLE) if title not in table.columns]
    for title in missing:
        roster.faults.append(
            Fault(sheet=table.name, row=1, column=title, wrong="fault.column_missing",
                  right="、".join(COLUMNS))
        )  # fmt: skip
    if missing:
        return roster
    reader = _Reader(session, actor, table, roster)
    for row in table.rows:
        reader.take(row)
    return roster


# Why somebody known may not hold the post beside theirs, as the list says it, and in which column.
HINDRANCES = {
    "username_taken": (USERNAME, "fault.username_taken"),
    "appoint_self": (USERNAME, "fault.appoint_self"),
    "post_held_already": (USERNAME, "fault.post_held"),
    "post_stands_apart": (ROLE, "fault.post_apart"),
}


class _Reader:
    """Reads the rows of one list; knows what they name."""

    def __init__(self, session: Session, actor: Actor, table: Table, roster: Roster) -> None:
        self.session, self.actor, self.table, self.roster = session, actor, table, roster
        self.words = role_words()
        self.known = areas.named(session, {row[AREA] for row in table.rows if row[AREA]})
        self.bodies: dict[str, list[Organization]] = {}
        for body in organizations.open_ones(session):
            self.bodies.setdefault(body.name, []).append(body)
        given = [row[USERNAME] for row in table.rows if row[USERNAME]]
        self.people = accounts.by_username(session, given)
        # Without a user name people are known again by name and post.
        unnamed = [row[NAME] for row in table.rows if not row[USERNAME]]
        self.held = staff.posts_of_names(session, unnamed)
        # Who is named on the list itself, and for which posts.
        self.names: dict[str, str] = {}
        self.spelt: dict[str, str] = {}
        self.posts: set[tuple[str, Role, str | None, UUID | None]] = set()
        self.roles: dict[str, set[Role]] = {}

    def take(self, row: Row) -> None:
        before = len(self.roster.faults)
        wanted = self.wanted(row)
        if wanted is None:
            return
        if len(self.roster.faults) == before and not may_fill(self.session, self.actor, wanted):
            may = sorted(MAY_APPOINT.get(self.actor.role, ()))
            right = "、".join(say("zh-CN", f"role.{role}") for role in may)
            self.fault(row, ROLE, "fault.may_not_appoint", right)
        self.person(row, wanted)
        if len(self.roster.faults) == before:
            self.roster.wanted.append((row.number, wanted))

    def wanted(self, row: Row) -> Wanted | None:
        if not row[NAME]:
            self.fault(row, NAME, "fault.name_empty")
        # The same types as in the body of an invitation.
        given = read_cells(
            self.roster.faults, self.table, row, {NAME: Name, PHONE: Phone, USERNAME: Username}
        )
        role = self.words.get(row[ROLE])
        if role is None:
            self.fault(row, ROLE, "fault.role", say("zh-CN", "role.unit_head"))
            return None
        level = LEVEL_OF_ROLE.get(role)
        if level is not None:
            area = self.known.get(row[AREA])
            if area is None:
                self.fault(row, AREA, "fault.area_unknown")
            elif area.level != level:
                self.fault(row, AREA, "fault.area_level", f"{codes.LENGTH[level]} 位")
        elif not row[BODY] and not row[AREA]:
            self.fault(row, BODY, "fault.organization_unknown")
        username = given.get(USERNAME) or f"u{secrets.token_hex(RANDOM_BYTES)}"
        return Wanted(
            username, given.get(NAME) or "", role,
            row[AREA] or None, self.body(row, role), given.get(PHONE),
        )  # fmt: skip

    def body(self, row: Row, role: Role) -> UUID | None:
        """The organization that a row names: of several with one name, the one of the place."""
        if not row[BODY]:
            return None
        named = self.bodies.get(row[BODY], [])
        if not named:
            self.fault(row, BODY, "fault.organization_unknown")
        for one in named:
            home = areas.home_of(self.session, one.area_code)
            mine = home is not None and self.actor.governs(home, one.area_code)
            if mine and belongs(role, row[AREA] or one.area_code, one.area_code):
                return one.id
        if named:
            self.fault(row, BODY, "fault.organization_elsewhere")
        return None

    def person(self, row: Row, wanted: Wanted) -> None:
        """Whether the user name is free, or its bearer's own; one person may stand in two rows.

        Two people of one name in one post are told apart by their user names.
        """
        if not row[USERNAME]:
            same = (wanted.name, wanted.role.value, wanted.area_code, wanted.organization_id)
            if same in self.held:
                self.fault(row, NAME, "fault.held_by_name")
            self.held.add(same)
            return
        other = self.spelt.setdefault(wanted.username.casefold(), wanted.username)
        if other != wanted.username:
            self.fault(row, USERNAME, "fault.same_person", other)
        post = (wanted.username, wanted.role, wanted.area_code, wanted.organization_id)
        roles = self.roles.setdefault(wanted.username, set())
        if any(stand_apart(role, wanted.role) for role in roles):
            self.fault(row, ROLE, "fault.post_apart")
        roles.add(wanted.role)
        if self.names.setdefault(wanted.username, wanted.name) != wanted.name:
            self.fault(row, USERNAME, "fault.username_taken")
        elif post in self.posts:
            self.fault(row, USERNAME, "fault.post_held")
        elif wanted.username in self.people:
            try:
                appointing.may_hold(self.session, self.actor, self.people[wanted.username], wanted)
            except Refused as refused:
                column, wrong = HINDRANCES[refused.code]
                self.fault(row, column, wrong)
        self.posts.add(post)

    def fault(self, row: Row, column: str, wrong: str, right: str = "") -> None:
        self.roster.faults.append(
            Fault(
                sheet=self.table.name, row=row.number, column=column, value=row[column],
                wrong=wrong, right=right,
            )
        )  # fmt: skip


def invite(session: Session, actor: Actor, roster: Roster) -> list[Invited]:
    """Fill the posts of a faultless list; who is new gets an invitation of their own."""
    invited = []
    for number, wanted in roster.wanted:
        made = appointing.appoint(session, actor, wanted)
        account = made.account
        invited.append(Invited(number, account.id, account.name, account.username, made.secret))
    return invited
