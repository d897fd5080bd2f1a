"""Hears what waits in a process of its own, as a worker does: ``python -m tests.reviews.hearing HOW``.

A process and not a fork: where a page was set before, the threads that set pages are not there
after a fork, and the next page would wait for them for ever.
"""

import os
import resource
import signal
import sys
from typing import Any

from sqlalchemy import text, update

from backend.core import delivery
from backend.core.db import unit_of_work
from backend.core.outbox import MAX_ATTEMPTS, Outbox
from backend.matters.reviews import minutes
from backend.subscriptions import HANDLERS

COUNTY = "359902"


def hear() -> None:
    """Deliver everything, as if the pauses between tries were over."""
    with unit_of_work() as session:
        session.execute(update(Outbox).values(due_at=text("now() - interval '1 s'")))
    while delivery.drain(COUNTY, HANDLERS):
        pass


def killed(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before_the_page_is_set() -> None:
    minutes.write = killed
    hear()


def after_the_file_before_its_line() -> None:
    minutes.say = killed
    hear()


def after_its_line_before_the_commit() -> None:
    real = minutes.say

    def says_and_dies(*what: Any, **more: Any) -> None:
        real(*what, **more)
        killed()

    minutes.say = says_and_dies
    hear()


def on_a_full_disk() -> None:
    # A real limit of the process: beyond it no file of it may grow.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    for _ in range(MAX_ATTEMPTS + 1):
        hear()


HOW = {
    how.__name__: how
    for how in (
        hear, before_the_page_is_set, after_the_file_before_its_line,
        after_its_line_before_the_commit, on_a_full_disk,
    )
}  # fmt: skip

if __name__ == "__main__":
    HOW[sys.argv[1]]()
