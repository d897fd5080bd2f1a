"""The audit list: what is noted, who reads it, and that nothing of it can be changed."""

import json
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
from backend.embedded.place import REPOSITORY
from backend.matters.events.schemas import ContactIn
from tests.conftest import Town
from tests.events.makers import reported, take

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
    [("/api/assets/sheet", "assets.xlsx"), ("/api/deliberations.xlsx", "deliberations.xlsx"),
     ("/api/hot-spots.xlsx", "hot-spots.xlsx"), ("/api/items.xlsx", "items.xlsx")],
)  # fmt: skip
def test_whoever_takes_a_file_away_is_noted(
    client: TestClient, bearer: Bearer, town: Town, path: str, file: str
) -> None:
    assert client.get(path, headers=bearer("demo-town")).status_code == 200
    last = seen_by(town["demo-town"], What.EXPORTED)[-1]
    assert last.about == file and last.details["rows"] >= 0


def listed(client: TestClient, header: dict[str, str], **query: object) -> list[dict[str, object]]:
    answer = client.get("/api/audit/entries", params=query, headers=header)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    found: list[dict[str, object]] = answer.json()["items"]
    return found


def test_an_auditor_reads_the_list_of_the_place_filtered_and_paged(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    secretary, auditor = town["demo-village"], bearer("demo-audit")
    with unit_of_work(secretary) as session:
        for number in range(5):
            audit.note(
                session, secretary, What.INVITED, about=f"guest_{number}", reason="%", n=number
            )
    mine = listed(client, auditor, what="invited", account=str(secretary.id))
    assert [row["about"] for row in mine] == [f"guest_{n}" for n in (4, 3, 2, 1, 0)]
    assert {row["place"] for row in mine} and {row["name"] for row in mine} == {secretary.name}
    assert [r["about"] for r in listed(client, auditor, who="guest_3")] == ["guest_3"]
    assert listed(client, auditor, who="guest%3") == []
    assert listed(client, auditor, what="invited", since="2100-01-01") == []
    page = client.get("/api/audit/entries?what=invited&size=2", headers=auditor).json()
    after = client.get(
        f"/api/audit/entries?what=invited&size=2&after={page['next']}", headers=auditor
    ).json()
    assert [r["about"] for r in (*page["items"], *after["items"])] == [
        "guest_4", "guest_3", "guest_2", "guest_1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "status"),
    [("since=9999-12-31", 422), ("until=0001-01-01", 422), ("what=nonsense", 422),
     ("who=%00", 422), ("size=0", 422), ("who=%25", 200)],
)  # fmt: skip
def test_odd_questions_to_the_audit_list(
    client: TestClient, bearer: Bearer, query: str, status: int
) -> None:
    answer = client.get(f"/api/audit/entries?{query}", headers=bearer("demo-audit"))
    assert answer.status_code == status


@pytest.mark.parametrize("who", ["demo-village", "demo-town", "demo-unit", "demo-dept"])
def test_only_auditors_and_those_above_read_it(
    client: TestClient, bearer: Bearer, who: str
) -> None:
    assert client.get("/api/audit/entries", headers=bearer(who)).status_code == 403


def test_a_look_at_a_restricted_case_tells_auditors_alone_which_it_was(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    head, why = town.unit_head_of(town.grids[0]), "核对受害人电话"
    contact = ContactIn(name="张三", phone="13800001234")
    event_id = reported(town, head, contact=contact)
    path = f"/api/events/{event_id}"
    number = client.get(path, headers=bearer("demo-town")).json()["event_no"]
    take(town, town["demo-town"], event_id, "restrict", people=["demo-town"])
    looked = client.post(f"{path}/contact", json={"reason": why}, headers=bearer("demo-town"))
    assert looked.status_code == 200, looked.text
    (told,) = listed(client, bearer("demo-audit"), what="revealed")
    assert (told["about"], told["reason"], told["subject_id"]) == (number, why, str(event_id))
    assert told["place"] and len(listed(client, bearer("demo-audit"), who=number)) == 1
    for who in ("demo-county", "demo-city"):
        (told,) = listed(client, bearer(who), what="revealed")
        assert told["name"] == town["demo-town"].name, "that somebody looked is seen by all of them"
        assert (told["about"], told["reason"], told["subject_id"], told["place"]) == (
            "",
            "",
            None,
            "",
        )
        assert listed(client, bearer(who), who=number) == []


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_whatever_is_noted_has_words_on_the_screen(language: str) -> None:
    file = REPOSITORY / "web" / "src" / "locales" / f"{language}.json"
    words = json.loads(file.read_text("utf-8"))["audit"]
    assert [what for what in What if not words.get(what)] == []
