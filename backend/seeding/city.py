"""Seeding a whole city: areas, people, houses and years of past events, through binary COPY."""

from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from backend.city.areas import writing
from backend.core.settings import get_settings
from backend.seeding import binary_copy as pack
from backend.seeding import city_lists, past_counts, past_logs, people, staff, tree
from backend.seeding.houses import houses
from backend.seeding.loading import without_indexes
from backend.seeding.past import Past
from backend.seeding.recipe import CITY, Recipe
from backend.seeding.town import Progress, rules_once

# Loaded without indexes.
LARGE = ("house", "event", "event_action", "assignment", "counter")


def seed_city(progress: Progress, recipe: Recipe = CITY) -> None:
    """Make a city with its houses and past events, in one transaction."""
    engine = create_engine(get_settings().owner_url, hide_parameters=True)
    with Session(engine, expire_on_commit=False) as session, session.begin():
        progress("areas", 0.0)
        city, levels = tree.build(recipe)
        for done, level in enumerate(levels):
            writing.write(session, level)
            progress("areas", 0.05 + 0.02 * done)
        rules_once(session)
        town = city.codes[1][0]
        bodies = people.organize(session, city, town)
        appointed = people.appoint(session, city, town, bodies)
        staff.organize(session, city)
        staff.appoint(session, city)
        connection = writing.driver(session)
        with without_indexes(session, LARGE):
            progress("houses", 0.2)
            pack.copy(connection, "house", houses(recipe, city))
            progress("events", 0.25)
            past = Past(recipe, city, staff.Staff(session, city))
            progress("their logs", 0.28)
            pack.copy(connection, "event_action", past_logs.entries(past))
            progress("events", 0.5)
            pack.copy(connection, "event", past.rows())
            progress("duties", 0.55)
            pack.copy(connection, "assignment", past_logs.duties(past))
            progress("counters", 0.6)
            pack.copy(connection, "counter", past_counts.counters(past))
            progress("indexes", 0.7)
        progress("lists and meetings", 0.9)
        secretary = next(p for p in appointed if p.username == "demo-village")
        city_lists.make(session, secretary.account_id, bodies["西天镇城建办"])
        progress("statistics", 0.96)
        session.execute(text("ANALYZE"))
    engine.dispose()
    progress("done", 1.0)
