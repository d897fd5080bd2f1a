"""One private PostgreSQL and Redis for the run; a fresh clone of a small seeded town a module."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session

from backend.city.accounts import tokens
from backend.city.accounts.models import Post
from backend.city.areas import writing
from backend.core import clock, memory
from backend.core.actor import Actor, Role, registrar
from backend.core.db import get_engine, unit_of_work
from backend.core.settings import get_settings
from backend.embedded import place as places
from backend.embedded import postgres, redis
from backend.embedded.place import Place
from backend.embedded.supervisor import Child, Supervisor
from backend.seeding import people, tree
from backend.seeding.recipe import PASSWORD, Recipe
from backend.seeding.town import rules_once

SMALL = Recipe((1, 1, 2, 6, 48), 0.02, 100, 0)


@pytest.fixture(scope="session")
def servers() -> Iterator[Place]:
    """The run's own servers, in a folder of their own, gone at its end."""
    root = Path(tempfile.mkdtemp(prefix="onemap-test-"))
    root.chmod(0o755)
    place, _ = places.find(root / "v")
    supervisor = Supervisor(place.logs, print)
    try:
        postgres.create(place)
        _let_in_bare(place)
        # A test's crash costs nothing; the chaos tests bring servers of their own that do sync.
        supervisor.start(
            Child("postgres", [*postgres.command(place), "-c", "fsync=off"], cwd=place.database)
        )
        postgres.wait(place)
        redis.create(place)
        supervisor.start(Child("redis", redis.command(place)))
        redis.wait(place)
        yield place
    finally:
        supervisor.stop()
        shutil.rmtree(root, ignore_errors=True)


def _let_in_bare(place: Place) -> None:
    """Whoever may connect as the application may also connect as `onemap_bare` (see `lock`)."""
    file = place.database / "pg_ident.conf"
    known = file.read_text("utf-8")
    mine = [line for line in known.splitlines() if line.endswith(" onemap_app")]
    more = "".join(f"{line.replace('onemap_app', 'onemap_bare')}\n" for line in mine)
    file.write_text(known + more, "utf-8")


def use(place: Place, database: str) -> None:
    """Point this process's settings at one database."""
    os.environ.update(
        ONEMAP_DATABASE_URL=postgres.url(place, "onemap_app", database),
        ONEMAP_OWNER_DATABASE_URL=postgres.url(place, "onemap_owner", database),
        ONEMAP_TILES_DATABASE_URL=postgres.url(place, "onemap_tiles", database),
        ONEMAP_REDIS_URL=redis.url(place),
        ONEMAP_MEDIA_DIR=str(place.media),
        ONEMAP_SECRET_KEY="a secret of the tests, of more than 32 characters",
        ONEMAP_REVOCATION_S="0",
    )
    get_settings.cache_clear()
    get_engine.cache_clear()
    memory.forget_everything()


@pytest.fixture(scope="session")
def template(servers: Place) -> str:
    """A migrated database with a small town and its people, to be cloned."""
    from backend.cli.migrating import migrate_now

    servers.media.mkdir(exist_ok=True)
    postgres.prepare_database(servers, "template_town")
    use(servers, "template_town")
    migrate_now()
    engine = create_engine(get_settings().owner_url)
    with Session(engine, expire_on_commit=False) as session, session.begin():
        city, levels = tree.build(SMALL)
        for level in levels:
            writing.write(session, level)
        tree.write_houses(session, SMALL, city)
        rules_once(session)
        town = city.codes[1][0]
        bodies = people.organize(session, city, town)
        people.appoint(session, city, town, bodies)
        # Tests live other days as well: everybody has held their post for long.
        session.execute(update(Post).values(valid_from=date(2020, 1, 1)))
    engine.dispose()
    get_engine().dispose()
    return "template_town"


