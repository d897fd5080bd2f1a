"""A city that stands at the version of 2026-11-21, with what people did in it, comes to today's."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, create_engine, text

from backend.cli.migrating import migrate_now
from backend.core import ids
from backend.core.day import today
from backend.core.db import get_engine
from backend.core.settings import get_settings
from backend.embedded import postgres
from backend.embedded.place import Place
from tests.conftest import use

BEFORE = "0019"
COLUMNS = text(
    "SELECT column_name, udt_name FROM information_schema.columns WHERE table_schema = 'public'"
    " AND table_name = :name AND is_nullable = 'NO' AND column_default IS NULL"
)
FILLERS: dict[str, Any] = {
    "varchar": "", "text": "", "int2": 0, "int4": 0, "int8": 0, "float8": 0.0, "bool": False,
    "jsonb": "{}", "timestamptz": "2026-11-01T00:00:00Z", "date": "2026-11-01", "bytea": b"",
    "numeric": 0, "_uuid": "{}", "_varchar": "{}",
}  # fmt: skip
HERE, THERE, FURTHER = "350102", "350103", "350104"
# Long before today in any zone, so that no test is about which day it is.
LONG_AGO = date(2026, 3, 1)


@dataclass(frozen=True)
class City:
    """A database at one revision, written to as its owner."""

    connection: Connection

    def add(self, table: str, **said: Any) -> UUID:
        """One row; what a column needs and the test does not say is filled in."""
        values: dict[str, Any] = {
            name: uuid4() if kind == "uuid" else FILLERS[kind]
            for name, kind in self.connection.execute(COLUMNS, {"name": table})
        } | said  # fmt: skip
        values["id"] = said.get("id", ids.new_id())
        names = ", ".join(f'"{name}"' for name in values)
        marks = ", ".join(f":{name}" for name in values)
        self.connection.execute(text(f'INSERT INTO "{table}" ({names}) VALUES ({marks})'), values)
        return UUID(str(values["id"]))

    def person(self) -> UUID:
        """Somebody who can sign in."""
        return self.add("account", username=uuid4().hex, name="张三")

    def up(self, to: str = "head") -> None:
        """Commit, and apply the migrations up to a revision."""
        self.connection.commit()
        migrate_now(to)

    def all(self, sql: str, **said: Any) -> list[Any]:
        """The rows of a query."""
        return list(self.connection.execute(text(sql), said).all())


@pytest.fixture(scope="module")
def empty(servers: Place) -> Iterator[str]:
    """A database at the version of 2026-11-21, to be cloned."""
    postgres.prepare_database(servers, "before_template")
    use(servers, "before_template")
    migrate_now(BEFORE)
    yield "before_template"
    postgres.psql(servers, "DROP DATABASE before_template WITH (FORCE)")


@pytest.fixture
def city(servers: Place, empty: str) -> Iterator[City]:
    """Such a city of the test's own."""
    postgres.psql(servers, f"CREATE DATABASE before TEMPLATE {empty} OWNER onemap_owner")
    use(servers, "before")
    engine = create_engine(get_settings().owner_url)
    with engine.connect() as connection:
        yield City(connection)
    engine.dispose()
    get_engine().dispose()
    postgres.psql(servers, "DROP DATABASE before WITH (FORCE)")


def test_of_double_posts_the_one_that_began_first_stays(city: City) -> None:
    who, body = city.person(), city.add("organization", area_code=HERE, name="城管")
    team = city.add("team", organization_id=body, name="一组")
    same = {"account_id": who, "role": "grid_worker", "area_code": HERE, "home_county": HERE,
            "organization_id": None}  # fmt: skip
    next_month = today() + timedelta(days=30)
    later = city.add("post", **same, valid_from=next_month)
    first = city.add("post", **same, valid_from=LONG_AGO)
    placed = city.add("post", **same, valid_from=LONG_AGO + timedelta(days=9), team_id=team)
    past = city.add("post", **same, valid_from=LONG_AGO, valid_to=LONG_AGO + timedelta(days=3))
    other = city.add("post", **same | {"role": "village_head"}, valid_from=next_month)
    signed = city.add("sign_in", account_id=who, post_id=placed)
    city.up()
    kept = city.all("SELECT id, valid_from, team_id FROM post WHERE valid_to IS NULL ORDER BY role")
    # They are at work today as they were yesterday, and in the team that they were put in.
    assert kept == [(first, LONG_AGO, team), (other, next_month, None)]
    held = "SELECT count(*) FROM post WHERE id = ANY (:ids) AND valid_from <= valid_to"
    assert city.all(held, ids=[later, placed]) == [(0,)]
    assert city.all(held, ids=[past]) == [(1,)]
    assert city.all("SELECT post_id FROM sign_in WHERE id = :id", id=signed) == [(first,)]


