"""Whoever handled a case may object to doing it again: once, in time, decided one level above."""

from datetime import timedelta
from uuid import UUID

import pytest

from backend.core import clock, journal
from backend.core.actor import system
from backend.core.db import unit_of_work
from backend.core.steps import NotYet, NotYours
from backend.matters.events import queries
from backend.matters.events.casework.measures import figures
from backend.matters.events.models import Event
from backend.matters.events.reading import showing
from backend.matters.events.reading.whole import read
from backend.tools.calendar import service as deadlines
from tests.conftest import Town
from tests.events.makers import COUNTY, an_event_at, take, the, told


def counted(event_id: UUID) -> dict[str, int]:
    """What the case counts for, whatever the month."""
    with unit_of_work(system(COUNTY)) as session:
        past = read(session, session.get_one(Event, (COUNTY, event_id))).facts.past
    return {name.split(".", 1)[1]: n for name, n in figures(past).items()}


def test_upheld_the_result_stands_and_nothing_counts(town: Town) -> None:
    began = clock.now()
    event_id = an_event_at(town, "feedback")
    before = the(event_id)
    with clock.at(began + timedelta(hours=3)):
        take(town, town["demo-town"], event_id, "rework", note="照片看不清")
    assert counted(event_id)["reworked"] == 1 and the(event_id).fed_back_at is None
    with clock.at(began + timedelta(hours=4)):
        take(town, town["demo-dept"], event_id, "object_to_rework", note="照片里可以看清井盖")
        with pytest.raises(NotYet, match="request_open"):
            take(town, town["demo-dept"], event_id, "submit_result")
    assert "told.asked" in told(town["demo-county"], event_id)
    assert "told.asked" not in told(town["demo-town"], event_id)
    with clock.at(began + timedelta(hours=20)):
        take(town, town["demo-county"], event_id, "uphold_objection", note="原结果有效")
    after = the(event_id)
    assert (after.state, after.rework_count, after.asked) == ("feedback", 0, [])
    # The result came when it came, and the time in between was nobody's.
    assert (after.fed_back_at, after.due_at) == (before.fed_back_at, before.due_at)
    assert "reworked" not in counted(event_id)
    assert "told.answered" in told(town["demo-dept"], event_id)
    with unit_of_work(system(COUNTY)) as session:
        event = session.get_one(Event, (COUNTY, event_id))
        spent = [s.end - s.start for s in deadlines.segments(session, COUNTY, event_id) if s.end]
        assert journal.broken_at(queries.log_of(session, event), event.log_head) is None
    assert sum(spent, timedelta()) < timedelta(minutes=5)
    # And it goes on to its recheck.
    with clock.at(began + timedelta(hours=21)):
        take(town, town["demo-town"], event_id, "request_recheck")
    assert the(event_id).state == "rechecking"


def test_refused_it_is_done_again_and_objected_to_no_more(town: Town) -> None:
    event_id = an_event_at(town, "feedback")
    take(town, town["demo-town"], event_id, "rework")
    take(town, town["demo-dept"], event_id, "object_to_rework")
    take(town, town["demo-county"], event_id, "refuse_objection")
    assert (the(event_id).state, the(event_id).rework_count) == ("handling", 1)
    assert counted(event_id)["reworked"] == 1
    with pytest.raises(NotYet, match="rework_objected"):
        take(town, town["demo-dept"], event_id, "object_to_rework")
    take(town, town["demo-dept"], event_id, "submit_result")
    # Sent back once more, that may be objected to as well; what stood before still counts.
    take(town, town["demo-town"], event_id, "rework")
    take(town, town["demo-dept"], event_id, "object_to_rework")
    take(town, town["demo-county"], event_id, "uphold_objection")
    assert counted(event_id)["reworked"] == 1 and the(event_id).rework_count == 1


def test_decided_one_level_above_whoever_demanded_it(town: Town) -> None:
    event_id = an_event_at(town, "feedback")
    take(town, town["demo-town"], event_id, "rework")
    take(town, town["demo-dept"], event_id, "object_to_rework")
    with unit_of_work(town["demo-county"]) as session:
        case = showing.whole(session, town["demo-county"], session.merge(the(event_id)))
    assert case.whose_turn.startswith("上一级")
    with pytest.raises(NotYet, match="you_decided"):
        take(town, town["demo-town"], event_id, "uphold_objection")
    with pytest.raises(NotYours):
        take(town, town["demo-dept"], event_id, "uphold_objection")
    take(town, town["demo-county"], event_id, "uphold_objection")


def test_a_failed_recheck_can_be_objected_to_but_not_what_the_reporter_says(town: Town) -> None:
    rechecked = an_event_at(town, "rechecking")
    take(town, town["demo-village"], rechecked, "recheck_failed")
    take(town, town["demo-dept"], rechecked, "object_to_rework")
    take(town, town["demo-town"], rechecked, "uphold_objection")
    assert the(rechecked).state == "feedback"
    asked = an_event_at(town, "following_up")
    take(town, town["demo-town"], asked, "not_solved")
    with pytest.raises(NotYet, match="no_rework"):
        take(town, town["demo-dept"], asked, "object_to_rework")


def test_after_a_working_day_it_is_too_late(town: Town) -> None:
    event_id = an_event_at(town, "feedback")
    take(town, town["demo-town"], event_id, "rework")
    late = clock.at(clock.now() + timedelta(days=6))
    with late, pytest.raises(NotYet, match="rework_objection_late"):
        take(town, town["demo-dept"], event_id, "object_to_rework")


def test_it_ends_with_the_duty_that_it_was_about(town: Town) -> None:
    event_id = an_event_at(town, "feedback")
    take(town, town["demo-town"], event_id, "rework")
    take(town, town["demo-dept"], event_id, "object_to_rework")
    take(town, town["demo-dept"], event_id, "ask_return")
    take(town, town["demo-leader"], event_id, "approve_return")
    assert (the(event_id).state, the(event_id).asked) == ("filed", [])
