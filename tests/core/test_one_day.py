"""Nobody but `core/day.py` makes a day from a moment, in Python or in SQL."""

import ast
import re
from collections.abc import Iterator

import pytest

from backend.embedded.place import REPOSITORY

# What asks for a day or writes one otherwise than through core/day.py.
OURS = [
    file
    for folder in ("backend", "tiles", "gis")
    for file in sorted((REPOSITORY / folder).rglob("*.py"))
    if "migrations" not in file.parts and file.name not in ("day.py", "clock.py")
]
DAY_IN_SQL = re.compile(
    r"\bcurrent_date\b|::\s*date\b|\bdate_trunc\(|func\.(current_date|date|to_char|date_trunc)\(",
    re.IGNORECASE,
)


def days_asked(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Where a moment is made into a day, or into words, by its own zone."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = node.func.attr
            if name in ("date", "strftime") and not (name == "date" and node.args):
                yield node.lineno, f".{name}()"
            if name == "astimezone" and [getattr(a, "id", "") for a in node.args] != ["UTC"]:
                yield node.lineno, ".astimezone() into another zone than UTC"
            if name in ("today", "utcnow") and getattr(node.func.value, "id", "") != "day":
                yield node.lineno, f".{name}()"
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            said = "".join(
                part.value for part in node.format_spec.values  # type: ignore[attr-defined]
                if isinstance(part, ast.Constant)
            )  # fmt: skip
            if re.search(r"%[YymdjBbaAx]", said):
                yield node.lineno, f"a moment in words: {said}"
        if (
            isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice)
            and isinstance(node.slice.upper, ast.Constant) and node.slice.upper.value in (7, 10)
            and (name := getattr(getattr(node.value, "func", node.value), "attr", ""))
            and (name == "isoformat" or name.endswith("_at"))
        ):  # fmt: skip
            yield node.lineno, f"the first signs of {name}"


@pytest.mark.parametrize(
    "trap",
    ["now.date()", "clock.now().strftime('%Y')", "f'{at:%Y-%m-%d}'", "row.made_at[:10]", "at.astimezone(zone)",
     "at.isoformat()[:7]", "date.today()", "at.astimezone()"],
)  # fmt: skip
def test_the_rule_knows_a_trap(trap: str) -> None:
    assert list(days_asked(ast.parse(trap)))


def days_elsewhere() -> list[str]:
    """Every place in Python and in SQL that makes a day by another zone than the city's."""
    in_python = [
        f"{file.relative_to(REPOSITORY)}:{line} {what}"
        for file in OURS
        for line, what in days_asked(ast.parse(file.read_text("utf-8")))
    ]
    sql = [file for folder in ("backend", "tiles") for file in (REPOSITORY / folder).rglob("*.sql")]
    in_sql = [
        f"{file.relative_to(REPOSITORY)}: {line.strip()}"
        for file in [*OURS, *sql]
        for line in file.read_text("utf-8").splitlines()
        if DAY_IN_SQL.search(line) and "AT TIME ZONE" not in line
    ]
    return in_python + in_sql


def test_nobody_makes_a_day_but_the_one_module() -> None:
    assert days_elsewhere() == []
