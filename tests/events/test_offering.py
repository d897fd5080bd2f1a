"""In which order steps are put before people, and what their forms ask for."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from backend.matters.events import offering, workflow
from tests.conftest import Town
from tests.events.makers import an_event_at

Bearer = Callable[[str], dict[str, str]]


def steps(client: TestClient, header: dict[str, str], event_id: object) -> list[dict]:  # type: ignore[type-arg]
    return client.get(f"/api/events/{event_id}", headers=header).json()["steps"]


@pytest.mark.parametrize(
    ("state", "who", "first"),
    [
        ("dispatched", "demo-dept", "accept"),
        ("handling", "demo-dept", "submit_result"),
        ("filed", "demo-town", "dispatch"),
        ("reported", "demo-village", "file"),
    ],
)
def test_the_likeliest_step_comes_first(
    client: TestClient, bearer: Bearer, town: Town, state: str, who: str, first: str
) -> None:
    found = steps(client, bearer(who), an_event_at(town, state))
    ready = [step for step in found if not step["waits_for"]]
    assert ready[0]["action"] == first
    onward = [step["onward"] for step in ready]
    assert onward == sorted(onward, reverse=True)


def test_forms_say_what_a_step_may_bring(client: TestClient, bearer: Bearer, town: Town) -> None:
    found = steps(client, bearer("demo-town"), an_event_at(town, "filed"))
    dispatch = next(step for step in found if step["action"] == "dispatch")
    assert (dispatch["needs"], dispatch["extras"]) == (["organization"], ["helpers"])


def test_whatever_moves_a_case_on_is_a_step_of_the_process() -> None:
    known = {rule.action for rule in workflow.RULES.values()}
    named = {*offering._MAY_BRING, *offering._ONWARD}
    assert named <= known
    assert len(offering._ONWARD) == len(set(offering._ONWARD))
