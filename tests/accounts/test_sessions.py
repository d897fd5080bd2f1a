"""Where somebody is signed in: listed, ended by its owner, and over everywhere within seconds."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, text

from backend.city.accounts import passwords, queries, revocation, service
from backend.city.accounts.audit import What
from backend.city.accounts.models import Account, AuditEntry, Post, SignIn
from backend.city.accounts.service import Issued
from backend.city.accounts.views import device_of
from backend.core import day
from backend.core.db import NOBODY, one_statement, unit_of_work
from backend.core.idempotency import ClientKey
from backend.core.settings import get_settings
from backend.seeding.recipe import PASSWORD
from tests.conftest import Town
from tests.owner import owner
from tests.people import add_person
from tests.statements import counting

Header = dict[str, str]


@pytest.fixture
def person(town: Town) -> str:
    """The user name of somebody of the test's own."""
    with owner() as session:
        hashed = passwords.hashed(PASSWORD)
        account = add_person(session, f"person-{uuid4()}", "某人", password_hash=hashed)
        village = town["demo-village"]
        session.add(
            Post(
                account_id=account.id, role="grid_worker", area_code=town.grids[0],
                home_county=village.home_county,
            )
        )  # fmt: skip
        return account.username


def issue(username: str, device: str = "phone") -> Issued:
    with unit_of_work(NOBODY) as session:
        account = session.scalars(select(Account).where(Account.username == username)).one()
        return service.sign_in(session, account, device, address="203.0.113.9")


def header(issued: Issued) -> Header:
    return {"Authorization": f"Bearer {issued.access}"}


def me(client: TestClient, issued: Issued) -> int:
    return client.get("/api/auth/me", headers=header(issued)).status_code


def test_the_owner_sees_every_device_and_ends_one(client: TestClient, person: str) -> None:
    here = issue(person, "Mozilla/5.0 (Linux; Android 14) Chrome/130 Mobile Safari/537.36")
    other = issue(person, "curl/8.5")
    listed = client.get("/api/auth/sessions", headers=header(here)).json()
    assert {(s["device"], s["current"]) for s in listed} == {
        ("Chrome · Android", True), ("curl", False),
    }  # fmt: skip
    assert {(s["address"], s["role"]) for s in listed} == {("203.0.113.0/24", "grid_worker")}
    assert all(s["place"] for s in listed)
    theirs = next(s["id"] for s in listed if not s["current"])
    path = f"/api/auth/sessions/{theirs}"
    assert client.delete(path, headers=header(here)).status_code == 204
    assert (me(client, here), me(client, other)) == (200, 401)
    assert client.delete(path, headers=header(here)).status_code == 404


def test_nobody_ends_or_sees_the_sessions_of_others(
    client: TestClient, person: str, town: Town
) -> None:
    mine = issue(person)
    stranger = issue("demo-unit")
    path = f"/api/auth/sessions/{mine.actor.sign_in_id}"
    assert client.delete(path, headers=header(stranger)).status_code == 404
    assert me(client, mine) == 200
    with unit_of_work(town["demo-admin"]) as session:
        assert session.scalar(
            select(func.count()).select_from(SignIn).where(SignIn.account_id == mine.actor.id)
        ) == 0  # fmt: skip
    with unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(SignIn)) == 0


def test_all_others_end_at_once(client: TestClient, person: str) -> None:
    here, others = issue(person), [issue(person) for _ in range(3)]
    answer = client.post("/api/auth/sessions/end-others", headers=header(here))
    assert answer.json() == {"sessions": 3}
    assert [me(client, one) for one in (here, *others)] == [200, 401, 401, 401]


