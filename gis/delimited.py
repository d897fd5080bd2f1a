"""Tables as text: CSV with commas, semicolons or tabs, line ends of any system.

What cannot be read as it was meant is told with its row, and never read as something else: a quote
that is not closed would otherwise swallow the rows behind it.
"""

import csv
import io
import re
from collections.abc import Sequence
from itertools import islice

from gis.errors import UnreadableFile

SEPARATORS = ",;\t|"
# What a cell of a spreadsheet can hold (Excel's own limit).
CELL_MOST = 32_767

# A long number as a spreadsheet shortens it: 1.01E+11 was a hundred different numbers.
SHORTENED = re.compile(r"^[0-9](\.[0-9]+)?[eE]\+?[0-9]{1,3}$")

csv.field_size_limit(100_000_000)


class BadTable(UnreadableFile):
    """A table that says something else than was meant; ``kind`` says what is wrong with it."""

    def __init__(self, kind: str, row: int, column: str = "") -> None:
        told = {
            "nul": "holds a NUL sign", "quote": "a quote is not closed, or not where it belongs",
            "cell_long": f"a cell is longer than {CELL_MOST} signs",
            "title_twice": "a column stands twice", "surplus": "more cells than columns",
            "no_header": "no header row",
        }[kind]  # fmt: skip
        super().__init__(f"row {row}{f', column {column}' if column else ''}: {told}")
        self.kind, self.row, self.column = kind, row, column


def decode(data: bytes) -> str:
    """A table's text: UTF-8 with or without a mark, or GB 18030, as Chinese offices save it.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    str

    Raises
    ------
    UnreadableFile
        The text is neither.
    """
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile("the text is neither UTF-8 nor GB 18030")


def rows_of(data: bytes, most: int | None = None) -> list[list[str]]:
    """The rows of a table, the titles first; row 1 is the first.

    Parameters
    ----------
    data : bytes
        The whole file: commas, semicolons, tabs or bars, line ends of any system.
    most : int, optional
        Rows that are wanted at most; one more is read, so that there being more is seen. Ten
        megabytes of line ends would be ten million rows.

    Returns
    -------
    list of list of str
        Cells as they stand, spaces too; rows may differ in length.

    Raises
    ------
    UnreadableFile
        Text in an unknown encoding.
    BadTable
        A NUL, a quote that is not closed, a cell without an end.
    """
    text = decode(data).replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        raise BadTable("nul", text.count("\n", 0, text.index("\0")) + 1)
    separator = _separator(text.partition("\n")[0])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[list[str]] = []
    try:
        rows.extend(reader if most is None else islice(reader, most + 1))
    except csv.Error:
        raise BadTable("quote", len(rows) + 1) from None
    width = len(rows[0]) if rows else 0
    for number, row in enumerate(rows, 1):
        for cell in row:
            if len(cell) > CELL_MOST:
                raise BadTable("cell_long", number)
            # Lines inside a cell that look like rows of this table are rows of this table.
            inner = cell.split("\n")[1:]
            if width > 1 and any(line.count(separator) >= width - 1 for line in inner):
                raise BadTable("quote", number)
    return rows


def _separator(titles: str) -> str:
    """What stands between the titles; a comma where nothing does."""
    outside = "".join(titles.split('"')[::2])
    return max(SEPARATORS, key=lambda sign: (outside.count(sign), sign == ","))


def check(rows: Sequence[Sequence[str]]) -> None:
    """Whether every row says which cell belongs to which title.

    Parameters
    ----------
    rows : sequence of sequence of str
        As `rows_of` gives them, the titles first.

    Raises
    ------
    BadTable
        A title stands twice, or a row has more cells than there are titles.
    """
    if not rows or not any(title.strip() for title in rows[0]):
        raise BadTable("no_header", 1)
    titles = [title.strip() for title in rows[0]]
    for i, title in enumerate(titles):
        if title and title in titles[:i]:
            raise BadTable("title_twice", 1, title)
    for number, row in enumerate(rows[1:], 2):
        for i, cell in enumerate(row):
            if cell.strip() and (i >= len(titles) or not titles[i]):
                raise BadTable("surplus", number)
