"""Pressed twice at once, it is there once: by the database, whatever the screens send."""

from collections.abc import Callable
from datetime import date, timedelta
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

from fastapi.testclient import TestClient
from sqlalchemy import func, select

from backend.city.accounts.models import Leave
from backend.city.organizations.models import Organization, Team
from backend.core import clock
from backend.core.actor import Actor, Role
from backend.core.day import today
from backend.core.db import unit_of_work
from backend.matters.reviews.models import ReviewPattern, ReviewPerson
from backend.matters.routing.models import RoutingRule
from backend.matters.telling import templates
from backend.tools.notices.models import MessageTemplate
from tests.accounts.test_guarding import until_somebody_waits
from tests.conftest import Town
from tests.owner import owner

Bearer = Callable[[str], dict[str, str]]
PRESSES = 4


def pressed(
    client: TestClient, path: str, headers: dict[str, str], body: dict[str, Any]
) -> list[int]:
    """The answers to one request that is sent four times at once."""
    answers: list[int] = []

    def press() -> None:
        answers.append(client.post(path, headers=headers, json=body).status_code)

    presses = [Thread(target=press) for _ in range(PRESSES)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    return sorted(answers)


def there(table: Any, *where: Any) -> int:
    with owner() as session:
        return session.scalar(select(func.count()).select_from(table).where(*where)) or 0


def test_organizations_and_teams(client: TestClient, town: Town, bearer: Bearer) -> None:
    body = {"name": "双击办", "kind": "department", "area_code": town.towns[0]}
    assert pressed(client, "/api/organizations", bearer("demo-town"), body) == [201, 409, 409, 409]
    assert there(Organization, Organization.name == "双击办") == 1
    answers = pressed(client, "/api/department/teams", bearer("demo-dept"), {"name": "一组"})
    assert answers == [201, 409, 409, 409]
    assert there(Team, Team.name == "一组") == 1


def test_a_name_is_free_again_when_its_bearer_has_ended(
    client: TestClient, town: Town, bearer: Bearer
) -> None:
    body = {"name": "再设办", "kind": "department", "area_code": town.towns[0]}
    first = client.post("/api/organizations", headers=bearer("demo-town"), json=body).json()
    client.delete(f"/api/organizations/{first['id']}", headers=bearer("demo-town"))
    again = client.post("/api/organizations", headers=bearer("demo-town"), json=body)
    assert again.status_code == 201


def test_leaves_of_one_person_share_no_day(
    client: TestClient, town: Town, bearer: Bearer, as_actor: Callable[[Actor], dict[str, str]]
) -> None:
    clerk = town["demo-dept"]
    deputy = next(
        a for a in town.actors.values()
        if a.role is Role.DEPARTMENT_CLERK and a.organization_id == clerk.organization_id
        and a.id != clerk.id
    )  # fmt: skip
    first = today() + timedelta(days=3)
    body = {"account_id": str(clerk.id), "deputy_id": str(deputy.id),
            "first_day": first.isoformat(),
            "last_day": (first + timedelta(days=2)).isoformat()}  # fmt: skip
    answers = pressed(client, "/api/department/leaves", bearer("demo-dept"), body)
    assert answers == [201, 409, 409, 409]
    # The day after is another leave; one that shares the last day is not.
    last = first + timedelta(days=2)
    for day, answer in ((last, 409), (last + timedelta(days=1), 201)):
        body |= {"first_day": day.isoformat(), "last_day": (day + timedelta(days=1)).isoformat()}
        sent = client.post("/api/department/leaves", headers=bearer("demo-dept"), json=body)
        assert sent.status_code == answer
    assert there(Leave, Leave.account_id == clerk.id) == 2


def test_two_do_not_stand_in_for_each_other_on_the_same_days(
    client: TestClient, town: Town, bearer: Bearer
) -> None:
    clerk = town["demo-dept"]
    deputy = next(
        a for a in town.actors.values()
        if a.role is Role.DEPARTMENT_CLERK and a.organization_id == clerk.organization_id
        and a.id != clerk.id
    )  # fmt: skip
    pairs = [(clerk.id, deputy.id), (deputy.id, clerk.id)]
    # Of eight pairs at once each, none is away together: one try alone would often go well.
    for week in range(8):
        first = today() + timedelta(days=40 + 7 * week)
        answers: list[int] = []

        def enter(
            away: UUID, stands_in: UUID, first: date = first, to: list[int] = answers
        ) -> None:
            body = {"account_id": str(away), "deputy_id": str(stands_in),
                    "first_day": first.isoformat(), "last_day": first.isoformat()}  # fmt: skip
            sent = client.post("/api/department/leaves", headers=bearer("demo-dept"), json=body)
            to.append(sent.status_code)

        both = [Thread(target=enter, args=pair) for pair in pairs]
        for one in both:
            one.start()
        for one in both:
            one.join()
        assert sorted(answers) == [201, 422]


def test_a_rule(client: TestClient, town: Town, bearer: Bearer) -> None:
    body = {"area_code": town.towns[0], "name": "双击", "condition": {"category": ["0101"]},
            "lead": str(town["demo-dept"].organization_id)}  # fmt: skip
    answers = pressed(client, "/api/routing/rules", bearer("demo-town"), body)
    assert answers == [201, 409, 409, 409]
    # Another priority makes it another rule.
    another = client.post(
        "/api/routing/rules", headers=bearer("demo-town"), json=body | {"priority": 7}
    )
    assert another.status_code == 201
    assert there(RoutingRule, RoutingRule.name == "双击") == 2


def test_patterns_and_guests_of_meetings(client: TestClient, town: Town, bearer: Bearer) -> None:
    chair = bearer("demo-village")
    for body in (
        {"area_code": town.villages[0], "rhythm": "daily", "at": "09:10"},
        {"area_code": town.villages[0], "rhythm": "weekly", "weekday": 2, "at": "09:10"},
    ):
        assert pressed(client, "/api/reviews/patterns", chair, body) == [201, 409, 409, 409]
    assert there(ReviewPattern, ReviewPattern.at == "09:10") == 2
    called = client.post(
        "/api/reviews", headers=chair,
        json={"client_id": str(uuid4()), "area_code": town.villages[0],
              "starts_at": clock.now().isoformat()},
    ).json()  # fmt: skip
    path = f"/api/reviews/{called['id']}"
    assert client.post(f"{path}/open", headers=chair).is_success
    assert pressed(client, f"{path}/people", chair, {"name": "张伟"}) == [200, 409, 409, 409]
    assert client.post(f"{path}/people", headers=chair, json={"name": "张伟（二组）"}).is_success
    assert there(ReviewPerson, ReviewPerson.name.startswith("张伟")) == 2


def test_words_of_messages(client: TestClient, town: Town, bearer: Bearer) -> None:
    admin, path = bearer("demo-admin"), "/api/notices/templates/told.file"

    def editions(words: str) -> int:
        return there(MessageTemplate, MessageTemplate.words == words)

    # One after the other: the words are in use already.
    for _ in range(2):
        sent = client.put(path, headers=admin, json={"words": "立案了：{number}"})
        assert sent.status_code == 204
    assert editions("立案了：{number}") == 1
    # At once: whoever comes later finds them in use.
    words, answers = "已立案：{number}", list[int]()

    def press() -> None:
        answers.append(client.put(path, headers=admin, json={"words": words}).status_code)

    later = Thread(target=press)
    with unit_of_work(town["demo-admin"]) as session:
        templates.write(session, town["demo-admin"], "told.file", "zh-CN", words)
        session.flush()
        later.start()
        until_somebody_waits()
    later.join()
    assert answers == [204] and editions(words) == 1
    # Words of before are a new edition.
    assert client.put(path, headers=admin, json={"words": "立案了：{number}"}).is_success
    assert editions("立案了：{number}") == 2
