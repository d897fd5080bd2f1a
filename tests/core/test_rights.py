"""Who may call what, held as a picture: a right that changes is seen when the change is read.

After a change that is meant, write the picture anew and read the difference:
``ONEMAP_WRITE_PICTURES=1 .venv/bin/python -m pytest tests/core/test_rights.py``.
"""

import os
from pathlib import Path

from fastapi.testclient import TestClient

from backend.core.actor import Actor, Role
from backend.core.ids import new_id
from backend.core.permissions import every_route, permission_of, rights_of
from backend.core.rights import CITY_WIDE, MAY_APPOINT, TABLE, Right, held_by, holds

PICTURE = Path(__file__).with_name("rights.txt")
# The columns, in the order of the permission table.
SIGNS = {
    Role.RESIDENT: "R", Role.UNIT_HEAD: "U", Role.GRID_WORKER: "G", Role.VILLAGE_SECRETARY: "V",
    Role.TOWN_DISPATCHER: "T", Role.COUNTY_DISPATCHER: "C", Role.CITY_DISPATCHER: "Y",
    Role.DEPARTMENT_CLERK: "D", Role.LEADER: "L", Role.AUDITOR: "A", Role.SYS_ADMIN: "S",
}  # fmt: skip


def who(roles: list[str] | frozenset[Role]) -> str:
    return "".join(sign if role in roles else "." for role, sign in SIGNS.items())


def picture(client: TestClient) -> str:
    signs = "  ".join(f"{sign} {role}" for role, sign in SIGNS.items())
    lines = [
        "# Who may do what. " + signs,
        "# * only from a post of the whole city; anybody: who is signed in needs one of the rights behind",
        "",
        "## Rights",
    ]
    lines += [
        f"{who(roles)} {right}{' *' if right in CITY_WIDE else ''}"
        for right, roles in TABLE.items()
    ]
    lines += ["", "## Who appoints whom"]
    lines += [f"{who(MAY_APPOINT[role])} {role}" for role in SIGNS if role in MAY_APPOINT]
    lines += ["", "## Routes"]
    found = []
    for method, path, route in every_route(client.app):  # type: ignore[arg-type]
        permission = permission_of(route)
        public = permission is None or "public" in permission
        open_to = "anybody    " if public else who(permission or [])
        found.append(
            (path, method, f"{open_to} {method} {path} {' '.join(rights_of(route))}".strip())
        )
    lines += [line for _, _, line in sorted(found)]
    return "\n".join(lines) + "\n"


def test_rights_are_as_the_picture_shows(client: TestClient) -> None:
    drawn = picture(client)
    if os.environ.get("ONEMAP_WRITE_PICTURES"):
        PICTURE.write_text(drawn, "utf-8")
    assert drawn.splitlines() == PICTURE.read_text("utf-8").splitlines()


# What writes and asks for no right: one's own account, and what strangers send or open by a secret.
# Each says what keeps it from being more than that.
NO_RIGHT = {
    "PUT /api/auth/me/mail": "one's own",
    "PUT /api/auth/me/password": "one's own",
    "POST /api/auth/post": "one's own posts",
    "POST /api/auth/sessions/end-others": "one's own",
    "DELETE /api/auth/sessions/{session_id}": "one's own",
    "POST /api/notices/read": "one's own",
    "POST /api/auth/sign-in": "by a password",
    "POST /api/auth/refresh": "by a secret",
    "POST /api/auth/sign-out": "by a secret",
    "POST /api/auth/invitation": "by a secret",
    "POST /api/public/phone-codes": "a code to a telephone, in nobody's name",
    "POST /api/public/places": "reads only; an address stands in no log",
    "POST /api/public/events/{number}/open": "by the report's code",
    "POST /api/public/events/{number}/steps": "by the report's code; the process says who steps",
    "POST /api/public/notices/{number}/objections": "in nobody's name",
}


def test_what_writes_asks_for_a_right(client: TestClient) -> None:
    without = {
        f"{method} {path}"
        for method, path, route in every_route(client.app)  # type: ignore[arg-type]
        if method not in ("GET", "*") and not rights_of(route)
    }
    assert without == set(NO_RIGHT)


def test_every_right_is_given_to_somebody_and_asked_for_somewhere(client: TestClient) -> None:
    assert set(TABLE) == set(Right)
    asked = {
        right
        for _, _, route in every_route(client.app)  # type: ignore[arg-type]
        for right in rights_of(route)
    }
    assert asked == set(Right) and all(TABLE.values())
    assert not any(Role.SYSTEM in roles for roles in TABLE.values())


def test_the_citys_own_needs_a_post_of_the_whole_city() -> None:
    for area, has in (("3599", True), ("359902", False), ("359902101", False), (None, False)):
        assert (Right.KEEP_CALENDAR in held_by(Role.SYS_ADMIN, area)) is has
        assert Right.APPOINT in held_by(Role.SYS_ADMIN, area)


def test_governing_follows_the_managing_county() -> None:
    def admin(area: str, home: str) -> Actor:
        return Actor(new_id(), Role.SYS_ADMIN, new_id(), "x", area, home, ())

    city, zone, town = (
        admin("3599", "000000"),
        admin("359905", "359905"),
        admin("359902101", "359902"),
    )
    assert city.governs("000000", "3599") and city.governs("359902", "359902101001")
    # A functional zone governs a town whose code begins with another county's digits.
    assert zone.governs("359905", "359902105") and not zone.governs("359902", "359902101")
    assert not zone.governs("000000", "3599")
    assert town.governs("359902", "359902101001") and not town.governs("359902", "359902102")
    # The same code under another county is another place.
    assert not town.governs("359905", "359902101001")
    assert not holds(
        Actor(new_id(), Role.DEPARTMENT_CLERK, new_id(), "x", "", "359902", ()), Right.APPOINT
    )
