"""Taken in anew, given to another, ended otherwise: what was open before does not stay open."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.core import clock
from backend.core.actor import Actor, system
from backend.core.db import unit_of_work
from backend.core.steps import NotYet
from backend.matters.categories.models import FilingCondition
from backend.matters.events import queries
from backend.matters.events.intake import reporting
from backend.matters.events.models import Alarm, Event
from backend.matters.events.promises import alarms
from backend.matters.events.reading import listing, showing
from tests.conftest import Town
from tests.events.makers import COUNTY, a_report, an_event_at, reported, take, the
from tests.items.makers import a_promising_item


def number(event_id: UUID) -> str:
    return the(event_id).event_no


def test_an_undone_merge_leaves_no_objection_to_it_open(town: Town) -> None:
    head, village = town.unit_head_of(town.grids[0]), town["demo-village"]
    main, other = reported(town, head), reported(town, head)
    take(town, village, other, "merge", master=number(main))
    take(town, head, other, "appeal", note="不是同一件事")
    take(town, village, other, "undo_merge")
    assert (the(other).state, the(other).asked) == ("reported", [])
    # And it can be objected to when it has ended.
    take(town, head, fixed := reported(town, head, category="0301"), "resolve_on_spot")
    take(town, head, fixed, "ask_reopen")
    assert the(fixed).asked == ["reopen"]


def test_what_was_fixed_and_is_taken_in_again_is_proposed_anew(town: Town) -> None:
    head, village, desk = town.unit_head_of(town.grids[0]), town["demo-village"], town["demo-town"]
    with unit_of_work(village) as session:
        told = reporting.OnBehalf("hotline_12345")
        body = a_report(town, head.area_code, category="0301")
        event_id = UUID(reporting.report(session, village, body, told)["id"])
    take(town, village, event_id, "propose_reject", note="不属于公共事务")
    take(town, head, event_id, "resolve_on_spot")
    take(town, desk, event_id, "reopen")
    with pytest.raises(NotYet, match="reject_needs_proposal"):
        take(town, desk, event_id, "reject")


def test_whoever_is_given_it_for_good_has_its_own_time_to_accept(town: Town) -> None:
    clerk, desk, county = town["demo-dept"], town["demo-town"], town["demo-county"]
    event_id = an_event_at(town, "dispatched")
    for _ in range(2):
        take(town, clerk, event_id, "ask_return")
        take(town, desk, event_id, "approve_return")
        take(town, desk, event_id, "dispatch")
    take(town, clerk, event_id, "ask_return")
    later = clock.now() + timedelta(days=7)
    with clock.at(later):
        take(town, county, event_id, "assign_for_good")
    by = the(event_id).step_due_at
    assert by is not None and by > later
    with unit_of_work(system(COUNTY)) as session:
        rings = select(Alarm.at).where(Alarm.event_id == event_id, Alarm.kind == "step")
        assert session.scalars(rings).all() == [by]


def test_stages_of_what_went_out_fast_count_from_its_first_minute(town: Town) -> None:
    sent = clock.now() - timedelta(hours=5)
    event = Event(
        county_code=COUNTY, promised_at=sent, filed_at=sent + timedelta(hours=4), state="handling",
        rework_count=0, reopen_count=0, calendar_version=None,
    )  # fmt: skip
    condition = FilingCondition(stages=[{"zh": "到场", "clock": "urgent_hour", "amount": 6}])
    with unit_of_work(system(COUNTY)) as session:
        ((_, due_at),) = alarms.stages(session, event, condition, suspended_before=False)
    assert due_at == sent + timedelta(hours=6)


def time_of(actor: Actor, event_id: UUID) -> tuple[float, int]:
    with unit_of_work(actor) as session:
        event = queries.one(session, actor, event_id)
        assert event is not None
        (line,) = listing.lines(session, actor, [event])
        whole = showing.whole(session, actor, event)
    assert line.time is not None and whole.time == line.time
    return line.time.used, line.time.left_s


def test_what_goes_on_as_an_item_is_late_no_longer(town: Town) -> None:
    village, now = town["demo-village"], clock.now()
    event_id, item = an_event_at(town, "handling"), a_promising_item(town, village)
    take(town, village, event_id, "carry_by_item", item_id=item)
    with clock.at(now + timedelta(days=60)):
        used, left = time_of(village, event_id)
    assert used < 0.1 and left > 0


def test_what_one_helps_with_is_not_all_that_names_one(town: Town) -> None:
    clerk = town["demo-dept"]
    event_id = an_event_at(town, "handling", category="0501")
    with unit_of_work(clerk) as session:
        for wanted, there in (
            (queries.Wanted(), True), (queries.Wanted(assigned=True), True),
            (queries.Wanted(helping=True), False), (queries.Wanted(offered=True), False),
        ):  # fmt: skip
            found = session.scalars(queries.listed(clerk, wanted, None, 200)).all()
            assert (event_id in {event.id for event in found}) == there, wanted


def test_that_it_comes_back_is_true_whoever_files_it(town: Town) -> None:
    head, village, desk = town.unit_head_of(town.grids[0]), town["demo-village"], town["demo-town"]
    first = an_event_at(town, "following_up", category="0203")
    take(town, head, first, "answer_solved")
    take(town, desk, first, "close")
    take(town, desk, first, "restrict", people=["demo-town"])
    again = reported(town, head, category="0203")
    take(town, village, again, "file")
    assert the(again).recurrence_of == first
    with unit_of_work(village) as session:
        event = queries.one(session, village, again)
        assert event is not None
        assert showing.whole(session, village, event).recurrence_no is None, "not its number"
