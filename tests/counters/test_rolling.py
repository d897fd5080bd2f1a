"""Numbers of areas: what was appended counts at once, for every area above, and once."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from backend.bench.explaining import explained
from backend.core.actor import system
from backend.core.db import unit_of_work
from backend.tools.counters import queries, service
from backend.tools.counters.models import LENGTHS, Counter, CounterDelta
from gis.codes import Level
from tests.owner import owner

COUNTY, OTHER = "359901", "359902"
UNIT, SECOND, BESIDE = "359901101001001001", "359901101001001002", "359901102001001001"
ABOVE = (
    (Level.CITY, "3599"), (Level.COUNTY, COUNTY), (Level.TOWN, "359901101"),
    (Level.VILLAGE, "359901101001"), (Level.GRID, "359901101001001"), (Level.UNIT, UNIT),
)  # fmt: skip


@pytest.fixture(autouse=True)
def empty(database: str) -> Iterator[None]:
    """No numbers before a test."""
    with owner() as session:
        session.execute(delete(CounterDelta))
        session.execute(delete(Counter))
    yield


def append(code: str, change: int = 1, measure: str = "state.filed", county: str = COUNTY) -> None:
    with unit_of_work(system(county)) as session:
        service.count(session, county, code, {measure: change})


def roll(batch: int = 20_000, county: str = COUNTY) -> int:
    with unit_of_work(system(county)) as session:
        return service.roll_up(session, county, batch)


def number(level: Level, code: str, measure: str = "state.filed") -> int:
    with unit_of_work(system(COUNTY)) as session:
        return queries.totals(session, [COUNTY], code, level).get(code, {}).get(measure, 0)


def waiting(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(CounterDelta)) or 0


def test_a_change_counts_for_its_area_and_every_area_above_and_no_other() -> None:
    append(UNIT, 3)
    append(BESIDE)
    for rolled in (False, True):
        if rolled:
            assert roll() == 2
        found = [number(level, code) for level, code in ABOVE]
        assert found == [4, 4, 3, 3, 3, 3], rolled
        assert number(Level.TOWN, "359901102") == 1
        assert number(Level.UNIT, SECOND) == 0


def test_what_is_rolled_up_and_what_is_not_yet_are_one_number() -> None:
    append(UNIT, 5)
    roll()
    append(UNIT, -2)
    append(SECOND, 4)
    assert number(Level.GRID, "359901101001001") == 7
    assert number(Level.UNIT, UNIT) == 3
    assert roll() == 2
    assert number(Level.GRID, "359901101001001") == 7
    assert roll() == 0
    assert number(Level.GRID, "359901101001001") == 7


def test_a_roll_takes_a_batch_and_leaves_the_rest_counted() -> None:
    for _ in range(5):
        append(UNIT)
    assert roll(batch=2) == 2
    with owner() as session:
        assert waiting(session) == 3
    assert number(Level.VILLAGE, "359901101001") == 5
    assert [roll(batch=2), roll(batch=2), roll(batch=2)] == [2, 1, 0]
    assert number(Level.VILLAGE, "359901101001") == 5


def test_what_another_roller_holds_is_left_to_it_without_waiting() -> None:
    for _ in range(6):
        append(UNIT)
    with unit_of_work(system(COUNTY)) as other:
        held = select(CounterDelta.id).order_by(CounterDelta.id).limit(4).with_for_update()
        assert len(other.scalars(held).all()) == 4
        with unit_of_work(system(COUNTY)) as session:
            session.execute(text("SET LOCAL lock_timeout = '2s'"))
            assert service.roll_up(session, COUNTY) == 2
    assert number(Level.UNIT, UNIT) == 6
    assert (roll(), number(Level.UNIT, UNIT)) == (4, 6)


def test_rollers_at_once_count_everything_once() -> None:
    for code in (UNIT, SECOND, BESIDE) * 10:
        append(code)
    gate, found = threading.Barrier(3), []

    def work() -> None:
        gate.wait(20)
        found.append(roll(batch=10))

    rollers = [threading.Thread(target=work) for _ in range(3)]
    for roller in rollers:
        roller.start()
    for roller in rollers:
        roller.join(30)
    with owner() as session:
        assert sum(found) + waiting(session) == 30
    while roll():
        pass
    assert [number(level, code) for level, code in ABOVE] == [30, 30, 20, 20, 20, 10]


def test_a_county_rolls_its_own_numbers_alone() -> None:
    append(UNIT)
    append("359902101001001001", 7, county=OTHER)
    assert roll(county=OTHER) == 1
    with owner() as session:
        assert waiting(session) == 1
        assert set(session.scalars(select(Counter.county_code))) == {OTHER}


def test_what_the_transaction_takes_back_was_never_counted() -> None:
    with pytest.raises(ZeroDivisionError), unit_of_work(system(COUNTY)) as session:
        service.count(session, COUNTY, UNIT, {"state.filed": 1})
        raise ZeroDivisionError
    assert number(Level.UNIT, UNIT) == 0


def test_families_are_read_apart_and_a_change_of_nothing_is_not_written() -> None:
    append(UNIT, 2, "2026-11.reported")
    append(UNIT, 0)
    with owner() as session:
        assert waiting(session) == 1
    with unit_of_work(system(COUNTY)) as session:
        said = queries.totals(session, [COUNTY], "359901101", Level.UNIT, ["2026-11"])
    assert said == {UNIT: {"2026-11.reported": 2}}
    assert number(Level.UNIT, UNIT) == 0


def test_lengths_of_time_are_a_family_of_their_own_in_the_index() -> None:
    append(UNIT, 3, "2026-11.dispatched")
    append(UNIT, 1, "2026-11.response.17")
    roll()
    with unit_of_work(system(COUNTY)) as session, explained() as seen:
        session.execute(text("SET LOCAL enable_seqscan = off"))

        def said(family: str) -> dict[str, int]:
            return queries.totals(session, [COUNTY], UNIT, Level.UNIT, [family])[UNIT]

        # Nine tenths of a month's rows are lengths: a board reads none of them.
        assert not [name for name in said("2026-11") if ".response." in name]
        assert said("2026-11" + LENGTHS) == {"2026-11.response.17": 1}
    assert "ix_counter_family" in seen[-1].by
