"""People in every town and village of the city, and what the past needs to know of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from backend.city.areas import writing
from backend.city.organizations.models import Kind, Organization
from backend.core import day
from backend.core.actor import Role
from backend.core.ids import new_id
from backend.seeding.loading import Bytes
from backend.seeding.people import DUTIES, IN_OFFICE
from backend.seeding.recipe import SEED, read
from backend.seeding.tree import City

Indexes = NDArray[np.intp]


def organize(session: Session, city: City) -> None:
    """Offices of every town, departments of every county, a body for every village without one."""
    names = read("names")
    titles = {row.code: row.name for row in session.execute(text("SELECT code, name FROM area"))}
    served = set(session.execute(text("SELECT area_code FROM organization")).scalars())
    counties, towns, villages = (
        [code for code in city.codes[level] if code not in served] for level in range(3)
    )
    rows = [
        (f"{titles[code]}{body}", Kind.DEPARTMENT, code)
        for code in counties for body in names["county_departments"]
    ]  # fmt: skip
    rows += [(f"{titles[code]}基层治理协同中心", Kind.COORD_CENTER, code) for code in towns]
    rows += [
        (f"{titles[code]}{office}", Kind.DEPARTMENT, code)
        for code in towns for office in names["town_offices"]
    ]  # fmt: skip
    rows += [
        (f"{titles[code]}{'居' if titles[code].endswith('社区') else ''}委会", Kind.VILLAGE, code)
        for code in villages
    ]
    session.execute(
        insert(Organization),
        [
            {
                "id": new_id(), "name": name, "kind": kind, "area_code": code,
                "duties": next((d for part, d in DUTIES.items() if name.endswith(part)), []),
            }
            for name, kind, code in rows
        ],
    )  # fmt: skip


def appoint(session: Session, city: City) -> None:
    """Somebody for every unit, grid, village, town, county and department that has nobody yet."""
    taken = {
        (row.area_code, row.role)
        for row in session.execute(text("SELECT area_code, role FROM post"))
    }
    served = set(session.execute(text("SELECT organization_id FROM post")).scalars())
    levels = (
        (0, Role.COUNTY_DISPATCHER, "county"), (1, Role.TOWN_DISPATCHER, "town"),
        (2, Role.VILLAGE_SECRETARY, "village"), (3, Role.GRID_WORKER, "grid"),
        (4, Role.UNIT_HEAD, "unit"),
    )  # fmt: skip
    wanted: list[tuple[str, Role, str | None, UUID | None, str]] = [
        (f"{name}-{code}", role, code, None, code[:6])
        for level, role, name in levels
        for code in city.codes[level]
        if (code, role) not in taken
    ]
    bodies = session.execute(
        text("SELECT id, area_code FROM organization WHERE kind = 'department' ORDER BY id")
    ).all()
    wanted += [
        (f"clerk-of-{body}", Role.DEPARTMENT_CLERK, None, body, area[:6])
        for body, area in bodies
        if body not in served
    ]
    people = [(new_id(), *one) for one in wanted]
    since = day.today() - IN_OFFICE
    connection = writing.driver(session)
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY account (id, username, name, language) FROM STDIN") as out,
    ):
        for (key, username, *_), name in zip(people, _names(len(people)), strict=True):
            out.write_row((key, username, name, "zh-CN"))
    columns = "id, account_id, role, area_code, organization_id, home_county, valid_from"
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY post ({columns}) FROM STDIN".encode()) as out,
    ):
        for key, _, role, area, body, county in people:
            out.write_row((new_id(), key, role.value, area, body, county, since))


def _names(n: int) -> Iterator[str]:
    """Made-up people's names."""
    rng = np.random.default_rng(SEED + 5)
    names = read("names")
    surnames = rng.choice(list(names["surnames"]), n)
    given = rng.choice(names["given"], n)
    return (f"{a}{b}" for a, b in zip(surnames, given, strict=True))


@dataclass(frozen=True)
class Posts:
    """Accounts and posts, one a row, as bytes."""

    accounts: Bytes
    posts: Bytes

    def of(self, which: Indexes) -> "Posts":
        """Those at these places."""
        return Posts(self.accounts[which], self.posts[which])


class Staff:
    """Who acted in the city's past, each found by the place of the event's unit in the list."""

    def __init__(self, session: Session, city: City) -> None:
        rows = session.execute(
            text("SELECT role, coalesce(area_code, organization_id::text) AS key,"
                 " account_id, id FROM post ORDER BY id DESC")
        ).all()  # fmt: skip
        # The oldest post of a place acts: later rows are overwritten by earlier ones.
        found = {(row.role, row.key): (row.account_id.bytes, row.id.bytes) for row in rows}
        units, towns = city.codes[4], city.codes[1]
        self.heads = _posts([found[Role.UNIT_HEAD, code] for code in units])
        self.desks = _posts([found[Role.TOWN_DISPATCHER, code] for code in towns])
        place = {code: i for i, code in enumerate(towns)}
        self.town: Indexes = np.array([place[code[:9]] for code in units])
        bodies = session.execute(
            text("SELECT id, area_code FROM organization WHERE kind = 'department' ORDER BY id")
        ).all()
        self.bodies = _bytes([body.id.bytes for body in bodies])
        self.clerks = _posts([found[Role.DEPARTMENT_CLERK, str(body.id)] for body in bodies])
        # The departments that serve a town: its own offices, then those of its county.
        self.serving: Indexes = np.array(
            [
                [i for i, body in enumerate(bodies) if body.area_code == code]
                + [i for i, body in enumerate(bodies) if body.area_code == code[:6]]
                for code in towns
            ]
        )


def _bytes(values: Sequence[bytes]) -> Bytes:
    return np.frombuffer(b"".join(values), np.uint8).reshape(len(values), -1)


def _posts(found: Sequence[tuple[bytes, bytes]]) -> Posts:
    return Posts(_bytes([a for a, _ in found]), _bytes([p for _, p in found]))
