"""Formal pressure from above: a number, a level, an answer by a day, and who hears when it is late."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from backend.core import clock, day, delivery
from backend.core.actor import Actor, system
from backend.core.db import unit_of_work
from backend.core.steps import NotYet
from backend.matters.events import queries
from backend.matters.events.casework.measures import figures
from backend.matters.events.models import Event
from backend.matters.events.promises import jobs
from backend.matters.events.reading import listing, showing
from backend.matters.events.reading.whole import read
from backend.subscriptions import HANDLERS
from backend.tools.counters.models import CounterDelta
from backend.tools.notices.models import Notice
from tests.conftest import Town
from tests.events.makers import an_event_at, take

COUNTY = "359902"


def the(event_id: UUID) -> Event:
    with unit_of_work(system(COUNTY)) as session:
        return session.get_one(Event, (COUNTY, event_id))


def told(actor: Actor, event_id: UUID) -> list[str]:
    while delivery.drain(COUNTY, HANDLERS):
        pass
    with unit_of_work(actor) as session:
        return list(
            session.scalars(
                select(Notice.about).where(
                    Notice.account_id == actor.id, Notice.event_id == event_id
                )
            )
        )


def number_now() -> int:
    with unit_of_work(system(COUNTY)) as session:
        total = session.scalar(
            select(func.coalesce(func.sum(CounterDelta.change), 0)).where(
                CounterDelta.measure == "now.supervised"
            )
        )
    return int(total or 0)


def listed(actor: Actor) -> dict[UUID, listing.EventLine]:
    with unit_of_work(actor) as session:
        query = queries.listed(actor, queries.Wanted(supervised=True), None, 200)
        return {
            line.id: line for line in listing.lines(session, actor, session.scalars(query).all())
        }


def serial(number: str | None) -> int:
    assert number is not None
    year = day.of(clock.now()).year
    assert number.startswith(f"S{year}-{COUNTY}-") and len(number) == len("S2026-359902-0001")
    return int(number[-4:])


def test_numbers_follow_each_other_in_a_county_and_year(town: Town) -> None:
    one, other, third = (an_event_at(town, "handling") for _ in range(3))
    for event_id, who in ((one, "demo-county"), (other, "demo-city"), (third, "demo-leader")):
        take(town, town[who], event_id, "supervise")
    numbers = [serial(the(e).supervision_no) for e in (one, other, third)]
    assert numbers == list(range(numbers[0], numbers[0] + 3))
    assert [the(e).supervision_level for e in (one, other, third)] == ["county", "city", "city"]


def test_it_is_seen_answered_and_lifted(town: Town) -> None:
    event_id, before = an_event_at(town, "handling"), number_now()
    take(town, town["demo-county"], event_id, "supervise", note="群众多次反映")
    assert number_now() == before + 1
    assert {"told.supervised_no"} <= set(told(town["demo-dept"], event_id))
    assert "told.supervised_no" in told(town["demo-town"], event_id)
    line = listed(town["demo-town"])[event_id]
    assert (line.supervision_level, line.supervision_no) == ("county", the(event_id).supervision_no)
    with unit_of_work(town["demo-leader"]) as session:
        case = showing.whole(session, town["demo-leader"], session.merge(the(event_id)))
    assert case.supervision_by == town["demo-county"].name
    assert case.timeline[-1].supervision_no == case.supervision_no
    with pytest.raises(NotYet, match="supervision_is_yours"):
        take(town, town["demo-county"], event_id, "answer_supervision")
    take(town, town["demo-dept"], event_id, "answer_supervision", note="明天完工")
    assert "told.supervision_answer" in told(town["demo-county"], event_id)
    with pytest.raises(NotYet, match="supervision_answered"):
        take(town, town["demo-town"], event_id, "answer_supervision")
    # Not enough: the same level asks again, under the same number.
    number = the(event_id).supervision_no
    take(town, town["demo-county"], event_id, "supervise")
    assert the(event_id).supervision_no == number
    with pytest.raises(NotYet, match="supervision_from_above"):
        take(town, town["demo-town"], event_id, "lift_supervision")
    take(town, town["demo-county"], event_id, "lift_supervision")
    assert (the(event_id).supervised_until, the(event_id).supervision_no) == (None, None)
    assert event_id not in listed(town["demo-town"]) and number_now() == before
    with unit_of_work(system(COUNTY)) as session:
        past = read(session, session.get_one(Event, (COUNTY, event_id))).facts.past
    measured = {name.split(".", 1)[1]: n for name, n in figures(past).items()}
    assert (measured["supervised"], measured["answered"], measured["answered_on_time"]) == (2, 1, 1)


def test_a_level_above_takes_it_over_and_none_below(town: Town) -> None:
    event_id = an_event_at(town, "handling")
    take(town, town["demo-town"], event_id, "supervise")
    assert the(event_id).supervision_level == "town"
    with pytest.raises(NotYet, match="supervision_is_yours"):
        take(town, town["demo-town"], event_id, "answer_supervision")
    take(town, town["demo-city"], event_id, "supervise")
    assert the(event_id).supervision_level == "city"
    with pytest.raises(NotYet, match="supervised_already"):
        take(town, town["demo-county"], event_id, "supervise")
    take(town, town["demo-county"], event_id, "answer_supervision")


def test_a_town_does_not_press_itself(town: Town) -> None:
    with pytest.raises(NotYet, match="nobody_to_supervise"):
        take(town, town["demo-town"], an_event_at(town, "filed"), "supervise")


def test_late_it_is_told_to_the_leader_and_to_whoever_presses(town: Town) -> None:
    late, answered = an_event_at(town, "handling"), an_event_at(town, "handling")
    until = clock.now() + timedelta(days=2)
    for event_id in (late, answered):
        take(town, town["demo-county"], event_id, "supervise", until=until)
    take(town, town["demo-dept"], answered, "answer_supervision")
    with clock.at(until + timedelta(minutes=1)), unit_of_work(system(COUNTY)) as session:
        jobs.scan_late(session, COUNTY)
    for who in ("demo-leader", "demo-county", "demo-town", "demo-dept"):
        assert "told.late_supervision" in told(town[who], late), who
        assert "told.late_supervision" not in told(town[who], answered), who


def test_whatever_ends_it_ends_the_pressure(town: Town) -> None:
    event_id, before = an_event_at(town, "handling"), number_now()
    take(town, town["demo-county"], event_id, "supervise")
    take(town, town["demo-town"], event_id, "transfer_out", reason="police")
    assert the(event_id).supervised_until is None and number_now() == before
    waiting = an_event_at(town, "reported")
    take(town, town["demo-county"], waiting, "supervise")
    take(town, town["demo-town"], waiting, "void", reason="mistaken")
    assert the(waiting).supervision_no is None
