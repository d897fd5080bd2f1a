"""The demo: whoever signs in as a unit head finds work."""

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text

from backend.cli.migrating import migrate_now
from backend.core.db import get_engine
from backend.core.settings import get_settings
from backend.embedded import postgres
from backend.embedded.place import Place
from backend.seeding.town import seed_town
from tests.conftest import SMALL, use

# Of each one, wherever it is: a helper late for itself, an objection that waits, a supervision
# without its answer, a case that waits for a list item.
RARE = """
SELECT (SELECT count(*) FROM event WHERE late_helpers > 0),
       (SELECT count(*) FROM event WHERE 'rework' = ANY (asked)),
       (SELECT count(*) FROM event WHERE supervision_no IS NOT NULL AND supervised_until < now()
        AND supervision_answered_at IS NULL),
       (SELECT count(*) FROM item_event WHERE awaited)
"""


@pytest.fixture
def demo(servers: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("ONEMAP_DEMO_EVENTS", "3")
    postgres.prepare_database(servers, "t_demo")
    use(servers, "t_demo")
    migrate_now()
    seed_town(lambda *_: None, SMALL)
    yield
    get_engine().dispose()
    postgres.psql(servers, "DROP DATABASE t_demo WITH (FORCE)")


def test_a_unit_head_has_work_waiting(demo: None) -> None:
    engine = create_engine(get_settings().owner_url)
    with engine.connect() as connection:
        states = connection.execute(
            text(
                "SELECT event.state FROM event JOIN post ON post.area_code = event.area_code"
                " JOIN account ON account.id = post.account_id"
                " WHERE account.username = 'demo-unit' AND event.reporter_id <> account.id"
            )
        ).scalars()
        assert {"verifying", "rechecking"} <= set(states)
    engine.dispose()


def test_what_is_rare_is_there(demo: None) -> None:
    engine = create_engine(get_settings().owner_url)
    with engine.connect() as connection:
        found = connection.execute(text(RARE)).one()
        assert all(found), found
    engine.dispose()
