"""A functional zone runs towns whose codes begin with another county's digits."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import text

from backend.city.accounts.models import Post
from backend.city.areas import queries as areas
from backend.core import clock
from backend.core.actor import system
from backend.core.db import unit_of_work
from backend.matters.events import sensitivity
from backend.matters.events.casework.effects import Step, asides
from backend.matters.events.facts import Facts
from backend.matters.events.models import Event
from backend.matters.events.schemas import StepIn
from backend.matters.events.vocabulary import Action, State
from backend.matters.telling import people
from tests.conftest import Town
from tests.owner import owner
from tests.people import add_person

ZONE = "359977"


@pytest.fixture(scope="module")
def dispatcher(town: Town) -> UUID:
    """Who dispatches in the zone that runs the second village."""
    with owner() as session:
        session.execute(
            text("UPDATE area SET managing_county = :zone WHERE code LIKE :village"),
            {"zone": ZONE, "village": f"{town.villages[1]}%"},
        )
        person = add_person(session, "zone", "陈区", password_hash="x")
        session.add(
            Post(
                account_id=person.id, role="county_dispatcher", area_code=ZONE, home_county=ZONE,
                valid_from=date(2020, 1, 1),
            )
        )  # fmt: skip
    areas.forget()
    return person.id


def of_the_zone(town: Town, **fields: object) -> Event:
    return Event(county_code=ZONE, area_code=town.villages[1], state="handling", **fields)


def test_what_goes_up_in_a_zone_is_the_zones(town: Town, dispatcher: UUID) -> None:
    county = town["demo-county"]
    event = of_the_zone(town, restricted=True, named=[], escalated_to=None)
    with unit_of_work(system(ZONE)) as session:
        now = clock.now()
        facts = Facts(State.HANDLING, ZONE, event.area_code, "village", None, None, now)
        body = StepIn(client_id=UUID(int=1), action=Action.ESCALATE)
        asides.escalate(Step(session, system(ZONE), event, facts, body, now))
        assert event.escalated_to == "county"
        # A sensitive case names them; the county of those digits has no part in it.
        assert dispatcher in event.named and county.id not in event.named
        assert people.desk(session, event) == {dispatcher}
        # Elsewhere everything is as it was.
        other = Event(county_code=county.home_county, area_code=town.villages[0],
                      escalated_to="county")  # fmt: skip
        assert county.id in people.desk(session, other)


def test_without_a_desk_nearer_a_sensitive_matter_is_the_zones(
    town: Town, dispatcher: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sensitivity, "DESKS", sensitivity.DESKS[1:])
    with unit_of_work(system(ZONE)) as session:
        assert sensitivity.desks(session, town.villages[1]) == {dispatcher}
