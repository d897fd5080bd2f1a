"""Reading counters: the rolled-up sums and what was appended since."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from gis import codes

# Two index ranges and no event row: as fast at a thousand events as at ten million.
TOTALS = text(
    """
    SELECT area_code, measure, sum(n)::bigint AS n FROM (
        SELECT area_code, measure, total AS n FROM counter
        WHERE county_code = ANY(:counties) AND area_code >= :lo AND area_code < :hi
          AND length(area_code) = :length AND starts_with(measure, :begins)
        UNION ALL
        SELECT left(area_code, :length) COLLATE "C", measure, change FROM counter_delta
        WHERE county_code = ANY(:counties) AND area_code >= :lo AND area_code < :hi
          AND length(area_code) >= :length AND starts_with(measure, :begins)
    ) AS parts
    GROUP BY area_code, measure
    """
)


def totals(
    session: Session, counties: Sequence[str], area_code: str, level: codes.Level,
    begins: str = "state.",
) -> dict[str, dict[str, int]]:  # fmt: skip
    """Numbers of every area of ``level`` inside ``area_code``: {area: {measure: n}}.

    ``begins`` chooses the measures: ``state.`` is how many stand where, ``2026-11.`` what happened
    in a month.
    """
    rows = session.execute(
        TOTALS,
        {
            "counties": list(counties),
            "lo": area_code,
            "hi": codes.upper(area_code),
            "length": codes.LENGTH[level],
            "begins": begins,
        },
    )
    answer: dict[str, dict[str, int]] = {}
    for row in rows:
        answer.setdefault(row.area_code, {})[row.measure] = row.n
    return answer
