"""A case that cannot be solved now, and the list item that it waits for."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from backend.core import clock, delivery
from backend.core.actor import Actor, system
from backend.core.db import unit_of_work
from backend.core.errors import BadInput
from backend.matters.events.models import Event
from backend.matters.events.reading import showing
from backend.matters.items import queries as items
from backend.matters.items.models import Item
from backend.matters.items.schemas import ItemStepIn
from backend.matters.items.service import stepping as item_steps
from backend.matters.items.workflow import Action
from backend.matters.lists.showing import whole as whole_item
from backend.subscriptions import HANDLERS
from backend.tools.notices.models import Notice
from tests.conftest import Town
from tests.events.makers import an_event_at, keep_photo, take

COUNTY = "359902"
TITLE = "老街排水管网改造"


def the(event_id: UUID) -> Event:
    with unit_of_work(system(COUNTY)) as session:
        return session.get_one(Event, (COUNTY, event_id))


def hear() -> None:
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


def suspended(town: Town, title: str | None = TITLE, **changes: object) -> UUID:
    event_id = an_event_at(town, "handling", **changes)
    until = clock.now() + timedelta(days=60)
    take(
        town,
        town["demo-dept"],
        event_id,
        "ask_suspension",
        until=until,
        reason="project",
        note="管网在先",
    )
    take(
        town, town["demo-town"], event_id, "approve_suspension", until=None, item_title=title,
        note="等管网项目立项",
    )  # fmt: skip
    return event_id


def item_of(event_id: UUID) -> Item | None:
    with unit_of_work(system(COUNTY)) as session:
        found = items.awaited_by(session, COUNTY, event_id)
        return None if found is None else session.get_one(Item, (COUNTY, found))


def step(town: Town, who: str, item: Item, action: Action, **changes: object) -> None:
    with unit_of_work(town[who]) as session:
        photos = [keep_photo(session, town[who])] if action is Action.ACHIEVE else []
        fields = {"client_id": uuid4(), "action": action, "note": "已办", "photos": photos}
        item_steps.advance(session, town[who], item.id, ItemStepIn(**(fields | changes)))


def achieve(town: Town, item: Item) -> None:
    due = clock.now().date() + timedelta(days=30)
    step(town, "demo-town", item, Action.CONFIRM)
    step(town, "demo-dept", item, Action.CLAIM, due_on=due)
    step(town, "demo-dept", item, Action.START)
    step(town, "demo-town", item, Action.ACHIEVE)


def test_the_item_carries_what_is_known_and_both_lead_to_each_other(town: Town) -> None:
    event_id = suspended(town)
    event, item = the(event_id), item_of(event_id)
    assert item is not None
    assert (item.kind, item.state, item.title) == ("problem", "proposed", TITLE)
    assert (item.area_code, item.category_code) == (event.area_code, event.category_code)
    assert item.organization_id == event.lead_organization_id and item.people
    assert "管网在先" in item.cause
    assert event.text in item.cause and "等管网项目立项" in item.cause
    with unit_of_work(town["demo-town"]) as session:
        case = showing.whole(session, town["demo-town"], session.merge(event))
        page = whole_item(session, town["demo-town"], session.merge(item))
    assert case.waits_for is not None and case.waits_for.item_no == item.item_no
    assert case.timeline[-1].item_no == item.item_no
    assert [one.id for one in page.events] == [event_id]


def test_achieved_it_brings_the_case_back_by_itself(town: Town) -> None:
    event_id = suspended(town)
    item = item_of(event_id)
    assert item is not None
    achieve(town, item)
    hear()
    event = the(event_id)
    assert (event.state, event.suspended_until) == ("handling", None)
    assert item_of(event_id) is None
    assert "told.given_back" in told(town["demo-dept"], event_id)
    with unit_of_work(town["demo-town"]) as session:
        case = showing.whole(session, town["demo-town"], session.merge(event))
    last = case.timeline[-1]
    assert (last.action, last.role) == ("resume", "system") and item.item_no in last.note


def test_given_up_it_asks(town: Town) -> None:
    event_id = suspended(town)
    item = item_of(event_id)
    assert item is not None
    step(town, "demo-county", item, Action.ABANDON)
    hear()
    assert the(event_id).state == "suspended"
    assert "told.item_given_up" in told(town["demo-town"], event_id)
    assert "told.item_given_up" in told(town["demo-dept"], event_id)


def test_taken_up_before_it_waits_no_more(town: Town) -> None:
    event_id = suspended(town)
    item = item_of(event_id)
    assert item is not None
    take(town, town["demo-town"], event_id, "resume")
    achieve(town, item)
    hear()
    assert the(event_id).state == "handling"


def test_raised_to_another_list_the_case_waits_for_that_one(town: Town) -> None:
    event_id = suspended(town)
    item = item_of(event_id)
    assert item is not None
    step(town, "demo-town", item, Action.CONFIRM)
    step(town, "demo-town", item, Action.RAISE, kind="development", title="老街管网项目")
    after = item_of(event_id)
    assert after is not None and after.kind == "development"
    step(
        town, "demo-town", after, Action.ASSIGN,
        organization_id=the(event_id).lead_organization_id,
        due_on=clock.now().date() + timedelta(days=30),
    )  # fmt: skip
    step(town, "demo-dept", after, Action.START)
    step(town, "demo-town", after, Action.ACHIEVE)
    hear()
    assert the(event_id).state == "handling"


def test_it_is_offered_and_not_forced_and_never_of_what_is_restricted(town: Town) -> None:
    assert item_of(suspended(town, None)) is None
    event_id = an_event_at(town, "handling")
    until = clock.now() + timedelta(days=60)
    take(town, town["demo-town"], event_id, "restrict", people=["demo-town", "demo-dept"])
    take(town, town["demo-dept"], event_id, "ask_suspension", until=until)
    with unit_of_work(town["demo-town"]) as session:
        case = showing.whole(session, town["demo-town"], session.merge(the(event_id)))
    offered = next(s for s in case.steps if s.action == "approve_suspension")
    assert "item" not in offered.extras
    with pytest.raises(BadInput, match="restricted_not_on_lists"):
        take(
            town, town["demo-town"], event_id, "approve_suspension", until=None, item_title=TITLE
        )  # fmt: skip
