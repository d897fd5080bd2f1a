"""What the rules must know about an event, read from its log."""

from collections.abc import Sequence
from uuid import UUID

from backend.categories.models import Category
from backend.events.guards import Facts
from backend.events.models import Event, EventAction
from backend.events.vocabulary import Action, State

HANDLED = (Action.ACCEPT, Action.SUBMIT_RESULT)


def facts_of(
    event: Event, entries: Sequence[EventAction], category: Category | None, has_contact: bool
) -> Facts:
    """The facts of one event. Persons count over all of their posts."""
    by: dict[str, set[UUID]] = {}
    recheck_passed = said_solved = False
    calls = reporter_unsolved = 0
    for entry in entries:
        by.setdefault(entry.action, set()).add(entry.actor_id)
        match entry.action:
            case Action.SUBMIT_RESULT:
                recheck_passed = said_solved = False
                calls = 0
            case Action.PASS_RECHECK:
                recheck_passed = True
            case Action.ANSWER_SOLVED:
                said_solved = True
            case Action.RECORD_CALL:
                calls += 1
            case Action.NOT_SOLVED:
                reporter_unsolved += bool(entry.details.get("by_reporter"))

    def people(*actions: Action) -> frozenset[UUID]:
        return frozenset().union(*(by.get(action, set()) for action in actions))

    submitted = next((e.actor_id for e in entries if e.action == Action.SUBMIT), None)
    return Facts(
        state=State(event.state),
        county_code=event.county_code,
        area_code=event.area_code,
        source=event.source,
        # The log knows who sent an anonymous report; duties stay separate, the name stays hidden.
        reporter_id=event.reporter_id or (submitted if submitted and submitted.int else None),
        lead_organization_id=event.lead_organization_id,
        self_resolve_allowed=bool(category and category.self_resolve_allowed),
        crs_suspect=event.crs_suspect is not None,
        reachable=event.reporter_id is not None or has_contact,
        dispatched_by=people(Action.DISPATCH),
        handled_by=people(*HANDLED),
        rechecked_by=people(Action.PASS_RECHECK, Action.RECHECK_FAILED),
        reject_proposed_by=people(Action.PROPOSE_REJECT),
        recheck_passed=recheck_passed,
        said_solved=said_solved,
        calls=calls,
        reporter_unsolved=reporter_unsolved,
    )
