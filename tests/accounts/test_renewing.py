"""The refresh secret: checked at every exchange, repeated within a minute, copied never."""

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from backend.city.accounts import queries, service, tokens
from backend.city.accounts.audit import What
from backend.city.accounts.models import Account, AuditEntry, SignIn
from backend.core import clock
from backend.core.actor import Actor
from backend.core.db import NOBODY, unit_of_work
from backend.seeding.recipe import PASSWORD
from tests.conftest import Town

START = datetime.now(UTC)


@contextmanager
def after(seconds: float) -> Iterator[None]:
    with clock.at(START + timedelta(seconds=seconds)):
        yield


@pytest.fixture
def first(town: Town) -> str:
    """The secret of a device that signed in at the start."""
    with after(0), unit_of_work(NOBODY) as session:
        account = session.get(Account, town["demo-unit"].id)
        assert account is not None
        return service.sign_in(session, account, "phone").refresh


def exchange(secret: str) -> str | None:
    with unit_of_work() as session:
        issued = service.refresh(session, secret)
        return issued.refresh if issued else None


def row_of(secret: str) -> SignIn:
    sign_in_id = UUID(secret.partition(".")[0])
    with unit_of_work() as session:
        queries.name_session(session, sign_in_id)
        return session.scalars(select(SignIn).where(SignIn.id == sign_in_id)).one()


def test_each_exchange_gives_the_next_secret(first: str) -> None:
    with after(900):
        second = exchange(first)
    assert second and second != first
    with after(1800):
        third = exchange(second)
    assert third and third not in (first, second)


def test_tabs_that_refresh_at_once_end_up_with_one_secret(first: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        got = set(pool.map(exchange, [first] * 8))
    assert len(got) == 1
    (second,) = got
    assert second and exchange(second)


def test_an_answer_that_was_lost_may_be_asked_for_again_over_a_chain(first: str) -> None:
    with after(900):
        second = exchange(first)
        assert second
    with after(910):
        third = exchange(second)
        assert third
    with after(920):
        fourth = exchange(third)
        assert fourth
    with after(959):
        assert [exchange(old) for old in (first, second, third)] == [fourth] * 3
    with after(975):
        # The last two were replaced less than a minute ago; each leads to the newest.
        assert [exchange(third), exchange(third)] == [fourth] * 2
        assert exchange(fourth)


@pytest.mark.parametrize("which", [0, 1])
def test_an_old_secret_after_a_minute_was_copied_and_ends_the_session(
    first: str, which: int, town: Town
) -> None:
    secrets = [first]
    for at in (900, 1800):
        with after(at):
            newer = exchange(secrets[-1])
            assert newer
            secrets.append(newer)
    with after(1800 + 61):
        assert exchange(secrets[which]) is None
        assert exchange(secrets[-1]) is None
    assert row_of(first).revoked_at is not None
    with unit_of_work(town["demo-unit"]) as session:
        said = session.scalars(
            select(AuditEntry.details).where(AuditEntry.what == What.SESSION_ENDED)
        ).all()
    assert {"because": "secret_copied"} in said


def test_both_who_share_a_secret_lose_it_at_the_next_round(first: str) -> None:
    with after(900):
        owner, thief = exchange(first), exchange(first)
        assert owner and owner == thief
    with after(1800):
        assert exchange(owner)
    with after(1900):
        assert exchange(thief) is None
    assert row_of(first).revoked_at is not None


def test_what_we_did_not_make_is_refused_and_ends_nothing(first: str) -> None:
    sign_in_id, generation, proof = first.split(".")
    for forged in (
        f"{sign_in_id}.not-the-secret", f"{sign_in_id}.1.{proof}", f"{sign_in_id}.0.{'A' * 43}",
        f"{sign_in_id}.{generation}.{proof[:-1]}", f"{sign_in_id}.0.{proof}A",
        f"{sign_in_id}.-1.{proof}", f"{sign_in_id}.00000000000.{proof}", sign_in_id,
    ):  # fmt: skip
        assert exchange(forged) is None, forged
    with after(10):
        assert exchange(first)


def test_the_secret_of_one_device_opens_no_other(first: str, town: Town) -> None:
    with unit_of_work(NOBODY) as session:
        account = session.get(Account, town["demo-unit"].id)
        assert account is not None
        other = service.sign_in(session, account, "other").refresh
    mixed = f"{first.partition('.')[0]}.{other.partition('.')[2]}"
    assert exchange(mixed) is None and exchange(other)


def test_an_expired_session_is_not_exchanged(first: str) -> None:
    with after(31 * 86400):
        assert exchange(first) is None


def test_a_database_from_before_takes_the_newest_secret(first: str) -> None:
    row = row_of(first)
    ahead = tokens.secret_of(row.id, 7, row.salt)
    with after(900):
        assert exchange(ahead) == tokens.secret_of(row.id, 8, row.salt)


def signed_in(client: TestClient, username: str) -> dict[str, Any]:
    body = {"username": username, "password": PASSWORD, "bearer": True}
    answer: dict[str, Any] = client.post("/api/auth/sign-in", json=body).json()
    return answer


def test_changing_the_post_needs_the_secret(client: TestClient) -> None:
    mine = signed_in(client, "demo-town")
    part = mine["access"].split(".")[1]
    sign_in_id = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))["sid"]
    header = {"Authorization": f"Bearer {mine['access']}"}
    for secret in (f"{sign_in_id}.not-the-secret", f"{sign_in_id}.0.{'A' * 43}", sign_in_id, ""):
        body = {"post_id": mine["post"]["id"], "refresh": secret}
        refused = client.post("/api/auth/post", json=body, headers=header)
        assert refused.status_code == 401, secret
    right = {"post_id": mine["post"]["id"], "refresh": mine["refresh"]}
    switched = client.post("/api/auth/post", json=right, headers=header)
    assert switched.status_code == 200 and switched.json()["refresh"] != mine["refresh"]
    assert client.post("/api/auth/refresh", json={"refresh": mine["refresh"]}).status_code == 200


def test_changing_the_post_with_a_copied_secret_ends_the_session(
    client: TestClient, first: str, town: Town
) -> None:
    actor = town["demo-unit"]
    with after(900):
        assert exchange(first)
    with after(1800), unit_of_work(actor) as session:
        assert actor.post_id is not None
        assert service.switch_post(session, actor, actor.post_id, first) is None
    assert row_of(first).revoked_at is not None


def test_another_persons_secret_changes_no_post(first: str, town: Town) -> None:
    other: Actor = town["demo-grid"]
    assert other.post_id is not None
    with unit_of_work(other) as session:
        assert service.switch_post(session, other, other.post_id, first) is None
    assert row_of(first).generation == 0


def test_signing_out_needs_a_secret_of_ours_whichever(first: str) -> None:
    with after(900):
        assert exchange(first)
    for nothing in (f"{first.partition('.')[0]}.0.{'A' * 43}", first.partition(".")[0]):
        with unit_of_work() as session:
            service.sign_out(session, nothing)
        assert row_of(first).revoked_at is None
    with after(1000), unit_of_work() as session:
        service.sign_out(session, first)
    assert row_of(first).revoked_at is not None