def test_organizations_of_one_name_are_told_apart(city: City) -> None:
    # Work hangs on each of them: all stay.
    bodies = [city.add("organization", area_code=HERE, name="城管") for _ in range(3)]
    city.add("organization", area_code=THERE, name="城管")
    city.up()
    names = dict(city.all("SELECT id, name FROM organization WHERE area_code = :a", a=HERE))
    assert names.keys() == set(bodies) and len(set(names.values())) == 3
    assert names[bodies[0]] == "城管"
    assert city.all("SELECT count(*) FROM organization WHERE closed_at IS NULL") == [(4,)]


def test_work_given_to_a_double_team_is_the_first_ones(city: City) -> None:
    who, body = city.person(), city.add("organization", area_code=HERE, name="城管")
    first, double = (city.add("team", organization_id=body, name="一组") for _ in range(2))
    city.add("post", account_id=who, role="clerk", area_code=HERE, home_county=HERE, team_id=double)
    event = city.add("event", county_code=HERE, area_code=HERE, event_no="1")
    duty = city.add("assignment", county_code=HERE, event_id=event, organization_id=body,
                    team_id=double, status="accepted")  # fmt: skip
    city.up()
    assert city.all("SELECT id FROM team WHERE closed_at IS NULL") == [(first,)]
    assert city.all("SELECT team_id FROM post") == [(first,)]
    assert city.all("SELECT team_id FROM assignment WHERE id = :id", id=duty) == [(first,)]


@pytest.mark.parametrize(
    ("stretches", "after"),
    [
        # The second begins in the first and ends after it; the third lies within both.
        ([(1, 5), (3, 9), (4, 7)], [(1, 5, 0), (6, 9, 1)]),
        # The second holds the first: a piece before it, a piece after.
        ([(4, 6), (1, 10)], [(1, 3, 1), (4, 6, 0), (7, 10, 1)]),
        # The same twice; and next to each other is no clash.
        ([(1, 2), (1, 2), (3, 4)], [(1, 2, 0), (3, 4, 2)]),
        # The third fills what the others leave.
        ([(2, 3), (6, 7), (1, 9)], [(1, 1, 2), (2, 3, 0), (4, 5, 2), (6, 7, 1), (8, 9, 2)]),
    ],
)  # fmt: skip
def test_who_was_on_leave_on_a_day_still_is(
    city: City, stretches: list[tuple[int, int]], after: list[tuple[int, int, int]]
) -> None:
    who, deputies = city.person(), [city.person() for _ in stretches]
    for (first, last), deputy in zip(stretches, deputies, strict=True):
        for account, ended in ((who, None), (city.person(), None), (who, "2026-03-01T00:00:00Z")):
            city.add(
                "leave", account_id=account, deputy_id=deputy, ended_at=ended,
                first_day=LONG_AGO + timedelta(days=first),
                last_day=LONG_AGO + timedelta(days=last),
            )  # fmt: skip
    city.up()
    found = [
        ((row.first_day - LONG_AGO).days, (row.last_day - LONG_AGO).days,
         deputies.index(row.deputy_id))
        for row in city.all(
            "SELECT * FROM leave WHERE account_id = :who AND ended_at IS NULL ORDER BY first_day",
            who=who,
        )
    ]  # fmt: skip
    assert found == after
    others = city.all("SELECT count(*) FROM leave WHERE account_id <> :who AND ended_at IS NULL",
                      who=who)  # fmt: skip
    assert others == [(len(stretches),)]


def test_patterns_end_but_the_one_that_was_made_first(city: City) -> None:
    same = {"county_code": HERE, "area_code": HERE, "rhythm": "daily", "at": "09:00"}
    later = city.add("review_pattern", **same, made_at="2026-11-02T00:00:00Z")
    first = city.add("review_pattern", **same, made_at="2026-11-01T00:00:00Z")
    assert later < first
    city.up()
    assert city.all("SELECT id FROM review_pattern WHERE ended_at IS NULL") == [(first,)]


def test_who_came_twice_came_when_they_came_first(city: City) -> None:
    who = city.person()
    review = city.add("review", county_code=HERE, area_code=HERE, review_no="1")
    same = {"county_code": HERE, "review_id": review, "account_id": who, "name": "张三"}
    city.add("review_person", **same, signed_at="2026-11-02T09:30:00Z")
    first = city.add("review_person", **same, signed_at="2026-11-02T09:00:00Z")
    guests = [
        city.add("review_person", county_code=HERE, review_id=review, account_id=None, name="李四")
        for _ in range(2)
    ]
    city.up()
    assert city.all("SELECT id FROM review_person WHERE account_id = :who", who=who) == [(first,)]
    names = dict(city.all("SELECT id, name FROM review_person WHERE account_id IS NULL"))
    assert names.keys() == set(guests) and len(set(names.values())) == 2


