"""Reminders, going up, and taking up again: found by scans over stored moments, however late."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from fastapi.testclient import TestClient
from sqlalchemy import select, update

from backend.core import clock, delivery
from backend.core.actor import Actor, system
from backend.core.day import zone
from backend.core.db import unit_of_work
from backend.matters.events import queries
from backend.matters.events.models import Event, EventAction
from backend.matters.events.promises.jobs import (
    scan_late,
    scan_overdue,
    scan_reminders,
    scan_suspended,
)
from backend.subscriptions import HANDLERS
from backend.tools.calendar import service as deadlines
from backend.tools.calendar.clocks import Clock, Limit, Segment, due
from backend.tools.notices.models import Notice
from tests.conftest import Town
from tests.events.makers import ABOVE, an_event_at, reported, take
from tests.owner import owner
from tests.people import add_person

COUNTY = "359902"


def the(event_id: UUID) -> Event:
    with unit_of_work(system(COUNTY)) as session:
        return session.scalars(select(Event).where(Event.id == event_id)).one()


def scan(which: Callable[..., int], at: datetime) -> None:
    with clock.at(at):
        found = 1
        while found:
            with unit_of_work() as session:
                found = which(session, COUNTY)
        while delivery.drain(COUNTY, HANDLERS):
            pass


def told(actor: Actor, event_id: UUID) -> list[str]:
    with unit_of_work(actor) as session:
        return list(
            session.scalars(
                select(Notice.about)
                .where(Notice.account_id == actor.id, Notice.event_id == event_id)
                .order_by(Notice.id)
            )
        )


def reminders(actor: Actor, event_id: UUID) -> list[str]:
    return [about for about in told(actor, event_id) if "reminder" in about]


def test_each_mark_is_told_once_and_the_last_takes_it_up(town: Town) -> None:
    event_id = an_event_at(town, "handling", category="0201")  # twelve urgent hours
    clerk, desk, county = town["demo-dept"], town["demo-town"], town["demo-county"]
    filed = the(event_id).filed_at
    assert filed is not None
    for hours, marks in (
        (5, []),
        (7, [50]),
        (8, [50]),
        (10, [50, 75]),
        (12.1, [50, 75, 100]),
        (14, [50, 75, 100]),
    ):
        for _ in range(2):
            scan(scan_reminders, filed + timedelta(hours=hours))
        assert reminders(clerk, event_id) == [f"told.reminder_{m}" for m in marks], hours
    # Before it is due the desk is left in peace.
    assert reminders(desk, event_id) == ["told.reminder_100"]
    assert the(event_id).escalated_to is None
    scan(scan_reminders, filed + timedelta(hours=18.1))
    event = the(event_id)
    assert (event.escalated_to, event.remind_at, event.state) == ("county", None, "handling")
    with unit_of_work(system(COUNTY)) as session:
        last = session.scalars(
            select(EventAction).where(EventAction.event_id == event_id).order_by(EventAction.seq.desc())
        ).first()  # fmt: skip
        assert last is not None and (last.action, last.role, last.details["reason"]) == (
            "escalate",
            "system",
            "overdue",
        )
    # Whoever has it now is told.
    assert reminders(county, event_id) == ["told.reminder_150"]


def test_what_was_slept_through_is_told_once_and_at_its_worst(town: Town) -> None:
    event_id = an_event_at(town, "handling", category="0201")
    filed = the(event_id).filed_at
    assert filed is not None
    scan(scan_reminders, filed + timedelta(days=3))
    assert reminders(town["demo-dept"], event_id) == ["told.reminder_150"]
    assert the(event_id).escalated_to == "county"


def test_an_extension_moves_the_marks(town: Town) -> None:
    event_id = an_event_at(town, "handling", category="0201")
    filed = the(event_id).filed_at
    assert filed is not None
    take(town, town["demo-dept"], event_id, "ask_extension")
    take(town, town["demo-town"], event_id, "approve_extension")
    scan(scan_reminders, filed + timedelta(hours=11))
    assert reminders(town["demo-dept"], event_id) == []
    scan(scan_reminders, filed + timedelta(hours=13))
    assert reminders(town["demo-dept"], event_id) == ["told.reminder_50"]
    scan(scan_overdue, filed + timedelta(hours=23))
    assert the(event_id).overdue_at is None
    scan(scan_overdue, filed + timedelta(hours=25))
    assert the(event_id).overdue_at is not None


def test_what_was_put_by_is_silent_and_taken_up_by_itself(town: Town) -> None:
    event_id = an_event_at(town, "handling", category="0201")
    filed = the(event_id).filed_at
    assert filed is not None
    until = filed + timedelta(days=20)
    take(town, town["demo-dept"], event_id, "ask_suspension", until=until)
    take(town, town["demo-town"], event_id, "approve_suspension")
    scan(scan_reminders, filed + timedelta(days=10))
    scan(scan_overdue, filed + timedelta(days=10))
    scan(scan_suspended, filed + timedelta(days=19))
    event = the(event_id)
    assert (event.state, event.overdue_at, reminders(town["demo-dept"], event_id)) == (
        "suspended",
        None,
        [],
    )
    scan(scan_suspended, until + timedelta(minutes=5))
    event = the(event_id)
    assert (event.state, event.suspended_until) == ("handling", None)
    assert event.due_at is not None and abs(
        event.due_at - (until + timedelta(hours=12))
    ) < timedelta(minutes=6)


def test_merged_reporters_both_hear_what_becomes_of_it(town: Town) -> None:
    first, second = town.unit_head_of(town.grids[0]), town.unit_head_of(town.grids[1])
    main = reported(town, first)
    other = reported(town, second)
    village = town["demo-town"]
    take(town, village, other, "merge", master=the(main).event_no)
    for who, action in (
        ("demo-village", "file"), ("demo-town", "dispatch"), ("demo-dept", "accept"),
        ("demo-dept", "submit_result"), ("demo-town", "start_follow_up"),
    ):  # fmt: skip
        take(town, town[who], main, action)
    while delivery.drain(COUNTY, HANDLERS):
        pass
    assert "told.start_follow_up" in told(first, main)
    # Told under their own number, which is the one they know.
    assert "told.start_follow_up" in told(second, other)


def test_the_same_again_at_the_same_place_is_remembered(town: Town) -> None:
    head = town.unit_head_of(town.grids[0])
    first = an_event_at(town, "following_up", category="0203")
    take(town, head, first, "answer_solved")
    take(town, town["demo-town"], first, "close")
    again, elsewhere = reported(town, head, category="0203"), reported(town, head, category="0402")
    late = reported(town, head, category="0203")
    for event_id in (again, elsewhere):
        take(town, town["demo-village"], event_id, "file")
    assert (the(again).recurrence_of, the(elsewhere).recurrence_of) == (first, None)
    with clock.at(clock.now() + timedelta(days=91)):
        take(town, town["demo-village"], late, "file")
    assert the(late).recurrence_of is None


def test_what_meetings_keep_putting_off_comes_to_the_towns_ears(town: Town) -> None:
    event_id = an_event_at(town, "judging")
    for expected in (0, 0, 1, 2):
        take(town, town["demo-village"], event_id, "put_off")
        while delivery.drain(COUNTY, HANDLERS):
            pass
        heard = [about for about in told(town["demo-town"], event_id) if "put_off" in about]
        assert len(heard) == expected


def test_what_was_drawn_for_a_look_can_be_found(town: Town) -> None:
    desk, head = town["demo-town"], town.unit_head_of(town.grids[0])
    event_id = reported(town, head, category="0301")
    take(town, head, event_id, "resolve_on_spot")

    def drawn() -> set[UUID]:
        with unit_of_work(desk) as session:
            wanted = queries.Wanted(sampled=True)
            return {e.id for e in session.scalars(queries.listed(desk, wanted, None, 200))}

    with unit_of_work(system(COUNTY)) as session:
        session.execute(update(Event).where(Event.id == event_id).values(sampled=True))
    assert event_id in drawn()
    take(town, desk, event_id, "check_sample")
    assert event_id not in drawn()


def late(actor: Actor, event_id: UUID) -> list[str]:
    return [about for about in told(actor, event_id) if "late_" in about]


def test_a_step_that_waits_too_long_is_told_once_and_a_step_in_time_never(town: Town) -> None:
    head, village, desk = town.unit_head_of(town.grids[0]), town["demo-village"], town["demo-town"]
    event_id = reported(town, head, category="0201")
    began = the(event_id).reported_at
    scan(scan_late, began + timedelta(hours=1, minutes=59))
    assert late(village, event_id) == []
    for _ in range(2):
        scan(scan_late, began + timedelta(hours=2, minutes=1))
    assert late(village, event_id) == late(desk, event_id) == ["told.late_step"]
    quick = reported(town, head, category="0201")
    take(town, village, quick, "reject")
    scan(scan_late, began + timedelta(days=9))
    assert late(village, quick) == []


def test_what_went_out_fast_is_filed_within_a_day(town: Town) -> None:
    head, desk = town.unit_head_of(town.grids[0]), town["demo-town"]
    filed, forgotten = (reported(town, head, category="0304") for _ in range(2))
    for event_id in (filed, forgotten):
        take(town, head, event_id, "fast_track")
        take(town, town["demo-dept"], event_id, "accept")
    sent = clock.now()
    take(town, desk, filed, "file_afterwards")
    scan(scan_late, sent + timedelta(hours=23))
    assert "told.late_filing" not in late(desk, forgotten)
    scan(scan_late, sent + timedelta(hours=25))
    assert "told.late_filing" in late(desk, forgotten)
    assert "told.late_filing" not in late(desk, filed)


def test_a_supervision_without_answer_and_a_whistle_without_arrival(town: Town) -> None:
    desk, clerk = town["demo-town"], town["demo-dept"]
    helper = next(
        a for a in town.actors.values()
        if a.organization_id == town.bodies[ABOVE] and a.id != clerk.id
    )  # fmt: skip
    silent, answered = (an_event_at(town, "handling", category="0201") for _ in range(2))
    soon = clock.now() + timedelta(hours=3)
    for event_id in (silent, answered):
        take(town, town["demo-county"], event_id, "supervise", until=soon)
        take(town, desk, event_id, "whistle", until=soon)
        take(town, helper, event_id, "co_accept")
    take(town, clerk, answered, "answer_supervision")
    take(town, helper, answered, "co_arrive")
    scan(scan_late, soon + timedelta(minutes=1))
    assert late(desk, answered) == []
    assert set(late(desk, silent)) == {"told.late_supervision", "told.late_arrival"}
    assert late(helper, silent) == ["told.late_arrival"]


def test_stages_are_shown_stop_with_the_clock_and_are_told(
    town: Town, client: TestClient, as_actor: Callable[[Actor], dict[str, str]]
) -> None:
    event_id = an_event_at(town, "handling", category="0203")  # fenced in 4 working hours
    filed = the(event_id).filed_at
    assert filed is not None

    def stages() -> list[tuple[str, datetime]]:
        shown = client.get(f"/api/events/{event_id}", headers=as_actor(town["demo-town"])).json()
        return [(s["name"], datetime.fromisoformat(s["due_at"])) for s in shown["stages"]]

    with unit_of_work() as session:
        calendar = deadlines.of_version(session, the(event_id).calendar_version)
    fenced = due(Limit(Clock.WORK_HOUR, 4), calendar, [Segment(filed)])
    filled = due(Limit(Clock.WORK_DAY, 3), calendar, [Segment(filed)])
    assert fenced and stages() == [("Fenced and marked", fenced), ("Dug and filled", filled)]
    scan(scan_late, fenced + timedelta(minutes=1))
    assert late(town["demo-town"], event_id) == ["told.late_stage"]
    clerk = town["demo-dept"]
    with clock.at(fenced + timedelta(minutes=2)):
        until = clock.now() + timedelta(days=60)
        take(town, clerk, event_id, "ask_suspension", until=until)
        take(town, town["demo-town"], event_id, "approve_suspension")
        assert stages() == []
    scan(scan_late, fenced + timedelta(days=30))
    assert late(town["demo-town"], event_id) == ["told.late_stage"], "put by: nothing is late"


def test_a_reopened_event_has_all_of_its_time_again(town: Town) -> None:
    head, desk, clerk = town.unit_head_of(town.grids[0]), town["demo-town"], town["demo-dept"]
    began = clock.now()
    whole = timedelta(hours=12)
    with clock.at(began):
        event_id = an_event_at(town, "handling", category="0201")  # 12 urgent hours
        take(town, clerk, event_id, "ask_extension")
        take(town, desk, event_id, "approve_extension")
    with clock.at(began + timedelta(hours=11)):
        take(town, clerk, event_id, "submit_result")
        take(town, desk, event_id, "start_follow_up")
        take(town, head, event_id, "answer_solved")
        take(town, desk, event_id, "close")
    for n in (1, 2):
        later = began + n * timedelta(days=2)
        with clock.at(later):
            take(town, head, event_id, "ask_reopen")
            take(town, desk, event_id, "reopen")
            event = the(event_id)
            assert (event.due_at, event.promised_at) == (later + whole, later)
            assert event.extension_count == 0
        # A rework inside the new promise goes on with what is left of it.
        with clock.at(later + timedelta(hours=5)):
            take(town, clerk, event_id, "submit_result")
        with clock.at(later + timedelta(hours=8)):
            take(town, desk, event_id, "rework")
            assert the(event_id).due_at == later + timedelta(hours=15)
            take(town, clerk, event_id, "submit_result")
            take(town, desk, event_id, "start_follow_up")
            take(town, head, event_id, "answer_solved")
            take(town, desk, event_id, "close")
    with unit_of_work(town["demo-town"]) as session:
        ends = [e for e in queries.log_of(session, the(event_id)) if e.action == "close"]
    assert [e.details["on_time"] for e in ends] == [True, True, True]


def test_the_fast_track_is_promised_from_its_first_minute(town: Town) -> None:
    head, desk, clerk = town.unit_head_of(town.grids[0]), town["demo-town"], town["demo-dept"]
    sent = clock.now()
    with clock.at(sent):
        event_id = reported(town, head, category="0304")
        take(town, head, event_id, "fast_track")
    promised = the(event_id).due_at
    assert promised is not None and promised > sent and the(event_id).promised_at == sent
    assert the(event_id).filed_at is None
    with clock.at(sent + timedelta(minutes=20)):
        take(town, clerk, event_id, "accept")
    with clock.at(sent + timedelta(minutes=40)):
        take(town, clerk, event_id, "submit_result")
    with clock.at(sent + timedelta(hours=20)):
        # Filed when all is done: what was promised counts from the first minute all the same.
        take(town, desk, event_id, "file_afterwards")
        assert the(event_id).due_at == promised
        take(town, desk, event_id, "start_follow_up")
        take(town, head, event_id, "answer_solved")
        take(town, desk, event_id, "close")
    scan(scan_overdue, sent + timedelta(days=9))
    assert the(event_id).overdue_at is None
    with unit_of_work(desk) as session:
        (end,) = [e for e in queries.log_of(session, the(event_id)) if e.action == "close"]
    assert end.details["on_time"] is True


def test_a_fast_one_that_nobody_files_becomes_late_by_its_categorys_limit(town: Town) -> None:
    sent = clock.now()
    with clock.at(sent):
        event_id = reported(town, town.unit_head_of(town.grids[0]), category="0304")
        take(town, town.unit_head_of(town.grids[0]), event_id, "fast_track")
    due_at = the(event_id).due_at
    assert due_at is not None
    scan(scan_overdue, due_at - timedelta(minutes=1))
    assert the(event_id).overdue_at is None
    scan(scan_overdue, due_at + timedelta(minutes=1))
    assert the(event_id).overdue_at is not None


def test_what_goes_out_fast_is_told_to_the_village_and_the_town(town: Town) -> None:
    head = town.unit_head_of(town.grids[0])
    event_id = reported(town, head, category="0304")
    take(town, head, event_id, "fast_track")
    while delivery.drain(COUNTY, HANDLERS):
        pass
    for actor in (town["demo-village"], town["demo-town"]):
        assert told(actor, event_id).count("told.went_fast") == 1


def test_who_was_responsible_is_who_held_the_post_when_it_was_reported(
    town: Town, client: TestClient, as_actor: Callable[[Actor], dict[str, str]]
) -> None:
    from datetime import date

    from backend.city.accounts.models import Post

    head, village = town.unit_head_of(town.grids[0]), town["demo-village"]
    event_id = reported(town, head)
    today = the(event_id).reported_at.astimezone(zone()).date()
    with owner() as session:
        for name, since, until, joined in (
            ("刚接任的", today + timedelta(days=1), None, "x"),
            ("去年离任的", date(2020, 1, 1), today - timedelta(days=300), "x"),
            ("还没接受邀请的", date(2020, 1, 1), None, None),
        ):
            account = add_person(session, name, name, password_hash=joined)
            session.add(
                Post(
                    account_id=account.id, role="unit_head", area_code=head.area_code,
                    home_county=COUNTY, valid_from=since, valid_to=until,
                )
            )  # fmt: skip
    shown = client.get(f"/api/events/{event_id}", headers=as_actor(village)).json()
    names = shown["responsible"]
    assert head.name in names
    assert not {"刚接任的", "去年离任的", "还没接受邀请的"} & set(names)
