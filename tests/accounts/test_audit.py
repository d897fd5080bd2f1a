"""The audit list: what is noted, who reads it, and that nothing of it can be changed."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.exc import ProgrammingError

from backend.city.accounts import audit
from backend.city.accounts.audit import What
from backend.city.accounts.models import AuditEntry
from backend.core.actor import Actor
from backend.core.db import unit_of_work
from tests.conftest import Town

Bearer = Callable[[str], dict[str, str]]


def seen_by(actor: Actor | None, what: What) -> list[AuditEntry]:
    with unit_of_work(actor) as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.what == what)))


def test_an_entry_is_seen_inside_its_place_and_by_whoever_made_it(town: Town) -> None:
    secretary = town["demo-village"]
    with unit_of_work(secretary) as session:
        audit.note(session, secretary, What.RIGHTS_CHANGED, about="somebody", reason="test", n=1)
    (mine,) = seen_by(secretary, What.RIGHTS_CHANGED)
    assert (mine.area_code, mine.account_id, mine.about, mine.details) == (
        secretary.area_code, secretary.id, "somebody", {"n": 1},
    )  # fmt: skip
    assert len(seen_by(town["demo-county"], What.RIGHTS_CHANGED)) == 1
    assert seen_by(town.unit_head_of(town.villages[1]), What.RIGHTS_CHANGED) == []
    assert seen_by(None, What.RIGHTS_CHANGED) == []


def test_nobody_changes_or_removes_an_entry(town: Town) -> None:
    admin = town["demo-admin"]
    for statement in (update(AuditEntry).values(about=""), AuditEntry.__table__.delete()):  # type: ignore[attr-defined]
        with pytest.raises(ProgrammingError), unit_of_work(admin) as session:
            session.execute(statement)


@pytest.mark.parametrize(
    ("path", "file"),
    [("/api/assets/sheet", "assets.xlsx"), ("/api/deliberations.xlsx", "decisions.xlsx"),
     ("/api/hot-spots.xlsx", "hot-spots.xlsx"), ("/api/items.xlsx", "items.xlsx")],
)  # fmt: skip
def test_whoever_takes_a_file_away_is_noted(
    client: TestClient, bearer: Bearer, town: Town, path: str, file: str
) -> None:
    assert client.get(path, headers=bearer("demo-town")).status_code == 200
    last = seen_by(town["demo-town"], What.EXPORTED)[-1]
    assert last.about == file and last.details["rows"] >= 0
