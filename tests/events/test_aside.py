"""What a department finds among years of duties: the few that ended otherwise, or are objected to."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.core.actor import system
from backend.core.db import unit_of_work
from backend.matters.events import queries
from backend.matters.events.models import Assignment
from tests.conftest import Town
from tests.events.makers import COUNTY, an_event_at, take, the


def found(town: Town, **wanted: Any) -> set[UUID]:
    clerk = town["demo-dept"]
    with unit_of_work(clerk) as session:
        query = queries.listed(clerk, queries.Wanted(**wanted), None, 200)
        return {event.id for event in session.scalars(query)}


def marked(event_id: UUID) -> set[bool]:
    with unit_of_work(system(COUNTY)) as session:
        return set(session.scalars(select(Assignment.aside).where(Assignment.event_id == event_id)))


def test_handed_back_and_joined_to_another(town: Town) -> None:
    clerk, desk = town["demo-dept"], town["demo-town"]
    event_id, main = an_event_at(town, "dispatched"), an_event_at(town, "filed")
    take(town, clerk, event_id, "ask_return")
    take(town, desk, event_id, "approve_return")
    assert found(town, states=["merged"]) == set()
    take(town, desk, event_id, "merge", master=the(main).event_no)
    assert found(town, states=["merged"]) == found(town, states=["merged", "void"]) == {event_id}
    assert found(town, states=["void"]) == set()
    take(town, desk, event_id, "undo_merge")
    assert (found(town, states=["merged"]), marked(event_id)) == (set(), {False})


def test_objected_to_after_its_end(town: Town) -> None:
    clerk, desk, head = town["demo-dept"], town["demo-town"], town.unit_head_of(town.grids[0])
    ended, waits = an_event_at(town, "following_up"), an_event_at(town, "handling")
    take(town, head, ended, "answer_solved")
    take(town, desk, ended, "close")
    assert marked(ended) == {False}
    take(town, clerk, waits, "ask_extension")
    take(town, head, ended, "ask_reopen")
    assert found(town, asked="any") == {ended, waits}
    assert (found(town, asked="reopen"), found(town, asked="extension")) == ({ended}, {waits})
    assert found(town, asked="any", open_only=True) == {waits}
    take(town, desk, ended, "refuse_reopen")
    assert found(town, asked="any") == {waits} and marked(ended) == {False}


def test_handed_to_another_channel(town: Town) -> None:
    event_id = an_event_at(town, "handling")
    take(town, town["demo-town"], event_id, "transfer_out")
    assert event_id in found(town, states=["transferred"])


def test_by_its_number(town: Town) -> None:
    event_id, other = an_event_at(town, "handling"), an_event_at(town, "filed")
    for key, there in ((event_id, {event_id}), (other, set())):
        for counties in (None, [COUNTY], ["000000", COUNTY, "359903"]):
            assert found(town, number=the(key).event_no, counties=counties) == there
