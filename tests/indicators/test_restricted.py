"""Of restricted cases the counters say what the cases count for, whatever becomes of them."""

from collections import Counter
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from backend.core import clock
from backend.core.actor import INTAKE_COUNTY, system
from backend.core.db import unit_of_work
from backend.matters.events.casework.counting import RESTRICTED, numbers
from backend.matters.events.intake import importing
from backend.matters.events.models import Event
from backend.matters.events.reading.whole import read
from backend.tools.counters.models import CounterDelta
from gis.reading import Feature
from tests.conftest import Town
from tests.events.makers import an_event_at, take
from tests.owner import owner

COUNTY = "359902"
SENSITIVE, PLAIN = "0501", "0201"


def of_restricted(found: Counter[str]) -> dict[str, int]:
    """What counts for restricted cases alone, but for the lengths of first responses."""
    return {name: n for name, n in found.items() if f".{RESTRICTED}." in name and n}


def counted() -> dict[str, int]:
    """What was appended: nothing is rolled up here."""
    total = func.sum(CounterDelta.change)
    with owner() as session:
        rows = session.execute(
            select(CounterDelta.measure, total).group_by(CounterDelta.measure)
        ).all()
    return of_restricted(Counter({measure: int(n) for measure, n in rows}))


def true() -> dict[str, int]:
    """What the cases count for that stand there now."""
    found: Counter[str] = Counter()
    with unit_of_work(system(COUNTY, INTAKE_COUNTY)) as session:
        for event in session.scalars(select(Event).where(Event.moved_to.is_(None))).all():
            found.update(numbers(event, read(session, event).facts.past).measures)
    return of_restricted(found)


def imported(town: Town, reference: str, closed_at: str = "") -> None:
    """A recorded case of a sensitive category, as another system had it."""
    lon, lat = town.sites[town.units[0]]
    row = {
        "reference": reference, "reported_at": "2026-03-20 08:30:00", "category": SENSITIVE,
        "text": "邻里纠纷", "closed_at": closed_at, "lon": str(lon), "lat": str(lat),
    }  # fmt: skip
    with owner() as session:
        report = importing.import_events(
            session, [Feature(2, row, None)],
            importing.Plan("CGCS2000", ZoneInfo("Asia/Shanghai"), PLAIN),
        )  # fmt: skip
    assert report.added == 1, report


def test_what_was_imported_is_counted_under_its_own_names(town: Town) -> None:
    imported(town, "R1")
    imported(town, "R2", "2026-03-21 09:00:00")
    assert counted() == true() == {
        f"now.{RESTRICTED}.filed": 1, f"now.{RESTRICTED}.closed": 1,
        f"2026-03.{RESTRICTED}.brought_closed": 1,
    }  # fmt: skip
    with owner() as session:
        event_id = session.scalars(select(Event.id).where(Event.external_ref == "R1")).one()
    take(town, town["demo-town"], event_id, "dispatch")
    assert counted() == true()


def test_opened_again_by_another_category_nothing_of_it_is_left(town: Town) -> None:
    before = counted()
    event_id = an_event_at(town, "reported", category=SENSITIVE)
    assert counted() == true() != before
    with clock.at(clock.now() + timedelta(minutes=1)):
        take(town, town["demo-village"], event_id, "file", category=PLAIN)
    assert counted() == true() == before
