"""Removing what has served its time: facts that everybody heard, and keys of writes long answered.

A fact is kept for as long as somebody may ask what was heard when (`ONEMAP_OUTBOX_DAYS`). A key is
kept for much longer than a phone can stay away: it guards against the second send of a write whose
answer was lost, and a phone that lay in a drawer past its session (`ONEMAP_REFRESH_DAYS`) sends its
queue when somebody signs in on it again. A key that was forgotten too early makes a case twice; one
that is kept too long costs a hundred bytes.
"""

from datetime import timedelta

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from backend.core import clock
from backend.core.ids import id_at
from backend.core.jobs import job_unit
from backend.core.outbox import Outbox
from backend.core.rows import Aside
from backend.core.settings import get_settings

BATCH = 5_000


def purge(county_code: str, _: Aside) -> int:
    """A slice of the job that removes; how many rows it removed."""
    with job_unit(county_code) as session:
        return facts(session, county_code) + keys(session, county_code)


def facts(session: Session, county_code: str) -> int:
    """Remove facts that were heard, left longer ago than is set. What is parked stays."""
    # Keys are ordered by time: the oldest are found without an index of their own.
    before = id_at(clock.now() - timedelta(days=get_settings().outbox_days))
    old = (
        select(Outbox.id)
        .where(Outbox.county_code == county_code, Outbox.id < before, Outbox.done_at.is_not(None))
        .order_by(Outbox.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    gone = session.scalars(
        delete(Outbox)
        .where(Outbox.county_code == county_code, Outbox.id.in_(old))
        .returning(Outbox.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


def keys(session: Session, county_code: str) -> int:
    """Remove keys of writes that were answered longer ago than is set."""
    before = clock.now() - timedelta(days=get_settings().client_key_days)
    removed = session.execute(
        text("SELECT forget_client_keys(:county, :before, :most)"),
        {"county": county_code, "before": before, "most": BATCH},
    )
    return int(removed.scalar_one())
