"""Seeding one town: the default demo."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date, time

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from backend import jobs
from backend.city.areas import writing
from backend.city.areas.models import Area
from backend.core.settings import get_settings
from backend.matters.categories import publishing, schemes
from backend.matters.categories.models import Scheme
from backend.matters.deliberations import templates
from backend.matters.deliberations.models import ProcedureRow
from backend.matters.deliberations.procedures import Procedure
from backend.seeding import assets, deliberations, life, lists, people, rare, tree
from backend.seeding.recipe import TOWN, Recipe, read
from backend.tools.calendar import service as deadlines
from backend.tools.calendar.clocks import Kind

Progress = Callable[[str, float], None]


def rules_once(session: Session) -> None:
    """Publish procedures, calendar and version 1 of the scheme, as far as there are none."""
    if session.scalar(select(ProcedureRow.id).limit(1)) is None:
        for body in read("procedures"):
            templates.publish(session, None, Procedure.model_validate(body))
    if session.scalar(select(Scheme.version).limit(1)):
        return
    publishing.publish(session, None, schemes.of_data(read("categories")), "示范分类方案")
    calendar = read("calendar")
    deadlines.publish(
        session, None,
        [(time.fromisoformat(a), time.fromisoformat(b)) for a, b in calendar["hours"]],
        [
            deadlines.Day(date.fromisoformat(d["day"]), Kind(d["kind"]), d["name"])
            for d in calendar["days"]
        ],
        calendar["source"],
    )  # fmt: skip


def is_empty() -> bool:
    """Whether the database holds no area yet."""
    engine = create_engine(get_settings().owner_url, hide_parameters=True)
    with Session(engine) as session:
        found = session.scalar(select(Area.id).limit(1)) is None
    engine.dispose()
    return found


def seed_town(progress: Progress, recipe: Recipe = TOWN) -> None:
    """Make the demo town with its people and a month of their events, in one transaction."""
    recipe = replace(recipe, events=int(os.environ.get("ONEMAP_DEMO_EVENTS", recipe.events)))
    engine = create_engine(get_settings().owner_url, hide_parameters=True)
    with Session(engine, expire_on_commit=False) as session, session.begin():
        progress("areas and houses", 0.0)
        city, levels = tree.build(recipe)
        for level in levels:
            writing.write(session, level)
        tree.write_houses(session, recipe, city)
        rules_once(session)
        progress("people", 0.15)
        town = city.codes[1][0]
        bodies = people.organize(session, city, town)
        assets.make(session, town, bodies)
        cast = life.gather(session, people.appoint(session, city, town, bodies))
        for done in life.live(session, city, cast, recipe.events):
            progress("events", 0.2 + 0.75 * done / recipe.events)
        progress("lists", 0.95)
        if recipe.events:
            life.wait_for(session, city, cast, "demo-unit")
            rare.live(session, city, cast)
            lists.make(session, city, cast)
            deliberations.make(session, cast)
    engine.dispose()
    for name in ("counters", "overdue", "reminders", "late", "suspended"):
        jobs.run_now(jobs.BY_NAME[name])
