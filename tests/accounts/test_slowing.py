"""Wrong tries slow down whoever makes them, and lock nobody out."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from uuid import uuid4

import httpx2
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from backend.city.accounts import passwords, slowing
from backend.city.accounts.audit import What
from backend.city.accounts.models import Account, AuditEntry, Post
from backend.core import rate
from backend.core.db import unit_of_work
from backend.core.errors import BadInput, TooMany
from backend.core.settings import get_settings
from backend.seeding.recipe import PASSWORD
from tests.conftest import Town
from tests.owner import owner as as_owner
from tests.people import add_person

_hosts = count(1)


@contextmanager
def caller(client: TestClient) -> Iterator[TestClient]:
    """A client at an address of its own, with a cookie jar of its own."""
    number = next(_hosts)
    with TestClient(
        client.app, base_url="http://onemap.test", client=(f"10.9.{number >> 8}.{number & 255}", 1)
    ) as other:
        yield other


@pytest.fixture
def name(town: Town) -> str:
    """Somebody of the test's own: the counters are those of the whole run."""
    with as_owner() as session:
        hashed = passwords.hashed(PASSWORD)
        account = add_person(session, f"slow-{uuid4()}", "慢慢来", password_hash=hashed)
        village = town["demo-village"]
        session.add(
            Post(
                account_id=account.id, role="grid_worker", area_code=town.grids[0],
                home_county=village.home_county,
            )
        )  # fmt: skip
        return account.username


@pytest.fixture
def stranger(client: TestClient) -> Iterator[TestClient]:
    with caller(client) as one:
        yield one


@pytest.fixture
def owner(client: TestClient) -> Iterator[TestClient]:
    with caller(client) as one:
        yield one


def attempt(
    client: TestClient, username: str, password: str = "wrong", bearer: bool = True
) -> httpx2.Response:
    body = {"username": username, "password": password, "bearer": bearer}
    answer: httpx2.Response = client.post("/api/auth/sign-in", json=body)
    return answer


def test_a_stranger_is_slowed_down_and_the_owner_is_not(
    stranger: TestClient, owner: TestClient, name: str
) -> None:
    assert [attempt(stranger, name).status_code for _ in range(7)] == [401] * 5 + [429] * 2
    # Even the right password waits there, not longer than half a minute.
    refused = attempt(stranger, name, PASSWORD)
    assert refused.status_code == 429 and 0 < int(refused.headers["retry-after"]) <= 30
    assert attempt(owner, name, PASSWORD).status_code == 200


def test_who_exists_and_who_does_not_are_told_the_same(stranger: TestClient, name: str) -> None:
    def told(username: str) -> list[tuple[int, str, str]]:
        answers = [attempt(stranger, username) for _ in range(7)]
        return [(a.status_code, a.json()["code"], a.headers["content-type"]) for a in answers]

    assert told(name) == told(f"nobody-{uuid4()}")


def test_a_known_browser_is_let_in_whatever_strangers_try_at_its_address(
    owner: TestClient, name: str
) -> None:
    assert attempt(owner, name, PASSWORD, bearer=False).status_code == 200
    assert owner.post("/api/auth/refresh", json={}).status_code == 200
    mark = owner.cookies.get(slowing.cookie_of(name))
    assert mark
    owner.cookies.clear()
    while attempt(owner, name).status_code != 429:
        pass
    assert attempt(owner, name, PASSWORD).status_code == 429
    owner.cookies.set(slowing.cookie_of(name), mark, domain="onemap.test")
    assert attempt(owner, name, PASSWORD).status_code == 200
    # A mark of one account is none of another, and a made-up one is none at all.
    assert not slowing.is_known("demo-town", mark)
    assert not slowing.is_known(name, mark.partition(".")[0] + ".0")


def test_an_attack_from_everywhere_leaves_the_addresses_of_earlier_use_alone(
    owner: TestClient, stranger: TestClient, name: str
) -> None:
    assert attempt(owner, name, PASSWORD).status_code == 200
    for number in range(slowing.UNKNOWN_A_MINUTE):
        slowing.admit(slowing.counted(name, f"192.0.2.{number}", "", False))
    refused = attempt(stranger, name, PASSWORD)
    assert refused.status_code == 429 and int(refused.headers["retry-after"]) <= 60
    assert attempt(owner, name, PASSWORD).status_code == 200


def test_right_passwords_are_not_counted(owner: TestClient, name: str) -> None:
    assert {attempt(owner, name, PASSWORD).status_code for _ in range(9)} == {200}


