"""One way to take a step: the key, the row, who was faster, the rules; the same for every process."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from backend.core.actor import Actor, system
from backend.core.db import unit_of_work
from backend.matters.deliberations.service.stepping import STEPPER as DECISIONS
from backend.matters.events.casework.stepping import STEPPER as EVENTS
from backend.matters.items.models import Item, ItemAction
from backend.matters.items.service.stepping import STEPPER as ITEMS
from tests.conftest import Town
from tests.events.makers import an_event_at
from tests.items.makers import proposed

COUNTY = "359902"
As = Callable[[Actor], dict[str, str]]


def post(client: TestClient, header: dict[str, str], path: str, **body: Any) -> Any:
    return client.post(
        f"/api/{path}/steps", json={"client_id": str(uuid4())} | body, headers=header
    )


def entries(item_id: UUID) -> int:
    with unit_of_work(system(COUNTY)) as session:
        query = select(func.count()).where(ItemAction.item_id == item_id)
        return session.scalar(query) or 0


def test_a_step_sent_twice_is_taken_once_and_another_body_under_its_key_is_refused(
    client: TestClient, town: Town, as_actor: As
) -> None:
    header, item_id = as_actor(town["demo-village"]), proposed(town["demo-village"])
    before, key = entries(item_id), str(uuid4())
    for _ in range(2):
        said = post(
            client, header, f"items/{item_id}", client_id=key, action="comment", note="看过"
        )
        assert said.status_code == 201, said.text
    assert entries(item_id) == before + 1
    other = post(client, header, f"items/{item_id}", client_id=key, action="comment", note="另说")
    assert (other.status_code, other.json()["code"]) == (409, "key_used_for_other_body")
    assert entries(item_id) == before + 1


@pytest.mark.parametrize("matter", ["event", "item"])
def test_who_comes_too_late_is_told_where_it_stands_and_what_can_be_done_now(
    client: TestClient, town: Town, as_actor: As, matter: str
) -> None:
    if matter == "event":
        key = an_event_at(town, "handling")
        header, path, action = as_actor(town["demo-town"]), f"events/{key}", "file"
    else:
        key = proposed(town["demo-village"])
        header, path, action = as_actor(town["demo-village"]), f"items/{key}", "confirm"
    stale = post(client, header, path, action=action, seen=1)
    assert stale.status_code == 409, stale.text
    problem = stale.json()
    assert problem["code"] == "somebody_was_faster" and problem["open_steps"]
    fresh = client.get(f"/api/{path}", headers=header).json()
    seen = post(client, header, path, action=action, seen=fresh["log_seq"])
    assert seen.status_code == 409 and seen.json()["code"] != "somebody_was_faster"
    assert seen.json()["open_steps"] == problem["open_steps"]


def test_two_senders_of_one_key_make_one_entry(
    client: TestClient, town: Town, as_actor: As
) -> None:
    header, item_id, key = as_actor(town["demo-village"]), proposed(town["demo-village"]), uuid4()
    before, answers = entries(item_id), []

    def send() -> None:
        said = post(
            client, header, f"items/{item_id}", client_id=str(key), action="comment", note="一次"
        )
        answers.append(said.status_code)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [201] * 4 and entries(item_id) == before + 1


def test_what_is_not_there_for_the_caller_is_told_as_not_there(
    client: TestClient, town: Town, as_actor: As
) -> None:
    header = as_actor(town["demo-village"])
    for path, action, stepper in (
        ("events", "file", EVENTS), ("items", "comment", ITEMS),
        ("deliberations", "comment", DECISIONS),
    ):  # fmt: skip
        answer = post(client, header, f"{path}/{uuid4()}", action=action, note="?")
        assert (answer.status_code, answer.json()["code"]) == (404, stepper.not_found)


def test_every_processes_words_know_its_states_and_actions() -> None:
    from backend.core.language import sentences

    for stepper in (EVENTS, ITEMS, DECISIONS):
        process = stepper.process
        codes = {process.words.not_here, stepper.not_found}
        for state, action in process.rules:
            codes |= {f"{process.words.state}.{state}", f"{process.words.action}.{action}"}
        for language in ("zh-CN", "en"):
            assert codes <= sentences(language).keys()


def test_the_head_moves_with_the_entry(town: Town) -> None:
    item_id = proposed(town["demo-village"])
    with unit_of_work(system(COUNTY)) as session:
        item = session.scalars(select(Item).where(Item.id == item_id)).one()
        last = session.scalars(
            select(ItemAction).where(ItemAction.item_id == item_id).order_by(ItemAction.seq.desc())
        ).first()
        assert last is not None and (item.log_seq, item.log_head) == (last.seq, last.hash)
