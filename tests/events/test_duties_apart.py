"""One person over all of their posts does not report, file, ask and close; a village ends its own."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.city.organizations.models import Organization
from backend.core import ids
from backend.core.actor import Actor, Role, system
from backend.core.db import unit_of_work
from backend.core.errors import BadInput, Refused
from backend.matters.events.models import Event
from tests.conftest import Town
from tests.events.makers import an_event_at, reported, take
from tests.items.makers import a_promising_item


def the(event_id: UUID) -> Event:
    with unit_of_work(system("359902")) as session:
        return session.scalars(select(Event).where(Event.id == event_id)).one()


def refusal(town: Town, actor: Actor, event_id: UUID, action: str, **changes: object) -> str:
    with pytest.raises(Refused) as refused:
        take(town, actor, event_id, action, **changes)
    return refused.value.code


def test_who_reported_neither_files_nor_asks_nor_closes_in_any_post(town: Town) -> None:
    desk = town["demo-town"]
    head = replace(town.unit_head_of(town.grids[0]), id=desk.id, name=desk.name)
    mine = reported(town, head)
    assert refusal(town, desk, mine, "file") == "you_reported"
    take(town, town["demo-village"], mine, "file")
    assert refusal(town, desk, mine, "dispatch") == "you_reported"
    take(town, town["demo-party"], mine, "dispatch")
    take(town, town["demo-dept"], mine, "accept")
    take(town, town["demo-dept"], mine, "submit_result")
    for action in ("request_recheck", "start_follow_up"):
        assert refusal(town, desk, mine, action) == "you_reported", action
    take(town, town["demo-party"], mine, "start_follow_up")
    assert refusal(town, desk, mine, "record_call", survey={"reached": True}) == "you_reported"
    # As the reporter one answers, and somebody else closes.
    take(town, head, mine, "answer_solved")
    assert refusal(town, desk, mine, "close") == "you_reported"
    take(town, town["demo-party"], mine, "close")
    assert the(mine).state == "closed"


def test_a_village_sends_to_no_bureau(town: Town) -> None:
    event = an_event_at(town, "filed")
    with unit_of_work() as session:
        bureau = session.scalars(
            select(Organization).where(
                Organization.area_code == town.counties[0], Organization.kind == "department"
            )
        ).first()
    assert bureau is not None
    with pytest.raises(BadInput, match="village_gives_to_its_own"):
        take(town, town["demo-village"], event, "dispatch", organization_id=bureau.id)
    take(town, town["demo-town"], event, "dispatch", organization_id=bureau.id)


def test_a_village_closes_its_own_level_once_another_has_rechecked(town: Town) -> None:
    secretary = town["demo-village"]
    committee, clerk = own_committee(town, secretary.area_code)
    for rechecked in (False, True):
        event = an_event_at(town, "filed")
        take(town, town["demo-town"], event, "dispatch", organization_id=committee)
        take(town, clerk, event, "accept")
        take(town, clerk, event, "submit_result")
        if rechecked:
            take(town, town["demo-town"], event, "request_recheck")
            grid = next(
                a for a in town.actors.values()
                if a.role is Role.GRID_WORKER and the(event).area_code.startswith(a.area_code)
            )  # fmt: skip
            take(town, grid, event, "pass_recheck")
        take(town, town["demo-town"], event, "start_follow_up")
        take(town, town.unit_head_of(town.grids[0]), event, "answer_solved")
        if rechecked:
            take(town, secretary, event, "close")
            assert the(event).state == "closed"
        else:
            assert refusal(town, secretary, event, "close") == "village_needs_recheck"
    of_the_town = an_event_at(town, "following_up")
    take(town, town.unit_head_of(town.grids[0]), of_the_town, "answer_solved")
    assert refusal(town, secretary, of_the_town, "close") == "not_village_level"


def own_committee(town: Town, village: str) -> tuple[UUID, Actor]:
    with unit_of_work() as session:
        body = session.scalars(
            select(Organization).where(Organization.area_code == village)
        ).first()
    assert body is not None
    clerk = Actor(
        ids.new_id(), Role.DEPARTMENT_CLERK, ids.new_id(), "村委", "", town.counties[0], (), body.id
    )
    known = next((a for a in town.actors.values() if a.organization_id == body.id), clerk)
    return body.id, known


def test_who_reported_or_handled_it_neither_files_it_afterwards_nor_ends_it_by_an_item(
    town: Town,
) -> None:
    desk = town["demo-town"]
    head = replace(town.unit_head_of(town.grids[0]), id=desk.id, name=desk.name)
    mine = reported(town, head, category="0304")
    take(town, head, mine, "fast_track")
    assert refusal(town, desk, mine, "file_afterwards") == "you_reported"
    take(town, town["demo-party"], mine, "file_afterwards")
    assert the(mine).filed_at is not None
    item = a_promising_item(town, town["demo-village"])
    of_mine, handled = reported(town, head), an_event_at(town, "handling")
    take(town, town["demo-village"], of_mine, "file")
    assert refusal(town, desk, of_mine, "carry_by_item", item_id=item) == "you_reported"
    at_it = replace(desk, id=town["demo-dept"].id)
    assert refusal(town, at_it, handled, "carry_by_item", item_id=item) == "you_handled"
    for case in (of_mine, handled):
        take(town, town["demo-party"], case, "carry_by_item", item_id=item)
        assert the(case).state == "closed"
