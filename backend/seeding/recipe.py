"""What a demo city is made of."""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from backend.embedded.place import REPOSITORY

DATA = REPOSITORY / "seed_data"
SEED = 20261120
PASSWORD = "onemap-demo"  # noqa: S105 (the demo's, printed at every start; never outside it)


@dataclass(frozen=True)
class Recipe:
    """How many areas a level has, and where the city lies.

    ``counts`` runs county, town, village, grid, unit. ``width_deg`` is the extent of the plane that
    the partition is scaled to, in degrees of latitude.
    """

    counts: tuple[int, int, int, int, int]
    width_deg: float
    houses: int
    events: int


TOWN = Recipe((1, 1, 6, 60, 800), 0.075, 5_000, 320)
CITY = Recipe((7, 54, 973, 10_000, 130_000), 0.95, 1_000_000, 2_000_000)
CENTRE = (119.05, 25.42)


@lru_cache
def read(name: str) -> Any:
    """One file of ``seed_data``."""
    return json.loads((DATA / f"{name}.json").read_text("utf-8"))
