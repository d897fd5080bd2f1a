"""Seeding one town: the default demo."""

import os
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import create_engine, insert, select
from sqlalchemy.orm import Session

from backend import jobs
from backend.areas import writing
from backend.areas.models import Area
from backend.categories import service as categories
from backend.categories.models import Category
from backend.core.settings import get_settings
from backend.seeding import life, people, tree
from backend.seeding.recipe import TOWN, Recipe, read

Progress = Callable[[str, float], None]


def categories_once(session: Session) -> None:
    """Publish version 1 of the demo's scheme, unless there is one."""
    if session.scalar(select(Category.code).limit(1)):
        return
    rows: list[dict[str, object]] = []
    for group in read("categories"):
        for child in group["children"]:
            rows.append(
                {
                    "scheme_version": 1, "code": child["code"], "parent_code": group["code"],
                    "name_zh": child["zh"], "name_en": child["en"], "icon": child["icon"],
                    "limit_hours": child["hours"], "photo_required": child.get("photo", False),
                    "self_resolve_allowed": child.get("self", False), "position": len(rows),
                }
            )  # fmt: skip
    session.execute(insert(Category), rows)
    categories.forget()


def is_empty() -> bool:
    """Whether the database holds no area yet."""
    engine = create_engine(get_settings().owner_url)
    with Session(engine) as session:
        found = session.scalar(select(Area.id).limit(1)) is None
    engine.dispose()
    return found


def seed_town(progress: Progress, recipe: Recipe = TOWN) -> None:
    """Make the demo town with its people and a month of their events, in one transaction."""
    recipe = replace(recipe, events=int(os.environ.get("ONEMAP_DEMO_EVENTS", recipe.events)))
    engine = create_engine(get_settings().owner_url)
    with Session(engine, expire_on_commit=False) as session, session.begin():
        progress("areas and houses", 0.0)
        city, levels = tree.build(recipe)
        for level in levels:
            writing.write(session, level)
        tree.write_houses(session, recipe, city)
        categories_once(session)
        progress("people", 0.15)
        town = city.codes[1][0]
        bodies = people.organize(session, city, town)
        cast = life.gather(session, people.appoint(session, city, town, bodies))
        for done in life.live(session, city, cast, recipe.events):
            progress("events", 0.2 + 0.8 * done / recipe.events)
    engine.dispose()
    jobs.roll_up_counters()
    jobs.scan_overdue()
