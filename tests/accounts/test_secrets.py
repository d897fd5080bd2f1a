"""Who reads what is secret or personal of an account: the database's own lock, tried by itself."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import ProgrammingError

from backend.city.accounts import keeping, queries, service, session_queries
from backend.city.accounts.models import Account, AccountContact, AccountSecret, Post
from backend.city.staffing import queries as staff
from backend.core import day
from backend.core.actor import NOBODY_ID, Actor, Role, proven, system
from backend.core.db import NOBODY, unit_of_work
from backend.core.rights import MAY_APPOINT, appoints
from tests.conftest import Town
from tests.owner import owner
from tests.people import add_person

AsActor = Callable[[Actor], dict[str, str]]
_numbers = count(13_800_100_001)


@pytest.fixture(scope="module")
def contacts(town: Town) -> Iterator[None]:
    """Everybody in the town has left a number and joined."""
    with owner() as session:
        held = set(session.scalars(select(AccountSecret.account_id)))
        session.execute(update(Account).values(joined=True))
        for actor in town.actors.values():
            if actor.id not in held:
                session.add(AccountSecret(account_id=actor.id, password_hash="x"))
        session.flush()
    for actor in town.actors.values():
        with owner() as session:
            keeping.keep_phone(session, actor.id, str(next(_numbers)))
    yield


def seen(actor: Actor | None, table: type[AccountSecret | AccountContact]) -> set[UUID]:
    with unit_of_work(actor) as session:
        return set(session.scalars(select(table.account_id)))


def username(town: Town, account_id: UUID) -> str:
    return next(name for name, actor in town.actors.items() if actor.id == account_id)


@pytest.mark.usefixtures("contacts")
def test_the_hash_of_a_password_is_seen_by_its_own_person_alone(town: Town) -> None:
    for actor in town.actors.values():
        assert seen(actor, AccountSecret) == {actor.id}
    for nobody in (None, NOBODY, system(town["demo-village"].home_county)):
        assert seen(nobody, AccountSecret) == set()


@pytest.mark.usefixtures("contacts")
def test_a_number_is_seen_by_its_person_and_by_who_may_fill_the_post(town: Town) -> None:
    """The lock and the list of staff mean the same posts, for every role of the town."""
    for actor in town.actors.values():
        with unit_of_work(actor) as session:
            listed = {h.account.id for h in staff.holders(session, actor, staff.Wanted(), 10_000)}
        assert seen(actor, AccountContact) == listed | {actor.id}, actor
    several = {name: len(seen(town[name], AccountContact)) for name in (
        "demo-admin", "demo-town", "demo-village", "demo-unit", "demo-city", "demo-audit",
    )}  # fmt: skip
    assert several["demo-admin"] == len(town.actors)
    assert several["demo-admin"] > several["demo-town"] > several["demo-village"] > 1
    assert several["demo-unit"] == several["demo-city"] == several["demo-audit"] == 1
    for nobody in (None, NOBODY, system(town["demo-village"].home_county)):
        assert seen(nobody, AccountContact) == set()


@pytest.mark.usefixtures("contacts")
def test_whose_post_has_ended_is_nobodys_to_appoint(town: Town) -> None:
    secretary = town["demo-village"]
    head = town.unit_head_of(secretary.area_code)
    assert head.id in seen(secretary, AccountContact)
    with owner() as session:
        session.get_one(Post, head.post_id).valid_to = day.today() - timedelta(days=1)
    try:
        assert head.id not in seen(secretary, AccountContact)
        assert seen(head, AccountContact) == {head.id}
    finally:
        with owner() as session:
            session.get_one(Post, head.post_id).valid_to = None


def test_names_are_shown_to_whoever_says_for_whom_they_ask(town: Town) -> None:
    head = town["demo-unit"]
    for actor, there in ((town["demo-dept"], True), (NOBODY, True), (None, False)):
        with unit_of_work(actor) as session:
            assert bool(queries.names(session, [head.id])) is there
    with unit_of_work() as session:
        queries.name_subject(session, head.id)
        assert session.scalars(select(Account.id)).all() == [head.id]


def touched(actor: Actor | None, account_id: UUID, **values: object) -> int | str:
    """How many accounts an update changes, or that it is refused."""
    try:
        with unit_of_work(actor) as session:
            done = session.execute(update(Account).where(Account.id == account_id).values(values))
            return int(done.rowcount)  # type: ignore[attr-defined]
    except ProgrammingError as error:
        assert getattr(error.orig, "sqlstate", None) == "42501"
        return "refused"


def test_an_account_is_changed_by_its_person_and_by_who_may_fill_a_post_of_theirs(
    town: Town,
) -> None:
    head, dispatcher = town["demo-unit"], town["demo-town"]
    assert touched(head, head.id, language="zh-CN") == 1
    assert touched(dispatcher, head.id, language="zh-CN") == 1
    assert touched(town["demo-admin"], head.id, language="zh-CN") == 1
    assert touched(dispatcher, town["demo-leader"].id, name="x") == "refused"
    for other in (town["demo-city"], town["demo-dept"], NOBODY, None):
        assert touched(other, head.id, name="x") == 0


@pytest.mark.parametrize("who", ["demo-admin", "demo-town", None])
def test_nobody_writes_anothers_password(town: Town, who: str | None) -> None:
    head = town["demo-unit"]
    with unit_of_work(town[who] if who else None) as session:
        done = session.execute(update(AccountSecret).values(password_hash="y"))
        mine = 1 if who else 0
        assert done.rowcount == mine  # type: ignore[attr-defined]
        session.rollback()
    fresh = uuid4()
    with owner() as session:
        add_person(session, f"fresh-{fresh}", "新来的", account_id=fresh)
    for key in (fresh, head.id):
        with pytest.raises(ProgrammingError), unit_of_work(town[who] if who else None) as session:
            session.execute(insert(AccountSecret).values(account_id=key, password_hash="y"))


def test_people_are_added_by_who_may_fill_posts_alone(town: Town) -> None:
    def add(actor: Actor | None) -> None:
        with unit_of_work(actor) as session:
            session.execute(
                insert(Account).values(id=uuid4(), username=f"added-{uuid4()}", name="x")
            )

    add(town["demo-village"])
    for actor in (town["demo-unit"], town["demo-city"], town["demo-audit"], NOBODY, None):
        with pytest.raises(ProgrammingError):
            add(actor)


class TestFunctions:
    """What is asked before anybody is known: one name or key, one answer."""

    def test_signing_in_asks_for_one_name(self, town: Town) -> None:
        head = town["demo-unit"]
        place = service.address_blind("203.0.113.77")
        with unit_of_work() as session:
            found = session_queries.who_signs_in(session, "demo-unit", place)
            assert (found.account_id, found.known_address) == (head.id, False)
            assert found.password_hash and found.password_hash.startswith("$argon2")
            for name in ("demo-uni_", "demo-%", "%", "DEMO-UNIT", ""):
                missed = session_queries.who_signs_in(session, name, place)
                assert missed == session_queries.Candidate(None, None, False)

    def test_a_disabled_account_has_no_hash_to_try(self, town: Town) -> None:
        name = f"off-{uuid4()}"
        with owner() as session:
            account = add_person(session, name, "停用的", password_hash="x")
            account.disabled_at = func.now()
            session.flush()
            key = account.id
        with unit_of_work() as session:
            found = session_queries.who_signs_in(session, name, b"")
        assert found == session_queries.Candidate(key, None, False)

    def test_mail_is_for_notices_to_who_may_still_sign_in(self, town: Town) -> None:
        with owner() as session:
            key = add_person(session, f"mail-{uuid4()}", "收信的").id
        with unit_of_work(proven(key)) as session:
            assert keeping.masked_mail(session, key) == ""
            keeping.keep_mail(session, key, "li@example.org")
            keeping.keep_mail(session, key, "wang@example.org")
            assert keeping.masked_mail(session, key) == "w***@example.org"
        job = system(town["demo-village"].home_county)
        with unit_of_work(job) as session:
            assert keeping.mail_for_notices(session, key) == "wang@example.org"
            assert keeping.masked_mail(session, key) == ""
        with owner() as session:
            session.get_one(Account, key).disabled_at = func.now()
        with unit_of_work(job) as session:
            assert keeping.mail_for_notices(session, key) == ""
        with unit_of_work(proven(key)) as session:
            keeping.keep_mail(session, key, "")
            assert session.scalar(select(AccountContact.mail_sealed)) is None


@pytest.mark.usefixtures("contacts")
@pytest.mark.parametrize("lock", ["both", "application alone"], indirect=True)
def test_the_list_of_staff_shows_numbers_of_ones_own_people(
    lock: str, client: TestClient, town: Town, as_actor: AsActor
) -> None:
    dispatcher = town["demo-town"]
    with unit_of_work(dispatcher) as session:
        every = session.scalar(select(func.count()).select_from(AccountContact)) or 0
    path = "/api/staff?size=200"
    shown = client.get(path, headers=as_actor(dispatcher)).json()["items"]
    assert shown and all(row["phone"].startswith("138****") for row in shown)
    assert (every > len(shown) + 1) is (lock == "application alone")
    assert {row["role"] for row in shown} <= MAY_APPOINT[Role.TOWN_DISPATCHER]


PLACES = {
    "city": ("3599", "000000", {"000000/3599", "359902/359902001", "359903/359902001001"}),
    "county": ("359902", "359902", {"359902/359902001", "359902/359903001001"}),
    "town": ("359902001", "359902", {"359902/359902001", "359902/359902001001"}),
}
KEYS = {"000000/3599", "359902/359902001", "359902/359902001001", "359902/359903001001",
        "359903/359902001001", "359902/359902002"}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_the_keys_of_a_post_are_the_places_that_it_governs(database: str, place: str) -> None:
    area, home, _ = PLACES[place]
    actor = Actor(NOBODY_ID, Role.SYS_ADMIN, None, "", area, home, ())
    governed = {k for k in KEYS if actor.governs(*k.split("/"))}
    assert governed >= PLACES[place][2] or place == "city"
    with owner() as session:
        held = {
            key
            for key in KEYS
            if session.scalar(
                text("SELECT CAST(:keys AS code_multirange) @> CAST(:key AS text)"),
                {"keys": appoints(Role.SYS_ADMIN, area, home), "key": f"unit_head/{key}"},
            )
        }
    assert held == governed != set()
    assert appoints(Role.LEADER, area, home) == appoints(Role.SYS_ADMIN, "", home) == "{}"
