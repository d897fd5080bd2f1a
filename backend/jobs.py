"""What workers run, by name: ids in, own transaction, safe to run twice."""

import time
from collections.abc import Callable

import structlog
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from backend.city.areas import queries as areas
from backend.core import delivery
from backend.core.db import get_engine, unit_of_work
from backend.matters.events.promises import jobs as events
from backend.matters.lists import recurring
from backend.matters.reviews import patterns
from backend.subscriptions import HANDLERS
from backend.tools.counters import service as counters
from backend.tools.counters.models import CounterDelta
from backend.tools.notices import sending

log = structlog.get_logger()

SCAN_EVERY_S = 20


def drain_county(county_code: str) -> None:
    """Deliver what waits in one county's outbox."""
    # rq forks after import: connections of the parent must not be shared.
    get_engine().dispose(close=False)
    while delivery.drain(county_code, HANDLERS):
        pass


def roll_up_counters() -> None:
    """Fold every county's deltas into its counters."""
    with unit_of_work() as session:
        counties = list(session.scalars(select(CounterDelta.county_code).distinct()))
    for county in counties:
        folded = 1
        while folded:
            with unit_of_work() as session:
                folded = counters.roll_up(session, county)


def scan_deadlines() -> None:
    """Mark what became late, remind, and take up what was put by; county by county."""
    with unit_of_work() as session:
        counties = areas.all_counties(session)
    for county in counties:
        for scan in events.SCANS:
            found = 1
            while found:
                with unit_of_work() as session:
                    found = scan(session, county)


def call_meetings() -> None:
    """Call the meetings that set themselves up, county by county."""
    with unit_of_work() as session:
        counties = areas.all_counties(session)
    for county in counties:
        with unit_of_work() as session:
            patterns.call_due(session, county)


def scan_items() -> None:
    """Remind of the days of list items, and begin their next terms; county by county."""
    with unit_of_work() as session:
        counties = areas.all_counties(session)
    for county in counties:
        for scan in (recurring.remind, recurring.begin_terms):
            found = 1
            while found:
                with unit_of_work() as session:
                    found = scan(session, county)


def send_messages() -> None:
    """Send what is due to those outside, county by county."""
    with unit_of_work() as session:
        counties = areas.all_counties(session)
    for county in counties:
        while sending.send_due(county):
            pass


SCANS = (scan_deadlines, roll_up_counters, send_messages, call_meetings, scan_items)


def keep_scanning(stop: Callable[[], bool]) -> None:
    """Run the periodic scans for as long as the process lives."""
    due = 0.0
    while not stop():
        if time.monotonic() >= due:
            due = time.monotonic() + SCAN_EVERY_S
            for scan in (
                scan_deadlines,
                roll_up_counters,
                send_messages,
                call_meetings,
                scan_items,
            ):
                try:
                    scan()
                except OperationalError as error:
                    log.warning("scan waits", scan=scan.__name__, because=type(error).__name__)
        time.sleep(0.5)
