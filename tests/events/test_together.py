"""The clock, people and facts at one case at the same moment: nobody waits in a circle."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from backend.core import clock
from backend.core.actor import system
from backend.core.db import unit_of_work
from backend.matters.events import queries
from backend.matters.events.models import Alarm
from backend.matters.events.promises import jobs
from tests.conftest import Town
from tests.events.makers import COUNTY, HELPER, an_event_at, take, the


def rings(event_id: UUID) -> set[str]:
    with unit_of_work(system(COUNTY)) as session:
        return set(session.scalars(select(Alarm.kind).where(Alarm.event_id == event_id)))


def scan(session: Session) -> None:
    session.execute(text("SET LOCAL lock_timeout = '200ms'"))
    jobs.scan_late(session, COUNTY)


def test_a_helper_that_is_late_is_marked_when_nobody_is_at_the_case(town: Town) -> None:
    event_id = an_event_at(town, "filed")
    own = {town.bodies[HELPER]: clock.now() + timedelta(hours=1)}
    take(
        town, town["demo-town"], event_id, "dispatch", co_organizations=list(own), co_due=own
    )  # fmt: skip
    take(town, town["demo-dept"], event_id, "accept")
    with clock.at(clock.now() + timedelta(hours=2)):
        with unit_of_work(system(COUNTY)) as somebody:
            # A step holds its case first and silences what it was expected for then. A scan that
            # held the alarm and waited for the case would stand against it.
            assert queries.locked(somebody, COUNTY, event_id) is not None
            with unit_of_work(system(COUNTY)) as session:
                scan(session)
            assert "help" in rings(event_id)
        with unit_of_work(system(COUNTY)) as session:
            scan(session)
    assert "help" not in rings(event_id) and the(event_id).late_helpers == 1
