"""The demo city's areas and houses."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.city.areas import writing
from backend.city.areas.models import Kind
from backend.core.ids import new_id
from backend.seeding.recipe import CENTRE, SEED, Recipe, read
from gis import partition


@dataclass(frozen=True)
class City:
    """What was made: codes by level (county first), the units' sites and polygons."""

    codes: list[list[str]]
    sites: NDArray[np.float64]
    units: NDArray[np.object_]
    managing: dict[str, str]


def scale(recipe: Recipe, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """From the partition's plane to degrees, round at the city's latitude."""
    lon, lat = CENTRE
    stretch = recipe.width_deg / math.cos(math.radians(lat))
    return np.column_stack([lon + points[:, 0] * stretch, lat + points[:, 1] * recipe.width_deg])


def build(recipe: Recipe) -> tuple[City, list[list[writing.NewArea]]]:
    """Make the areas of a city, level by level from the city down."""
    tree = partition.make_tree(recipe.counts, SEED)
    units = shapely.transform(tree.units, lambda c: scale(recipe, c))
    sites = scale(recipe, tree.sites)
    geometry = [units]
    for parent in reversed(tree.parents):
        geometry.insert(0, partition.union_up(geometry[0], parent, int(parent.max()) + 1))
    names = read("names")
    counties = names["counties"][: recipe.counts[0]]
    codes = [[code for code, _, _ in counties]]
    for level, parent in enumerate(tree.parents):
        centres = np.array([[g.centroid.x, g.centroid.y] for g in geometry[level + 1]])
        first = 100 if level == 0 else 0
        numbered = partition.numbered(parent, centres, 3, codes[level])
        codes.append([c[:-3] + f"{int(c[-3:]) + first:03d}" for c in numbered])
    managing = {code: code[:6] for level in codes for code in level}
    levels = _named(names, counties, codes, geometry, managing)
    outline = partition.union_up(geometry[0], np.zeros(len(geometry[0]), np.intp), 1)[0]
    city = writing.NewArea("3599", names["city"], "359900", outline)
    return City(codes, sites, units, managing), [[city], *levels]


def _named(
    names: dict[str, list[str]], counties: list[tuple[str, str, str]], codes: list[list[str]],
    geometry: list[NDArray[np.object_]], managing: dict[str, str],
) -> list[list[writing.NewArea]]:  # fmt: skip
    made = _made_up(names)
    titles: list[list[str]] = [[name for _, name, _ in counties]]
    small = len(codes[1]) == 1
    titles.append([str(names["town"])] if small else [f"{next(made)}镇" for _ in codes[1]])
    titles.append(
        list(names["villages"])[: len(codes[2])] if small
        else [next(made) + ("社区" if i % 4 == 0 else "村") for i in range(len(codes[2]))]
    )  # fmt: skip
    titles.append([f"{int(code[-3:])}网格" for code in codes[3]])
    titles.append([f"{int(code[-3:]):02d}单元" for code in codes[4]])
    kinds = [[kind for _, _, kind in counties]] + [[Kind.NORMAL] * len(c) for c in codes[1:]]
    return [
        [
            writing.NewArea(code, title, managing[code], _multi(geom), kind)
            for code, title, geom, kind in zip(*level, strict=True)
        ]
        for level in zip(codes, titles, geometry, kinds, strict=True)
    ]


def _made_up(names: dict[str, list[str]]) -> Iterator[str]:
    rng = np.random.default_rng(SEED)
    pairs = [a + b for a in names["first"] for b in names["second"]]
    triples = [a + b for a in pairs for b in names["second"]]
    for pool in (pairs, triples):
        order = rng.permutation(len(pool))
        yield from (pool[i] for i in order)


def _multi(geom: shapely.Geometry) -> shapely.MultiPolygon:
    return geom if isinstance(geom, shapely.MultiPolygon) else shapely.MultiPolygon([geom])


def write_houses(session: Session, recipe: Recipe, city: City) -> None:
    """Scatter houses near the units' sites, where their polygons surely hold them."""
    rng = np.random.default_rng(SEED + 1)
    chosen = rng.integers(len(city.sites), size=recipe.houses)
    reach = np.sqrt(shapely.area(city.units))[chosen, None] * 0.25
    points = city.sites[chosen] + rng.uniform(-1, 1, (recipe.houses, 2)) * reach
    inside = shapely.contains_xy(city.units[chosen], points[:, 0], points[:, 1])
    points[~inside] = np.array(
        [[p.x, p.y] for p in shapely.point_on_surface(city.units[chosen[~inside]])]
    ).reshape(-1, 2)
    door = np.zeros(len(city.sites), int)
    units = city.codes[4]
    with (
        writing.driver(session).cursor() as cursor,
        cursor.copy("COPY house (county_code, id, area_code, address, geom) FROM STDIN") as copy,
    ):
        hexes = shapely.to_wkb(
            shapely.set_srid(shapely.points(points), 4490), hex=True, include_srid=True
        )
        for unit, wkb in zip(chosen, hexes, strict=True):
            door[unit] += 1
            code = units[unit]
            copy.write_row((city.managing[code], new_id(), code, f"{door[unit]}号", wkb))
