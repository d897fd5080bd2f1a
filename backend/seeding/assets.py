"""The demo's public assets: beside every few houses something stands that somebody answers for."""

from uuid import UUID

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.registers.assets import register
from backend.registers.assets.queries import Kind
from backend.seeding.recipe import SEED

OWNERS = {
    Kind.STREET_LIGHT: "荷城区供电公司", Kind.MANHOLE: "荷城区水务局", Kind.DRAIN: "西天镇城建办",
    Kind.BIN: "西天镇环卫所", Kind.HYDRANT: "荷城区应急管理局", Kind.SIGN: "西天镇综合执法队",
}  # fmt: skip
PREFIX = {
    Kind.STREET_LIGHT: "LD", Kind.MANHOLE: "JG", Kind.DRAIN: "YS", Kind.BIN: "GP",
    Kind.HYDRANT: "XF", Kind.SIGN: "BP",
}  # fmt: skip
MOST = 400
HOUSES = text(
    "SELECT county_code, area_code, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM house"
    " WHERE area_code LIKE :town || '%' ORDER BY area_code, address, id LIMIT :most"
)


def make(session: Session, town: str, bodies: dict[str, UUID]) -> None:
    """Let something stand about ten metres beside houses of the town."""
    rng = np.random.default_rng(SEED + 7)
    kinds = list(OWNERS)
    wanted = []
    for i, house in enumerate(session.execute(HOUSES, {"town": town, "most": MOST})):
        kind = kinds[i % len(kinds)]
        lon, lat = (house.lon + rng.normal(0, 5e-5), house.lat + rng.normal(0, 5e-5))
        number = f"{PREFIX[kind]}-{i // len(kinds) + 1:04d}"
        wanted.append(
            register.Wanted(number, kind, "", bodies[OWNERS[kind]], house.county_code,
                            house.area_code, lon, lat, ended=False)
        )  # fmt: skip
    register.keep(session, wanted)
