"""Many people invited from one spreadsheet: a hundred and thirty unit heads in one go."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.city.accounts.models import Account
from backend.city.areas import queries as areas
from backend.city.organizations.models import Organization
from backend.city.staffing import appointing
from backend.city.staffing.appointing import LEVEL_OF_ROLE, MAY_APPOINT, Wanted
from backend.core.actor import Actor, Role
from backend.core.language import SUPPORTED, sentences
from backend.tools.importing.sheets import Fault, Row, Table
from gis import codes

NAME, PHONE, ROLE, AREA, BODY, USERNAME = "姓名", "手机", "岗位", "区域编码", "单位", "用户名"
COLUMNS = (NAME, PHONE, ROLE, AREA, BODY, USERNAME)
PHONE_DIGITS = range(7, 16)  # ITU-T E.164: at most fifteen


@dataclass(frozen=True)
class Invited:
    """Somebody from the list, and the secret of the invitation."""

    row: int
    account_id: UUID
    name: str
    username: str
    secret: str


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
    """Check a list against the tree, the organizations and what the actor may appoint."""
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
    known = areas.named(session, {row[AREA] for row in table.rows if row[AREA]})
    bodies = {o.name: o for o in session.scalars(select(Organization))}
    given = [row[USERNAME] for row in table.rows if row[USERNAME]]
    taken = set(session.scalars(select(Account.username).where(Account.username.in_(given))))
    words = role_words()
    for row in table.rows:
        before = len(roster.faults)
        wanted = _wanted(roster, table, row, words, known, bodies, taken)
        if wanted is not None and len(roster.faults) == before:
            if not appointing.may_fill(session, actor, wanted):
                _fault(roster, table, row, ROLE, "fault.may_not_appoint",
                       "、".join(sentences("zh-CN")[f"role.{r}"]
                                for r in sorted(MAY_APPOINT.get(actor.role, ()))))  # fmt: skip
            else:
                roster.wanted.append((row.number, wanted))
    return roster


def _wanted(
    roster: Roster, table: Table, row: Row, words: dict[str, Role],
    known: dict[str, areas.Named], bodies: dict[str, Organization], taken: set[str],
) -> Wanted | None:  # fmt: skip
    if not row[NAME]:
        _fault(roster, table, row, NAME, "fault.name_empty")
    digits = "".join(sign for sign in row[PHONE] if sign.isdigit())
    if row[PHONE] and len(digits) not in PHONE_DIGITS:
        _fault(roster, table, row, PHONE, "fault.phone", "13800000000")
    role = words.get(row[ROLE])
    if role is None:
        _fault(roster, table, row, ROLE, "fault.role", sentences("zh-CN")["role.unit_head"])
        return None
    level = LEVEL_OF_ROLE.get(role)
    if level is not None:
        area = known.get(row[AREA])
        if area is None:
            _fault(roster, table, row, AREA, "fault.area_unknown")
        elif area.level != level:
            right = f"{codes.LENGTH[level]} 位"
            _fault(roster, table, row, AREA, "fault.area_level", right)
    body = bodies.get(row[BODY]) if row[BODY] else None
    if (row[BODY] and body is None) or (level is None and body is None and not row[AREA]):
        _fault(roster, table, row, BODY, "fault.organization_unknown")
    username = row[USERNAME]
    if username and username in taken:
        _fault(roster, table, row, USERNAME, "fault.username_taken")
    if username:
        taken.add(username)
    return Wanted(
        username or f"u{secrets.token_hex(4)}", row[NAME], role, row[AREA] or None,
        body.id if body else None, row[PHONE] or None,
    )  # fmt: skip


def _fault(
    roster: Roster, table: Table, row: Row, column: str, wrong: str, right: str = ""
) -> None:
    roster.faults.append(
        Fault(
            sheet=table.name, row=row.number, column=column, value=row[column], wrong=wrong,
            right=right,
        )
    )  # fmt: skip


def invite(session: Session, actor: Actor, roster: Roster) -> list[Invited]:
    """Make the accounts and posts of a faultless list; each with an invitation of its own."""
    invited = []
    for number, wanted in roster.wanted:
        account, secret = appointing.appoint(session, actor, wanted)
        invited.append(Invited(number, account.id, account.name, account.username, secret))
    return invited
