"""Importing recorded cases from a table: their state, their times in their time zone, their place.

An imported case enters with one log entry ``imported`` and counts in no duty check. Rows without a
position are kept and listed, not dropped.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend.city.areas import queries as areas
from backend.core import clock, ids, journal
from backend.core.actor import INTAKE_COUNTY, system
from backend.core.inputs import Line, Note, Short
from backend.core.inputs.times import AHEAD_MOST, YEAR_FIRST, YEAR_LAST, sane
from backend.core.language import say
from backend.matters.categories import service as categories
from backend.matters.events import queries
from backend.matters.events.casework import counting
from backend.matters.events.casework.measures import Deed
from backend.matters.events.intake.references import Reference, known, reference, take
from backend.matters.events.models import Event, EventAction
from backend.matters.events.placeless import desk_of
from backend.matters.events.promises import alarms
from backend.matters.events.sensitivity import named_at
from backend.matters.events.vocabulary import Action, State
from backend.tools.counters import service as counters
from gis import codes, crs, delimited
from gis.errors import GisError
from gis.reading import Feature


@dataclass(frozen=True)
class Columns:
    """Which columns hold what; an empty name means that the file has no such column."""

    reference: str = "reference"
    text: str = "text"
    category: str = "category"
    reported_at: str = "reported_at"
    due_at: str = "due_at"
    closed_at: str = "closed_at"
    lon: str = "lon"
    lat: str = "lat"
    address: str = "address"


@dataclass(frozen=True)
class Fault:
    """What is wrong with one row, and what would be right."""

    row: int
    column: str
    value: str
    right: str


@dataclass
class Report:
    """What an import found and did."""

    rows: int = 0
    added: int = 0
    known: int = 0
    without_place: list[int] = field(default_factory=list)
    outside: list[int] = field(default_factory=list)
    refused: bool = False
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """How a file is to be read. ``category`` stands for rows whose own category is not ours."""

    crs: str
    timezone: ZoneInfo
    category: str
    columns: Columns = field(default_factory=Columns)
    source: str = "other"
    # The system that numbered the cases: another one may have counted alike.
    system: str = ""


# What words a report through the API could hold; made once, they cost more than a row's cells.
NOTE, SHORT, LINE = TypeAdapter(Note), TypeAdapter(Short), TypeAdapter(Line)
# The point as it was written, and as EPSG:4490.
_Point = tuple[float, float, float, float]
_Ready = tuple[Feature, dict[str, datetime | None], _Point | None]


def import_events(
    session: Session, features: Iterable[Feature], plan: Plan, *, keep_good: bool = False
) -> Report:
    """Add recorded cases in the caller's transaction (the owner's); the report of what was found.

    A case whose number is known already in its system is not added again; when its time is another
    one, it is another case, and the number a fault.
    """
    report, ready = Report(), []
    for feature in features:
        report.rows += 1
        try:
            _cells(feature, plan)
            ready.append((feature, _times(feature, plan), _point(feature, plan)))
        except _BadCell as bad:
            report.faults.append(Fault(feature.row, bad.column, bad.value, bad.right))
    new = list(_new_ones(session, ready, plan, report))
    if report.faults and not keep_good:
        report.refused, report.known = True, 0
        return report
    for row, number in new:
        _add(session, *row, number, plan, report)
    return report


def _new_ones(
    session: Session, ready: Sequence[_Ready], plan: Plan, report: Report
) -> Iterator[tuple[_Ready, Reference | None]]:
    """The rows whose number leads to no case yet; one that leads to another case is a fault."""
    column = plan.columns.reference
    numbers = [
        reference(plan.system or plan.source, str(row[0].fields.get(column, ""))) for row in ready
    ]
    leads = known(session, numbers)
    moments: dict[Reference, datetime | None] = {}
    if leads:
        at = queries.reported_at(session, leads.values())
        moments = {number: at.get(key) for number, key in leads.items()}
    for (feature, times, point), number in zip(ready, numbers, strict=True):
        if number is None or number not in moments:
            if number is not None:
                moments[number] = times["reported_at"]
            yield (feature, times, point), number
        elif moments[number] == times["reported_at"]:
            report.known += 1
        else:
            report.faults.append(
                Fault(
                    feature.row, column, number.number,
                    "a number of its own: another case has this one; when the file comes from"
                    " another system, name that system",
                )
            )  # fmt: skip


def _cells(feature: Feature, plan: Plan) -> None:
    """Whether a row can be read at all, and holds what a report through the API could hold."""
    if feature.problem:
        raise _BadCell("geometry", "", feature.problem)
    named, usual = plan.columns, Columns()
    for key in ("reference", "text", "category", "reported_at", "due_at", "closed_at"):
        column = getattr(named, key)
        # A column that was named, and is not there, would be read as empty in every row.
        asked_for = key == "reported_at" or column != getattr(usual, key)
        if column and asked_for and column not in feature.fields:
            there = ", ".join(map(str, feature.fields))[:200]
            raise _BadCell(column, "", f"a column of the file; it has: {there}")
    for column, words in ((named.text, NOTE), (named.reference, SHORT), (named.address, LINE)):
        value = str(feature.fields.get(column, "")) if column else ""
        try:
            words.validate_python(value)
        except ValidationError as error:
            fault = error.errors(include_url=False)[0]
            raise _BadCell(column, value[:60], say("en", f"input.{fault['type']}",
                           **fault.get("ctx", {}))) from None  # fmt: skip
    number = str(feature.fields.get(named.reference, "")).strip()
    if delimited.SHORTENED.match(number):
        raise _BadCell(named.reference, number, "the whole number: make the column text")


class _BadCell(ValueError):
    def __init__(self, column: str, value: str, right: str) -> None:
        super().__init__(column)
        self.column, self.value, self.right = column, value, right


def _times(feature: Feature, plan: Plan) -> dict[str, datetime | None]:
    found: dict[str, datetime | None] = {}
    for name in ("reported_at", "due_at", "closed_at"):
        column = getattr(plan.columns, name)
        value = str(feature.fields.get(column, "")).strip() if column else ""
        if not value and name != "reported_at":
            found[name] = None
            continue
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise _BadCell(column, value, "a time such as 2026-11-20 08:30:00") from None
        # A time without a zone is local time where the file was written.
        if not sane(moment):
            right = f"a year from {YEAR_FIRST} to {YEAR_LAST}"
            raise _BadCell(column, value, right)
        found[name] = moment if moment.tzinfo else moment.replace(tzinfo=plan.timezone)
    reported, closed = found["reported_at"], found["closed_at"]
    latest = clock.now() + AHEAD_MOST
    for name in ("reported_at", "closed_at"):
        happened = found[name]
        if happened is not None and happened > latest:
            raise _BadCell(getattr(plan.columns, name), str(happened), "a time that has been")
    if reported is not None and closed is not None and closed < reported:
        raise _BadCell(plan.columns.closed_at, str(closed), f"not before {reported}")
    return found


def _point(feature: Feature, plan: Plan) -> _Point | None:
    """The point as written and as EPSG:4490; None when the row has no position."""
    cells = [str(feature.fields.get(c, "")).strip() for c in (plan.columns.lon, plan.columns.lat)]
    if not all(cells):
        return None
    try:
        lon, lat = (float(cell) for cell in cells)
        (lon4490,), (lat4490,) = (v.tolist() for v in crs.to_4490([lon], [lat], plan.crs))
    except (ValueError, GisError):
        names = f"{plan.columns.lon}, {plan.columns.lat}"
        raise _BadCell(names, ", ".join(cells), f"numbers of a position in {plan.crs}") from None
    return lon, lat, lon4490, lat4490


def _add(
    session: Session, feature: Feature, times: dict[str, datetime | None], point: _Point | None,
    number: Reference | None, plan: Plan, report: Report,
) -> None:  # fmt: skip
    """One case. What was open enters filed: who leads it is not known here, so it is sent out."""
    county = area = INTAKE_COUNTY
    if point is None:
        report.without_place.append(feature.row)
    else:
        code = areas.code_at(session, point[2], point[3])
        if code is None:
            report.outside.append(feature.row)
        elif codes.level_of(code) is not codes.Level.CITY:
            county, area = areas.named(session, [code])[code].managing_county, code
    fields = feature.fields
    reported_at = times["reported_at"]
    assert reported_at is not None
    wanted = str(fields.get(plan.columns.category, ""))
    category = categories.current(session).get(wanted) or categories.known(session, plan.category)
    state = State.CLOSED if times["closed_at"] else State.FILED
    event_id = ids.id_at(reported_at)
    raw = (
        {"lon": point[0], "lat": point[1], "crs": plan.crs, "source": "address"} if point else None
    )
    written = str(feature.fields.get(plan.columns.reference, "")).strip()
    if number is not None:
        take(session, number, county, event_id)
    entry = journal.entry(
        EventAction, system(county), journal.GENESIS, 1, Action.IMPORTED, at=reported_at,
        details={"reference": written, "row": feature.row, "original": dict(fields)}
        | ({"closed_at": times["closed_at"].isoformat()} if times["closed_at"] else {}),
        event_id=event_id, from_state=None, to_state=state.value, client_at=None,
    )  # fmt: skip
    session.execute(
        insert(Event).values(
            county_code=county, id=event_id, event_no=ids.event_number(county, reported_at),
            state=state, area_code=area, scheme_version=category.scheme_version,
            category_code=category.code, text=str(fields.get(plan.columns.text, "")),
            source=plan.source, reported_at=reported_at, raw_position=raw,
            geom=f"SRID=4490;POINT({point[2]!r} {point[3]!r})" if point else None,
            address_text=str(fields.get(plan.columns.address, ""))[:200],
            restricted=category.sensitive,
            named=named_at(session, area) if category.sensitive else [],
            filed_at=reported_at, due_at=times["due_at"], due_rule="imported",
            fed_back_at=times["closed_at"], closed_at=times["closed_at"],
            external_ref=written or None, log_seq=1, log_head=entry["hash"],
        )
    )  # fmt: skip
    session.execute(insert(EventAction).values(county_code=county, id=ids.new_id(), **entry))
    deed = Deed(Action.IMPORTED, None, state, "system", reported_at, entry["details"])
    counted = counting.standing(state, restricted=category.sensitive)
    counted.update(counting.happened([deed], restricted=category.sensitive))
    counters.count(session, county, area, counted)
    if state is State.FILED and desk_of(area) is not None:
        alarms.place_by(session, county, event_id, clock.now())
    report.added += 1