def test_ones_own_password_is_changed_with_the_old_one(client: TestClient, person: str) -> None:
    here, other = issue(person), issue(person)

    def change(old: str, new: str) -> tuple[int, str]:
        body = {"old": old, "new": new}
        answer = client.put("/api/auth/me/password", json=body, headers=header(here))
        return answer.status_code, answer.json()["code"] if answer.content else ""

    fresh = "three unrelated lanterns"
    assert change("not the old one", fresh) == (403, "old_password_wrong")
    assert change(PASSWORD, person + "1") == (422, "password_guessed")
    assert change(PASSWORD, "1234567890") == (422, "password_guessed")
    assert me(client, other) == 200
    assert change(PASSWORD, fresh) == (204, "")
    assert (me(client, here), me(client, other)) == (200, 401)
    body = {"username": person, "password": fresh, "bearer": True}
    assert client.post("/api/auth/sign-in", json=body).status_code == 200
    assert client.post("/api/auth/sign-in", json=body | {"password": PASSWORD}).status_code == 401
    for _ in range(6):
        last = change("wrong", fresh + "2")
    assert last == (429, "sign_in_slowed")
    with unit_of_work(here.actor) as session:
        noted = session.scalars(
            select(AuditEntry.details).where(AuditEntry.what == What.PASSWORD_CHANGED)
        ).all()
    assert noted == [{"sessions_ended": 1}]


@pytest.fixture
def remembering(client: TestClient) -> Iterator[None]:
    """Sessions are believed for an hour: only being told ends them."""
    settings = get_settings()
    object.__setattr__(settings, "__dict__", settings.__dict__ | {"revocation_s": 3600})
    revocation._memory.forget()
    yield
    get_settings.cache_clear()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0)


@pytest.mark.usefixtures("remembering")
def test_an_end_is_heard_at_once_although_sessions_are_believed_for_long(
    client: TestClient, person: str
) -> None:
    one = issue(person)
    asyncio.run(until(lambda: revocation._memory.hearing))
    assert me(client, one) == 200
    known = revocation._memory.known
    (remembered,) = known[str(one.actor.sign_in_id)].values()
    assert remembered[1]
    with unit_of_work() as session:
        assert service.end_sessions(session, one.account.id) == 1
        # Not before the commit: who asks now would be told that it stands, and remember it.
        (remembered,) = known[str(one.actor.sign_in_id)].values()
    assert remembered[1]
    asyncio.run(until(lambda: str(one.actor.sign_in_id) not in known))
    assert me(client, one) == 401


# What ends a session, each by itself: statements as the owner sends them.
ENDS = {
    "ended": "UPDATE sign_in SET revoked_at = now() WHERE id = :session",
    "too old": "UPDATE sign_in SET expires_at = now() WHERE id = :session",
    "account disabled": "UPDATE account SET disabled_at = now() WHERE id = :account",
    "post over": "UPDATE post SET valid_to = :today - 1 WHERE id = :post",
    "post not begun": "UPDATE post SET valid_from = :today + 1 WHERE id = :post",
    "gone": "DELETE FROM sign_in WHERE id = :session",
}


@pytest.mark.parametrize("statement", ENDS.values(), ids=ENDS.keys())
def test_whatever_ends_a_session_ends_it_with_the_next_request(
    client: TestClient, person: str, statement: str
) -> None:
    one, other = issue(person), issue("demo-unit")
    assert (me(client, one), me(client, other)) == (200, 200)
    with owner() as session:
        known = {
            "session": one.actor.sign_in_id, "account": one.account.id, "post": one.post.id,
            "today": day.today(),
        }  # fmt: skip
        used = {name: value for name, value in known.items() if f":{name}" in statement}
        session.execute(text(statement), used)
    assert (me(client, one), me(client, other)) == (401, 200)


def test_a_post_is_held_on_its_last_day(client: TestClient, person: str) -> None:
    one = issue(person)
    with owner() as session:
        session.get_one(Post, one.post.id).valid_to = day.today()
    assert me(client, one) == 200


def test_asking_whether_a_session_stands_is_one_statement(client: TestClient, person: str) -> None:
    one = issue(person)
    with counting() as sent:
        assert asyncio.run(revocation.stands(str(one.actor.sign_in_id), str(one.post.id)))
    assert len(sent) == 1
    # Without a transaction around it, which would be begun and committed by a trip each; and what
    # uses the connection next has one again.
    with one_statement() as session:
        assert session.connection().connection.dbapi_connection.autocommit  # type: ignore[union-attr]
    with unit_of_work() as session:
        assert not session.connection().connection.dbapi_connection.autocommit  # type: ignore[union-attr]


