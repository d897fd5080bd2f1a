"""Synthetic cities: irregular areas without gaps or overlaps, nested six levels deep.

Unit sites are scattered over a landmass with a ragged coast; their Voronoi cells are given crooked
shared edges; each level above is the union of its children, so the tree tiles exactly by
construction. The same seed makes the same city.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import Voronoi, cKDTree

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

# Points that each side of an edge gets, in thirds of the edge, and how far they stray from it.
_STRAY = 0.12
# Cells lie on a square grid of this size in degrees before output: shared vertices stay shared.
_SNAP_DEG = 1e-7


@dataclass(frozen=True)
class Tree:
    """A nested partition. ``parents[k][i]`` is the parent (at level k) of area i at level k + 1."""

    units: NDArray[np.object_]
    sites: Floats
    parents: list[Ints]


def scatter(n: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """``n`` sites on land and a fringe of sites in the sea, in a plane of size about 1 x 1.

    The coast is a circle with waves; towns draw sites towards them, so cells are small where
    people live.

    Parameters
    ----------
    n : int
        How many sites on land.
    rng : numpy.random.Generator

    Returns
    -------
    land : ndarray of float64, shape (n, 2)
        x and y, without unit.
    sea : ndarray of float64, shape (k, 2)
    """
    angle = rng.uniform(0, 2 * np.pi, 5)

    def coast(theta: Floats) -> Floats:
        k = np.arange(5)[:, None]
        waves: Floats = (np.sin((k + 2) * theta + angle[:, None]) / (k + 3)).sum(axis=0)
        return 0.36 + 0.06 * waves

    centres = rng.uniform(-0.3, 0.3, (max(3, n // 2500), 2))
    kept: list[Floats] = []
    count = 0
    while count < n:
        wide = rng.uniform(-0.5, 0.5, (n, 2))
        dense = centres[rng.integers(len(centres), size=n)] + rng.normal(0, 0.05, (n, 2))
        points = np.concatenate([wide, dense])
        radius = np.hypot(points[:, 0], points[:, 1])
        on_land = radius < coast(np.arctan2(points[:, 1], points[:, 0]))
        chosen = points[on_land]
        kept.append(chosen)
        count += len(chosen)
    land = np.concatenate(kept)
    land = land[rng.permutation(len(land))[:n]]
    theta = np.linspace(0, 2 * np.pi, max(64, int(6 * np.sqrt(n))), endpoint=False)
    radius = coast(theta)[None, :] + np.array([[0.03], [0.06], [0.12]])
    sea = np.stack([radius * np.cos(theta), radius * np.sin(theta)], axis=-1).reshape(-1, 2)
    return land, sea + rng.normal(0, 0.003, sea.shape)


def relax(land: Floats, sea: Floats, rounds: int = 2) -> Floats:
    """Move each site towards the middle of its cell (Lloyd's relaxation), the sea staying put.

    Parameters
    ----------
    land : ndarray of float64, shape (n, 2)
    sea : ndarray of float64, shape (k, 2)
    rounds : int

    Returns
    -------
    ndarray of float64, shape (n, 2)
        The land's sites, moved.
    """
    for _ in range(rounds):
        diagram = Voronoi(np.concatenate([land, sea]))
        pairs = diagram.ridge_points
        middle = _ridge_middles(diagram)
        usable = np.isfinite(middle[:, 0])
        total = np.zeros_like(land)
        weight = np.zeros(len(land))
        for side in (0, 1):
            own = pairs[usable, side]
            inside = own < len(land)
            np.add.at(total, own[inside], middle[usable][inside])
            np.add.at(weight, own[inside], 1)
        land = np.where(weight[:, None] > 0, total / np.maximum(weight, 1)[:, None], land)
    return land


def _ridge_middles(diagram: Voronoi) -> Floats:
    ends = np.asarray(diagram.ridge_vertices)
    middle = diagram.vertices[ends].mean(axis=1)
    middle[(ends < 0).any(axis=1)] = np.nan
    return np.asarray(middle, float)


def crooked_cells(land: Floats, sea: Floats, rng: np.random.Generator) -> NDArray[np.object_]:
    """The Voronoi cells of the land's sites, each shared edge bent the same way for both sides.

    Parameters
    ----------
    land : ndarray of float64, shape (n, 2)
    sea : ndarray of float64, shape (k, 2)
        Enough to close every cell of the land.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of Polygon, shape (n,)
        In the plane of the sites, vertices on a grid of 1e-7.
    """
    diagram = Voronoi(np.concatenate([land, sea]))
    ends = np.asarray(diagram.ridge_vertices)
    finite = (ends >= 0).all(axis=1)
    ends, pairs = ends[finite], diagram.ridge_points[finite]
    a, b = diagram.vertices[ends[:, 0]], diagram.vertices[ends[:, 1]]
    along = b - a
    across = np.stack([-along[:, 1], along[:, 0]], axis=-1)
    # Strays stay below a third of the distance to either site, so that no two edges can cross.
    gap = np.linalg.norm(
        np.concatenate([land, sea])[pairs[:, 0]] - np.concatenate([land, sea])[pairs[:, 1]], axis=1
    )
    length = np.linalg.norm(along, axis=1)
    limit = np.minimum(1.0, 0.5 * gap / np.maximum(length, 1e-12))
    stray = rng.normal(0, _STRAY, (2, len(a))).clip(-0.2, 0.2) * limit
    lines = np.stack(
        [
            a,
            a + along / 3 + across * stray[0][:, None],
            a + 2 * along / 3 + across * stray[1][:, None],
            b,
        ],
        axis=1,
    )
    return _assemble(lines, ends, pairs, len(land))


def _assemble(lines: Floats, ends: Ints, pairs: Ints, cells: int) -> NDArray[np.object_]:
    """Walk each cell's edges around its site and close them into a polygon."""
    edge = np.concatenate([np.arange(len(pairs))] * 2)
    owner = np.concatenate([pairs[:, 0], pairs[:, 1]])
    keep = owner < cells
    edge, owner = edge[keep], owner[keep]
    order = np.argsort(owner, kind="stable")
    edge, owner = edge[order], owner[order]
    starts = np.searchsorted(owner, np.arange(cells + 1))
    rings: list[Floats] = []
    for cell in range(cells):
        mine = edge[starts[cell] : starts[cell + 1]]
        rings.append(_ring(mine, lines, ends))
    sizes = np.array([len(ring) for ring in rings])
    points = np.round(np.concatenate(rings) / _SNAP_DEG) * _SNAP_DEG
    index = np.repeat(np.arange(cells), sizes)
    return np.asarray(shapely.polygons(shapely.linearrings(points, indices=index)), dtype=object)


def _ring(mine: Ints, lines: Floats, ends: Ints) -> Floats:
    after: dict[int, list[tuple[int, int]]] = {}
    for e in mine:
        u, v = int(ends[e, 0]), int(ends[e, 1])
        after.setdefault(u, []).append((int(e), v))
        after.setdefault(v, []).append((int(e), u))
    first = int(ends[mine[0], 0])
    parts: list[Floats] = []
    at, used = first, -1
    while True:
        e, to = next(step for step in after[at] if step[0] != used)
        line = lines[e] if int(ends[e, 0]) == at else lines[e][::-1]
        parts.append(line[:-1])
        at, used = to, e
        if at == first:
            return np.concatenate(parts)


def nest(sites: Floats, counts: Sequence[int], rng: np.random.Generator) -> list[Ints]:
    """Group sites level by level: each area goes to the nearest centre of the level above.

    ``counts`` runs from the largest areas to the smallest above the units. Centres of a level are
    chosen among those of the level below, so that no area stays without children.

    Parameters
    ----------
    sites : ndarray of float64, shape (n, 2)
        Of the smallest areas.
    counts : sequence of int
        Areas a level, the largest areas first.
    rng : numpy.random.Generator

    Returns
    -------
    list of ndarray of intp
        As `Tree.parents`.
    """
    parents: list[Ints] = []
    below = sites
    for count in reversed(counts):
        centres = below[_spread(below, count, rng)]
        parents.append(np.asarray(cKDTree(centres).query(below)[1], dtype=np.intp))
        below = centres
    return parents[::-1]


def _spread(points: Floats, count: int, rng: np.random.Generator) -> Ints:
    """Choose ``count`` points that are spread out: one from each of ``count`` k-d slices."""
    groups = [np.arange(len(points))]
    while len(groups) < count:
        groups.sort(key=len, reverse=True)
        largest = groups.pop(0)
        spread = points[largest].max(axis=0) - points[largest].min(axis=0)
        axis = int(spread[1] > spread[0])
        order = largest[np.argsort(points[largest, axis], kind="stable")]
        cut = int(len(order) * rng.uniform(0.42, 0.58))
        groups.extend([order[:cut], order[cut:]])
    return np.array([g[len(g) // 2] for g in groups], dtype=np.intp)


def make_tree(counts: Sequence[int], seed: int) -> Tree:
    """A nested partition with ``counts`` areas a level, units last, in a plane of about 1 x 1.

    Parameters
    ----------
    counts : sequence of int
        Areas a level, the largest areas first, units last.
    seed : int
        The same seed makes the same tree, on the same version of numpy and scipy.

    Returns
    -------
    Tree
    """
    rng = np.random.default_rng(seed)
    land, sea = scatter(counts[-1], rng)
    land = relax(land, sea)
    return Tree(crooked_cells(land, sea, rng), land, nest(land, counts[:-1], rng))


def union_up(children: NDArray[np.object_], parent: Ints, parents: int) -> NDArray[np.object_]:
    """The areas one level up, each the union of its children's coverage.

    Parameters
    ----------
    children : ndarray of Polygon or MultiPolygon, shape (n,)
        They tile: shared edges have the same vertices.
    parent : ndarray of intp, shape (n,)
        Of each child, the index of its parent.
    parents : int
        How many there are.

    Returns
    -------
    ndarray of MultiPolygon, shape (parents,)
    """
    order = np.argsort(parent, kind="stable")
    starts = np.searchsorted(parent[order], np.arange(parents + 1))
    joined = [
        shapely.coverage_union_all(children[order[starts[i] : starts[i + 1]]])
        for i in range(parents)
    ]
    return np.array(
        [g if isinstance(g, shapely.MultiPolygon) else shapely.multipolygons([g]) for g in joined],
        dtype=object,
    )


def numbered(parent: Ints, sites: Floats, width: int, parent_codes: Sequence[str]) -> list[str]:
    """Codes for areas: the parent's code and a sequence from west to east, then north to south.

    Parameters
    ----------
    parent : ndarray of intp, shape (n,)
        Of each area, the index of its parent.
    sites : ndarray of float64, shape (n, 2)
        x east, y north.
    width : int
        Digits of the sequence.
    parent_codes : sequence of str
        The parents' own codes.

    Returns
    -------
    list of str, length n

    Raises
    ------
    ValueError
        When a parent has more children than ``width`` digits can number.
    """
    codes = [""] * len(parent)
    order = np.lexsort((-sites[:, 1], np.round(sites[:, 0], 2), parent))
    sequence, last = 0, -1
    for i in order:
        sequence = sequence + 1 if parent[i] == last else 1
        last = int(parent[i])
        if sequence >= 10**width:
            raise ValueError(f"{parent_codes[last]} has more than {10**width - 1} children")
        codes[i] = f"{parent_codes[last]}{sequence:0{width}d}"
    return codes
