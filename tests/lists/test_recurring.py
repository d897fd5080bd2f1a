"""Days that come and pass, and terms that are over: told once, gone on with once."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient
from sqlalchemy import select

from backend.core import clock, day, delivery
from backend.core.actor import Actor, system
from backend.core.db import unit_of_work
from backend.matters.items import queries
from backend.matters.items.models import Item
from backend.matters.lists import recurring
from backend.subscriptions import HANDLERS
from backend.tools.notices.models import Notice
from tests.conftest import Town
from tests.items.makers import proposed, take_item

COUNTY = "359902"


def on(day: date, hour: int = 9) -> Any:
    return clock.at(datetime(day.year, day.month, day.day, hour, tzinfo=UTC))


def scan(what: Callable[..., int]) -> int:
    with unit_of_work(system(COUNTY)) as session:
        return what(session, COUNTY)


def told(who: Actor, item_id: UUID) -> list[str]:
    with unit_of_work(who) as session:
        rows = session.scalars(
            select(Notice)
            .where(Notice.account_id == who.id, Notice.item_id == item_id)
            .order_by(Notice.id)
        )
        return [n.about for n in rows if "due" in n.about or "again" in n.about]


def the(item_id: UUID) -> Item:
    with unit_of_work(system(COUNTY)) as session:
        return session.scalars(select(Item).where(Item.id == item_id)).one()


def test_a_day_is_told_a_week_before_and_when_it_has_passed_once_each(town: Town) -> None:
    village, clerk = town["demo-village"], town["demo-dept"]
    item = proposed(village)
    due = day.today() + timedelta(days=30)
    take_item(town, town["demo-town"], item, "assign", due_on=due)
    with on(due - timedelta(days=8)):
        scan(recurring.remind)
        assert told(village, item) == told(clerk, item) == []
    for _ in range(2):
        with on(due - timedelta(days=7)):
            scan(recurring.remind)
    assert told(village, item) == told(clerk, item) == ["told.item_due_soon"]
    with on(due):
        scan(recurring.remind)
    assert told(village, item) == ["told.item_due_soon"]
    for _ in range(2):
        with on(due + timedelta(days=1)):
            scan(recurring.remind)
    assert told(clerk, item) == ["told.item_due_soon", "told.item_overdue"]
    # A new day is told anew.
    later = due + timedelta(days=60)
    take_item(town, village, item, "revise", due_on=later, title=None)
    with on(later - timedelta(days=3)):
        scan(recurring.remind)
    assert told(clerk, item)[-1] == "told.item_due_soon" and len(told(clerk, item)) == 3


def test_what_is_late_already_is_not_told_as_coming(town: Town) -> None:
    village = town["demo-village"]
    item = proposed(village)
    due = day.today() + timedelta(days=2)
    take_item(town, town["demo-town"], item, "assign", due_on=due)
    with on(due + timedelta(days=5)):
        scan(recurring.remind)
    assert told(village, item) == ["told.item_overdue"]


def test_a_task_comes_back_every_term_whether_it_was_done_or_not(
    town: Town, client: TestClient, as_actor: Callable[[Actor], dict[str, str]]
) -> None:
    village, clerk = town["demo-village"], town["demo-dept"]
    with on(date(2026, 11, 10)):
        done = proposed(village, "task", recurs="month", title="独居老人探访")
        take_item(town, town["demo-town"], done, "assign", due_on=date(2026, 11, 28))
        take_item(town, village, done, "revise", people="阿珍、阿明", title=None, due_on=None)
        take_item(town, clerk, done, "start")
        take_item(town, village, done, "achieve")
        left = proposed(village, "task", recurs="month", title="沟渠清淤")
        yearly = proposed(village, "task", recurs="year", title="夏令营")
        given_up = proposed(village, "task", recurs="month", title="不再办的事")
        take_item(town, village, given_up, "abandon")
        assert scan(recurring.begin_terms) == 0
    with on(date(2026, 12, 1)):
        assert scan(recurring.begin_terms) == 2
        assert scan(recurring.begin_terms) == 0
    assert (the(done).state, the(left).state) == ("achieved", "carried_over")
    assert the(done).closed_at is not None and the(done).closed_at.month == 11  # type: ignore[union-attr]
    assert the(yearly).to_item_id is None and the(given_up).to_item_id is None
    again = the(the(done).to_item_id)  # type: ignore[arg-type]
    assert (again.term, again.state, again.title, again.people, again.organization_id) == (
        "2026-12", "confirmed", "独居老人探访", "阿珍、阿明", the(done).organization_id
    )  # fmt: skip
    # The history stays in sight, and the log says who did it: the calendar.
    shown = client.get(f"/api/items/{again.id}", headers=as_actor(village)).json()
    assert [one["term"] for one in shown["before"]] == ["2026-11"] and shown["people"]
    with unit_of_work(system(COUNTY)) as session:
        last = queries.log_of(session, session.get_one(Item, (COUNTY, done)))[-1]
        assert (last.action, last.role, last.to_state) == ("carry_over", "system", "achieved")
    while delivery.drain(COUNTY, HANDLERS):
        pass
    assert told(village, done)[-1] == "told.item_again"
    # A year later every missed month has its own item, and there is one that is open.
    with on(date(2027, 2, 2)):
        while scan(recurring.begin_terms):
            pass
    chain = [the(again.id)]
    while chain[-1].to_item_id:
        chain.append(the(chain[-1].to_item_id))
    assert [one.term for one in chain] == ["2026-12", "2027-01", "2027-02"]
    assert [one.state for one in chain] == ["carried_over", "carried_over", "confirmed"]