def test_what_hangs_on_an_event_follows_it_over_several_counties(city: City) -> None:
    moved = ids.new_id()
    for county, to in ((HERE, THERE), (THERE, FURTHER), (FURTHER, None)):
        city.add("event", id=moved, county_code=county, area_code=county, event_no="1", moved_to=to)
    stays = city.add("event", county_code=HERE, area_code=HERE, event_no="2")
    item = city.add("item", county_code=HERE, area_code=HERE, item_no="1")
    for event in (moved, stays):
        city.add("item_event", county_code=HERE, item_id=item, event_id=event)
    body = city.add("organization", area_code=HERE, name="城管")
    for county in (HERE, THERE):
        city.add("assignment", county_code=county, event_id=moved, organization_id=body,
                 status="returned")  # fmt: skip
        city.add("reveal", county_code=county, event_id=moved, field="phone", reason="回访")
        city.add("message", county_code=county, event_id=moved, status="sent", to_blind=b"1")
    city.add("message", county_code=HERE, event_id=moved, status="sending", to_blind=b"2")
    city.up()
    links = dict(city.all("SELECT event_id, event_county FROM item_event"))
    assert links == {moved: FURTHER, stays: HERE}
    assert city.all("SELECT DISTINCT county_code FROM assignment") == [(FURTHER,)]
    assert city.all("SELECT count(*) FROM assignment") == [(2,)]
    # Journals stay where they were written, and go along.
    seen = city.all("SELECT county_code, count(*) FROM reveal GROUP BY 1 ORDER BY 1")
    assert seen == [(HERE, 1), (THERE, 1), (FURTHER, 2)]
    told = city.all("SELECT county_code, status FROM message ORDER BY 1, 2")
    assert told == [(HERE, "sending"), (FURTHER, "sent"), (FURTHER, "sent")]


def test_a_number_from_outside_that_came_twice_names_the_first_event(city: City) -> None:
    same = {"source": "hotline", "external_ref": "A-1"}
    city.add("event", county_code=HERE, area_code=HERE, event_no="1", **same,
             reported_at="2026-11-03T00:00:00Z")  # fmt: skip
    first = city.add("event", county_code=THERE, area_code=THERE, event_no="2", **same,
                     reported_at="2026-11-02T00:00:00Z")  # fmt: skip
    city.up()
    found = city.all("SELECT reference, event_county, event_id FROM external_reference")
    assert found == [("A-1", THERE, first)]


def test_codes_in_messages_that_went_out_are_made_unreadable(city: City) -> None:
    event = city.add("event", county_code=HERE, area_code=HERE, event_no="1")
    code, known = "查询码 ACDEFGHJ。", city.person()
    for n, (words, status, who) in enumerate((
        (code, "sent", None), (code, "waiting", None), (code, "sent", known),
        ("您反映的 20261121-0001 已办结", "sent", None),
    )):  # fmt: skip
        city.add("message", county_code=HERE, event_id=event, words=words, status=status,
                 account_id=who, to_blind=bytes([n]))  # fmt: skip
    before = dict(city.all("SELECT to_blind, xmin::text FROM message"))
    city.up("0023b")
    after = city.all("SELECT words FROM message ORDER BY to_blind")
    assert [row.words for row in after] == [
        "查询码 ********。", code, code, "您反映的 20261121-0001 已办结",
    ]  # fmt: skip
    # What holds no code is not written anew: there are millions.
    written = dict(city.all("SELECT to_blind, xmin::text FROM message"))
    assert [before[bytes([n])] == written[bytes([n])] for n in range(4)] == [
        False,
        True,
        True,
        True,
    ]


def test_a_year_that_no_calendar_knows_holds_nothing_up(city: City) -> None:
    for taken in ("0001-01-01T00:00:00Z", "infinity", "2026-11-01T00:00:00Z", None):
        city.add("media", county_code=HERE, taken_at=taken)
    city.up()
    assert city.all("SELECT count(*), count(taken_at) FROM media") == [(4, 1)]


def test_what_is_restricted_is_counted_once_under_its_own_names(city: City) -> None:
    def case(number: str, **said: Any) -> None:
        event = city.add(
            "event", county_code=HERE, area_code=HERE, event_no=number, state="filed", **said
        )
        for seq, (action, state) in enumerate((("submit", "reported"), ("file", "filed")), 1):
            city.add(
                "event_action", county_code=HERE, event_id=event, seq=seq, action=action,
                to_state=state, at=f"2026-03-0{seq}T02:00:00Z", details="{}",
            )  # fmt: skip

    case("1", restricted=True)
    case("2", restricted=False)
    city.up("0035")
    # Of a month that had such names already, this one among them.
    counted = {"county_code": HERE, "area_code": HERE, "measure": "2026-03.restricted.filed"}
    city.connection.execute(
        text("INSERT INTO counter VALUES (:county_code, :area_code, :measure, 1)"), counted
    )
    city.up()
    found = city.all(
        "SELECT measure, sum(n)::int FROM (SELECT measure, change AS n FROM counter_delta"
        " UNION ALL SELECT measure, total FROM counter) AS counted"
        " WHERE measure LIKE '%.restricted.%' GROUP BY 1"
    )
    assert dict(found) == {  # type: ignore[arg-type]
        "now.restricted.filed": 1, "2026-03.restricted.reported": 1, "2026-03.restricted.filed": 1,
    }  # fmt: skip
