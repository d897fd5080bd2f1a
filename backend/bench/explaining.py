"""What PostgreSQL reads for each query of a page: asked in its transaction, as its actor."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event

from backend.core.db import get_engine

READS = re.compile(r"^\s*(SELECT|WITH)\b", re.IGNORECASE)
WRITES = re.compile(r"\b(INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|FOR\s+UPDATE)\b", re.I)


@dataclass(frozen=True)
class Seen:
    """One query: how many rows it gave, how many blocks of 8 KB were read for it, and by what."""

    statement: str
    rows: int
    buffers: int
    by: tuple[str, ...]

    @property
    def short(self) -> str:
        """The statement on one line, as far as a line goes."""
        return re.sub(r"\s+", " ", self.statement)[:160]


@contextmanager
def explained() -> Iterator[list[Seen]]:
    """Explain every query that is sent inside the block, right after it was answered.

    On the same connection: settings of the actor, row-level security and what the transaction has
    written itself are what they were for the query.
    """
    found: list[Seen] = []

    def explain(_: object, cursor: Any, statement: str, given: Any, *__: object) -> None:
        if not READS.match(statement) or WRITES.search(statement):
            found.append(Seen(statement, 0, 0, ()))
            return
        with cursor.connection.cursor() as own:
            own.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", given)
            plan = own.fetchone()[0][0]["Plan"]
        buffers = plan.get("Shared Hit Blocks", 0) + plan.get("Shared Read Blocks", 0)
        found.append(Seen(statement, int(plan["Actual Rows"]), buffers, tuple(_by(plan))))

    event.listen(get_engine(), "after_cursor_execute", explain)
    try:
        yield found
    finally:
        event.remove(get_engine(), "after_cursor_execute", explain)


def _by(plan: dict[str, Any]) -> list[str]:
    found = {
        node.get("Index Name") or f"{node['Node Type']} {node['Relation Name']}"
        for node in _nodes(plan)
        if "Index Name" in node or "Relation Name" in node
    }
    return sorted(found)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)
