"""Money of a list item: who asks for it neither grants nor accepts it, and nobody who is alone is stuck."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from backend.city.accounts.models import Post
from backend.city.organizations.models import Organization
from backend.core import delivery
from backend.core.actor import Actor
from backend.core.db import unit_of_work
from backend.core.errors import Refused
from backend.subscriptions import HANDLERS
from backend.tools.notices.models import Notice
from tests.conftest import Town
from tests.items.makers import proposed, take_item
from tests.items.test_items import BEGUN, COUNTY, As, cast, holds_together, live  # noqa: F401
from tests.owner import owner


@pytest.fixture(scope="module")
def alone(town: Town) -> Actor:
    """The one secretary of a village, who is its committee."""
    secretary = town["demo-village"]
    with owner() as session:
        body = Organization(name="村委会", kind="village", area_code=secretary.area_code)
        session.add(body)
        session.flush()
        session.execute(
            update(Post).where(Post.id == secretary.post_id).values(organization_id=body.id)
        )
    return replace(secretary, organization_id=body.id)


def _sent(
    client: TestClient, headers: dict[str, str], item_id: UUID, action: str, **fields: Any
) -> tuple[int, str]:
    body = {"client_id": str(uuid4()), "action": action, "note": "因为", **fields}
    answer = client.post(f"/api/items/{item_id}/steps", headers=headers, json=body)
    return answer.status_code, "" if answer.is_success else answer.json()["code"]


def test_nobody_asks_for_money_and_grants_it_and_who_is_alone_is_helped_by_the_town(
    client: TestClient,
    town: Town,
    cast: Any,  # noqa: F811
    as_actor: As,
    alone: Actor,
) -> None:
    own, above, far = (as_actor(a) for a in (alone, cast("town"), cast("neighbour")))
    item_id = proposed(alone)
    asked = {"amount": 5_000, "organization_id": str(alone.organization_id)}
    assert _sent(client, own, item_id, "ask_funds", **asked) == (201, "")
    # Whoever may grant it hears of it.
    while delivery.drain(COUNTY, HANDLERS):
        pass
    with unit_of_work(cast("town")) as session:
        heard = session.scalars(select(Notice.about).where(Notice.item_id == item_id)).all()
    assert heard == ["told.item_funds"]
    # The committee is asked for its own money: its one secretary may look at it, no more.
    assert _sent(client, own, item_id, "review_funds") == (201, "")
    assert _sent(client, own, item_id, "approve_funds") == (409, "fund_you_asked")
    waits = {s["action"]: s["waits_for"] for s in client.get(f"/api/items/{item_id}", headers=own).json()["steps"]}  # fmt: skip
    assert "somebody else" in waits["approve_funds"]
    assert _sent(client, far, item_id, "approve_funds")[0] == 404
    assert _sent(client, above, item_id, "approve_funds") == (201, "")
    assert _sent(client, own, item_id, "pay_funds") == (409, "fund_you_asked")
    assert _sent(client, above, item_id, "pay_funds") == (201, "")
    # Neither who asked nor who granted it says what became of it.
    assert _sent(client, own, item_id, "accept_funds") == (409, "fund_you_asked")
    assert _sent(client, above, item_id, "accept_funds") == (409, "fund_you_granted")
    assert _sent(client, as_actor(cast("county")), item_id, "accept_funds") == (201, "")
    holds_together(item_id)


def test_the_town_grants_no_money_of_others(town: Town, cast: Any) -> None:  # noqa: F811
    # Asked by a village of a department: the town is none of it.
    item_id = proposed(cast("village"))
    live(town, cast, item_id, f"{BEGUN}  village ask_funds in_progress")
    for who in ("town", "county"):
        with pytest.raises(Refused) as said:
            take_item(town, cast(who), item_id, "review_funds")
        assert said.value.code == "not_yours"
    # A clerk who asks the own department: others above the department grant it, whoever they are.
    item_id = proposed(cast("village"))
    live(
        town, cast, item_id, f"{BEGUN}  clerk ask_funds in_progress  clerk review_funds in_progress"
    )
    with pytest.raises(Refused) as own:
        take_item(town, cast("clerk"), item_id, "approve_funds")
    assert own.value.code == "fund_you_asked"
    live(town, cast, item_id, "county approve_funds in_progress  county pay_funds in_progress")
    live(town, cast, item_id, "village accept_funds in_progress")
    # Refused, it is asked for anew by somebody else, and its former asker grants it.
    item_id = proposed(cast("village"))
    live(
        town, cast, item_id, f"{BEGUN}  clerk ask_funds in_progress  clerk refuse_funds in_progress"
    )
    live(town, cast, item_id, "village ask_funds in_progress  clerk review_funds in_progress")
    live(town, cast, item_id, "clerk approve_funds in_progress  clerk pay_funds in_progress")
