"""Whoever helps with a case has a time of its own, and is late for itself."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from backend.core import clock, day, delivery
from backend.core.actor import Actor, Role, system
from backend.core.db import unit_of_work
from backend.core.errors import BadInput
from backend.core.steps import NotYet, NotYours
from backend.matters.events import queries
from backend.matters.events.casework.measures import figures
from backend.matters.events.models import Assignment, Event
from backend.matters.events.promises import jobs
from backend.matters.events.reading import listing, showing
from backend.matters.events.reading.whole import read
from backend.subscriptions import HANDLERS
from backend.tools.counters.models import CounterDelta
from backend.tools.notices.models import Notice
from tests.conftest import Town
from tests.events.makers import COUNTY, HELPER, an_event_at, take, the


@pytest.fixture
def helper(town: Town) -> Actor:
    return next(
        a for a in town.actors.values()
        if a.role is Role.DEPARTMENT_CLERK and a.organization_id == town.bodies[HELPER]
    )  # fmt: skip


def duty(event_id: UUID, town: Town) -> Assignment:
    with unit_of_work(system(COUNTY)) as session:
        return session.scalars(
            select(Assignment).where(
                Assignment.event_id == event_id, Assignment.organization_id == town.bodies[HELPER]
            )
        ).one()


def helped(town: Town, hours: float | None, state: str = "handling") -> UUID:
    """A case that a second body helps with, by a time of its own or by the lead's."""
    event_id = an_event_at(town, "filed")
    own = {} if hours is None else {town.bodies[HELPER]: clock.now() + timedelta(hours=hours)}
    take(
        town, town["demo-town"], event_id, "dispatch", co_organizations=[town.bodies[HELPER]],
        co_due=own,
    )  # fmt: skip
    if state == "handling":
        take(town, town["demo-dept"], event_id, "accept")
    return event_id


def scan(at: datetime) -> None:
    with clock.at(at):
        for job in (jobs.scan_overdue, jobs.scan_late):
            with unit_of_work(system(COUNTY)) as session:
                job(session, COUNTY)
        while delivery.drain(COUNTY, HANDLERS):
            pass


def told(actor: Actor, event_id: UUID) -> list[str]:
    with unit_of_work(actor) as session:
        return list(
            session.scalars(
                select(Notice.about).where(
                    Notice.account_id == actor.id, Notice.event_id == event_id
                )
            )
        )


def listed(actor: Actor, **wanted: bool) -> dict[UUID, listing.EventLine]:
    with unit_of_work(actor) as session:
        query = queries.listed(actor, queries.Wanted(**wanted), None, 200)
        return {
            line.id: line for line in listing.lines(session, actor, session.scalars(query).all())
        }


def number(measure: str) -> int:
    with unit_of_work(system(COUNTY)) as session:
        total = session.scalar(
            select(func.coalesce(func.sum(CounterDelta.change), 0)).where(
                CounterDelta.measure == measure
            )
        )
    return int(total or 0)


def test_late_for_the_helper_and_not_for_the_lead(town: Town, helper: Actor) -> None:
    event_id, before = helped(town, 1), number("now.helpers_late")
    scan(clock.now() + timedelta(minutes=50))
    assert "told.late_help_soon" in told(helper, event_id)
    assert "told.late_help" not in told(helper, event_id)
    scan(clock.now() + timedelta(hours=2))
    assert "told.late_help" in told(helper, event_id)
    assert "told.late_help" in told(town["demo-dept"], event_id)
    event = the(event_id)
    assert (event.overdue_at, event.late_helpers) == (None, 1)
    assert number("now.helpers_late") == before + 1
    # Late in the helper's own list, and in nobody else's; the leader finds it by its own filter.
    assert listed(helper, overdue=True)[event_id].help_late
    assert event_id not in listed(town["demo-dept"], overdue=True)
    assert listed(town["demo-leader"], helpers_late=True)[event_id].late_helpers == 1
    with unit_of_work(town["demo-town"]) as session:
        case = showing.whole(session, town["demo-town"], session.merge(event))
    assert [one.late for one in case.assignments] == [False, True]
    # Done, it is late no more, and counts as helped, not as helped in time.
    with clock.at(clock.now() + timedelta(hours=3)):
        take(town, helper, event_id, "co_accept")
        take(town, helper, event_id, "co_submit")
    assert (the(event_id).late_helpers, number("now.helpers_late")) == (0, before)
    assert event_id not in listed(helper, overdue=True)
    with unit_of_work(system(COUNTY)) as session:
        past = read(session, session.get_one(Event, (COUNTY, event_id))).facts.past
    measured = {name.split(".", 1)[1] for name in figures(past)}
    assert "helped" in measured and "helped_on_time" not in measured


