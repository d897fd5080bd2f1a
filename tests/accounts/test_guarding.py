"""Administrators over accounts of their area: sessions ended, accounts disabled and opened again."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from backend.city.accounts import passwords, service, tokens
from backend.city.accounts.audit import What
from backend.city.accounts.models import Account, AuditEntry, Post
from backend.city.accounts.service import Issued
from backend.city.staffing import appointing
from backend.city.staffing.placing import Wanted
from backend.core.actor import Actor, Role
from backend.core.db import NOBODY, unit_of_work
from backend.seeding.recipe import PASSWORD
from tests.conftest import Town
from tests.owner import owner
from tests.people import add_person

Bearer = Callable[[str], dict[str, str]]


def person(town: Town, *grids: str) -> str:
    """Somebody of the test's own who works in these grids; the user name."""
    with owner() as session:
        hashed = passwords.hashed(PASSWORD)
        account = add_person(session, f"guarded-{uuid4()}", "被管的人", password_hash=hashed)
        for grid in grids:
            session.add(
                Post(
                    account_id=account.id, role="grid_worker", area_code=grid,
                    home_county=town["demo-village"].home_county,
                )
            )  # fmt: skip
            session.flush()
        return account.username


def administrator(town: Town, area: str) -> Actor:
    """Somebody who administers an area and nothing beyond it."""
    with owner() as session:
        account = add_person(session, f"administers-{uuid4()}", "管理员", password_hash="x")
        home = town["demo-village"].home_county
        post = Post(account_id=account.id, role=Role.SYS_ADMIN, area_code=area, home_county=home)
        session.add(post)
        session.flush()
        return tokens.actor_for(account, post, ())


def until_somebody_waits() -> None:
    """Come back once a transaction waits for another's lock."""
    until = time.monotonic() + 30
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    while True:
        with owner() as session:
            if session.scalar(waiting):
                return
        assert time.monotonic() < until
        time.sleep(0.01)


def issue(username: str, grid: str) -> Issued:
    with unit_of_work(NOBODY) as session:
        account = session.scalars(select(Account).where(Account.username == username)).one()
        post = session.scalars(
            select(Post).where(Post.account_id == account.id, Post.area_code == grid)
        ).one()
        return service.sign_in(session, account, "phone", post.id)


def me(client: TestClient, issued: Issued) -> int:
    header = {"Authorization": f"Bearer {issued.access}"}
    return client.get("/api/auth/me", headers=header).status_code


def test_sessions_are_ended_in_ones_own_area_alone(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    village = town["demo-village"].area_code
    here = next(g for g in town.grids if g.startswith(village))
    there = next(g for g in town.grids if not g.startswith(village))
    name = person(town, here, there)
    mine, theirs = issue(name, here), issue(name, there)
    path = f"/api/accounts/{mine.account.id}/sessions"
    secretary = bearer("demo-village")
    shown = client.get(path, headers=secretary).json()
    assert [row["id"] for row in shown] == [str(mine.actor.sign_in_id)]
    foreign = client.delete(f"{path}/{theirs.actor.sign_in_id}", headers=secretary)
    assert foreign.status_code == 404
    assert client.post(f"{path}/end", headers=secretary).json() == {"sessions": 1}
    assert (me(client, mine), me(client, theirs)) == (401, 200)
    one = client.delete(f"{path}/{theirs.actor.sign_in_id}", headers=bearer("demo-town"))
    assert one.status_code == 204 and me(client, theirs) == 401


def test_a_disabled_account_stops_at_once_and_can_be_opened_again(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    name = person(town, town.grids[0])
    signed = issue(name, town.grids[0])
    path = f"/api/accounts/{signed.account.id}"
    admin, why = bearer("demo-admin"), {"reason": "手机丢失，停用"}
    assert client.post(f"{path}/disable", json=why, headers=bearer("demo-town")).status_code == 403
    assert client.post(f"{path}/disable", json={"reason": ""}, headers=admin).status_code == 422
    assert client.post(f"{path}/disable", json=why, headers=admin).status_code == 204
    assert me(client, signed) == 401
    body = {"username": name, "password": PASSWORD, "bearer": True}
    assert client.post("/api/auth/sign-in", json=body).status_code == 401
    listed = client.get(f"/api/staff?disabled=true&q={name[:40]}", headers=admin).json()
    assert [p["username"] for p in listed["items"]] == [name]
    assert client.post(f"{path}/enable", json=why, headers=admin).status_code == 204
    assert client.post("/api/auth/sign-in", json=body).status_code == 200
    with unit_of_work(town["demo-audit"]) as session:
        noted = session.execute(
            select(AuditEntry.what, AuditEntry.reason)
            .where(AuditEntry.subject_id == signed.account.id)
            .order_by(AuditEntry.id)
        ).all()
    assert [tuple(row) for row in noted][1:3] == [
        ("disabled", why["reason"]), ("enabled", why["reason"]),
    ]  # fmt: skip


@pytest.mark.parametrize("verb", ["disable", "enable"])
def test_nobody_disables_themselves_or_a_stranger(
    client: TestClient, bearer: Bearer, town: Town, verb: str
) -> None:
    why = {"reason": "看看会怎样"}
    admin = bearer("demo-admin")
    path = f"/api/accounts/{uuid4()}/{verb}"
    assert client.post(path, json=why, headers=admin).status_code == 404
    if verb == "disable":
        own = f"/api/accounts/{town['demo-admin'].id}/disable"
        refused = client.post(own, json=why, headers=admin)
        assert (refused.status_code, refused.json()["code"]) == (409, "disables_oneself")


def test_who_is_getting_a_post_elsewhere_at_that_moment_is_not_disabled(
    client: TestClient, town: Town, as_actor: Callable[[Actor], dict[str, str]]
) -> None:
    village = town["demo-village"].area_code
    here = next(g for g in town.grids if g.startswith(village))
    there = next(g for g in town.grids if not g.startswith(village))
    name = person(town, here)
    small = administrator(town, village)
    header = as_actor(small)
    admin = town["demo-admin"]
    with ThreadPoolExecutor(1) as other:
        with unit_of_work(admin) as session:
            wanted = Wanted(name, "被管的人", Role.GRID_WORKER, there)
            account = appointing.appoint(session, admin, wanted).account
            path = f"/api/accounts/{account.id}/disable"
            asked = other.submit(client.post, path, json={"reason": "不再任职"}, headers=header)
            until_somebody_waits()
        answer = asked.result()
    assert (answer.status_code, answer.json()["code"]) == (404, "account_not_found")
    with owner() as session:
        assert session.get_one(Account, account.id).disabled_at is None


def test_what_was_done_to_somebody_is_filed_where_it_was_done(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    village = town["demo-village"].area_code
    here = next(g for g in town.grids if g.startswith(village))
    there = next(g for g in town.grids if not g.startswith(village))
    # The newest post is the one elsewhere.
    name = person(town, here, there)
    path = f"/api/accounts/{issue(name, here).account.id}/sessions/end"
    assert client.post(path, headers=bearer("demo-village")).status_code == 200
    with unit_of_work(town["demo-audit"]) as session:
        filed = session.scalars(
            select(AuditEntry.area_code).where(
                AuditEntry.what == What.SESSION_ENDED, AuditEntry.about == name
            )
        ).all()
    assert filed == [here]
