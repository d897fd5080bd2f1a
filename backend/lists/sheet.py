"""A list as a spreadsheet."""

from collections.abc import Sequence

from backend.core.language import say
from backend.core.sheets import Row, Table
from backend.items.schemas import ItemLine

# Title of the column, and what stands in it; the words of both are in the locales.
COLUMNS = (
    "number", "kind", "title", "state", "place", "organization", "due_on", "progress", "term",
    "made_at",
)  # fmt: skip


def to_table(language: str, lines: Sequence[ItemLine]) -> Table:
    """Items as rows, in the caller's language."""
    titles = {name: say(language, f"item_column.{name}") for name in COLUMNS}
    rows = [
        Row(
            number,
            {
                titles["number"]: line.item_no, titles["kind"]: say(language, f"list.{line.kind}"),
                titles["title"]: line.title, titles["state"]: say(language, f"item.{line.state}"),
                titles["place"]: line.place, titles["organization"]: line.organization or "",
                titles["due_on"]: str(line.due_on or ""), titles["progress"]: f"{line.progress} %",
                titles["term"]: line.term or "", titles["made_at"]: f"{line.made_at:%Y-%m-%d}",
            },
        )
        for number, line in enumerate(lines, 2)
    ]  # fmt: skip
    return Table(say(language, "item_column.sheet"), list(titles.values()), rows)
