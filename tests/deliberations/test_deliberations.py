"""Village decisions as they are made: assemblies too small, steps sent back, notices, results."""

import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from backend.core import clock, delivery, journal, steps
from backend.core.actor import system
from backend.core.db import unit_of_work
from backend.matters.deliberations import offering, queries, workflow
from backend.matters.deliberations.models import Deliberation
from backend.matters.deliberations.procedures import Kind, Step
from backend.matters.deliberations.workflow import Action, Need, State
from backend.matters.items.models import Item
from backend.subscriptions import HANDLERS
from backend.tools.typesetting.signing import holds
from tests.conftest import Town
from tests.deliberations.makers import LONGER, PDF, Village
from tests.owner import owner

Bearer = Callable[[str], dict[str, str]]


@pytest.fixture
def village(client: TestClient, bearer: Bearer, town: Town) -> Village:
    return Village(client, bearer, town)


@pytest.fixture
def later() -> Iterator[Callable[[timedelta], None]]:
    """Let time pass; the clock goes right again afterwards."""
    with ExitStack() as stack:
        yield lambda by: stack.enter_context(clock.at(clock.now() + by))


def a_zip(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        for name in names:
            book.writestr(name, "x")
    return out.getvalue()


def stands(motion: dict[str, Any]) -> tuple[str, str, int]:
    return motion["state"], motion["step_code"], motion["round"]


def at_assembly(village: Village) -> dict[str, Any]:
    """A motion before the party assembly, both reviews behind it."""
    motion = village.motion()
    village.take(motion, "submit")
    village.hold(motion, 7, 6, 1)
    village.take(motion, "approve", village.party, note="材料齐全")
    return village.take(motion, "approve", village.centre, note="同意，已盖章")


def test_money_is_spent_with_a_quorum_that_failed_and_a_step_that_came_back(
    village: Village, client: TestClient, later: Callable[[timedelta], None], town: Town
) -> None:
    motion = village.motion(documents=[village.document()])
    assert stands(motion) == ("proposing", "propose", 1)
    motion = village.take(motion, "submit")
    assert stands(motion) == ("meeting", "discuss", 1)
    motion = village.hold(motion, 6, 5, 1)
    assert stands(motion) == ("reviewing", "party_area", 1)
    # The party work area finds that the sum has no source, and sends it back with that reason.
    refused = village.step(motion, "send_back", village.party, step="propose")
    assert (refused.status_code, refused.json()["code"]) == (422, "needs_note")
    motion = village.take(
        motion, "send_back", village.party, step="propose", note="预算没有写资金来源"
    )
    assert stands(motion) == ("proposing", "propose", 2)
    motion = village.take(
        motion, "revise", amount=360000, words="支出 36 万元，资金来自土地流转收入。"
    )
    assert motion["timeline"][-1]["details"]["changed"]["amount"] == [380000, 360000]
    # In the second round everything is decided anew.
    village.take(motion, "submit")
    village.hold(motion, 7, 7)
    village.take(motion, "approve", village.party, note="已补充来源")
    motion = village.take(motion, "approve", village.centre, note="同意")
    assert motion["timeline"][-1]["details"]["seal"] == "on_paper"
    # Five of nine party members: six were needed. The votes count for nothing.
    motion = village.hold(motion, 5, 5)
    assert stands(motion) == ("meeting", "party_assembly", 2)
    failed = motion["sittings"][-1]
    assert (failed["outcome"], failed["present"], failed["needed_present"], failed["yes"]) == (
        "no_quorum", 5, 6, 0
    )  # fmt: skip
    # Held again, with enough of them.
    motion = village.hold(motion, 6, 4, 2)
    assert stands(motion) == ("meeting", "representatives", 2)
    motion = village.hold(motion, 8, 8)
    assert stands(motion) == ("on_notice", "notice", 2)
    # Hung out; the neighbours read it, and one of them asks.
    motion = village.take(motion, "publish")
    number = motion["deliberation_no"]
    public = client.get(f"/api/public/notices/{number}").json()
    assert public["notice"]["amount"] == 360000 and public["open_to_objections"]
    assert [(s["present"], s["yes"], s["no"]) for s in public["notice"]["sittings"]] == [
        (7, 7, 0), (6, 4, 2), (8, 8, 0)
    ]  # fmt: skip
    # Of the people nothing is said there.
    assert "party0" not in str(public) and "names" not in str(public)
    early = village.step(motion, "end_notice")
    assert (early.status_code, early.json()["code"]) == (409, "notice_runs")
    said = client.post(
        f"/api/public/notices/{number}/objections",
        json={"name": "村民阿明", "words": "路灯也应当一起装上"},
    )
    assert said.status_code == 201
    twice = client.post(
        f"/api/public/notices/{number}/objections",
        json={"name": "村民阿明", "words": "路灯也应当一起装上"},
    )
    assert (twice.status_code, twice.json()["code"]) == (409, "objection_known")
    later(LONGER)
    waiting = village.step(motion, "end_notice")
    assert (waiting.status_code, waiting.json()["code"]) == (409, "objections_open")
    shown = client.get(f"/api/deliberations/{motion['id']}", headers=village.secretary).json()
    (objection,) = shown["objections"]
    village.take(motion, "answer_objection", objection_id=objection["id"], note="已列入同一工程")
    motion = village.take(motion, "end_notice")
    assert stands(motion)[0] == "carrying_out"
    # Too late to object.
    late = client.post(f"/api/public/notices/{number}/objections", json={"words": "我还有意见要说"})
    assert (late.status_code, late.json()["code"]) == (409, "notice_over")
    # It becomes work on the development list, and cannot be finished while that goes on.
    motion = village.take(motion, "start_work", title="村道拓宽")
    item = client.get(f"/api/items/{motion['item_id']}", headers=village.secretary).json()
    assert (item["kind"], item["cause"], item["state"]) == ("development", number, "confirmed")
    unfinished = village.step(motion, "finish", note="完工", documents=[village.document()])
    assert (unfinished.status_code, unfinished.json()["code"]) == (409, "work_open")
    ended = client.post(
        f"/api/items/{item['id']}/steps", headers=village.secretary,
        json={"client_id": str(uuid4()), "action": "abandon", "note": "改由议事程序直接验收"},
    )  # fmt: skip
    assert ended.status_code == 201
    motion = village.take(motion, "finish", note="完工，验收合格", documents=[village.document()])
    motion = village.take(motion, "publish", note="实际支出 35.2 万元", amount=352000)
    later(LONGER)
    motion = village.take(motion, "end_notice")
    assert (motion["state"], motion["spent"], motion["open_steps"][0]["action"]) == (
        "done", 352000, "comment"
    )  # fmt: skip
    result = client.get(f"/api/public/notices/{number}").json()["result"]
    assert (result["spent"], result["amount"]) == (352000, 360000)
    # Every step can be traced: the chain holds, and breaks with one changed word.
    with unit_of_work(town["demo-village"]) as session:
        row = queries.one(session, town["demo-village"], UUID(motion["id"]))
        entries = queries.log_of(session, row)
        assert journal.broken_at(entries, row.log_head) is None
        entries[3].note += "。"
        assert journal.broken_at(entries, row.log_head) == 4
        session.rollback()
    record = client.get(f"/api/deliberations/{motion['id']}/record.pdf", headers=village.secretary)
    assert record.status_code == 200 and holds(record.content)


def test_voted_down_goes_back_and_begins_a_new_round(village: Village) -> None:
    motion = at_assembly(village)
    motion = village.hold(motion, 8, 4, 4)
    assert stands(motion) == ("meeting", "discuss", 2)
    assert motion["sittings"][-1]["outcome"] == "voted_down"


def test_who_reviewed_first_does_not_review_again(village: Village) -> None:
    motion = village.motion()
    village.take(motion, "submit")
    village.hold(motion, 7, 7)
    village.take(motion, "approve", village.party, note="同意")
    again = village.step(motion, "approve", village.party, note="也同意")
    assert (again.status_code, again.json()["code"]) == (409, "deliberation_apart")
    # A village does not review itself, and a town does not hold its assemblies.
    assert village.step(motion, "approve", note="同意").status_code == 403
    motion = village.take(motion, "approve", village.centre, note="同意")
    sitting = village.sitting(motion, 9, 9)
    assert village.step(motion, "hold", village.centre, sitting=sitting).status_code == 403
    # The wrong moment says what is open.
    wrong = village.step(motion, "end_notice")
    steps = {"action": "hold", "name": "hold the assembly"}
    assert wrong.status_code == 409 and steps in wrong.json()["open_steps"]


def test_in_a_new_round_the_reviewers_may_change_places(village: Village) -> None:
    motion = village.motion()
    village.take(motion, "submit")
    village.hold(motion, 7, 7)
    village.take(motion, "approve", village.party, note="同意")
    motion = village.take(motion, "send_back", village.centre, step="discuss", note="再议一次")
    village.hold(motion, 7, 7)
    village.take(motion, "approve", village.centre, note="同意")
    motion = village.take(motion, "approve", village.party, note="同意，已盖章")
    assert stands(motion) == ("meeting", "party_assembly", 2)


def test_sent_back_behind_the_first_review_its_reviewer_still_stays_out(village: Village) -> None:
    motion = at_assembly(village)
    motion = village.take(motion, "send_back", step="town", note="印章不清，请重新盖章")
    assert stands(motion) == ("reviewing", "town", 2)
    again = village.step(motion, "approve", village.party, note="同意")
    assert (again.status_code, again.json()["code"]) == (409, "deliberation_apart")
    village.take(motion, "approve", village.centre, note="同意，已盖章")


def test_work_that_is_out_of_sight_has_not_ended(village: Village, town: Town) -> None:
    motion = village.motion()
    with owner() as session:
        row = session.get_one(Deliberation, (town.counties[0], UUID(motion["id"])))
        row.step_code, row.state = "carry_out", "carrying_out"
    motion = village.take(motion, "start_work", title="村道拓宽")
    # The work became one of the whole town: the village does not see it any more.
    with owner() as session:
        item = session.get_one(Item, (town.counties[0], UUID(motion["item_id"])))
        item.area_code, item.organization_id, item.state = town.towns[0], None, "in_progress"
    gone = village.client.get(f"/api/items/{motion['item_id']}", headers=village.secretary)
    assert gone.status_code == 404
    for who in (village.secretary, village.centre):
        shown = village.client.get(f"/api/deliberations/{motion['id']}", headers=who).json()
        finish = [s for s in shown["open_steps"] if s["action"] == "finish"]
        assert all(s["waits_for"] for s in finish)
    early = village.step(motion, "finish", note="完工", documents=[village.document()])
    assert (early.status_code, early.json()["code"]) == (409, "work_open")


def test_assemblies_that_cannot_be_are_refused(village: Village) -> None:
    motion = village.motion()
    village.take(motion, "submit")
    late = (clock.now() + timedelta(hours=1)).isoformat()
    early = (clock.now() - timedelta(hours=1)).isoformat()
    for code, sitting in {
        "votes_do_not_add_up": village.sitting(motion, 7, 5, abstain=0),
        "not_on_roll": village.sitting(motion, 7, 7) | {"present": [str(uuid4())]},
        "sitting_in_future": village.sitting(motion, 7, 7, held_at=late),
        "sitting_before_step": village.sitting(motion, 7, 7, held_at=early),
    }.items():
        answer = village.step(motion, "hold", sitting=sitting)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    village.roll("two_committees", [])
    empty = village.step(motion, "hold", sitting=village.sitting(motion, 0, 0))
    assert empty.json()["code"] == "roll_empty"


def test_an_assembly_that_needs_its_papers_is_not_passed_without(village: Village) -> None:
    motion = at_assembly(village)
    bare = village.step(motion, "hold", sitting=village.sitting(motion, 9, 9))
    assert (bare.status_code, bare.json()["code"]) == (422, "needs_file")
    # Nothing of it was kept.
    shown = village.take(motion, "comment", note="补照片")
    assert [s["step_code"] for s in shown["sittings"]] == ["discuss"]


def test_a_step_may_be_left_out_only_where_the_procedure_says_so(village: Village) -> None:
    motion = village.motion(procedure="four_discussions_two_disclosures", matter="other")
    village.take(motion, "submit")
    motion = village.take(motion, "skip", note="书记主任一肩挑，提议与商议合并")
    assert stands(motion)[1] == "party_assembly"
    assert village.step(motion, "skip", note="也略过").json()["code"] == "step_not_skippable"
    assert "skip" not in {s["action"] for s in motion["open_steps"]}


def test_a_notice_hangs_out_for_its_time_and_comes_down_when_sent_back(
    village: Village, client: TestClient
) -> None:
    motion = at_assembly(village)
    village.hold(motion, 9, 9)
    village.hold(motion, 12, 12)
    short = village.step(motion, "publish", days=2)
    assert (short.status_code, short.json()["code"]) == (422, "notice_too_short")
    motion = village.take(motion, "publish", days=7)
    number = motion["deliberation_no"]
    listed = client.get(f"/api/public/notices?area={village.code}").json()
    assert number in [one["deliberation_no"] for one in listed]
    assert village.step(motion, "publish").json()["code"] == "already_published"
    motion = village.take(motion, "send_back", step="representatives", note="表决票数有误")
    assert stands(motion) == ("meeting", "representatives", 2)
    assert client.get(f"/api/public/notices/{number}").status_code == 404


def test_a_proposal_in_a_hurry_is_one(village: Village, client: TestClient) -> None:
    key = str(uuid4())
    first, second = village.motion(client_id=key), village.motion(client_id=key)
    assert first["id"] == second["id"]
    wrong = client.post(
        "/api/deliberations", headers=village.secretary,
        json={
            "client_id": str(uuid4()), "area_code": village.code, "procedure": "five_step",
            "title": "推选理事", "matter": "other", "words": "推选村民理事会成员",
        },
    )  # fmt: skip
    assert (wrong.status_code, wrong.json()["code"]) == (422, "procedure_not_for_this")
    motion = village.take(first, "withdraw", note="另行研究")
    assert motion["state"] == "withdrawn" and motion["closed_at"]
    assert village.step(motion, "submit").status_code == 409


def test_running_motions_keep_their_procedure(
    village: Village, client: TestClient, bearer: Bearer
) -> None:
    motion = village.motion()
    (five,) = [
        p for p in client.get("/api/procedures", headers=village.secretary).json()
        if p["body"]["code"] == "five_step"
    ]  # fmt: skip
    stricter = five["body"]
    for step in stricter["steps"]:
        if step["kind"] == "meet":
            step["majority"] = {"how": "at_least", "share": "1/1"}
    assert (
        client.post("/api/procedures", json=stricter, headers=village.secretary).status_code == 403
    )
    made = client.post("/api/procedures", json=stricter, headers=bearer("demo-county"))
    assert made.status_code == 201
    village.take(motion, "submit")
    assert stands(village.hold(motion, 7, 5, 2))[1] == "party_area"
    fresh = village.motion()
    assert fresh["version"] == five["version"] + 1
    village.take(fresh, "submit")
    assert stands(village.hold(fresh, 7, 6, 1))[1] == "propose"
    assert (
        client.post("/api/procedures", json=five["body"], headers=bearer("demo-county")).status_code
        == 201
    )


def test_rolls_keep_their_people(village: Village, client: TestClient) -> None:
    (before,) = [
        r for r in village.roll("two_committees", ["甲", "乙", "丙"]).json()
        if r["assembly"] == "two_committees"
    ]  # fmt: skip
    (after,) = [
        r for r in village.roll("two_committees", ["丙", "丁", "甲"]).json()
        if r["assembly"] == "two_committees"
    ]  # fmt: skip
    assert [m["name"] for m in after["members"]] == ["丙", "丁", "甲"]
    same = {m["name"]: m["id"] for m in before["members"]}
    assert [m["id"] for m in after["members"] if m["name"] in same] == [same["丙"], same["甲"]]
    twice = village.roll("two_committees", ["甲", "甲"])
    assert (twice.status_code, twice.json()["code"]) == (422, "name_twice")


def test_documents_are_what_they_contain_and_are_seen_with_their_motion(
    village: Village, client: TestClient, bearer: Bearer, town: Town,
    as_actor: Callable[[Any], dict[str, str]],
) -> None:  # fmt: skip
    for data in (b"MZ\x90", b"PK\x03\x04nonsense", b"<html>"):
        answer = client.post(
            "/api/media/documents?name=x.pdf", content=data, headers=village.secretary
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "document_unreadable")
    parts = ("[Content_Types].xml", "word/document.xml")
    for extra, code in (((), None), (("word/vbaProject.bin",), "document_macros")):
        answer = client.post(
            "/api/media/documents?name=x.docx", content=a_zip(*parts, *extra),
            headers=village.secretary,
        )  # fmt: skip
        assert answer.status_code == (422 if code else 201)
        assert not code or answer.json()["code"] == code
    key = village.document(name="../../预算 表.exe")
    motion = village.motion(documents=[key])
    (document,) = motion["timeline"][0]["documents"]
    assert document == {"id": key, "name": "预算 表.pdf"}
    path = f"/api/media/{key}/document"
    for headers, status in (
        (village.secretary, 200), (village.centre, 200), (bearer("demo-unit"), 404),
        (bearer("demo-dept"), 404), ({}, 401),
    ):  # fmt: skip
        answer = client.get(path, headers=headers)
        assert answer.status_code == status
    taken = client.get(path, headers=village.secretary)
    assert taken.content == PDF
    assert taken.headers["content-disposition"].startswith("attachment")
    # What belongs to one motion is not given to another, and a document is no photo.
    stolen = village.step(motion, "comment", note="x", documents=[key])
    assert (stolen.status_code, stolen.json()["code"]) == (422, "photo_not_yours")
    as_photo = village.step(motion, "comment", note="x", photos=[village.document()])
    assert as_photo.status_code == 422
    neighbour = next(
        a for a in town.actors.values()
        if a.role == "village_secretary" and a.area_code == town.villages[1]
    )  # fmt: skip
    theirs = as_actor(neighbour)
    assert client.get(f"/api/deliberations/{motion['id']}", headers=theirs).status_code == 404
    assert client.get(path, headers=theirs).status_code == 404


def test_whose_turn_it_is_is_told(village: Village, client: TestClient) -> None:
    motion = village.motion(title="出租旧村部")
    village.take(motion, "submit")
    village.hold(motion, 7, 7)
    for _ in range(2):
        while delivery.drain("359902", HANDLERS):
            pass
    told = [
        n for n in client.get("/api/notices", headers=village.party).json()
        if n["deliberation_id"] == motion["id"]
    ]  # fmt: skip
    # Once a step, however often it is heard: the two committees have passed it on.
    assert len(told) == 1
    assert "出租旧村部" in told[0]["words"]
    village.take(motion, "send_back", village.party, step="discuss", note="缺少评估")
    while delivery.drain("359902", HANDLERS):
        pass
    mine = client.get("/api/notices", headers=village.secretary).json()
    assert any(n["deliberation_id"] == motion["id"] and "sent back" in n["words"] for n in mine)


def test_strangers_see_only_what_hangs_out(village: Village, client: TestClient) -> None:
    motion = village.motion(title="还没有公开的事")
    assert client.get(f"/api/public/notices/{motion['deliberation_no']}").status_code == 404
    assert "还没有公开的事" not in client.get("/api/public/notices").text
    with unit_of_work(system("000000")) as session:
        assert queries.published(session, number=motion["deliberation_no"]) == []


def test_forms_say_what_a_step_asks_for(village: Village, client: TestClient) -> None:
    motion = village.motion()

    shown = client.get(f"/api/deliberations/{motion['id']}", headers=village.secretary).json()
    ready = [step for step in shown["open_steps"] if not step["waits_for"]]
    assert (ready[0]["action"], ready[0]["onward"]) == ("submit", True)
    revise = next(step for step in ready if step["action"] == "revise")
    assert revise["extras"] == ["title", "words", "amount", "file"] and not revise["onward"]
    assert ready[-1]["onward"] is False


def test_a_step_of_a_procedure_that_asks_for_papers_says_so() -> None:
    here = Step(code="meet", kind=Kind.MEET, zh="会议", en="Meeting", evidence=True)
    assert offering.may_bring(Action.HOLD, here) == (offering.Extra.EVIDENCE,)
    skip = steps.OpenStep(Action.SKIP, State.MEETING, (Need.NOTE,))
    assert offering.must_bring(skip, here) == (Need.NOTE, Need.FILE)
    plain = here.model_copy(update={"evidence": False})
    assert offering.must_bring(skip, plain) == (Need.NOTE,)
    assert offering.may_bring(Action.HOLD, plain) == ()


def test_whatever_a_motions_forms_name_is_a_step_of_the_process() -> None:
    known = {rule.action for rule in workflow.RULES.values()}
    assert {*offering._MAY_BRING, *offering._ONWARD} <= known
    assert len(offering._ONWARD) == len(set(offering._ONWARD))
