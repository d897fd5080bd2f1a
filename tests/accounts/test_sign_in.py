"""Signing in, staying signed in, and being signed out."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from backend.city.accounts import service, tokens
from backend.city.accounts.models import Account, Post
from backend.core import day
from backend.core.db import NOBODY, unit_of_work
from backend.seeding.recipe import PASSWORD
from tests.conftest import Town
from tests.owner import owner


def sign_in(client: TestClient, username: str, password: str = PASSWORD, bearer: bool = True):  # type: ignore[no-untyped-def]
    body = {"username": username, "password": password, "bearer": bearer}
    return client.post("/api/auth/sign-in", json=body)


def me(client: TestClient, access: str) -> int:
    return client.get("/api/auth/me", headers={"Authorization": f"Bearer {access}"}).status_code


def refresh(client: TestClient, secret: str):  # type: ignore[no-untyped-def]
    return client.post("/api/auth/refresh", json={"refresh": secret})


def test_unknown_people_and_wrong_passwords_get_the_same_answer(client: TestClient) -> None:
    wrong, unknown = sign_in(client, "demo-town", "no"), sign_in(client, "nobody", "no")
    for answer in (wrong, unknown):
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
    assert wrong.json()["title"] == unknown.json()["title"]


def test_browsers_get_cookies_that_scripts_cannot_read(client: TestClient) -> None:
    answer = sign_in(client, "demo-grid", bearer=False)
    assert answer.json()["access"] is None
    cookies = answer.headers.get_list("set-cookie")
    assert len(cookies) == 2
    assert all("HttpOnly" in c and "SameSite=strict" in c for c in cookies)
    assert client.get("/api/auth/me").json()["post"]["role"] == "grid_worker"
    client.post("/api/auth/sign-out", json={})
    client.cookies.clear()
    assert client.get("/api/auth/me").status_code == 401


def test_a_host_that_is_no_address_breaks_nothing(client: TestClient) -> None:
    body = {"username": "demo-grid", "password": PASSWORD}
    answer = client.post("/api/auth/sign-in", json=body, headers={"Host": "["})
    client.cookies.clear()
    assert answer.status_code == 200 and "set-cookie" in answer.headers


def test_a_refresh_whose_answer_was_lost_may_be_repeated(client: TestClient) -> None:
    first = sign_in(client, "demo-unit").json()["refresh"]
    second = refresh(client, first).json()
    repeated = refresh(client, first)
    assert repeated.status_code == 200
    assert me(client, repeated.json()["access"]) == me(client, second["access"]) == 200


@pytest.mark.parametrize(
    "secret", ["", "x", "x.y", f"{UUID(int=0)}.y", f"{UUID(int=0)}.0.{'y' * 43}", "٣" * 90]
)
def test_nonsense_secrets_are_refused(client: TestClient, secret: str) -> None:
    assert refresh(client, secret or " ").status_code == 401


def test_tokens_of_others_makers_and_kinds_are_refused(client: TestClient, town: Town) -> None:
    access = sign_in(client, "demo-town").json()["access"]
    head, body, signature = access.split(".")
    unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0"
    # {"alg":"HS256","crit":1}: where a list belongs stands a number.
    senseless = "eyJhbGciOiJIUzI1NiIsImNyaXQiOjF9"
    for forged in (
        f"{unsigned}.{body}.",
        f"{senseless}.{body}.{signature}",
        f"{head}.{body}.{signature[:-4]}AAAA",
        "x",
        f"{head}..x",
    ):
        assert me(client, forged) == 401


def test_a_disabled_account_and_an_ended_post_stop_at_once(client: TestClient) -> None:
    access = sign_in(client, "demo-county").json()["access"]
    with owner() as session:
        account = session.scalars(select(Account).where(Account.username == "demo-county")).one()
        account.disabled_at = datetime.now(UTC)
    assert me(client, access) == 401
    assert sign_in(client, "demo-county").status_code == 401
    with owner() as session:
        session.execute(update(Account).values(disabled_at=None))
        post = session.scalars(select(Post).where(Post.account_id == account.id)).one()
        post.valid_to = day.today() - timedelta(days=1)
    assert me(client, access) == 401
    assert sign_in(client, "demo-county").status_code == 403


def test_another_post_is_another_scope(client: TestClient, town: Town) -> None:
    actor = town["demo-village"]
    with unit_of_work() as session:
        session.add(
            Post(
                account_id=actor.id, role="village_secretary", area_code=town.villages[1],
                home_county=actor.home_county,
            )
        )  # fmt: skip
    signed = sign_in(client, "demo-village").json()
    other = next(p for p in signed["posts"] if p["id"] != signed["post"]["id"])
    bearer = {"Authorization": f"Bearer {signed['access']}"}
    body = {"post_id": other["id"], "refresh": signed["refresh"]}
    switched = client.post("/api/auth/post", json=body, headers=bearer).json()
    assert switched["post"]["area_code"] == other["area_code"]
    claims = tokens.read(switched["access"])
    assert claims and claims["scope"][0][1] == other["area_code"]
    foreign = {"post_id": str(town["demo-town"].post_id), "refresh": switched["refresh"]}
    # A token of the post that the session left speaks for nobody: the post may end in the meantime.
    assert client.get("/api/auth/me", headers=bearer).status_code == 401
    assert client.post("/api/auth/post", json=foreign, headers=bearer).status_code == 401
    bearer = {"Authorization": f"Bearer {switched['access']}"}
    assert client.get("/api/auth/me", headers=bearer).status_code == 200
    assert client.post("/api/auth/post", json=foreign, headers=bearer).status_code == 404


class TestInvitation:
    def invite(self, client: TestClient, header: dict[str, str], **body: object):  # type: ignore[no-untyped-def]
        return client.post("/api/accounts", json=body, headers=header)

    def test_a_secretary_invites_a_unit_head_who_then_signs_in(
        self, client: TestClient, bearer: Callable[[str], dict[str, str]], town: Town
    ) -> None:
        secretary = bearer("demo-village")
        with unit_of_work(NOBODY) as session:
            account = session.get(Account, town["demo-village"].id)
            assert account
        village = client.get("/api/auth/me", headers=secretary).json()["post"]["area_code"]
        unit = next(u for u in town.units if u.startswith(village))
        answer = self.invite(
            client, secretary, username="new-head", name="新来的", role="unit_head", area_code=unit
        )
        assert answer.status_code == 201
        link = answer.json()["link"]
        assert answer.json()["qr_svg"].startswith("<svg")
        secret = link.partition("#")[2]
        short = {"secret": secret, "password": "short"}
        assert client.post("/api/auth/invitation", json=short).status_code == 422
        good = {"secret": secret, "password": "a long enough one", "bearer": True}
        joined = client.post("/api/auth/invitation", json=good)
        assert joined.json()["post"]["role"] == "unit_head"
        assert client.post("/api/auth/invitation", json=good).status_code == 404
        assert sign_in(client, "new-head", "a long enough one").status_code == 200

    def test_nobody_appoints_outside_their_area_or_above_themselves(
        self, client: TestClient, bearer: Callable[[str], dict[str, str]], town: Town
    ) -> None:
        secretary = bearer("demo-village")
        village = client.get("/api/auth/me", headers=secretary).json()["post"]["area_code"]
        foreign = next(u for u in town.units if not u.startswith(village))
        cases = [
            ({"role": "unit_head", "area_code": foreign}, 403),
            ({"role": "town_dispatcher", "area_code": town.towns[0]}, 403),
            ({"role": "unit_head", "area_code": village}, 422),
            ({"role": "unit_head", "area_code": "359902999999999999"}, 422),
        ]
        for body, status in cases:
            answer = self.invite(client, secretary, username="x", name="x", **body)
            assert answer.status_code == status, body

    def test_a_forgotten_password_needs_somebody_who_may_appoint(
        self, client: TestClient, bearer: Callable[[str], dict[str, str]], town: Town
    ) -> None:
        head = town.unit_head_of(town.villages[0])
        path = f"/api/accounts/{head.id}/invitations"
        assert client.post(path, headers=bearer("demo-town")).status_code == 201
        admin = f"/api/accounts/{town['demo-admin'].id}/invitations"
        assert client.post(admin, headers=bearer("demo-town")).status_code == 404

    def test_a_new_password_ends_older_sessions(self, client: TestClient, town: Town) -> None:
        from backend.city.staffing import appointing

        with unit_of_work(NOBODY) as session:
            account = session.get(Account, town["demo-leader"].id)
            assert account
            issued = service.sign_in(session, account, "phone")
            secret = appointing.invite(session, town["demo-admin"], account)
        assert me(client, issued.access) == 200
        body = {"secret": secret, "password": "another long one"}
        assert client.post("/api/auth/invitation", json=body).status_code == 200
        assert me(client, issued.access) == 401


def test_what_was_written_earlier_is_never_taken_from_somebody_else(
    client: TestClient, bearer: Callable[[str], dict[str, str]], town: Town
) -> None:
    anna, ben = town["demo-unit"], town["demo-grid"]
    written = {"OneMap-Written-By": f"{anna.id}/{anna.post_id}"}
    body = {
        "client_id": "00000000-0000-4000-8000-0000000000a1",
        "category": "0301",
        "text": "路灯不亮",
    }
    taken = client.post("/api/events", json=body, headers=bearer("demo-grid") | written)
    assert (taken.status_code, taken.json()["code"]) == (409, "written_by_somebody_else")
    other_post = {"OneMap-Written-By": f"{anna.id}/{ben.post_id}"}
    refused = client.post("/api/events", json=body, headers=bearer("demo-unit") | other_post)
    assert refused.status_code == 409
    photo = client.post("/api/media", content=b"x", headers=bearer("demo-grid") | written)
    assert photo.status_code == 409
    assert client.post(
        "/api/events", json=body, headers=bearer("demo-unit") | written
    ).status_code == 201  # fmt: skip