def test_a_helper_in_time_counts_as_such(town: Town, helper: Actor) -> None:
    event_id = helped(town, 1)
    take(town, helper, event_id, "co_accept")
    take(town, helper, event_id, "co_submit")
    scan(clock.now() + timedelta(hours=2))
    assert "told.late_help" not in told(helper, event_id)
    with unit_of_work(system(COUNTY)) as session:
        past = read(session, session.get_one(Event, (COUNTY, event_id))).facts.past
    assert {"helped", "helped_on_time"} <= {name.split(".", 1)[1] for name in figures(past)}


def test_a_time_of_its_own_is_never_beyond_the_promise(town: Town) -> None:
    with pytest.raises(BadInput, match="help_beyond_promise"):
        helped(town, 24 * 300)
    with pytest.raises(BadInput, match="until_in_the_past"):
        helped(town, -1)
    event_id = an_event_at(town, "filed")
    with pytest.raises(BadInput, match="organization_not_helping"):
        take(
            town, town["demo-town"], event_id, "dispatch",
            co_due={town.bodies[HELPER]: clock.now() + timedelta(hours=1)},
        )  # fmt: skip


def test_without_one_it_is_the_leads_and_moves_with_it(town: Town, helper: Actor) -> None:
    event_id = helped(town, None)
    first = the(event_id).due_at
    assert listed(helper, assigned=False)[event_id].help_due_at == first
    take(town, town["demo-dept"], event_id, "ask_extension")
    take(town, town["demo-town"], event_id, "approve_extension")
    later = the(event_id).due_at
    assert first and later and first < later
    assert listed(helper)[event_id].help_due_at == later
    scan(first + timedelta(minutes=1))
    assert not listed(helper)[event_id].help_late


def test_while_the_case_stands_still_so_does_the_helpers_time(town: Town, helper: Actor) -> None:
    event_id = helped(town, 2)
    own, now = duty(event_id, town).due_at, clock.now()
    take(town, town["demo-dept"], event_id, "ask_suspension", until=now + timedelta(days=9))
    take(town, town["demo-town"], event_id, "approve_suspension", until=None)
    scan(now + timedelta(days=3))
    assert the(event_id).late_helpers == 0
    with clock.at(now + timedelta(days=4)):
        take(town, town["demo-town"], event_id, "resume")
    moved = duty(event_id, town).due_at
    assert own and moved and timedelta(days=3.9) < moved - own < timedelta(days=4.1)
    scan(moved + timedelta(minutes=1))
    assert the(event_id).late_helpers == 1


def until_of(actor: Actor, event_id: UUID, about: str) -> list[datetime]:
    """By when somebody was told to be done, each time."""
    while delivery.drain(COUNTY, HANDLERS):
        pass
    with unit_of_work(actor) as session:
        found = session.scalars(
            select(Notice.details)
            .where(
                Notice.account_id == actor.id, Notice.event_id == event_id, Notice.about == about
            )
            .order_by(Notice.id)
        ).all()  # fmt: skip
    return [datetime.fromisoformat(details["due_at"]) for details in found]


