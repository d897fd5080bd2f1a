"""What the calendar does to items: a day that comes, a day that has passed, a term that is over.

Found by scans over stored days, however late they run; a day is told once, a term goes on once.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from backend.city.accounts import queries as accounts
from backend.city.duty import service as department
from backend.core import day, ids
from backend.core.actor import Role, system
from backend.core.db import act_as
from backend.core.jobs import job_unit
from backend.core.language import say
from backend.core.rows import Aside
from backend.matters.items import workflow
from backend.matters.items.models import Item
from backend.matters.items.schemas import ItemStepIn
from backend.matters.items.service.proposing import term_of
from backend.matters.items.service.stepping import take
from backend.matters.items.workflow import Action, Recurs, State
from backend.matters.lists import queries
from backend.tools.notices.models import Kind
from backend.tools.notices.writing import Told, write
from gis import codes

BATCH = 200
# A week before its day the doer and the village hear of it; the day after, that it has passed.
SOON = timedelta(days=7)
STAGES = ((1, "item_due_soon"), (2, "item_overdue"))
GO_ON = (State.CONFIRMED, *workflow.BEGUN, State.ACHIEVED)


def remind(session: Session, county_code: str, aside: Aside | None = None) -> int:
    """Tell of days that come or have passed; how many items were told of."""
    act_as(session, system(county_code))
    aside = aside or Aside()
    now = day.today()
    told = 0
    for stage, words in STAGES:
        last = now + SOON if stage == 1 else now - timedelta(days=1)
        rows = queries.due(session, county_code, stage, last, aside.keys, BATCH)
        aside.each(session, rows, partial(_remind, session, stage, words))
        told += len(rows)
        session.flush()
    return told


def _remind(session: Session, stage: int, words: str, item: Item) -> None:
    item.reminded = stage
    # What is late already is not told as coming.
    if stage == 2 or (item.due_on is not None and item.due_on >= day.today()):
        key = uuid5(item.id, f"{words} {item.due_on}")
        write(session, item.county_code, key, None, list(_concerned(session, item, words)))


def _concerned(session: Session, item: Item, words: str) -> Iterator[Told]:
    people: set[UUID] = set(
        accounts.holders(session, codes.chain(item.area_code), [Role.VILLAGE_SECRETARY])
    )
    if item.organization_id is not None:
        people |= department.at_duty(session, item.organization_id, None, None)
    for person in sorted(people):
        yield Told(
            person, f"told.{words}", Kind.REMINDER, item_id=item.id,
            words={"item": item.item_no, "day": str(item.due_on)},
        )  # fmt: skip


def begin_terms(session: Session, county_code: str, aside: Aside | None = None) -> int:
    """Let recurring tasks whose term is over go on in the next one; how many did."""
    act_as(session, system(county_code))
    aside = aside or Aside()
    now = day.today()
    found = 0
    for recurs in Recurs:
        rows = queries.over_terms(
            session, county_code, recurs, term_of(recurs, now), GO_ON, aside.keys, BATCH
        )
        aside.each(session, rows, partial(_go_on, session))
        found += len(rows)
    return found


def _go_on(session: Session, item: Item) -> None:
    body = ItemStepIn(
        client_id=ids.new_id(), action=Action.CARRY_OVER,
        note=say("zh-CN", "item_term_over", term=item.term or ""),
    )  # fmt: skip
    rule = workflow.RULES[State(item.state), Action.CARRY_OVER]
    take(session, system(item.county_code), item, rule, body)


def days(county_code: str, aside: Aside) -> int:
    """A slice of the job that reminds of the days of items."""
    with job_unit(county_code) as session:
        return remind(session, county_code, aside)


def terms(county_code: str, aside: Aside) -> int:
    """A slice of the job that begins the next terms of recurring tasks."""
    with job_unit(county_code) as session:
        return begin_terms(session, county_code, aside)
