"""Workbooks from outside: bounded before they are unpacked, read as people see them."""

import io
import time
import zipfile

import pytest
import xlsxwriter

from backend.core.errors import BadInput, TooLarge
from backend.tools.importing import sheets

pytestmark = pytest.mark.usefixtures("database")


def a_book(*, at: str = "A1", hidden: bool = False, rows: int = 1) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    if hidden:
        help_sheet = book.add_worksheet("说明")
        help_sheet.write_string(0, 0, "别看")
    sheet = book.add_worksheet("人员")
    sheet.write_string(at, "姓名")
    for row in range(1, rows):
        sheet.write_string(row, 0, f"第{row}个")
    if hidden:
        sheet.activate()
        sheet.set_first_sheet()
        help_sheet.hide()
    book.close()
    return out.getvalue()


def test_one_cell_far_away_is_refused_at_once() -> None:
    far = a_book(at="ZZ300000")
    assert len(far) < 10_000
    sheets.read(a_book())  # the reader's process is there
    began = time.process_time()
    with pytest.raises(TooLarge):
        sheets.read(far)
    assert time.process_time() - began < 1


# The last one would fill the memory of a reader: it is told before its cells are unpacked.
@pytest.mark.parametrize(
    ("at", "code"),
    [("A20002", "sheet_too_long"), ("ALL1", "sheet_too_wide"), ("XFD19999", "sheet_too_wide")],
)
def test_a_sheet_too_long_or_too_wide_says_so(at: str, code: str) -> None:
    with pytest.raises(TooLarge) as refused:
        sheets.read(a_book(at=at))
    assert refused.value.code == code


def test_a_sheet_that_nobody_sees_is_not_read() -> None:
    (table,) = sheets.read(a_book(hidden=True, rows=3))
    assert (table.name, list(table.columns), len(table.rows)) == ("人员", ["姓名"], 2)


def a_bomb() -> bytes:
    """A book whose one sheet unpacks to two gigabytes of rows."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(a_book())) as book,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bomb,
    ):
        for entry in book.infolist():
            if entry.filename != "xl/sharedStrings.xml":
                bomb.writestr(entry.filename, book.read(entry))
        with bomb.open("xl/sharedStrings.xml", "w", force_zip64=True) as strings:
            strings.write(
                b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            )
            text = b"<si><t>" + b"x" * 1_000_000 + b"</t></si>"
            for _ in range(2000):
                strings.write(text)
            strings.write(b"</sst>")
    return out.getvalue()


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04nonsense", a_book()[:-200], b"\xd0\xcf\x11\xe0" + b"x" * 600]
)
def test_what_is_no_book_is_told(data: bytes) -> None:
    with pytest.raises(BadInput, match="sheet_unreadable"):
        sheets.read(data)


def test_a_book_that_unpacks_to_gigabytes_ends_its_reader_only() -> None:
    bomb = a_bomb()
    assert len(bomb) < sheets.BYTES_MOST
    with pytest.raises(TooLarge):
        sheets.read(bomb)
    assert sheets.read(a_book())
