"""Keeping the counters beside an event: where it stands and what it counts for, at its place.

Before a step and after it the same two questions are asked; the difference is appended. So a step
that moves an event to another place, or makes it a restricted one, takes its numbers along.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from backend.core import day
from backend.matters.events.casework.measures import Deed, figures
from backend.matters.events.models import Event
from backend.matters.events.vocabulary import State
from backend.tools.counters import service as counters

# A restricted case stands in every number, and once more under this name: lists show it to those
# who are named in it only, so a number says how many of it a list cannot show.
RESTRICTED = "restricted"


@dataclass(frozen=True)
class Numbers:
    """Where an event is counted, and what for."""

    county_code: str
    area_code: str
    measures: Counter[str]


def numbers(event: Event, deeds: Sequence[Deed]) -> Numbers:
    """What an event with this log counts for, where it lies now."""
    late = event.overdue_at is not None and event.closed_at is None
    found = standing(event.state, late=late, restricted=event.restricted)
    if event.supervised_until is not None:
        found.update(_now("supervised", 1, restricted=event.restricted))
    found.update(helpers_late(event.late_helpers, restricted=event.restricted))
    found.update(happened(deeds, restricted=event.restricted))
    return Numbers(event.county_code, event.area_code, found)


def happened(deeds: Iterable[Deed], *, restricted: bool) -> Counter[str]:
    """What an event with this log counts for in its months, as changes of numbers."""
    found = figures(deeds)
    if restricted:
        for measure, n in list(found.items()):
            month, _, name = measure.partition(".")
            found[f"{month}.{RESTRICTED}.{name}"] += n
    return found


def standing(state: str, *, late: bool = False, restricted: bool = False) -> Counter[str]:
    """Where one event stands, as changes of numbers."""
    found = Counter({f"state.{state}": 1})
    if late:
        found.update(overdue(restricted=restricted))
    if restricted:
        found[f"now.{RESTRICTED}.{state}"] += 1
    return found


def overdue(*, restricted: bool) -> Counter[str]:
    """One open event more whose time ran out."""
    found = Counter({"now.overdue": 1})
    if restricted:
        found[f"now.{RESTRICTED}.overdue"] += 1
    return found


def helpers_late(n: int, *, restricted: bool) -> Counter[str]:
    """One open event with helpers whose own time ran out; of none, nothing."""
    return _now("helpers_late", min(n, 1), restricted=restricted)


def _now(name: str, n: int, *, restricted: bool) -> Counter[str]:
    found = Counter({f"now.{name}": n})
    if restricted:
        found[f"now.{RESTRICTED}.{name}"] = n
    return found


def first(now: datetime, *, restricted: bool) -> list[str]:
    """What a report counts for when it comes in."""
    month = day.month(now)
    found = [*standing(State.REPORTED, restricted=restricted), f"{month}.reported"]
    return [*found, f"{month}.{RESTRICTED}.reported"] if restricted else found


def changed(session: Session, before: Numbers, after: Numbers) -> None:
    """Append what is different now, at the places where it is."""
    if (before.county_code, before.area_code) == (after.county_code, after.area_code):
        difference = Counter(after.measures)
        difference.subtract(before.measures)
        counters.count(session, after.county_code, after.area_code, difference)
        return
    gone = {measure: -n for measure, n in before.measures.items()}
    counters.count(session, before.county_code, before.area_code, gone)
    counters.count(session, after.county_code, after.area_code, after.measures)
