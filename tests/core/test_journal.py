"""Journals hold after any round trip through PostgreSQL, and break at the entry that was changed."""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, insert, text
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from backend.cli.app import app
from backend.core import journal, verifying
from backend.core.actor import system
from backend.core.journal import GENESIS
from backend.core.settings import get_settings
from backend.matters.deliberations.models import DeliberationAction
from backend.matters.events.models import EventAction
from backend.matters.items.models import ItemAction
from backend.matters.reviews.models import ReviewLine
from tests.conftest import Town
from tests.events.makers import reported

COUNTY = "359902"
Bearer = Callable[[str], dict[str, str]]
AT = datetime(2026, 11, 20, 23, 30, 0, 123456, UTC)


@pytest.fixture(scope="module")
def owner(town: Town) -> Iterator[Session]:
    """A session that sees every row, in a zone that is nobody's here."""
    reported(town, town.unit_head_of(town.grids[0]))
    engine = create_engine(
        get_settings().owner_url, connect_args={"options": "-c timezone=America/St_Johns"}
    )
    with Session(engine) as session:
        yield session
    engine.dispose()


def kept(session: Session, value: Any) -> Any:
    """What PostgreSQL gives back for a JSON document."""
    stored = session.scalar(text("SELECT CAST(:v AS jsonb)::text"), {"v": json.dumps(value)})
    return json.loads(stored)


