"""The working calendar over HTTP: read by all, a new edition by administrators."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from backend.core import day
from backend.core.inputs import Day, HourOfDay, Label, Line, Moment, Strict
from backend.core.permissions import ActorDep, allow
from backend.core.rights import Right
from backend.core.session import SessionDep
from backend.tools.calendar import queries, service, sheet
from backend.tools.calendar.clocks import Clock, Kind, Limit, Segment, due
from backend.tools.importing import sheets

router = APIRouter(prefix="/calendar", tags=["calendar"])


class DayIn(Strict):
    """A day that is not what its weekday says."""

    model_config = ConfigDict(from_attributes=True)

    day: Day
    kind: Kind
    name: Label = ""


class DayOut(BaseModel):
    """A day that is not what its weekday says, as it was published."""

    model_config = ConfigDict(from_attributes=True)

    day: date
    kind: Kind
    name: str


class CalendarOut(BaseModel):
    """The calendar in force. ``missing`` are years whose holidays nobody has entered yet."""

    version: int
    hours: list[tuple[HourOfDay, HourOfDay]]
    days: list[DayOut]
    missing: list[int]


class CalendarIn(Strict):
    """A new edition: the whole of it."""

    hours: Annotated[list[tuple[HourOfDay, HourOfDay]], Field(min_length=1, max_length=6)]
    days: Annotated[list[DayIn], Field(max_length=2000)]
    note: Line = ""


class EndOut(BaseModel):
    """When something would be due."""

    due_at: datetime


class ReadOut(BaseModel):
    """What a calendar file says; with faults nothing was changed."""

    version: int | None
    days: int
    faults: list[sheets.Fault]


@router.get("", dependencies=[allow()])
def get_calendar(session: SessionDep) -> CalendarOut:
    """Return the calendar in force."""
    calendar = service.current(session)
    return CalendarOut(
        version=calendar.version, hours=list(calendar.hours),
        days=[DayOut.model_validate(d) for d in queries.days_of(session, calendar.version)],
        missing=service.missing_years(calendar, day.today()),
    )  # fmt: skip


@router.put("", dependencies=[allow(Right.KEEP_CALENDAR)])
def put_calendar(body: CalendarIn, actor: ActorDep, session: SessionDep) -> CalendarOut:
    """Put a new edition in force. Promises that run keep the one they were made under.

    What says the same as the edition in force changes nothing.
    """
    days = [service.Day(d.day, d.kind, d.name) for d in body.days]
    service.publish(session, actor, body.hours, days, body.note)
    return get_calendar(session)


@router.get("/due", dependencies=[allow()])
def when_due(
    session: SessionDep,
    limit: Clock,
    amount: Annotated[float, Query(gt=0, le=3650)],
    start: Annotated[Moment, Query()],
) -> EndOut:
    """Say when a limit that begins at a moment would end."""
    moment = due(Limit(limit, amount), service.current(session), [Segment(start)])
    assert moment is not None
    return EndOut(due_at=moment)


@router.get("/days.xlsx", dependencies=[allow()], response_class=Response)
def download_days(session: SessionDep) -> Response:
    """Return the days of the calendar in force as a spreadsheet."""
    rows = queries.days_of(session, service.current(session).version)
    table = sheet.to_table(service.Day(r.day, Kind(r.kind), r.name) for r in rows)
    name = "attachment; filename=calendar.xlsx"
    return Response(
        sheets.write([table]), media_type=sheets.XLSX, headers={"Content-Disposition": name}
    )


@router.post("/days", dependencies=[allow(Right.KEEP_CALENDAR)])
def upload_days(
    tables: sheets.Sent,
    actor: ActorDep,
    session: SessionDep,
    mode: Annotated[Literal["add", "replace"], Query(description="to the days there are")] = "add",
    dry: Annotated[bool, Query(description="only look for faults")] = False,
) -> ReadOut:
    """Publish the days of a spreadsheet; one fault, and nothing is changed.

    ``add`` keeps the days of the years that the file does not name.
    """
    draft = sheet.of_tables(tables)
    version = None
    if not draft.faults and not dry:
        calendar = service.held(session)
        years = {d.day.year for d in draft.days}
        kept = [
            service.Day(r.day, Kind(r.kind), r.name)
            for r in queries.days_of(session, calendar.version)
            if mode == "add" and r.day.year not in years
        ]
        version = service.publish(session, actor, calendar.hours, [*kept, *draft.days])
    return ReadOut(
        version=version, days=len(draft.days),
        faults=sheets.in_words(draft.faults, actor.language),
    )  # fmt: skip
