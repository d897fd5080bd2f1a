"""Cells of a sheet, checked by the same types as the fields of a body."""

from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from backend.core.language import DEFAULT, sentences
from backend.tools.importing.sheets import Fault, Row, Table

# As much of a cell as a person needs to find it again.
SHOWN_MOST = 60


@lru_cache(maxsize=100)
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def read_cell(faults: list[Fault], table: Table, row: Row, column: str, kind: Any) -> Any:
    """A cell as a type of `core.inputs` reads it; None, and a fault, when it cannot be that."""
    try:
        return _adapter(kind).validate_python(row[column])
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
    code = f"input.{first['type']}"
    fault = Fault(
        sheet=table.name, row=row.number, column=column, value=row[column][:SHOWN_MOST],
        wrong=code if code in sentences(DEFAULT) else "fault.cell",
    )  # fmt: skip
    fault.limit({k: v for k, v in first.get("ctx", {}).items() if isinstance(v, str | int | float)})
    faults.append(fault)
    return None


def read_cells(
    faults: list[Fault], table: Table, row: Row, kinds: dict[str, Any]
) -> dict[str, Any]:
    """Several cells of a row at once, by title; an empty one is left out."""
    return {
        column: read_cell(faults, table, row, column, kind)
        for column, kind in kinds.items()
        if row[column]
    }
