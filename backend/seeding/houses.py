"""The houses of a whole city, and points that lie in its units."""

import time
from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from backend.seeding import binary_copy as pack
from backend.seeding.loading import keys, letters
from backend.seeding.recipe import SEED, Recipe
from backend.seeding.tree import City


def spread(
    city: City, n: int, rng: np.random.Generator
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Units and points that lie inside them: the site, moved towards a corner by less than half."""
    unit = rng.integers(len(city.sites), size=n)
    counts = shapely.get_num_coordinates(city.units)
    corners = shapely.get_coordinates(city.units)
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    corner = corners[first[unit] + (rng.random(n) * (counts[unit] - 1)).astype(int)]
    site = city.sites[unit]
    points = site + (corner - site) * rng.uniform(0, 0.45, (n, 1))
    return unit, points


def houses(recipe: Recipe, city: City) -> Iterator[tuple[Sequence[pack.Column], int]]:
    """Houses as blocks for COPY."""
    rng = np.random.default_rng(SEED + 1)
    codes = letters(city.codes[4])
    now_ms = int(time.time() * 1000)
    for start in range(0, recipe.houses, pack.CHUNK):
        n = min(pack.CHUNK, recipe.houses - start)
        unit, points = spread(city, n, rng)
        door = letters([f"{i:04d}" for i in range(10_000)])[rng.integers(1, 10_000, n)]
        address = np.concatenate([door, np.tile(np.frombuffer("号".encode(), np.uint8), (n, 1))], 1)
        yield (
            [
                pack.Column("county_code", codes[unit, :6]),
                pack.Column("id", keys(np.full(n, now_ms), rng)),
                pack.Column("area_code", codes[unit]),
                pack.Column("address", address),
                pack.point("geom", points, 4490),
            ],
            n,
        )
