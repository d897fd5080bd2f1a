"""Duties: called for beyond the town's power, handed back late, looked at by nobody with a part."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.core import clock
from backend.core.actor import Role, system
from backend.core.db import unit_of_work
from backend.core.errors import BadInput
from backend.core.steps import NotYet
from backend.matters.events.intake import reporting
from backend.matters.events.models import Alarm, Event
from tests.conftest import Town
from tests.events.makers import COUNTY, HELPER, a_report, an_event_at, reported, take, the, told


def arrivals(event_id: UUID) -> list[str]:
    with unit_of_work(system(COUNTY)) as session:
        return list(
            session.scalars(
                select(Alarm.name).where(Alarm.event_id == event_id, Alarm.kind == "arrival")
            )
        )


def test_a_whistle_is_for_bodies_beyond_the_towns_power(town: Town) -> None:
    event_id = an_event_at(town, "handling")
    own = town.bodies[HELPER]
    with pytest.raises(BadInput, match="whistle_for_own_office"):
        take(town, town["demo-town"], event_id, "whistle", organization_id=own)
    take(town, town["demo-town"], event_id, "add_co", organization_id=own)
    take(town, town["demo-town"], event_id, "whistle")
    assert len(arrivals(event_id)) == 1


def test_nobody_is_expected_to_arrive_after_a_return(town: Town) -> None:
    event_id = an_event_at(town, "handling")
    take(town, town["demo-town"], event_id, "whistle")
    take(town, town["demo-dept"], event_id, "ask_return")
    take(town, town["demo-leader"], event_id, "approve_return")
    assert (the(event_id).state, arrivals(event_id)) == ("filed", [])


def test_after_acceptance_a_leader_lets_it_go(town: Town) -> None:
    event_id = an_event_at(town, "handling")
    take(town, town["demo-dept"], event_id, "ask_return")
    with pytest.raises(NotYet, match="late_return_needs_leader"):
        take(town, town["demo-town"], event_id, "approve_return")
    assert "told.asked" in told(town["demo-leader"], event_id)
    take(town, town["demo-leader"], event_id, "approve_return")
    in_time, late = (an_event_at(town, "dispatched") for _ in range(2))
    take(town, town["demo-dept"], in_time, "ask_return")
    take(town, town["demo-town"], in_time, "approve_return")
    with clock.at(clock.now() + timedelta(days=5)):
        take(town, town["demo-dept"], late, "ask_return")
        with pytest.raises(NotYet, match="late_return_needs_leader"):
            take(town, town["demo-town"], late, "approve_return")
        take(town, town["demo-county"], late, "approve_return")


def test_only_who_had_no_part_is_asked_to_look(town: Town) -> None:
    head = town.unit_head_of(town.grids[0])
    worker = next(
        a for a in town.actors.values()
        if a.role is Role.GRID_WORKER and head.area_code.startswith(a.area_code)
    )  # fmt: skip
    event_id = an_event_at(town, "rechecking")
    assert "told.look" not in told(head, event_id)
    assert "told.look" in told(worker, event_id)
    unclear = reported(town, head)
    take(town, town["demo-town"], unclear, "request_verification")
    assert "told.look" not in told(head, unclear) and "told.look" in told(worker, unclear)


def test_a_secretary_reports_as_the_village(town: Town) -> None:
    village = town["demo-village"]
    unit = next(u for u in town.units if u.startswith(village.area_code))
    with unit_of_work(village) as session:
        event_id = UUID(reporting.report(session, village, a_report(town, unit))["id"])
    assert the(event_id).source == "village"


def test_after_a_won_appeal_two_people_are_needed_again(town: Town) -> None:
    village = town["demo-village"]
    head = town.unit_head_of(village.area_code)
    behalf = reporting.OnBehalf("hotline_12345")
    with unit_of_work(village) as session:
        receipt = reporting.report(session, village, a_report(town, head.area_code), behalf)
    event_id = UUID(receipt["id"])
    take(town, village, event_id, "propose_reject")
    take(town, town["demo-town"], event_id, "reject", reason="not_public")
    with unit_of_work(system(COUNTY)) as session:
        session.get_one(Event, (COUNTY, event_id)).asked = ["appeal"]
    take(town, town["demo-county"], event_id, "uphold_appeal")
    with pytest.raises(NotYet, match="reject_needs_proposal"):
        take(town, town["demo-town"], event_id, "reject", reason="not_public")
    take(town, town["demo-town"], event_id, "propose_reject")
    with pytest.raises(NotYet, match="reject_needs_second_person"):
        take(town, town["demo-town"], event_id, "reject", reason="not_public")


def test_what_was_called_fixed_and_is_not_needs_two_people_again(town: Town) -> None:
    village = town["demo-village"]
    head = town.unit_head_of(village.area_code)
    with unit_of_work(village) as session:
        receipt = reporting.report(
            session, village, a_report(town, head.area_code, category="0101"),
            reporting.OnBehalf("hotline_12345"),
        )  # fmt: skip
    event_id = UUID(receipt["id"])
    take(town, village, event_id, "propose_reject")
    take(town, head, event_id, "resolve_on_spot")
    take(town, town["demo-town"], event_id, "reopen")
    assert the(event_id).state == "reported"
    with pytest.raises(NotYet, match="reject_needs_proposal"):
        take(town, town["demo-town"], event_id, "reject", reason="not_public")


def test_whoever_was_called_arrives_when_the_case_goes_on_again(town: Town) -> None:
    event_id, now = an_event_at(town, "handling"), clock.now()
    by = now + timedelta(hours=5)
    take(town, town["demo-town"], event_id, "whistle", until=by)
    take(town, town["demo-dept"], event_id, "ask_suspension", until=now + timedelta(days=9))
    take(town, town["demo-town"], event_id, "approve_suspension", until=None)
    assert arrivals(event_id) == []
    with clock.at(now + timedelta(days=4)):
        take(town, town["demo-town"], event_id, "resume")
    with unit_of_work(system(COUNTY)) as session:
        rings = session.scalars(
            select(Alarm.at).where(Alarm.event_id == event_id, Alarm.kind == "arrival")
        ).one()
    assert timedelta(days=3.9) < rings - by < timedelta(days=4.1)
