"""Long tables out: written row by row into a file, so that memory does not grow with them."""

from collections.abc import Iterable
from pathlib import Path

import xlsxwriter

from backend.tools.importing.sheets import Table

# A sheet of Excel and WPS ends after 1,048,576 rows.
MOST = 1_000_000
WIDTH = 22


def save(path: Path, batches: Iterable[Table], cut: str) -> int:
    """Write the rows of all batches under the columns of the first; how many were written.

    Every cell is text, so that nothing is taken for a formula. After `MOST` rows one more says
    ``cut``, in words.
    """
    book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_formulas": False})
    bold = book.add_format({"bold": True, "bg_color": "#E3EFEF"})
    sheet, done = None, 0
    for table in batches:
        if sheet is None:
            sheet = book.add_worksheet(table.name)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, max(0, len(table.columns) - 1), WIDTH)
            for x, title in enumerate(table.columns):
                sheet.write_string(0, x, title, bold)
        for row in table.rows:
            if done == MOST:
                sheet.write_string(done + 1, 0, cut)
                book.close()
                return done
            done += 1
            for x, title in enumerate(table.columns):
                sheet.write_string(done, x, row[title])
    book.close()
    return done
