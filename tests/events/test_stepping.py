"""Moving events along: recorded, once, by one of two, and never halfway."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.exc import ProgrammingError

from backend.core import clock, journal, steps
from backend.core.actor import Actor
from backend.core.db import unit_of_work
from backend.core.errors import BadInput, Conflict, Forbidden, NotFound
from backend.core.outbox import Outbox
from backend.core.settings import get_settings
from backend.matters.events import queries
from backend.matters.events.casework import stepping
from backend.matters.events.models import Assignment, Event, EventAction
from backend.matters.events.promises.jobs import scan_overdue
from backend.matters.events.schemas import StepIn
from backend.matters.events.vocabulary import Action
from backend.tools.counters import queries as counters
from backend.tools.counters import service as rolling
from backend.tools.counters.models import CounterDelta
from backend.tools.notices.models import Notice
from gis.codes import Level
from tests.conftest import Town
from tests.events.makers import PATH, an_event_at, take


def counts(session) -> list[int]:  # type: ignore[no-untyped-def]
    return [
        session.scalar(select(func.count()).select_from(table))
        for table in (EventAction, Outbox, CounterDelta, Assignment)
    ]


def the_event(actor: Actor, event_id: UUID) -> Event:
    with unit_of_work(actor) as session:
        event = queries.one(session, actor, event_id)
        assert event is not None
        return event


def test_the_whole_loop_leaves_a_whole_log(town: Town) -> None:
    event_id = an_event_at(town, "following_up")
    reporter = town.unit_head_of(town.grids[0])
    take(town, reporter, event_id, "not_solved")
    take(town, town["demo-dept"], event_id, "submit_result")
    take(town, town["demo-town"], event_id, "request_recheck")
    take(town, town["demo-village"], event_id, "pass_recheck")
    take(town, town["demo-town"], event_id, "start_follow_up")
    take(town, reporter, event_id, "answer_solved")
    take(town, town["demo-town"], event_id, "close")
    event = the_event(town["demo-town"], event_id)
    assert (event.state, event.rework_count, event.unsolved_count) == ("closed", 1, 1)
    assert event.closed_at is not None and event.fed_back_at is not None
    with unit_of_work(town["demo-town"]) as session:
        entries = queries.log_of(session, event)
        assert [e.seq for e in entries] == list(range(1, 14))
        # The log replays to the same state.
        state = None
        for entry in entries:
            assert entry.from_state == state
            state = entry.to_state
        assert state == event.state
        assert journal.broken_at(entries, event.log_head) is None
        (assignment,) = queries.assignments_of(session, event)
        assert assignment.status == "done"


@pytest.mark.parametrize(
    ("state", "who", "action", "refusal"),
    [
        ("handling", "demo-dept", "close", Conflict),
        ("feedback", "demo-dept", "rework", Forbidden),
        ("dispatched", "demo-village", "accept", Forbidden),
        ("judging", "demo-dept", "file", NotFound),
        ("following_up", "demo-town", "close", Conflict),
    ],
)
def test_a_refused_step_leaves_no_trace(town: Town, state, who, action, refusal) -> None:  # type: ignore[no-untyped-def]
    event_id = an_event_at(town, state)
    before_event = the_event(town["demo-town"], event_id)
    with unit_of_work(town["demo-town"]) as session:
        before = counts(session)
    with pytest.raises(refusal):
        take(town, town[who], event_id, action)
    after_event = the_event(town["demo-town"], event_id)
    with unit_of_work(town["demo-town"]) as session:
        assert counts(session) == before
    assert (after_event.state, after_event.log_seq) == (before_event.state, before_event.log_seq)


def test_a_step_sent_twice_is_taken_once_and_another_body_is_refused(town: Town) -> None:
    event_id = an_event_at(town, "reported")
    secretary = town["demo-village"]
    body = StepIn(client_id=uuid4(), action=Action.PUT_ON_AGENDA)
    for _ in range(2):
        with unit_of_work(secretary) as session:
            stepping.advance(session, secretary, event_id, body)
    assert the_event(secretary, event_id).log_seq == 2
    with pytest.raises(Conflict, match="key_used"), unit_of_work(secretary) as session:
        stepping.advance(session, secretary, event_id, body.model_copy(update={"note": "other"}))


def test_of_two_who_accept_at_once_exactly_one_wins(town: Town) -> None:
    event_id = an_event_at(town, "dispatched")
    clerk = town["demo-dept"]
    barrier = threading.Barrier(2)
    results: list[str] = []

    def accept() -> None:
        try:
            with unit_of_work(clerk) as session:
                # Both hold a copy of the row as it was.
                assert queries.one(session, clerk, event_id)
                barrier.wait()
                body = StepIn(client_id=uuid4(), action=Action.ACCEPT)
                stepping.advance(session, clerk, event_id, body)
            results.append("won")
        except steps.NotAllowedHere:
            results.append("told")

    threads = [threading.Thread(target=accept) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["told", "won"]
    with unit_of_work(clerk) as session:
        event = queries.one(session, clerk, event_id)
        assert event is not None
        accepts = [e for e in queries.log_of(session, event) if e.action == "accept"]
    assert len(accepts) == 1


def test_the_application_cannot_rewrite_history(town: Town) -> None:
    event_id = an_event_at(town, "filed")
    for statement in ("UPDATE event_action SET note = 'x'", "DELETE FROM event_action"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            unit_of_work(town["demo-town"]) as session,
        ):
            session.execute(text(statement))
    engine = create_engine(get_settings().owner_url)
    event = the_event(town["demo-town"], event_id)
    for tamper in (
        "UPDATE event_action SET note = 'x' WHERE event_id = :id AND seq = 2",
        "DELETE FROM event_action WHERE event_id = :id AND seq = 2",
    ):
        with engine.begin() as connection:
            connection.execute(text(tamper), {"id": event_id})
        with unit_of_work(town["demo-town"]) as session:
            assert journal.broken_at(queries.log_of(session, event), event.log_head) == 2
    engine.dispose()


def test_departments_see_what_is_theirs_and_secretaries_their_village(town: Town) -> None:
    ours, open_one = an_event_at(town, "dispatched"), an_event_at(town, "filed")
    neighbour = next(
        a for a in town.actors.values()
        if a.role == "village_secretary" and a.area_code == town.villages[1]
    )  # fmt: skip

    def sees(actor: Actor, event_id: UUID) -> bool:
        with unit_of_work(actor) as session:
            by_filter = queries.one(session, actor, event_id) is not None
            # Row-level security alone gives the same answer, without the application's filter.
            alone = session.scalar(
                select(func.count()).select_from(Event).where(Event.id == event_id)
            )
            assert bool(alone) == by_filter
            return by_filter

    assert sees(town["demo-dept"], ours) and not sees(town["demo-dept"], open_one)
    assert sees(town["demo-village"], ours) and sees(town["demo-village"], open_one)
    assert not sees(neighbour, ours) and not sees(neighbour, open_one)
    assert sees(town["demo-city"], ours) and sees(town["demo-town"], open_one)
    reporter = town.unit_head_of(town.grids[0])
    assert sees(reporter, ours)
    other_clerk = next(
        a for a in town.actors.values()
        if a.role == "department_clerk" and a.organization_id != town["demo-dept"].organization_id
    )  # fmt: skip
    assert not sees(other_clerk, ours)


def test_work_goes_only_to_who_serves_the_place(town: Town) -> None:
    event_id = an_event_at(town, "filed")
    for wrong in (uuid4(), town.bodies["西天镇基层治理协同中心"]):
        with pytest.raises(BadInput, match="organization_not_here"):
            take(town, town["demo-town"], event_id, "dispatch", organization_id=wrong)


def test_merging_needs_an_open_master_one_can_see(town: Town) -> None:
    master, event_id = an_event_at(town, "filed"), an_event_at(town, "reported")
    number = the_event(town["demo-village"], master).event_no
    own = the_event(town["demo-village"], event_id).event_no
    for wrong, code in (("E20200101-359902-AAAAAA", "master_unknown"), (own, "master_itself")):
        with pytest.raises(BadInput, match=code):
            take(town, town["demo-village"], event_id, "merge", master=wrong)
    take(town, town["demo-village"], event_id, "merge", master=number)
    event = the_event(town["demo-village"], event_id)
    assert (event.state, event.master_id) == ("merged", master)


def test_the_scan_finds_what_became_late_once(town: Town) -> None:
    from sqlalchemy import update

    late, calm = an_event_at(town, "handling"), an_event_at(town, "handling")
    done = an_event_at(town, "feedback")
    past = datetime.now(UTC) - timedelta(minutes=1)
    with unit_of_work(town["demo-town"]) as session:
        session.execute(update(Event).where(Event.id.in_([late, done])).values(due_at=past))
    for expected in (1, 0):
        with unit_of_work() as session:
            assert scan_overdue(session, "359902") == expected
    assert the_event(town["demo-town"], late).overdue_at is not None
    assert the_event(town["demo-town"], calm).overdue_at is None
    # Its clock stopped when the result came in (D3.1): late or not is judged then, not now.
    assert the_event(town["demo-town"], done).overdue_at is None


def test_counters_follow_every_step_before_and_after_rolling_up(town: Town) -> None:
    def measured() -> dict[str, int]:
        with unit_of_work() as session:
            found = counters.totals(session, ["359902"], town.towns[0], Level.TOWN)
        states = found.get(town.towns[0], {}).items()
        return {k: v for k, v in states if v and k.startswith("state.")}

    def true() -> dict[str, int]:
        with unit_of_work(town["demo-town"]) as session:
            rows = session.execute(
                select(Event.state, func.count())
                .where(Event.county_code == "359902")
                .group_by(Event.state)
            ).all()
        return {f"state.{state}": n for state, n in rows}

    for state in PATH:
        an_event_at(town, state)
    assert measured() == true()
    with unit_of_work() as session:
        assert rolling.roll_up(session, "359902") > 0
    assert measured() == true()
    an_event_at(town, "judging")
    assert measured() == true()


def test_the_reporter_is_told_of_each_step_once(town: Town) -> None:
    from backend.core import delivery
    from backend.subscriptions import HANDLERS

    event_id = an_event_at(town, "following_up")
    reporter = town.unit_head_of(town.grids[0])
    while delivery.drain("359902", HANDLERS):
        pass
    with unit_of_work() as session:
        session.execute(text("UPDATE outbox SET done_at = NULL"))
    while delivery.drain("359902", HANDLERS):
        pass
    with unit_of_work(reporter) as session:
        about = session.scalars(
            select(Notice.about).where(Notice.event_id == event_id).order_by(Notice.id)
        ).all()
    assert about == [
        "told.file",
        "told.dispatch",
        "told.accept",
        "told.submit_result",
        "told.start_follow_up",
    ]
    with unit_of_work(town["demo-town"]) as session:
        # Row-level security: each reads their own.
        whose = session.scalars(select(Notice.account_id).distinct()).all()
        assert set(whose) <= {town["demo-town"].id}


def test_an_auditor_sees_whether_the_log_holds_and_who_looked(
    town: Town, client: TestClient, as_actor: Callable[[Actor], dict[str, str]]
) -> None:
    lon, lat = town.sites[town.unit_head_of(town.grids[0]).area_code]
    body = {
        "client_id": str(uuid4()), "text": "x", "category": "0201",
        "position": {"lon": lon, "lat": lat, "crs": "WGS84"},
        "contact": {"name": "陈伯", "phone": "13900001234"},
    }  # fmt: skip
    event_id = client.post("/api/public/events", json=body).json()["id"]
    auditor, desk = as_actor(town["demo-audit"]), as_actor(town["demo-town"])
    path = f"/api/events/{event_id}/audit"
    whole = client.get(path, headers=auditor).json()
    assert (whole["broken_at"], whole["entries"], whole["looks"]) == (None, 1, [])
    why = {"reason": "核对积水的具体位置"}
    assert client.post(f"/api/events/{event_id}/contact", json=why, headers=desk).status_code == 200
    (look,) = client.get(path, headers=auditor).json()["looks"]
    assert (look["name"], look["reason"]) == (town["demo-town"].name, why["reason"])
    engine = create_engine(get_settings().owner_url)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE event_action SET note = 'x' WHERE event_id = :id"), {"id": event_id}
        )
    engine.dispose()
    assert client.get(path, headers=auditor).json()["broken_at"] == 1
    assert client.get(path, headers=desk).status_code == 403


def test_what_happened_is_counted_by_month_as_the_indicators_want_it(
    town: Town, client: TestClient, as_actor: Callable[[Actor], dict[str, str]]
) -> None:
    # A month of its own, so that nothing else of this module is in it.
    then = datetime(2026, 3, 10, 9, tzinfo=UTC)
    with clock.at(then):
        good, bad = an_event_at(town, "following_up"), an_event_at(town, "dispatched")
        head = town.unit_head_of(town.grids[0])
        take(town, head, good, "answer_solved", survey={"solved": True, "satisfied": True})
        take(town, town["demo-town"], good, "close")
        take(town, town["demo-dept"], bad, "ask_return", reason="not_our_duty")
        take(town, town["demo-town"], bad, "approve_return")
        other = an_event_at(town, "following_up")
        take(town, town["demo-town"], other, "record_call", survey={"reached": False})
        take(town, head, other, "not_solved")
    rates = client.get(
        "/api/indicators/rates", params={"area": town.towns[0], "month": "2026-03"},
        headers=as_actor(town["demo-leader"]),
    ).json()  # fmt: skip
    found = {r["name"]: (r["of"], r["among"]) for r in rates}
    assert found["on_time"] == (1, 1) and found["rework"] == (1, 1)
    assert found["returned"] == (1, 3) and found["misdispatched"] == (1, 3)
    # Whoever says that it is not solved was reached, after a call in vain or without one.
    assert found["responded"] == (2, 2) and found["solved"] == (1, 2) == found["satisfied"]
    assert found["extended"] == (0, 3) and found["recurred"][1] == 1
    quiet = client.get(
        "/api/indicators/rates", params={"area": town.towns[0], "month": "2026-04"},
        headers=as_actor(town["demo-leader"]),
    ).json()  # fmt: skip
    assert {r["share"] for r in quiet} == {None}
