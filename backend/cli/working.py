"""`./onemap worker`: one process that loads the application once and keeps a worker a lane.

The workers are forked from it, so they share its memory and start at once. One that dies is forked
anew. When this process is killed they go on for as long as its successor may need to load, and then
leave; what a killed worker was at ends with it.
"""

import ctypes
import gc
import os
import signal
import threading
import time
from collections.abc import Sequence
from typing import Any

import structlog
from rq import Worker

from backend.core import log as logs
from backend.core.faults import in_words
from backend.core.relay import queues, redis_connection

log = structlog.get_logger()

AGAIN_AFTER_S = 0.5
# Loading takes seconds, many on a busy machine, in which facts would wait.
ORPHANED_S = 30.0
# Seconds: a worker may finish what it is at; then it is asked to leave it; then it is ended.
ENDING = ((0.0, signal.SIGTERM), (6.0, signal.SIGTERM), (12.0, signal.SIGKILL))
_PR_SET_PDEATHSIG = 1


def end_with_parent(by: signal.Signals) -> None:
    """Let the kernel send this process a signal when its parent dies (prctl(2))."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, by)


class LaneWorker(Worker):
    """rq's worker, patient with Redis for seconds only, whose job ends with it."""

    max_connection_wait_time = 2.0

    def main_work_horse(self, *args: Any) -> None:
        """Run one job in the forked process; a killed worker leaves no job behind."""
        end_with_parent(signal.SIGKILL)
        super().main_work_horse(*args)


def work(lanes: Sequence[str]) -> None:
    """Keep one worker for each lane named until SIGTERM or SIGINT."""
    from backend import jobs

    logs.configure()
    jobs.load()
    gc.collect()
    gc.freeze()
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    due = dict.fromkeys(range(len(lanes)), 0.0)
    slots: dict[int, int] = {}
    while not stopping:
        now = time.monotonic()
        for slot, at in due.items():
            if slot not in slots.values() and now >= at:
                slots[_fork(lanes[slot])] = slot
        for pid in _ended(slots):
            slot = slots.pop(pid)
            due[slot] = time.monotonic() + AGAIN_AFTER_S
            log.warning("worker ended", lane=lanes[slot])
        time.sleep(0.1)
    _end(slots)


def _leave_after_parent(parent: int) -> None:
    """Ask this worker to leave when it has been an orphan for `ORPHANED_S`."""
    while os.getppid() == parent:
        time.sleep(1)
    time.sleep(ORPHANED_S)
    os.kill(os.getpid(), signal.SIGTERM)


def _fork(lane: str) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        threading.Thread(target=_leave_after_parent, args=(parent,), daemon=True).start()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        connection = redis_connection()
        LaneWorker([queues(connection)[lane]], connection=connection).work(
            logging_level="WARNING", with_scheduler=False
        )
        code = 0
    except BaseException as fault:
        log.warning("worker fails", lane=lane, because=in_words(fault))
    finally:
        os._exit(code)


def _ended(workers: dict[int, Any]) -> list[int]:
    return [pid for pid in workers if os.waitpid(pid, os.WNOHANG)[0]]


def _end(workers: dict[int, int]) -> None:
    """Ask each worker to finish, then to leave its job, then end it."""
    began = time.monotonic()
    steps = list(ENDING)
    while workers:
        if steps and time.monotonic() - began >= steps[0][0]:
            _, by = steps.pop(0)
            for pid in workers:
                os.kill(pid, by)
        for pid in _ended(workers):
            workers.pop(pid)
        time.sleep(0.05)
