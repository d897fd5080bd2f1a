"""Spreadsheets in and out: numbered rows, faults that say where, cells that do no harm."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any

import anyio.to_thread
import xlsxwriter
from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from fastapi import Depends, Request, Response
from pydantic import BaseModel, PrivateAttr
from xlsxwriter.worksheet import Worksheet

from backend.core import apart
from backend.core.errors import BadInput, TooLarge
from backend.core.inputs import clean
from backend.core.language import DEFAULT, say
from backend.core.uploads import body_within
from backend.tools.importing import workbooks
from backend.tools.importing.workbooks import plain
from gis import delimited
from gis.errors import UnreadableFile

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_MOST = 20_000
BYTES_MOST = 10_000_000
# Sheets that a process reads at once, in threads that answer no other request.
READERS = 2
_readers: RunVar[CapacityLimiter] = RunVar("onemap_sheet_readers")


class Fault(BaseModel):
    """One cell that cannot be used: where it is, what is wrong, and what would be right.

    ``wrong`` is the code of a sentence until `in_words` puts it into a language.
    """

    sheet: str = ""
    row: int
    column: str
    value: str = ""
    wrong: str
    right: str = ""
    # What fills the sentence: the limit that was passed.
    _limits: dict[str, Any] = PrivateAttr(default_factory=dict)

    def limit(self, limits: dict[str, Any]) -> None:
        """Say what fills the sentence."""
        self._limits = limits

    def said(self, language: str) -> str:
        """What is wrong, in words."""
        return say(language, self.wrong, **self._limits)


def in_words(faults: Iterable[Fault], language: str) -> list[Fault]:
    """The faults as a person reads them, in the order of the rows."""
    told = [fault.model_copy(update={"wrong": fault.said(language)}) for fault in faults]
    return sorted(told, key=lambda fault: (fault.sheet, fault.row))


@dataclass(frozen=True)
class Row:
    """One row of a table: its number as the spreadsheet shows it, and its cells as text.

    What goes out as a day that a spreadsheet can sort stands in ``days`` as well.
    """

    number: int
    cells: Mapping[str, str]
    days: Mapping[str, date] = field(default_factory=dict)

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True)
class Table:
    """One sheet: the titles of its columns and its rows, empty ones left out."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Row]
    # Whose reader it is made for: days are shown as that language says them.
    language: str = DEFAULT