@pytest.mark.usefixtures("remembering")
def test_an_end_that_was_rolled_back_ends_nothing(client: TestClient, person: str) -> None:
    one = issue(person)
    assert me(client, one) == 200
    with pytest.raises(RuntimeError), unit_of_work() as session:
        service.end_sessions(session, one.account.id)
        raise RuntimeError
    assert me(client, one) == 200


@pytest.mark.usefixtures("remembering")
def test_an_answer_that_was_read_before_an_end_is_not_remembered(
    client: TestClient, person: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = issue(person)
    asked = revocation._asked

    def ended_meanwhile(sign_in_id: str, post_id: str) -> bool:
        answer = asked(sign_in_id, post_id)
        revocation._memory.forget(sign_in_id)
        return answer

    monkeypatch.setattr(revocation, "_asked", ended_meanwhile)
    assert me(client, one) == 200
    assert str(one.actor.sign_in_id) not in revocation._memory.known


@pytest.mark.usefixtures("remembering")
def test_who_hears_nothing_believes_for_two_seconds_only(
    client: TestClient, person: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = issue(person)
    assert me(client, one) == 200
    with unit_of_work() as session:
        queries.name_subject(session, one.account.id)
        session.execute(text("UPDATE sign_in SET revoked_at = now()"))
    known = revocation._memory.known[str(one.actor.sign_in_id)]
    ((post, (at, stands)),) = known.items()
    known[post] = (at - revocation.DEAF_S, stands)
    assert me(client, one) == 200
    monkeypatch.setattr(revocation._memory, "hearing", False)
    assert me(client, one) == 401


def test_answers_to_writes_are_seen_by_their_sender_alone(town: Town) -> None:
    mine, other = town["demo-unit"], town["demo-admin"]
    key = uuid4()

    def put(actor: Any, county: str) -> None:
        with unit_of_work(actor) as session:
            session.add(
                ClientKey(county_code=county, id=key, account_id=mine.id, body_hash=b"", answer={})
            )

    put(mine, mine.home_county)
    for actor, there in ((mine, [key]), (other, []), (None, [])):
        with unit_of_work(actor) as session:
            assert session.scalars(select(ClientKey.id).where(ClientKey.id == key)).all() == there


def test_a_key_that_somebody_else_has_used_is_refused(
    client: TestClient, town: Town, bearer: Callable[[str], Header]
) -> None:
    key = str(uuid4())
    body = {"client_id": key, "text": "路灯不亮", "category": "0201", "area_code": town.units[0]}
    first = client.post("/api/events", json=body, headers=bearer("demo-unit"))
    assert first.status_code == 201
    again = client.post("/api/events", json=body, headers=bearer("demo-unit"))
    assert again.json() == first.json() and again.json()["track_code"]
    taken = client.post("/api/events", json=body, headers=bearer("demo-grid"))
    assert (taken.status_code, taken.json()["code"]) == (409, "key_used_for_other_body")
    with unit_of_work(town["demo-unit"]) as session:
        kept = session.scalars(select(ClientKey).where(ClientKey.id == UUID(key))).one()
    assert first.json()["track_code"] not in str(kept.answer)


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130 Safari/537.36 Edg/130", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) Safari/604.1 MicroMessenger/8", "WeChat · iPhone"),
        ("python-httpx/0.28", "python-httpx"), ("", ""),
    ],
)  # fmt: skip
def test_a_browsers_long_name_in_a_word_or_two(agent: str, said: str) -> None:
    assert device_of(agent) == said


def test_listening_ends_although_a_cancellation_was_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lost = []

    async def deaf() -> None:
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if len(lost) == 2:
                    raise
                lost.append(1)

    monkeypatch.setattr(revocation, "_listen", deaf)

    async def live() -> None:
        async with revocation.listening():
            await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(live(), 20))
    assert len(lost) == 2