@pytest.mark.parametrize("state", ["dispatched", "handling"])
def test_the_desk_gives_a_helper_another_time_and_says_so(
    town: Town, helper: Actor, state: str
) -> None:
    desk, now = town["demo-town"], clock.now()
    event_id = helped(town, 1, state)
    first = duty(event_id, town).due_at
    assert first is not None
    assert until_of(helper, event_id, "told.asked_to_help") == [first]
    later = now + timedelta(hours=2)
    take(town, desk, event_id, "set_help_time", until=later, note="材料还没有到")
    assert duty(event_id, town).due_at == later
    assert until_of(helper, event_id, "told.help_time") == [later]
    scan(now + timedelta(minutes=90))
    assert the(event_id).late_helpers == 0
    # Late, it may be in time again.
    scan(later + timedelta(minutes=1))
    assert the(event_id).late_helpers == 1
    with clock.at(later + timedelta(minutes=2)):
        take(
            town, desk, event_id, "set_help_time", until=later + timedelta(minutes=30), note="再等"
        )  # fmt: skip
    assert the(event_id).late_helpers == 0


def test_a_helpers_time_is_set_within_the_promise_while_it_helps(town: Town, helper: Actor) -> None:
    desk, event_id = town["demo-town"], helped(town, 1)
    due_at = the(event_id).due_at
    assert due_at is not None
    for until, because in (
        (due_at + timedelta(minutes=1), "help_beyond_promise"),
        (clock.now() - timedelta(minutes=1), "until_in_the_past"),
    ):
        with pytest.raises(BadInput, match=because) as said:
            take(town, desk, event_id, "set_help_time", until=until)
        if because == "help_beyond_promise":
            # A day ends later than the promise may: the words hold the clock's time as well.
            local = day.local(due_at)
            assert said.value.params["due"].endswith(f" {local.hour}:{local.minute:02d}")
    with pytest.raises(NotYours):
        take(town, town["demo-dept"], event_id, "set_help_time")
    take(town, helper, event_id, "co_accept")
    take(town, helper, event_id, "co_submit")
    with pytest.raises(NotYet, match="no_co"):
        take(town, desk, event_id, "set_help_time")


def test_what_is_late_may_still_be_given_a_helper_and_a_time(town: Town, helper: Actor) -> None:
    desk, event_id = town["demo-town"], helped(town, 1)
    due_at = the(event_id).due_at
    assert due_at is not None
    with clock.at(due_at + timedelta(hours=1)):
        take(
            town, desk, event_id, "set_help_time", until=due_at + timedelta(hours=5), note="还要等"
        )
    assert duty(event_id, town).due_at == due_at + timedelta(hours=5)


def test_a_step_says_how_late_its_time_may_be(
    town: Town, helper: Actor, client: TestClient, as_actor: Callable[[Actor], dict[str, str]]
) -> None:
    desk = town["demo-town"]

    def latest(event_id: UUID) -> dict[str, str | None]:
        shown = client.get(f"/api/events/{event_id}", headers=as_actor(desk)).json()
        return {step["action"]: step["latest"] for step in shown["steps"]}

    event_id = helped(town, 1, "handling")
    promised = the(event_id).due_at
    assert promised is not None
    offered = latest(event_id)
    assert datetime.fromisoformat(offered["set_help_time"] or "") == promised
    assert {at for action, at in offered.items() if action != "set_help_time"} == {None}
    take(town, desk, event_id, "set_help_time", until=promised)
    assert duty(event_id, town).due_at == promised
    # What is granted is no longer than what was asked for.
    asked = clock.now() + timedelta(days=9)
    take(town, town["demo-dept"], event_id, "ask_suspension", until=asked)
    assert datetime.fromisoformat(latest(event_id)["approve_suspension"] or "") == asked
    with pytest.raises(BadInput, match="until_beyond_asked") as said:
        take(town, desk, event_id, "approve_suspension", until=asked + timedelta(minutes=1))
    assert said.value.params["due"]
