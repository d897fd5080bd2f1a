"""Reports of the same matter: joined through any length, told and asked once, parted again."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from backend.core import delivery
from backend.core.actor import Actor, Role, anonymous, system
from backend.core.db import unit_of_work
from backend.core.errors import BadInput, Conflict, Refused
from backend.core.steps import NotYet
from backend.matters.events import kin
from backend.matters.events.intake import reporting
from backend.matters.events.models import Event
from backend.matters.events.schemas import ContactIn
from backend.subscriptions import HANDLERS
from backend.tools.notices.models import Message, Notice
from tests.conftest import Town
from tests.events.makers import a_report, an_event_at, reported, take

COUNTY = "359902"
Headers = Callable[[Actor], dict[str, str]]


def the(event_id: UUID) -> Event:
    with unit_of_work(system(COUNTY)) as session:
        return session.scalars(
            select(Event).where(Event.id == event_id, Event.moved_to.is_(None))
        ).one()


def merge(town: Town, event_id: UUID, master: UUID, who: str = "demo-town") -> None:
    take(town, town[who], event_id, "merge", master=the(master).event_no)


def passed_on() -> None:
    while delivery.drain(COUNTY, HANDLERS):
        pass


def told(event_id: UUID) -> list[str]:
    owner = the(event_id).reporter_id
    assert owner is not None
    actor = Actor(owner, Role.UNIT_HEAD, None, "", "", COUNTY, ())
    with unit_of_work(actor) as session:
        return list(
            session.scalars(
                select(Notice.about)
                .where(Notice.account_id == owner, Notice.event_id == event_id)
                .order_by(Notice.id)
            )
        )


def by_strangers(town: Town, phone: str | None, **changes: Any) -> tuple[UUID, str, str]:
    stranger = anonymous()
    contact = ContactIn(name="林伯", phone=phone) if phone else None
    unit = heads(town)[0].area_code
    with unit_of_work(stranger) as session:
        answer = reporting.report(
            session, stranger, a_report(town, unit, contact=contact, **changes)
        )
    return UUID(answer["id"]), answer["event_no"], answer["track_code"]


def go_on(town: Town, event_id: UUID, until: str = "start_follow_up") -> None:
    for who, action in (
        ("demo-village", "file"), ("demo-town", "dispatch"), ("demo-dept", "accept"),
        ("demo-dept", "submit_result"), ("demo-town", "start_follow_up"),
    ):  # fmt: skip
        take(town, town[who], event_id, action)
        if action == until:
            return


def heads(town: Town) -> list[Actor]:
    village = town["demo-village"].area_code
    return [town.unit_head_of(grid) for grid in town.grids if grid.startswith(village)]


def a_chain(town: Town) -> tuple[UUID, UUID, UUID]:
    """A main event, one merged into it, and one that had been merged into that."""
    first, second, third, *_ = heads(town)
    main, middle, last = (reported(town, one) for one in (first, second, third))
    merge(town, last, middle)
    merge(town, middle, main)
    return main, middle, last


def test_everybody_of_a_chain_is_told_once_and_asked(town: Town) -> None:
    main, middle, last = a_chain(town)
    passed_on()
    assert told(last) == ["told.merge"], "of the second merge it hears nothing: nothing changes"
    go_on(town, main)
    for _ in range(2):
        passed_on()
    for event_id in (middle, last):
        about = told(event_id)
        assert about.count("told.start_follow_up") == 1 and about.count("told.file") == 1
    with unit_of_work(town["demo-town"]) as session:
        assert len(kin.below(session, COUNTY, main)) == 2
        assert len(kin.below(session, COUNTY, middle)) == 1
    take(town, heads(town)[2], last, "not_solved")
    passed_on()
    assert (the(main).state, the(main).unsolved_count) == ("handling", 1)


def test_undoing_restores_what_was(town: Town) -> None:
    main, middle, last = a_chain(town)
    take(town, town["demo-town"], middle, "undo_merge")
    assert (the(middle).state, the(middle).master_id) == ("reported", None)
    assert (the(last).state, the(last).master_id) == ("merged", middle)
    with unit_of_work(town["demo-town"]) as session:
        assert kin.below(session, COUNTY, main) == []
        assert kin.main_of(session, the(last)).id == middle  # type: ignore[union-attr]
    # While its own main event is merged, the one at the end of the chain decides.
    merge(town, middle, main)
    take(town, town["demo-town"], last, "undo_merge")
    assert the(last).state == "reported"


@pytest.mark.parametrize("phone", ["13800000031", None])
def test_a_stranger_with_a_code_is_asked_and_objects(
    town: Town, client: TestClient, phone: str | None
) -> None:
    main = an_event_at(town, "filed")
    other, number, code = by_strangers(town, phone)
    merge(town, other, main)
    for who, action in (
        ("demo-town", "dispatch"), ("demo-dept", "accept"), ("demo-dept", "submit_result"),
        ("demo-town", "start_follow_up"),
    ):  # fmt: skip
        take(town, town[who], main, action)

    def say(action: str) -> Any:
        step = {"client_id": str(uuid4()), "action": action, "note": "还在漏水"}
        return client.post(f"/api/public/events/{number}/steps", json={"code": code, "step": step})

    opened = client.post(f"/api/public/events/{number}/open", json={"code": code}).json()
    assert {"answer_solved", "not_solved"} <= {
        s["action"] for s in opened["steps"] if not s["waits_for"]
    }
    assert say("answer_solved").status_code == 201
    assert say("not_solved").status_code == 201
    passed_on()
    assert the(main).state == "handling"
    take(town, town["demo-dept"], main, "submit_result")
    take(town, town["demo-town"], main, "start_follow_up")
    take(town, town.unit_head_of(town.grids[0]), main, "answer_solved")
    take(town, town["demo-town"], main, "close")
    assert say("ask_reopen").status_code == 201
    passed_on()
    assert the(main).asked == ["reopen"]


def test_a_resident_far_from_the_main_event_is_asked_too(
    town: Town, client: TestClient, as_actor: Headers
) -> None:
    resident, main = town["demo-resident"], an_event_at(town, "reported")
    with unit_of_work(resident) as session:
        other = UUID(reporting.report(session, resident, a_report(town))["id"])
    merge(town, other, main)
    go_on(town, main)
    page = client.get(f"/api/events/{other}", headers=as_actor(resident)).json()
    assert page["master_no"] is None, "what one does not see is not shown"
    assert "answer_solved" in {s["action"] for s in page["steps"] if not s["waits_for"]}
    take(town, resident, other, "answer_solved")


def test_two_reports_of_one_telephone_are_told_once_a_step(town: Town) -> None:
    main, *_ = by_strangers(town, "13800000041")
    other, *_ = by_strangers(town, "138 0000 0041")
    merge(town, other, main)
    passed_on()
    go_on(town, main)
    passed_on()
    with unit_of_work(system(COUNTY)) as session:
        told = session.scalar(
            select(func.count()).select_from(Message).where(
                Message.event_id.in_([main, other]), Message.about == "told.start_follow_up"
            )
        )  # fmt: skip
    assert told == 1


def test_whoever_reported_the_same_is_heard_where_the_main_event_has_nobody(town: Town) -> None:
    camera, _, _ = by_strangers(town, None)
    head = heads(town)[0]
    other = reported(town, head)
    merge(town, other, camera)
    go_on(town, camera, "submit_result")
    with pytest.raises(NotYet, match="reporter_must_be_asked"):
        take(town, town["demo-town"], camera, "close_without_follow_up")
    take(town, town["demo-town"], camera, "start_follow_up")
    with pytest.raises(NotYet, match="reporter_not_heard"):
        take(town, town["demo-town"], camera, "close")
    take(town, head, other, "answer_solved")
    take(town, town["demo-town"], camera, "close")


@pytest.mark.parametrize(("action", "ended"), [("reject", "rejected"), ("void", "void")])
def test_a_main_event_that_was_none_releases_what_hung_on_it(
    town: Town, action: str, ended: str
) -> None:
    main, middle, last = a_chain(town)
    take(town, town["demo-village"], main, action)
    for _ in range(2):
        passed_on()
    assert the(main).state == ended
    assert (the(middle).state, the(middle).master_id) == ("reported", None)
    assert (the(last).state, the(last).master_id) == ("merged", middle)
    assert told(middle)[-1] == "told.undo_merge" and f"told.{action}" not in told(middle)
    # It is looked at for itself: filed like any other, and the last one follows it.
    go_on(town, middle)
    passed_on()
    assert "told.start_follow_up" in told(last)


def test_a_main_event_that_is_handed_to_others_tells_everybody(town: Town) -> None:
    main, middle, last = a_chain(town)
    take(town, town["demo-town"], main, "transfer_out")
    passed_on()
    assert [told(one)[-1] for one in (main, middle, last)] == ["told.transfer_out"] * 3
    assert the(last).state == "merged"


def test_what_cannot_be_joined_is_refused_in_words(town: Town) -> None:
    main, middle, _ = a_chain(town)
    other = reported(town, heads(town)[0])
    with pytest.raises(BadInput, match="master_itself"):
        merge(town, other, other)
    with pytest.raises(Conflict, match="master_merged"):
        merge(town, other, middle)
    with pytest.raises(Conflict, match="master_merged"):
        merge(town, main, middle)
    take(town, town["demo-town"], main, "void")
    with pytest.raises(Conflict, match="master_closed"):
        merge(town, other, main)


def together(*tasks: Callable[[], None]) -> list[str]:
    """Do several things at once; what each was answered, "" when it was done."""
    start = Barrier(len(tasks))

    def one(task: Callable[[], None]) -> str:
        start.wait(timeout=20)
        try:
            task()
        except Refused as refused:
            return refused.code
        return ""

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(one, tasks))


def test_merged_into_each_other_at_once_one_stays(town: Town) -> None:
    for _ in range(5):
        a, b = (reported(town, head) for head in heads(town)[:2])
        answers = together(lambda a=a, b=b: merge(town, a, b), lambda a=a, b=b: merge(town, b, a))
        assert answers.count("") == 1, answers
        assert set(answers) <= {"", "master_merged"}
        assert sorted((the(a).state, the(b).state)) == ["merged", "reported"]


def test_three_in_a_circle_at_once_leave_a_main_event(town: Town) -> None:
    for _ in range(5):
        keys = [reported(town, heads(town)[0]) for _ in range(3)]
        pairs = [(keys[i], keys[(i + 1) % 3]) for i in range(3)]
        answers = together(*[lambda p=p: merge(town, *p) for p in pairs])
        states = [the(key).state for key in keys]
        assert states.count("reported") >= 1, states
        assert answers.count("") == states.count("merged") >= 1
        for key in keys:
            with unit_of_work(town["demo-town"]) as session:
                event = the(key)
                assert event.state == "reported" or kin.main_of(session, event) is not None


def test_a_main_event_that_ends_meanwhile_keeps_nothing(town: Town) -> None:
    for _ in range(5):
        main, other = (reported(town, head) for head in heads(town)[:2])
        together(
            lambda m=main, o=other: merge(town, o, m),
            lambda m=main: take(town, town["demo-village"], m, "void"),
        )
        passed_on()
        assert the(main).state == "void" and the(other).state == "reported"
