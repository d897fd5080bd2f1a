"""The smallest valid items, and steps with all that any of them may need."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from backend.core import day
from backend.core.actor import Actor
from backend.core.db import unit_of_work
from backend.matters.items import workflow
from backend.matters.items.schemas import ItemIn, ItemStepIn
from backend.matters.items.service import proposing, stepping
from backend.matters.items.workflow import Action, Need
from tests.conftest import Town
from tests.events.makers import LEAD, keep_photo


def soon(days: int = 30) -> Any:
    return day.today() + timedelta(days=days)


def proposed(actor: Actor, kind: str = "problem", **changes: Any) -> UUID:
    """Put something on a list as an actor; the item's key."""
    fields: dict[str, Any] = {
        "client_id": uuid4(), "kind": kind, "title": "排水管多年未清", "area_code": actor.area_code,
    }  # fmt: skip
    with unit_of_work(actor) as session:
        return proposing.propose(session, actor, ItemIn(**(fields | changes)))


def take_item(town: Town, actor: Actor, item_id: UUID, action: str, **changes: Any) -> None:
    """Take one step of an item with everything that it may need."""
    rules = [rule for rule in workflow.RULES.values() if rule.action == action]
    needs = {need for rule in rules for need in rule.needs}
    with unit_of_work(actor) as session:
        fields: dict[str, Any] = {
            "client_id": uuid4(), "action": Action(action), "note": "因为",
            "organization_id": town.bodies[LEAD], "due_on": soon(), "title": "新名称",
            "kind": "development", "amount": 120000.0,
        }  # fmt: skip
        if Need.PHOTO in needs:
            fields["photos"] = [keep_photo(session, actor)]
        stepping.advance(session, actor, item_id, ItemStepIn(**(fields | changes)))


def a_promising_item(town: Town, actor: Actor, **changes: Any) -> UUID:
    """An item with somebody who does it and a day: it may carry an event on."""
    item_id = proposed(actor, "development", **changes)
    take_item(town, actor, item_id, "assign")
    return item_id