@pytest.fixture(scope="module")
def database(servers: Place, template: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of the module's own."""
    name = "t_" + request.module.__name__.rsplit(".", 1)[-1]
    postgres.psql(servers, f"CREATE DATABASE {name} TEMPLATE {template} OWNER onemap_owner")
    use(servers, name)
    yield name
    get_engine().dispose()
    postgres.psql(servers, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def lock(request: pytest.FixtureRequest, servers: Place, database: str) -> Iterator[str]:
    """Which locks hold: with "application alone" the connections are held back by no policy.

    Parametrized indirectly; whatever is still hidden then, the application's own filter hides.
    """
    which: str = request.param
    if which == "application alone":
        postgres.psql(
            servers,
            "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'onemap_bare') THEN"
            " CREATE ROLE onemap_bare LOGIN BYPASSRLS IN ROLE onemap_app; END IF; END $$",
        )
        bare(servers, database)
    yield which
    get_engine().dispose()
    use(servers, database)


def bare(place: Place, database: str) -> None:
    """Connect as a role with all rights of the application's, and no policy."""
    get_engine().dispose()
    os.environ["ONEMAP_DATABASE_URL"] = postgres.url(place, "onemap_bare", database)
    get_settings.cache_clear()
    get_engine.cache_clear()


@dataclass(frozen=True)
class Town:
    """The small town: its codes by level, and its people as actors by user name."""

    counties: list[str]
    towns: list[str]
    villages: list[str]
    grids: list[str]
    units: list[str]
    actors: dict[str, Actor]
    bodies: dict[str, UUID]
    sites: dict[str, tuple[float, float]]

    def __getitem__(self, username: str) -> Actor:
        return self.actors[username]

    def unit_head_of(self, code: str) -> Actor:
        """The head of the first unit inside an area."""
        unit = next(u for u in self.units if u.startswith(code))
        return next(
            a for a in self.actors.values() if a.role is Role.UNIT_HEAD and a.area_code == unit
        )


@pytest.fixture(scope="module")
def town(database: str) -> Town:
    """Who and what there is in the small town."""
    from backend.city.accounts.models import Account
    from backend.city.accounts.scopes import slices
    from backend.city.organizations.models import Organization

    city, _ = tree.build(SMALL)
    with unit_of_work(registrar()) as session:
        bodies = {o.name: o.id for o in session.scalars(select(Organization))}
        actors = {}
        for account, post in session.execute(select(Account, Post).join(Post)):
            actors[account.username] = Actor(
                id=account.id, role=Role(post.role), post_id=post.id, name=account.name,
                area_code=post.area_code or "", home_county=post.home_county,
                scope=slices(session, post), organization_id=post.organization_id,
            )  # fmt: skip
    sites = {c: (float(x), float(y)) for c, (x, y) in zip(city.codes[4], city.sites, strict=True)}
    return Town(*city.codes, actors=actors, bodies=bodies, sites=sites)


@pytest.fixture(scope="module")
def client(database: str) -> Iterator[TestClient]:
    """The application, called in process."""
    from backend.api import create_app

    with TestClient(create_app(), base_url="http://onemap.test") as client:
        client.headers["Accept-Language"] = "en"
        yield client


@pytest.fixture(scope="module")
def bearer(client: TestClient) -> Callable[[str], dict[str, str]]:
    """Headers of a demo account that is signed in, once a module."""
    known: dict[str, dict[str, str]] = {}

    def header(username: str) -> dict[str, str]:
        if username not in known:
            # A session outlives the days that a test pretends.
            with clock.at(clock.actual()):
                answer = client.post(
                    "/api/auth/sign-in",
                    json={"username": username, "password": PASSWORD, "bearer": True},
                )
            assert answer.status_code == 200, answer.text
            known[username] = {"Authorization": f"Bearer {answer.json()['access']}"}
        return known[username]

    return header


@pytest.fixture(scope="module")
def as_actor(client: TestClient, town: Town) -> Callable[[Actor], dict[str, str]]:
    """Headers for any actor of the town, with or without a password."""
    from backend.city.accounts import service
    from backend.city.accounts.models import Account

    def header(actor: Actor) -> dict[str, str]:
        with clock.at(clock.actual()), unit_of_work(registrar()) as session:
            account = session.get(Account, actor.id)
            assert account is not None
            issued = service.sign_in(session, account, "test")
        assert tokens.read(issued.access) is not None
        return {"Authorization": f"Bearer {issued.access}"}

    return header


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real data; the test is left out, loudly, without it."""
    named = os.environ.get("ONEMAP_TEST_DATA")
    if not named:
        pytest.skip("ONEMAP_TEST_DATA is not set: no test on real data")
    return Path(named)
