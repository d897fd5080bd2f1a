"""Lists and hot spots as spreadsheets."""

from collections.abc import Sequence
from datetime import date, datetime

from backend.core import day
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
                "made_at": day.of(line.made_at),
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
                "first_at": _day(line.first_at), "last_at": _day(line.last_at), "cause": line.cause,
                "item": line.item.item_no if line.item else "", "lon": f"{line.lon:.6f}",
                "lat": f"{line.lat:.6f}",
            }
            for line in lines
        ],
    )  # fmt: skip


def _day(moment: str) -> date:
    return day.of(datetime.fromisoformat(moment))
