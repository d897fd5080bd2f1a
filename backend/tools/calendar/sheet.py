"""The calendar as a file: day, kind and name a row. No I/O."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from backend.core.inputs import Label, times
from backend.tools.calendar.clocks import Kind
from backend.tools.calendar.service import Day
from backend.tools.importing.cells import read_cell
from backend.tools.importing.sheets import Fault, Row, Table

DAY, KIND, NAME = "日期", "类型", "名称"
# As spreadsheets write a day: 2027-01-01, 2027/1/1, 2027.1.1, 2027年1月1日; with midnight or not.
WRITTEN = re.compile(
    r"^([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?(?:[ T]0?0:00(?::00)?)?$"
)
KINDS = {
    "放假": Kind.HOLIDAY, "holiday": Kind.HOLIDAY,
    "调休上班": Kind.MAKE_UP, "make_up": Kind.MAKE_UP,
}  # fmt: skip


@dataclass
class Draft:
    """What a file says, and everything that is wrong with it."""

    days: list[Day] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def of_tables(tables: Sequence[Table]) -> Draft:
    """The days that are not what their weekdays say."""
    draft = Draft()
    table = tables[0] if tables else Table("", [], [])
    for title in (DAY, KIND):
        if title not in table.columns:
            draft.faults.append(
                Fault(sheet=table.name, row=1, column=title, wrong="fault.column_missing",
                      right=f"{DAY}、{KIND}、{NAME}")
            )  # fmt: skip
    if draft.faults:
        return draft
    seen: set[date] = set()
    for row in table.rows:
        day = _day(draft, table, row)
        kind = KINDS.get(row[KIND])
        if kind is None:
            _fault(draft, table, row, KIND, "fault.day_kind", "放假 / 调休上班")
        if day is None or kind is None:
            continue
        if day in seen:
            _fault(draft, table, row, DAY, "fault.day_twice")
        elif kind is Kind.MAKE_UP and day.weekday() < 5:
            _fault(draft, table, row, KIND, "fault.make_up_weekday", "放假")
        else:
            name = read_cell(draft.faults, table, row, NAME, Label)
            draft.days.append(Day(day, kind, name or ""))
        seen.add(day)
    return draft


def _day(draft: Draft, table: Table, row: Row) -> date | None:
    written = WRITTEN.match(row[DAY])
    try:
        day = date(*map(int, written.groups())) if written else None
    except ValueError:
        day = None
    if day is None:
        _fault(draft, table, row, DAY, "fault.day", "2026-10-01")
    elif not times.sane(day):
        right = f"{times.YEAR_FIRST} … {times.YEAR_LAST}"
        _fault(draft, table, row, DAY, "fault.day", right)
        return None
    return day


def _fault(draft: Draft, table: Table, row: Row, column: str, wrong: str, right: str = "") -> None:
    draft.faults.append(
        Fault(
            sheet=table.name, row=row.number, column=column, value=row[column], wrong=wrong,
            right=right,
        )
    )  # fmt: skip


def to_table(days: Iterable[Day]) -> Table:
    """The days as the sheet that `of_tables` reads."""
    words = {Kind.HOLIDAY: "放假", Kind.MAKE_UP: "调休上班"}
    rows = [
        Row(i, {DAY: d.day.isoformat(), KIND: words[d.kind], NAME: d.name}, {DAY: d.day})
        for i, d in enumerate(days, 2)
    ]
    return Table("日历", [DAY, KIND, NAME], rows)
