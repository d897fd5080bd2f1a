"""Reading counters: the rolled-up sums and what was appended since."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.tools.counters.models import FAMILY
from gis import codes

# Two index ranges and no event row: as fast at a thousand events as at ten million. The family and
# the length are written as `ix_counter_family` has them, or the whole county is read.
TOTALS = text(
    f"""
    SELECT area_code, measure, sum(n)::bigint AS n FROM (
        SELECT area_code, measure, total AS n FROM counter
        WHERE county_code = ANY(:counties) AND area_code >= :lo AND area_code < :top
          AND length(area_code) = :length AND {FAMILY} = ANY(:families)
        UNION ALL
        SELECT left(area_code, :length) COLLATE "C", measure, change FROM counter_delta
        WHERE county_code = ANY(:counties) AND area_code >= :lo AND area_code < :hi
          AND length(area_code) >= :length AND {FAMILY} = ANY(:families)
    ) AS parts
    GROUP BY area_code, measure
    """  # noqa: S608 - the family is our own expression
)


def totals(
    session: Session, counties: Sequence[str], area_code: str, level: codes.Level,
    families: Sequence[str] = ("state",),
) -> dict[str, dict[str, int]]:  # fmt: skip
    """Numbers of every area of ``level`` inside ``area_code``: {area: {measure: n}}.

    ``families`` are the first parts of the measures' names: ``state`` is how many stand where,
    ``2026-11`` what happened in a month, ``2026-11-response`` how long first responses took in it.
    """
    own = codes.level_of(area_code) is level
    rows = session.execute(
        TOTALS,
        {
            "counties": list(counties),
            "lo": area_code,
            "hi": codes.upper(area_code),
            # Of the area alone, the codes below it (which go on with a digit) are not looked at.
            "top": area_code + "0" if own else codes.upper(area_code),
            "length": codes.LENGTH[level],
            "families": list(families),
        },
    ).all()
    answer: dict[str, dict[str, int]] = {}
    for row in rows:
        answer.setdefault(row.area_code, {})[row.measure] = row.n
    return answer
