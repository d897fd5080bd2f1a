"""Opening workbooks. Foreign bytes: runs in a process apart.

A cell at ZZ300000 makes a sheet of 210 million cells out of a few kilobytes; the reader makes room
for all of them before anybody can ask how many there are.
"""

import io

import python_calamine

from backend.core.errors import BadInput, TooLarge

# More columns than any form of ours has, by far.
COLUMNS_MOST = 300

Rows = list[list[str]]


def opened(data: bytes, rows_most: int) -> list[tuple[str, Rows]]:
    """The visible sheets of an XLSX, XLS or ODS workbook: their names, and their cells as text.

    Raises
    ------
    BadInput
        Not a workbook, or one that cannot be read.
    TooLarge
        A sheet has more than ``rows_most`` rows or `COLUMNS_MOST` columns.
    """
    try:
        book = python_calamine.load_workbook(io.BytesIO(data))
        visible = python_calamine.SheetVisibleEnum.Visible
        names = [sheet.name for sheet in book.sheets_metadata if sheet.visible == visible]
        return [(name, _cells(book, name, rows_most)) for name in names]
    except (TooLarge, MemoryError):
        raise
    except BaseException as error:  # the reader's own panics are no Exceptions
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        raise BadInput("sheet_unreadable") from None


def _cells(book: python_calamine.CalamineWorkbook, name: str, rows_most: int) -> Rows:
    sheet = book.get_sheet_by_name(name)
    if sheet.total_height > rows_most:
        raise TooLarge("sheet_too_long", most=rows_most)
    if sheet.total_width > COLUMNS_MOST:
        raise TooLarge("sheet_too_wide", most=COLUMNS_MOST)
    return [[plain(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]


def plain(cell: object) -> str:
    """A cell as a person would type it: 0101 stays 0101, 3.0 is 3."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip() if cell is not None else ""
