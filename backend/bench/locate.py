"""`bench locate`: a million points into 130,000 units, in SQL and in memory; and one at a time."""

import random
import time
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection

from backend.bench import stage
from backend.bench.results import Result, each_ms, in_turns
from backend.city.areas import queries as areas
from backend.core.settings import get_settings
from gis.locate import Locator

Floats = NDArray[np.float64]

ROUNDS = 3
SINGLES = 2000

# Polygons outside, points' GiST inside: the other way round is 14 times slower (46 s measured), and
# the planner cannot be trusted with the choice, so LATERAL with OFFSET 0 makes it. On a shared edge
# the lower code wins.
IN_SQL = text(
    """
    SELECT count(*), sum(hashtext(code)::bigint) FROM (
        SELECT inside.id, min(area.code) AS code
        FROM area CROSS JOIN LATERAL (
            SELECT house.id FROM house
            WHERE house.geom && area.geom AND ST_Covers(area.geom, house.geom) OFFSET 0
        ) AS inside
        WHERE area.level = 'unit' AND area.valid_to IS NULL
        GROUP BY inside.id
    ) AS located
    """
)
PRIMARY_KEY = text("SELECT code FROM area WHERE id = :id")


def measure() -> list[Result]:
    """Rows a second in bulk, milliseconds one at a time, and whether both ways agree."""
    with stage.city():
        engine = create_engine(get_settings().owner_url)
        with engine.connect() as connection:
            codes, locator = _units(connection)
            lon, lat = _houses(connection)
            connection.execute(text("SET work_mem = '256MB'"))

            def in_sql() -> float:
                began = time.perf_counter()
                connection.execute(IN_SQL).one()
                return len(lon) / (time.perf_counter() - began)

            def in_memory() -> float:
                began = time.perf_counter()
                locator.locate(lon, lat)
                return len(lon) / (time.perf_counter() - began)

            bulk = in_turns({"in SQL": in_sql, "in memory": in_memory}, ROUNDS)
            agree = _agreement(connection, codes, locator, lon, lat)
            single = _single(connection, lon, lat)
        engine.dispose()
    return [
        Result("locate 1,000,000 in SQL", bulk["in SQL"], "points/s"),
        Result(
            "locate 1,000,000 in memory", bulk["in memory"], "points/s", "in SQL",
            bulk["in memory"] / bulk["in SQL"],
        ),
        Result("both ways agree", agree, "share of 20,000 points"),
        Result(
            "locate one, median", single["locate"], "ms", "primary-key lookup",
            single["locate"] / single["key"],
        ),
        Result("primary-key lookup, median", single["key"], "ms"),
    ]  # fmt: skip


def _units(connection: Connection) -> tuple[Sequence[str], Locator]:
    rows = connection.execute(
        text(
            "SELECT code, ST_AsBinary(geom) AS wkb FROM area"
            " WHERE level = 'unit' AND valid_to IS NULL ORDER BY code"
        )
    ).all()
    return [r.code for r in rows], Locator(shapely.from_wkb([bytes(r.wkb) for r in rows]))


def _houses(connection: Connection) -> tuple[Floats, Floats]:
    rows = connection.execute(text("SELECT ST_X(geom), ST_Y(geom) FROM house")).all()
    points = np.array([tuple(row) for row in rows])
    return points[:, 0], points[:, 1]


def _agreement(connection, codes, locator, lon, lat) -> float:  # type: ignore[no-untyped-def]
    chosen = random.Random(1).sample(range(len(lon)), 20_000)
    mine = [codes[i] for i in locator.locate(lon[chosen], lat[chosen])]
    theirs = [
        connection.execute(areas.LOCATE, {"lon": lon[i], "lat": lat[i]}).scalar() for i in chosen
    ]
    return float(np.mean([a == b for a, b in zip(mine, theirs, strict=True)]))


def _single(connection, lon, lat) -> dict[str, float]:  # type: ignore[no-untyped-def]
    ids = connection.execute(text("SELECT id FROM area LIMIT 5000")).scalars().all()
    rng = random.Random(2)

    def locate() -> None:
        i = rng.randrange(len(lon))
        connection.execute(areas.LOCATE, {"lon": float(lon[i]), "lat": float(lat[i])}).scalar()

    def key() -> None:
        connection.execute(PRIMARY_KEY, {"id": rng.choice(ids)}).scalar()

    return in_turns(
        {"locate": lambda: each_ms(locate, SINGLES), "key": lambda: each_ms(key, SINGLES)}, ROUNDS
    )
