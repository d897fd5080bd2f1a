"""`bench plans`: the named queries of the pages on the city, each from an index, or it fails."""

import statistics
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import Select

from backend.bench import stage
from backend.bench.cases import actor_of
from backend.bench.results import Result
from backend.city.areas import queries as areas
from backend.core import clock
from backend.core.actor import Actor
from backend.core.db import unit_of_work
from backend.matters.deliberations import queries as deliberations
from backend.matters.events import queries as events
from backend.matters.items import queries as items
from backend.matters.lists import queries as spot_reads
from backend.matters.reviews import queries as reviews
from backend.matters.reviews.models import Review, ReviewEntry
from backend.registers.assets import queries as assets

# Small and shared: read whole when that is quicker.
SMALL = frozenset({"organization", "procedure", "category", "category_scheme", "team", "leave"})
ROUNDS = 5
# Fewer rows than this are read as they lie, and should be.
FEW = 1000

Named = tuple[str, Actor, Select[Any]]


def named() -> Iterator[Named]:
    """Each list as its page asks for it, with the people who look at it."""
    village, town, county = actor_of("demo-village"), actor_of("demo-town"), actor_of("demo-county")
    city, clerk = actor_of("demo-city"), actor_of("demo-dept")
    now = clock.now()
    for who, actor in (("village", village), ("town", town), ("county", county), ("city", city)):
        counties = _counties(actor)
        yield (
            f"open cases, {who}",
            actor,
            events.listed(
                actor,
                events.Wanted(open_only=True, area=actor.area_code, counties=counties),
                None,
                50,
            ),
        )
        yield (
            f"closed cases, {who}",
            actor,
            events.listed(
                actor,
                events.Wanted(states=["closed"], area=actor.area_code, counties=counties),
                None,
                50,
            ),
        )
        yield (
            f"problem list, {who}",
            actor,
            items.listed(
                actor,
                items.Wanted(kind="problem", area=actor.area_code, counties=counties),
                None,
                50,
            ),
        )
        yield (
            f"meetings, {who}",
            actor,
            (
                reviews.visible_to(actor)
                .where(Review.starts_at >= now - timedelta(days=60), Review.starts_at < now)
                .order_by(Review.starts_at.desc())
                .limit(200)
            ),
        )
        yield (
            f"decisions, {who}",
            actor,
            deliberations.listed(actor, ["meeting"], None, "", None, 50),
        )
        yield f"hot spots, {who}", actor, spot_reads.listed(actor, actor.area_code, 50)
        yield f"assets, {who}", actor, assets.visible_to(actor).limit(500)
    yield (
        "list to claim, department",
        clerk,
        items.listed(clerk, items.Wanted(claimable=True), None, 50),
    )
    yield "list of ours, department", clerk, items.listed(clerk, items.Wanted(), None, 50)
    with unit_of_work(city) as session:
        meeting = session.scalars(reviews.visible_to(city).limit(1)).one()
    yield "a meeting's agenda", city, (
        reviews.visible_to(city)
        .join(ReviewEntry, (ReviewEntry.county_code == Review.county_code)
              & (ReviewEntry.review_id == Review.id))
        .where(Review.id == meeting.id)
        .with_only_columns(ReviewEntry.id)
    )  # fmt: skip


def measure() -> list[Result]:
    """Milliseconds of each query, in the middle of some rounds, and the indexes that serve it.

    Raises
    ------
    SystemExit
        A query reads a table that grows from end to end.
    """
    found, whole = [], []
    with stage.city():
        for name, actor, query in named():
            plans = [_plan(actor, query) for _ in range(ROUNDS)]
            nodes = list(_nodes(plans[-1]["Plan"]))
            whole += [f"{name}: {n['Relation Name']}" for n in nodes if _whole(n)]
            served = ", ".join(sorted({n["Index Name"] for n in nodes if "Index Name" in n}))
            ms = statistics.median(p["Execution Time"] for p in plans)
            found.append(Result(name, ms, "ms", served))
    if whole:
        raise SystemExit("read from end to end: " + "; ".join(whole))
    return found


def _plan(actor: Actor, query: Select[Any]) -> dict[str, Any]:
    with unit_of_work(actor) as session:
        connection = session.connection()
        compiled = query.compile(connection.engine, compile_kwargs={"render_postcompile": True})
        answer: list[dict[str, Any]] = connection.exec_driver_sql(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {compiled}", compiled.construct_params()
        ).scalar_one()
    return answer[0]


def _whole(node: dict[str, Any]) -> bool:
    """Whether a table was read from end to end, and is not one that is small anyway."""
    if node["Node Type"] != "Seq Scan" or node["Relation Name"] in SMALL:
        return False
    read = float(node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
    return bool(node["Actual Loops"] * read > FEW)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


def _counties(actor: Actor) -> list[str]:
    with unit_of_work(actor) as session:
        return areas.managing(session, actor.area_code)
