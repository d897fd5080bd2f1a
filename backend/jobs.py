"""What workers run: the one table of jobs, and the two functions that the relay names."""

import time
from collections.abc import Sequence

from sqlalchemy.orm import configure_mappers

from backend.core import delivery, heartbeat, jobs
from backend.core.db import get_engine, unit_of_work
from backend.core.jobs import FACTS, FIGURES, PERIODIC, SENDING, Job
from backend.core.outbox import Outbox
from backend.core.relay import DRAIN_S

_PROMISES = "backend.matters.events.promises.jobs"
_SENDING = "backend.tools.notices.sending"

# In the order in which they should run when all are due: what is late is marked before it is told.
JOBS: tuple[Job, ...] = (
    Job("overdue", PERIODIC, 20, 60, f"{_PROMISES}:overdue"),
    Job("reminders", PERIODIC, 20, 60, f"{_PROMISES}:reminders"),
    Job("late", PERIODIC, 20, 60, f"{_PROMISES}:late"),
    Job("suspended", PERIODIC, 20, 60, f"{_PROMISES}:suspended"),
    Job("counters", FIGURES, 20, 60, "backend.tools.counters.service:fold"),
    Job("meetings", PERIODIC, 60, 60, "backend.matters.reviews.patterns:call_for"),
    Job("item_days", PERIODIC, 60, 60, "backend.matters.lists.recurring:days"),
    Job("item_terms", PERIODIC, 60, 60, "backend.matters.lists.recurring:terms"),
    Job("hot_spots", PERIODIC, 60, 60, "backend.matters.lists.hot_spots:counting"),
    Job("purge", PERIODIC, 3600, 60, "backend.core.purging:purge"),
    Job("forget", PERIODIC, 3600, 60, "backend.retention:forget"),
    Job("orphans", PERIODIC, 3600, 60, "backend.tools.media.tidying:orphans"),
    Job("strays", PERIODIC, 86400, 300, "backend.tools.media.tidying:strays", by_county=False),
    Job("sms", SENDING, 10, 20, f"{_SENDING}:sms"),
    Job("wecom", SENDING, 10, 20, f"{_SENDING}:wecom"),
    Job("mail", SENDING, 10, 20, f"{_SENDING}:mail"),
    # Facts wake their lane themselves: this one only proves that somebody is there.
    Job("pulse", FACTS, 20, 10, "backend.core.jobs:nothing", by_county=False),
)
BY_NAME = {job.name: job for job in JOBS}
# Facts that are heard by going out of the house: their lane may hang without holding up the others.
OUTWARD = frozenset({"phone.asked"})


def load() -> None:
    """Load whatever a worker runs, before it forks: each job then starts at once."""
    import backend.subscriptions  # noqa: F401

    for job in JOBS:
        job.load()
    # Each job is a fork: what it would put together first takes a fifth of a second of a core.
    configure_mappers()


def counties() -> list[str]:
    """Every county that rows may lie in; the one whose last turn is longest ago is the first."""
    from backend.city.areas import queries as areas

    with unit_of_work() as session:
        return areas.all_counties(session)


def run(name: str) -> None:
    """Run a job once, by its name."""
    # rq forks after import: connections of the parent must not be shared.
    get_engine().dispose(close=False)
    run_now(BY_NAME[name])


def run_now(job: Job) -> bool:
    """Run a job in this process; False when it is at work elsewhere."""
    return jobs.run(job, in_turn(job) if job.by_county else [heartbeat.WHOLE])


def in_turn(job: Job) -> Sequence[str]:
    """The counties, those first in which the job has not finished for longest."""
    with unit_of_work() as session:
        served = [row.county_code for row in heartbeat.in_counties(session, job.name)]
    known = counties()
    return [c for c in known if c not in served] + [c for c in served if c in known]


def drain(county_code: str, queue: str) -> None:
    """Deliver what waits in one county's outbox, the facts of one lane, for a while."""
    get_engine().dispose(close=False)
    outward = queue.endswith(SENDING)
    until = time.monotonic() + DRAIN_S
    while deliver(county_code, outward) and time.monotonic() < until:
        pass


def deliver(county_code: str, outward: bool) -> int:
    """One drain of one lane. What goes out of the house goes one by one: each may hang."""
    from backend.subscriptions import HANDLERS

    leaves = Outbox.fact.in_(OUTWARD)
    if outward:
        return delivery.drain(county_code, HANDLERS, 1, lane=SENDING, which=leaves)
    return delivery.drain(county_code, HANDLERS, lane=FACTS, which=~leaves)
