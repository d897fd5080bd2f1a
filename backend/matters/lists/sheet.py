"""Lists and hot spots as spreadsheets."""

from collections.abc import Sequence

from backend.core.language import say
from backend.matters.items.schemas import ItemLine
from backend.matters.lists.spots import HotSpotLine
from backend.tools.importing.sheets import Table, titled


def of_items(language: str, lines: Sequence[ItemLine]) -> Table:
    """Items as rows, in the caller's language."""
    return titled(
        language, "item",
        [
            {
                "number": line.item_no, "kind": say(language, f"list.{line.kind}"),
                "title": line.title, "state": say(language, f"item.{line.state}"),
                "place": line.place, "organization": line.organization, "due_on": line.due_on,
                "progress": f"{line.progress} %", "term": line.term,
                "made_at": f"{line.made_at:%Y-%m-%d}",
            }
            for line in lines
        ],
    )  # fmt: skip


def of_spots(language: str, lines: Sequence[HotSpotLine]) -> Table:
    """Hot spots as rows: where, how often, why, and what was raised for it."""
    return titled(
        language, "spot",
        [
            {
                "category": line.category, "place": line.place, "count": line.count,
                "first_at": line.first_at[:10], "last_at": line.last_at[:10], "cause": line.cause,
                "item": line.item.item_no if line.item else "", "lon": f"{line.lon:.6f}",
                "lat": f"{line.lat:.6f}",
            }
            for line in lines
        ],
    )  # fmt: skip
