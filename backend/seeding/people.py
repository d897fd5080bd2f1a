"""The demo's organizations, accounts and posts."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend.city.accounts.models import Account, AccountSecret, Post
from backend.city.accounts.passwords import hasher
from backend.city.organizations.models import Kind, Organization
from backend.core import day
from backend.core.actor import INTAKE_COUNTY, Role
from backend.core.ids import new_id
from backend.seeding.recipe import PASSWORD, SEED, read
from backend.seeding.tree import City

# The demo's people were there before its history began.
IN_OFFICE = timedelta(days=5 * 365)

# Which duties of the category scheme a body has, by what it is called.
DUTIES = {
    "城建办": ["public_works", "drainage", "housing", "land"], "环卫所": ["sanitation"],
    "综合执法队": ["city_management", "fire_safety"], "民政办": ["civil_affairs", "justice"],
    "水务局": ["drainage"], "供电公司": ["power", "lighting"], "住建局": ["housing", "gas"],
    "应急管理局": ["fire_safety", "gas"],
}  # fmt: skip


@dataclass(frozen=True)
class Person:
    """Somebody in a post."""

    account_id: UUID
    name: str
    role: Role
    area_code: str | None
    organization_id: UUID | None
    home_county: str
    username: str


class Names:
    """An endless supply of made-up people's names."""

    def __init__(self) -> None:
        self._rng = np.random.default_rng(SEED + 2)
        self._names = read("names")

    def next(self) -> str:
        """One name."""
        surname = self._rng.choice(list(self._names["surnames"]))
        return f"{surname}{self._rng.choice(self._names['given'])}"


def organize(session: Session, city: City, town: str) -> dict[str, UUID]:
    """The organizations of one town, its villages and its county: their keys by name."""
    names = read("names")
    county = city.managing[town]
    rows = [("西天镇基层治理协同中心", Kind.COORD_CENTER, town)]
    rows += [(f"西天镇{office}", Kind.DEPARTMENT, town) for office in names["town_offices"]]
    rows += [(f"荷城区{body}", Kind.DEPARTMENT, county) for body in names["county_departments"]]
    villages = [code for code in city.codes[2] if code.startswith(town)]
    rows += [
        (f"{name}居委会" if name.endswith("社区") else f"{name}委会", Kind.VILLAGE, code)
        for name, code in zip(names["villages"], villages, strict=False)
    ]
    made = {name: (new_id(), kind, code) for name, kind, code in rows}
    session.execute(
        insert(Organization),
        [
            {
                "id": key,
                "name": name,
                "kind": kind,
                "area_code": code,
                "duties": next((d for part, d in DUTIES.items() if name.endswith(part)), []),
            }
            for name, (key, kind, code) in made.items()
        ],
    )
    return {name: key for name, (key, _, _) in made.items()}


def appoint(session: Session, city: City, town: str, bodies: dict[str, UUID]) -> list[Person]:
    """One demo account a role, and a person for every unit, grid and village of the town."""
    names = Names()
    county = city.managing[town]
    villages = [code for code in city.codes[2] if code.startswith(town)]
    grids = [code for code in city.codes[3] if code.startswith(town)]
    units = [code for code in city.codes[4] if code.startswith(town)]
    first_grid = next(g for g in grids if g.startswith(villages[0]))
    first_unit = next(u for u in units if u.startswith(first_grid))
    demo: list[tuple[str, Role, str | None, UUID | None]] = [
        ("demo-unit", Role.UNIT_HEAD, first_unit, None),
        ("demo-grid", Role.GRID_WORKER, first_grid, None),
        ("demo-village", Role.VILLAGE_SECRETARY, villages[0], None),
        ("demo-town", Role.TOWN_DISPATCHER, town, None),
        ("demo-dept", Role.DEPARTMENT_CLERK, None, bodies["西天镇城建办"]),
        ("demo-county", Role.COUNTY_DISPATCHER, county, None),
        ("demo-city", Role.CITY_DISPATCHER, "3599", None),
        ("demo-leader", Role.LEADER, "3599", None),
        ("demo-resident", Role.RESIDENT, villages[0], None),
        ("demo-audit", Role.AUDITOR, "3599", None),
        ("demo-admin", Role.SYS_ADMIN, "3599", None),
        # The second pair of eyes in the town: its party work area.
        ("demo-party", Role.TOWN_DISPATCHER, town, None),
    ]
    others: list[tuple[str, Role, str | None, UUID | None]]
    others = [(f"unit-{u}", Role.UNIT_HEAD, u, None) for u in units if u != first_unit]
    others += [(f"grid-{g}", Role.GRID_WORKER, g, None) for g in grids if g != first_grid]
    others += [(f"village-{v}", Role.VILLAGE_SECRETARY, v, None) for v in villages[1:]]
    others += [
        (f"clerk-{i}", Role.DEPARTMENT_CLERK, None, body)
        for i, (name, body) in enumerate(bodies.items())
        if not name.endswith("协同中心")
    ]
    password = hasher.hash(PASSWORD)
    people = [
        Person(new_id(), names.next(), role, area, body, _home(city, area, county), username)
        for username, role, area, body in [*demo, *others]
    ]
    session.execute(
        insert(Account),
        [
            {
                "id": p.account_id, "username": p.username, "name": p.name,
                "joined": p.username.startswith("demo-"),
            }
            for p in people
        ],
    )  # fmt: skip
    session.execute(
        insert(AccountSecret),
        [
            {"account_id": p.account_id, "password_hash": password}
            for p in people
            if p.username.startswith("demo-")
        ],
    )
    since = day.today() - IN_OFFICE
    session.execute(
        insert(Post),
        [
            {
                "id": new_id(), "account_id": p.account_id, "role": p.role,
                "area_code": p.area_code, "organization_id": p.organization_id,
                "home_county": p.home_county, "valid_from": since,
            }
            for p in people
        ],
    )  # fmt: skip
    return people


def _home(city: City, area: str | None, county: str) -> str:
    if area == "3599":
        return INTAKE_COUNTY
    return city.managing.get(area or "", county)