def test_one_address_tries_only_so_many_accounts(stranger: TestClient) -> None:
    most = get_settings().sign_in_tries_per_minute
    for number in range(most):
        slowing.admit(slowing.counted(f"name-{number}", "198.51.100.7", "", False))
    with pytest.raises(TooMany):
        slowing.admit(slowing.counted("another", "198.51.100.7", "", False))


def test_many_tries_at_once_delay_nobody_else(client: TestClient, owner: TestClient) -> None:
    def one(number: int) -> int:
        with caller(client) as other:
            return attempt(other, f"nobody-{number}").status_code

    # A checked password takes this long; the thread that others' requests need is not held by it.
    in_pool = threading.active_count()
    with ThreadPoolExecutor(24) as pool:
        waiting = [pool.submit(one, number) for number in range(24)]
        began = time.monotonic()
        assert owner.get("/api/health").status_code == 200
        assert owner.get("/api/public/settings").status_code == 200
        waited = time.monotonic() - began
        assert {w.result() for w in waiting} == {401}
    assert waited < 2.0, in_pool
    hashing = [t for t in threading.enumerate() if t.name.startswith("hashing")]
    assert 0 < len(hashing) <= get_settings().hashing_threads


def test_failures_are_noted_now_and_then_and_never_the_name_that_nobody_has(
    stranger: TestClient, town: Town, name: str
) -> None:
    typed = f"my-password-{uuid4()}"
    for _ in range(12):
        attempt(stranger, name)
    for _ in range(6):
        attempt(stranger, typed)
    with unit_of_work(town["demo-audit"]) as session:
        known = session.scalar(select(Account.id).where(Account.username == name))
        rows = session.scalars(
            select(AuditEntry).where(AuditEntry.what == What.SIGN_IN_FAILED)
        ).all()
    mine = [r for r in rows if r.subject_id == known]
    assert sorted(r.details["tries"] for r in mine) == [5, 10]
    assert all(r.details["address"].endswith("/24") for r in mine)
    assert [r for r in rows if not r.subject_id] and not [r for r in rows if typed in r.about]


def test_without_redis_each_process_counts_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(url: str) -> None:
        raise ConnectionError("nobody answers")

    monkeypatch.setattr(rate, "_redis", away)
    monkeypatch.setattr(rate, "_away_until", 0.0)
    who = str(uuid4())
    for _ in range(3):
        rate.at_most("test", who, 3, 60)
    with pytest.raises(TooMany) as refused:
        rate.at_most("test", who, 3, 60)
    assert 0 < refused.value.params["seconds"] <= 60


KNOWN = ["linxiaoming", "林晓明", "西天镇", "clerk-12-34-567"]


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("1234567890", "password_guessed"), ("password1234", "password_guessed"),
        ("qwertyuiop123", "password_guessed"), ("aaaaaaaaaaaaaaaa", "password_guessed"),
        ("linxiaoming", "password_guessed"), ("林晓明林晓明林晓明林晓明", "password_guessed"),
        ("onemaponemap", "password_guessed"), ("35990299901234", None),
        ("short1x", "password_too_short"), ("三字短语不够", "password_too_short"),
        ("x7Gq" * 33, "password_too_long"), ("correct horse battery staple", None),
        ("井盖 荔枝 台风 灯塔 2037", None),
        # What others know of somebody: a telephone number, that of an identity card.
        ("13905941234", "password_guessed"), ("139 0594 1234", "password_guessed"),
        ("+8613905941234", "password_guessed"), ("１３９０５９４１２３４", "password_guessed"),
        ("lin13905941234", "password_guessed"), ("350302199003074516", "password_guessed"),
        ("35030219900307451X", "password_guessed"), ("13905941234 井盖荔枝台风", None),
        # One's own name, though it has groups of digits in it.
        ("clerk-12-34-567 1", "password_guessed"), ("clerk-1234567", "password_guessed"),
    ],
)  # fmt: skip
def test_passwords_that_others_would_guess_are_refused(password: str, code: str | None) -> None:
    if code is None:
        passwords.check_new(password, KNOWN)
        return
    with pytest.raises(BadInput) as refused:
        passwords.check_new(password, KNOWN)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("host", "address", "shown"),
    [
        ("203.0.113.9", "203.0.113.9", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("::ffff:203.0.113.9", "203.0.113.9", "203.0.113.0/24"),
        ("testclient", "testclient", "testclient"),
    ],
)
def test_a_sender_is_an_address_or_the_network_of_one(host: str, address: str, shown: str) -> None:
    from starlette.requests import HTTPConnection

    found = rate.address_of(HTTPConnection({"type": "http", "client": (host, 1), "headers": []}))
    assert (found, rate.coarse(found)) == (address, shown)
