"""Long tables out: written row by row into a file, so that memory does not grow with them."""

from collections.abc import Iterable
from pathlib import Path

import xlsxwriter

from backend.tools.importing.sheets import Table, Writer

# A sheet of Excel and WPS ends after 1,048,576 rows.
MOST = 1_000_000
WIDTH = 22


def save(path: Path, batches: Iterable[Table], cut: str) -> int:
    """Write the rows of all batches under the columns of the first; how many were written.

    Every cell is text or a day. After `MOST` rows one more says ``cut``, in words.
    """
    book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_formulas": False})
    writer = Writer(book)
    sheet, done = None, 0
    for table in batches:
        if sheet is None:
            sheet = writer.sheet(table)
            sheet.set_column(0, max(0, len(table.columns) - 1), WIDTH)
        for row in table.rows:
            if done == MOST:
                sheet.write_string(done + 1, 0, cut)
                book.close()
                return done
            done += 1
            writer.row(sheet, done, table, row)
    book.close()
    return done
