"""Every SELECT stands in a domain's `queries.py`, or in a file of its `queries/`."""

import ast
import re

from backend.embedded.place import REPOSITORY

BACKEND = REPOSITORY / "backend"
# Folders whose files are no domain: the ground, and what is run by hand.
OTHERS = {"core", "migrations", "schema", "seeding", "bench", "backup", "embedded", "cli"}
WRITES = re.compile(r"\b(INSERT INTO|DELETE FROM|UPDATE \w+ SET)\b")


def selects(file_text: str) -> int:
    """How many statements of a file read the database."""
    found = 0
    for node in ast.walk(ast.parse(file_text)):
        if not isinstance(node, ast.Call):
            continue
        named = node.func.id if isinstance(node.func, ast.Name) else ""
        found += named in ("select", "exists")
        if named == "text" and node.args and isinstance(node.args[0], ast.Constant):
            said = str(node.args[0].value)
            reads = re.match(r"\s*(SELECT|WITH)\b", said) and "set_config" not in said
            found += bool(reads and not WRITES.search(said))
    return found


def test_what_counts_as_a_select() -> None:
    assert selects("session.scalars(select(Event).where(exists(1)))") == 2
    assert (
        selects('text("SELECT 1"); text("WITH a AS (DELETE FROM b) SELECT 1"); text("SET x")') == 1
    )


def test_only_queries_read_the_database() -> None:
    found = set()
    for file in BACKEND.rglob("*.py"):
        inside = file.relative_to(BACKEND)
        named = file.name == "models.py" or file.stem.split("_")[-1] == "queries"
        named = named or "queries" in inside.parts[:-1]
        if not named and inside.parts[0] not in OTHERS and selects(file.read_text("utf-8")):
            found.add(inside.as_posix())
    assert sorted(found) == [], "move the SELECT into the domain's queries"