# What JSONB can hold: no NUL, no half of a pair of surrogates, no NaN.
WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
NUMBERS = (
    st.integers(-(10**40), 10**40)
    | st.integers(-(2**53) - 9, 2**53 + 9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([-0.0, 1e17, 1e-7, 1.10, 1e21, 1e22, 1e23, 2.0**70, 2**70, 10**400, 5e-324])
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)
DETAILS = st.dictionaries(WORDS, VALUES, max_size=6)
MOMENTS = st.datetimes(
    datetime(1, 1, 3), datetime(9999, 12, 29),  # noqa: DTZ001 (whoever sends none)
    timezones=st.none() | st.builds(
        timezone, st.timedeltas(timedelta(hours=-23), timedelta(hours=23))
    ),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(details=DETAILS, note=WORDS, client_at=st.none() | MOMENTS)
def test_any_entry_holds_after_a_round_trip(
    owner: Session, town: Town, details: dict[str, Any], note: str, client_at: datetime | None
) -> None:
    key, event = uuid4(), _any_event(owner)
    fields = journal.entry(
        EventAction, system(COUNTY), GENESIS, 1, "comment", note=note, details=details, at=AT,
        event_id=event, from_state="filed", to_state="filed", client_at=client_at,
    )  # fmt: skip
    with owner.begin_nested() as nested:
        # The number of another journal's entry would clash; the seal covers it, the place does not.
        owner.execute(text("DELETE FROM event_action WHERE event_id = :id"), {"id": event})
        owner.execute(insert(EventAction).values(county_code=COUNTY, id=key, **fields))
        owner.expire_all()
        row = owner.get(EventAction, (COUNTY, key))
        assert row is not None
        assert journal.broken_at([row], fields["hash"]) is None
        owner.expunge(row)
        nested.rollback()


def _any_event(owner: Session) -> UUID:
    key = owner.scalar(text("SELECT id FROM event WHERE county_code = :c LIMIT 1"), {"c": COUNTY})
    assert isinstance(key, UUID)
    return key


@settings(max_examples=300, deadline=None)
@given(one=DETAILS, other=DETAILS)
def test_different_documents_have_different_forms(owner: Session, one: Any, other: Any) -> None:
    same = _by_value(kept(owner, one)) == _by_value(kept(owner, other))
    assert (journal.canonical({"d": one}) == journal.canonical({"d": other})) == same


def _by_value(value: Any) -> Any:
    """A document with each number as what it is worth, apart from booleans and strings."""
    if isinstance(value, dict):
        return {name: _by_value(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_by_value(inner) for inner in value]
    return (type(value) is bool, value)


@pytest.mark.parametrize(
    ("one", "other"),
    [(2**53, 2**53 + 1), (10**30, 10**30 + 1), (2**70, 2.0**70), (2**53 + 1, str(2**53 + 1)),
     (None, False), (1, True), (0, False), ("1", 1), ({}, {"a": None}), ([], {}), (10**400, 10**400 + 1)],
)  # fmt: skip
def test_what_differs_is_sealed_differently(one: Any, other: Any) -> None:
    assert journal.canonical({"d": {"v": one}}) != journal.canonical({"d": {"v": other}})


@pytest.mark.parametrize(
    ("given", "form"),
    [(-0.0, "0"), (1e17, "100000000000000000"), (10**17, "100000000000000000"), (1e-7, "1e-7"),
     (1.10, "1.1"), (1e21, "1e+21"), (10**21, "1e+21"), (333333333.33333329, "333333333.3333333"),
     (9007199254740993, '"\\u00009007199254740993"'), ("€\u20ac\r", '"€€\\r"'), (None, "null")],
)  # fmt: skip
def test_numbers_and_words_are_written_as_rfc_8785_says(given: Any, form: str) -> None:
    assert journal.canonical({"d": given}).decode() == f'{{"d":{form}}}'


def test_a_moment_without_a_zone_is_by_the_citys_clocks_whatever_the_server_says() -> None:
    naive = datetime(2026, 11, 28, 8, 0)  # noqa: DTZ001 (what is tested)
    here = datetime(2026, 11, 28, 8, 0, tzinfo=timezone(timedelta(hours=8)))
    assert journal.moment(naive) == here
    assert journal.canonical({"at": naive}) == journal.canonical({"at": here})
    assert journal.moment(naive).tzinfo is UTC


def test_every_column_of_an_entry_is_sealed_but_its_key_its_county_and_the_seal() -> None:
    for kind in (EventAction, ItemAction, DeliberationAction, ReviewLine):
        columns = {c.key for c in kind.__mapper__.column_attrs} - {"county_code", "id", "hash"}
        assert set(kind.sealed[journal.FORM]) == columns
        assert 1 in kind.sealed
    assert set(verifying.kinds()) == {EventAction, ItemAction, DeliberationAction, ReviewLine}


def _in_form_1(event_id: UUID, seq: int, previous: bytes, **changes: Any) -> dict[str, Any]:
    """An entry as it was sealed at first: Python's JSON with sorted keys."""
    said: dict[str, Any] = {
        "event_id": event_id, "seq": seq, "action": "comment", "from_state": "filed",
        "to_state": "filed", "actor_id": UUID(int=0), "post_id": None, "role": "system",
        "organization_id": None, "note": "旧账", "details": {"a": 1.5, "b": [1, "二"]},
        "at": AT, "client_at": None,
    } | changes  # fmt: skip
    plain = {
        name: value.isoformat(timespec="microseconds") if isinstance(value, datetime)
        else str(value) if isinstance(value, UUID) else value
        for name, value in said.items()
    }  # fmt: skip
    body = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return said | {"form": 1, "hash": hashlib.sha256(previous + body.encode()).digest()}


def test_what_was_sealed_in_the_first_form_holds_and_goes_on_in_the_second(town: Town) -> None:
    event_id = uuid4()
    first = _in_form_1(event_id, 1, GENESIS)
    second = _in_form_1(event_id, 2, first["hash"], note="再记")
    third = journal.entry(
        EventAction, system(COUNTY), second["hash"], 3, "comment", at=AT, event_id=event_id,
        from_state="filed", to_state="filed", client_at=None,
    )  # fmt: skip
    rows = [EventAction(county_code=COUNTY, id=uuid4(), **one) for one in (first, second, third)]
    assert journal.broken_at(rows, third["hash"]) is None
    rows[1].note = "改了"
    assert journal.broken_at(rows, third["hash"]) == 2
    rows[1].note, rows[1].form = "再记", 2
    assert journal.broken_at(rows, third["hash"]) == 2
    rows[1].form = 9
    assert journal.broken_at(rows, third["hash"]) == 2


def test_a_line_of_a_meeting_in_the_first_form_holds(town: Town) -> None:
    review = uuid4()
    body = json.dumps(
        {"actor_id": str(UUID(int=0)), "at": AT.isoformat(timespec="microseconds"), "details": {},
         "entry_id": None, "kind": "opened", "name": "张三", "review_id": str(review), "seq": 1},
        ensure_ascii=False, sort_keys=True, separators=(",", ":"),
    )  # fmt: skip
    sealed = hashlib.sha256(GENESIS + body.encode()).digest()
    line = ReviewLine(
        county_code=COUNTY, id=uuid4(), review_id=review, seq=1, action="opened", entry_id=None,
        actor_id=UUID(int=0), name="张三", details={}, at=AT, hash=sealed, form=1,
    )  # fmt: skip
    assert journal.broken_at([line], sealed) is None
    line.name = "李四"
    assert journal.broken_at([line], sealed) == 1


def test_verify_walks_every_journal_and_tells_the_first_that_was_changed(town: Town) -> None:
    head = town.unit_head_of(town.grids[0])
    event_id = reported(town, head)
    engine = create_engine(get_settings().owner_url)
    with Session(engine) as session:
        before = verifying.check(session, EventAction)
        assert (before.things, before.broken, before.first) == ("event", 0, None)
        assert before.journals >= 1 and before.entries >= before.journals
        for tamper, seq in (
            ("UPDATE event_action SET details = details || '{\"x\": 1}' WHERE event_id = :id", 1),
            ("UPDATE event_action SET form = 1 WHERE event_id = :id", 1),
            ("DELETE FROM event_action WHERE event_id = :id", 1),
            ("UPDATE event SET log_seq = 2 WHERE id = :id", 2),
            ("UPDATE event SET log_head = decode(repeat('00', 32), 'hex') WHERE id = :id", 2),
        ):
            with session.begin_nested() as nested:
                session.execute(text(tamper), {"id": event_id})
                session.expire_all()
                after = verifying.check(session, EventAction)
                assert after.first is not None
                assert (after.broken, after.first.thing_id, after.first.seq) == (1, event_id, seq)
                nested.rollback()
    engine.dispose()


def test_the_command_says_that_all_journals_hold_and_fails_when_one_does_not(town: Town) -> None:
    run = CliRunner()
    event_id = reported(town, town.unit_head_of(town.grids[0]))
    held = run.invoke(app, ["verify"])
    assert held.exit_code == 0 and held.output.count("hold") == 4, held.output
    engine = create_engine(get_settings().owner_url)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE event_action SET note = '改' WHERE event_id = :id"), {"id": event_id}
        )
    broken = run.invoke(app, ["verify"])
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE event_action SET note = '' WHERE event_id = :id"), {"id": event_id}
        )
    engine.dispose()
    assert broken.exit_code == 1 and f"event {event_id} at entry 1" in broken.output


@pytest.mark.parametrize(
    "change",
    [{"accuracy_m": 1e17}, {"accuracy_m": -0.0}, {"accuracy_m": 1e-7}, {"accuracy_m": 1.10},
     {"lon": 119.04922142205949}],
)  # fmt: skip
def test_an_honest_report_holds_whatever_its_numbers(
    client: TestClient, town: Town, bearer: Bearer, change: dict[str, float]
) -> None:
    lon, lat = town.sites[town.units[0]]
    body = {
        "client_id": str(uuid4()), "text": "路灯不亮", "category": "0201",
        "position": {"lon": lon, "lat": lat, "crs": "WGS84"} | change,
        "client_at": datetime.now(timezone(timedelta(hours=-5))).isoformat(),
    }  # fmt: skip
    made = client.post("/api/events", json=body, headers=bearer("demo-unit"))
    assert made.status_code == 201, made.text
    audit = client.get(f"/api/events/{made.json()['id']}/audit", headers=bearer("demo-county"))
    assert audit.status_code == 200 and audit.json()["broken_at"] is None


def test_a_time_without_a_zone_is_refused_from_outside(
    client: TestClient, town: Town, bearer: Bearer
) -> None:
    body = {
        "client_id": str(uuid4()), "text": "路灯不亮", "category": "0201",
        "area_code": town.units[0], "client_at": "2026-11-28T08:00:00",
    }  # fmt: skip
    assert client.post("/api/events", json=body, headers=bearer("demo-unit")).status_code == 422
