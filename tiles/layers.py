"""The layers, declared once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True)
class Layer:
    """One vector layer.

    ``sql/<name>.sql`` returns a single ``bytea`` for the parameters ``z``, ``x``, ``y`` and those
    of the caller's scope (`tiles.scope`).
    """

    name: str
    title: str
    minzoom: int
    maxzoom: int
    max_age_s: int
    fields: Mapping[str, str]

    @cached_property
    def query(self) -> str:
        """The layer's SQL, read once."""
        return (SQL / f"{self.name}.sql").read_text(encoding="utf-8")


LAYERS: Mapping[str, Layer] = {
    layer.name: layer
    for layer in (
        Layer(
            name="areas",
            title="Areas: city to village for everyone, grids and units inside one's scope",
            minzoom=5,
            maxzoom=16,
            max_age_s=60,
            fields={"code": "area code", "name": "name", "level": "level of the tree"},
        ),
        Layer(
            name="events",
            title="Open events by state",
            minzoom=8,
            maxzoom=18,
            max_age_s=0,
            fields={
                "id": "key", "county": "managing county", "number": "what people quote",
                "state": "workflow state", "category": "category code", "overdue": "late or not",
                "n": "how many events share the spot (below zoom 13)", "late": "how many of them",
            },
        ),
    )
}  # fmt: skip
