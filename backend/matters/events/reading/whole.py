"""Everything that the rules and the page need to know of one event: the same for both."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from backend.city.accounts import queries as accounts
from backend.core import clock
from backend.core.actor import Role
from backend.matters.categories import service as categories
from backend.matters.categories.models import Category
from backend.matters.events import kin, queries
from backend.matters.events.facts import Facts
from backend.matters.events.models import Assignment, Event, EventAction
from backend.matters.events.reading.facts import NO_OTHERS, facts_of
from backend.matters.events.vocabulary import Action, State
from gis import codes

LOOKED_AT = (State.FEEDBACK, State.RECHECKING, State.FOLLOWING_UP)
LOCAL = (Role.UNIT_HEAD, Role.GRID_WORKER, Role.VILLAGE_SECRETARY)


@dataclass(frozen=True)
class Read:
    """One event with its log, its duties, its category, and the facts that follow from them."""

    event: Event
    entries: Sequence[EventAction]
    assignments: Sequence[Assignment]
    category: Category | None
    ties: kin.Ties
    # The event at the end of its chain of merges.
    main: kin.Main | None
    facts: Facts


def read(session: Session, event: Event) -> Read:
    """Read an event as its log tells it now: by two queries to five, as its state needs them.

    What the rules go by is read as the system, whoever asks: whether the main event asks its other
    reporters, or who could still recheck, is no secret to the rules. What is shown is filtered by
    whoever shows it.
    """
    with kin.unfiltered(session, event.county_code):
        return _read(session, event)


def _read(session: Session, event: Event) -> Read:
    category = categories.of_version(session, event.scheme_version, event.category_code)
    entries = queries.log_of(session, event)
    given_out = (
        event.lead_organization_id is not None or event.return_count > 0
        or event.state == State.DISPATCHED
    )  # fmt: skip
    assignments = queries.assignments_of(session, event) if given_out else []
    results = (e.at for e in entries if e.action in (Action.SUBMIT_RESULT, Action.REOPEN))
    ties = kin.ties(session, event, max(results, default=event.reported_at))
    main = kin.main_of(session, event)
    facts = facts_of(
        event, entries, category,
        # Whoever has an account can be reached; others only if they left a way.
        event.reporter_id is not None or ties.has_contact,
        assignments, clock.now(), master=main,
        # Whoever reported the same is asked with the reporter, once the result is there.
        others=ties.others if event.state in LOOKED_AT else NO_OTHERS,
        local_people=_local_people(session, event),
        led_by_village=_village_leads(event, ties.lead_serves),
    )  # fmt: skip
    return Read(event, entries, assignments, category, ties, main, facts)


def _village_leads(event: Event, serves: str) -> bool:
    """Whether the lead, which serves this area, is a body of the event's own village."""
    whole = codes.LENGTH[codes.Level.VILLAGE]
    return len(serves) >= whole and event.area_code.startswith(serves[:whole])


def _local_people(session: Session, event: Event) -> frozenset[UUID]:
    """Who of the place could recheck: its unit's head, its grid's worker, its secretary."""
    if event.state != State.RECHECKING:
        return frozenset()
    people = accounts.holders(session, codes.chain(event.area_code), LOCAL)
    # Whoever cannot see it cannot look on site.
    return people & set(event.named) if event.restricted else people
