"""Who sees a sensitive matter: it follows the category and the place, whenever either changes.

Named are whoever reported it, the desks of its place, and whoever is at it. What is sensitive only
by its category is open again under a category that is not; what somebody restricted by name stays
restricted, whatever it is called.
"""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from backend.city.accounts import queries as accounts
from backend.city.areas import queries as areas
from backend.core.actor import INTAKE_COUNTY, Role
from backend.matters.events.models import Event

# The desks of a place, the nearest first: the next ones are asked only where there are none.
DESKS = (
    (Role.VILLAGE_SECRETARY, Role.TOWN_DISPATCHER), (Role.COUNTY_DISPATCHER,),
    (Role.CITY_DISPATCHER,),
)  # fmt: skip


def desks(session: Session, area_code: str) -> frozenset[UUID]:
    """The people of the desks that see a sensitive matter at a place; never nobody.

    A place that is not known yet is the city's.
    """
    chain = areas.run_by(session, area_code)
    if area_code == INTAKE_COUNTY:
        return accounts.holders_anywhere(session, Role.CITY_DISPATCHER)
    for roles in DESKS:
        people = accounts.holders(session, chain, roles)
        if people:
            return people
    return frozenset()


def named_at(session: Session, area_code: str, *people: UUID | None) -> list[UUID]:
    """Who may see a sensitive matter at a place: its desks, and these people."""
    own = {person for person in people if person is not None and person.int}
    return sorted(desks(session, area_code) | own)


def follow_category(
    session: Session, event: Event, *, sensitive: bool, by_hand: bool, people: Iterable[UUID | None]
) -> None:
    """The category of a locked event is another one now; ``by_hand``: it was restricted by name."""
    if sensitive and not event.restricted:
        # Both at once: a restricted row that names nobody would be hidden from its own writer.
        named = named_at(session, event.area_code, *people)
        event.restricted, event.named = True, named
    elif not sensitive and event.restricted and not by_hand:
        event.restricted, event.named = False, []


def follow_place(session: Session, event: Event, before: str, keeps: Iterable[UUID | None]) -> None:
    """A locked event lies elsewhere now: the desks there see it, those of ``before`` no longer.

    ``keeps`` are the people who stay named whatever their post: its reporter, who is at it.
    """
    if not event.restricted or before == event.area_code:
        return
    gone = desks(session, before) - {person for person in keeps if person is not None}
    event.named = sorted((set(event.named) - gone) | desks(session, event.area_code))