def read(data: bytes) -> list[Table]:
    """The sheets of an XLSX, XLS or ODS workbook, or the table of a CSV file (UTF-8 or GB 18030).

    Raises
    ------
    BadInput
        Neither a workbook nor text; or text that says something else than was meant, by its row.
    TooLarge
        More than `BYTES_MOST` bytes, `ROWS_MOST` rows or `workbooks.COLUMNS_MOST` columns.
    """
    if len(data) > BYTES_MOST:
        raise TooLarge("sheet_too_large", most_mb=BYTES_MOST // 1_000_000)
    sheets: Sequence[tuple[str, Sequence[Sequence[Any]]]]
    if data[:2] == b"PK" or data[:4] == b"\xd0\xcf\x11\xe0":
        sheets = apart.call(workbooks.opened, data, ROWS_MOST)
    else:
        try:
            sheets = [("", delimited.rows_of(data, ROWS_MOST))]
        except delimited.BadTable as bad:
            raise _told("", bad) from None
        except UnreadableFile:
            raise BadInput("sheet_unreadable") from None
    tables: list[Table] = []
    for name, rows in sheets:
        try:
            tables.append(_table(name, rows, first=not tables))
        except delimited.BadTable as bad:
            raise _told(name, bad) from None
    return tables


async def _sent(request: Request) -> list[Table]:
    data = await body_within(BYTES_MOST)(request)
    try:
        readers = _readers.get()
    except LookupError:
        readers = CapacityLimiter(READERS)
        _readers.set(readers)
    return await anyio.to_thread.run_sync(read, data, limiter=readers)


# The body of a request, read as `read` does. It stands before the session among a route's
# parameters: whoever waits for a file to be opened holds no turn, no thread and no connection.
Sent = Annotated[list[Table], Depends(_sent)]


def _told(sheet: str, bad: delimited.BadTable) -> BadInput:
    where = f"{sheet} " if sheet else ""
    return BadInput(f"sheet_{bad.kind}", sheet=where, row=bad.row, column=bad.column)


def _table(name: str, raw: Sequence[Sequence[Any]], *, first: bool) -> Table:
    if len(raw) > ROWS_MOST:
        raise TooLarge("sheet_too_long", most=ROWS_MOST)
    if any(len(row) > workbooks.COLUMNS_MOST for row in raw):
        raise TooLarge("sheet_too_wide", most=workbooks.COLUMNS_MOST)
    cells = [[_clean(name, number, cell) for cell in row] for number, row in enumerate(raw, 1)]
    if not any(cell for row in cells for cell in row) or not (first or any(cells[0])):
        return Table(name, [], [])
    delimited.check(cells)
    titles = cells[0]
    rows = [
        Row(i, dict(zip(titles, row, strict=False)))
        for i, row in enumerate(cells[1:], 2)
        if any(row)
    ]
    return Table(name, titles, rows)


def _clean(sheet: str, row: int, cell: object) -> str:
    try:
        return clean(plain(cell))
    except ValueError:
        raise delimited.BadTable("nul", row) from None


def titled(language: str, kind: str, rows: Sequence[Mapping[str, object]]) -> Table:
    """A table whose columns, and whose own name, are called as the locales call those of a kind.

    The keys of the first row are the columns: ``{kind}_column.{key}``. A date stays one.
    """
    columns = list(rows[0]) if rows else []
    titles = {name: say(language, f"{kind}_column.{name}") for name in columns}
    return Table(
        say(language, f"{kind}_column.sheet"), list(titles.values()),
        [
            Row(
                number, {titles[name]: plain(row[name]) for name in columns},
                {titles[k]: day for k in columns if isinstance(day := row[k], date)},
            )
            for number, row in enumerate(rows, 2)
        ],
        language,
    )  # fmt: skip


# As people say a day, in the words of the format of a cell: still a day, to be sorted and counted.
SAID = {"zh-CN": 'yyyy"年"m"月"d"日"', "en": "d mmm yyyy"}


class Writer:
    """A workbook that is being written: cells are text, so that nothing is taken for a formula."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        self.title = book.add_format({"bold": True, "bg_color": "#E3EFEF"})
        self._days = {
            language: book.add_format({"num_format": form, "align": "left"})
            for language, form in SAID.items()
        }

    def sheet(self, table: Table) -> Worksheet:
        """A sheet of its own, with its titles."""
        sheet = self.book.add_worksheet(table.name)
        sheet.freeze_panes(1, 0)
        for x, title in enumerate(table.columns):
            sheet.write_string(0, x, title, self.title)
        return sheet

    def row(self, sheet: Worksheet, y: int, table: Table, row: Row) -> None:
        """One row; days as the table's reader says them."""
        for x, title in enumerate(table.columns):
            if title in row.days:
                sheet.write_datetime(y, x, row.days[title], self._days[table.language])
            else:
                sheet.write_string(y, x, row[title])


def write(tables: Iterable[Table]) -> bytes:
    """A workbook of these tables, every cell as text or as a day."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    writer = Writer(book)
    for table in tables:
        sheet = writer.sheet(table)
        for x, title in enumerate(table.columns):
            longest = max([len(title), *(len(row[title]) for row in table.rows)])
            sheet.set_column(x, x, min(60, 4 + 2 * longest))
        for y, row in enumerate(table.rows, 1):
            writer.row(sheet, y, table, row)
    book.close()
    return out.getvalue()


def answer(tables: Iterable[Table], name: str) -> Response:
    """A workbook to be saved under a name (ASCII)."""
    disposition = f'attachment; filename="{name}"'
    return Response(write(tables), media_type=XLSX, headers={"Content-Disposition": disposition})
