"""Named jobs: what runs again and again, each with its lane, its rhythm and its time.

A job works county by county in slices, each in transactions of its own; a county that fails is
left until the next run and stops no other. Nothing of this is remembered outside of PostgreSQL: a
job that runs twice, or late, finds the same work.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pkgutil import resolve_name

import structlog
from rq.timeouts import BaseTimeoutException
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.core import heartbeat
from backend.core.actor import system
from backend.core.db import unit_of_work
from backend.core.faults import in_words
from backend.core.rows import Aside

log = structlog.get_logger()

# What hears facts, what looks at the clock, what adds up numbers, and what leaves the house wait
# for nobody but their own kind: each lane has a queue and workers of its own.
FACTS, PERIODIC, FIGURES, SENDING = "facts", "periodic", "figures", "sending"
LANES = (FACTS, PERIODIC, FIGURES, SENDING)

# No single statement of a job runs longer.
STATEMENT_S = 30
BEAT_S = 5


class Halt(Exception):
    """Raised by a slice: what the whole job needs is away, so that no county is served now."""


# One slice of a job in one county: how many rows it met; called again until it meets none. What is
# put aside has failed in this run.
Slice = Callable[[str, Aside], int]


@dataclass(frozen=True)
class Job:
    """One job. Its work is named, so that whoever only wakes workers need not load it."""

    name: str
    lane: str
    every_s: int
    # After this it begins no further slice; the counties that are left come first the next time.
    within_s: int
    # ``package.module:function``, a `Slice`.
    work: str
    # False: it knows no counties, and is called for `heartbeat.WHOLE`.
    by_county: bool = True

    @property
    def killed_after_s(self) -> int:
        """When its process is ended from outside, whatever it waits for."""
        return self.within_s + 2 * STATEMENT_S

    @property
    def late_after_s(self) -> int:
        """When people are told that it has not finished."""
        return 3 * self.every_s + self.within_s

    def load(self) -> Slice:
        """The function that does the work."""
        work: Slice = resolve_name(self.work)
        return work


@contextmanager
def job_unit(county_code: str) -> Iterator[Session]:
    """A unit of work of the system in one county, whose statements end after `STATEMENT_S`."""
    with unit_of_work(system(county_code)) as session:
        session.execute(text(f"SET LOCAL statement_timeout = '{STATEMENT_S}s'"))
        yield session


def run(job: Job, counties: Iterable[str]) -> bool:
    """Run a job once over the counties, a slice each in turn; False when it is at work already."""
    if not heartbeat.take(job.name):
        return False
    began = beaten = time.monotonic()
    work, worked, error = job.load(), 0, ""
    ended: dict[str, str] = {}
    waiting = deque((county, Aside()) for county in counties)
    try:
        while waiting and time.monotonic() - began < job.within_s:
            county, aside = waiting.popleft()
            try:
                met = work(county, aside)
            except (Halt, BaseTimeoutException):
                raise
            except Exception as fault:  # a county's fault must not stop the others
                log.error("county failed", job=job.name, county=county, exc_info=fault)
                met, ended[county] = 0, in_words(fault)
            worked += met
            if met:
                waiting.append((county, aside))
            else:
                ended.setdefault(county, aside.in_words())
            if time.monotonic() - beaten > BEAT_S:
                heartbeat.beat(job.name)
                beaten = time.monotonic()
    except Halt as halt:
        error = in_words(halt)
        log.warning("job halts", job=job.name, because=error)
    except BaseTimeoutException:
        error = ended[county] = f"{county}: not done within its time"
        raise
    finally:
        first = next((f"{county}: {why}" for county, why in ended.items() if why), "")
        heartbeat.finish(job.name, worked, error or first, ended)
    return True


def nothing(_: str, __: Aside) -> int:
    """Work that only proves that a lane is alive."""
    return 0
