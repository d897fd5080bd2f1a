"""Work on foreign bytes in a process apart: bounded in memory, in processor time and in number.

A photo of 49 million pixels, or a sheet with one cell at ZZ300000, is a few kilobytes as a file and
gigabytes when it is opened. Whatever opens files from outside does so here: what takes too much is
ended by the kernel, the sender is told that the file is too heavy, and nobody else notices.

Each of a few threads of our own drives one child, so no thread of the API waits while a file is
opened, and when a child dies it is known whose file it was.
"""

import asyncio
import multiprocessing
import os
import resource
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from math import ceil
from typing import ParamSpec, TypeVar

import structlog

from backend.core.errors import Busy, TooLarge
from backend.core.settings import get_settings

log = structlog.get_logger()
P = ParamSpec("P")
Answer = TypeVar("Answer")

# Files that may wait for a child; whoever comes after them is asked to try again.
WAITING_MOST = 20
CPU_S = 20


class Pool:
    """Threads that drive one child process each; ``children`` at most, started when first used.

    One file may take ``memory_mb`` megabytes and ``cpu_s`` seconds of processor time. With ``once``
    each gets a child of its own, which is gone afterwards with all that it took.
    """

    def __init__(
        self, children: int, memory_mb: int, cpu_s: int = CPU_S, *, once: bool = False
    ) -> None:
        self._once = once
        self._threads = ThreadPoolExecutor(children, thread_name_prefix="apart")
        self._memory, self._cpu_s = memory_mb * 1_000_000, cpu_s
        self._own = threading.local()
        self._room = threading.BoundedSemaphore(children + WAITING_MOST)

    def submit(
        self, function: Callable[P, Answer], *args: P.args, **kwargs: P.kwargs
    ) -> Future[Answer]:
        """Have ``function`` run in a child; it and what it takes and gives must be picklable.

        Raises
        ------
        Busy
            Too many files wait already.
        """
        if not self._room.acquire(blocking=False):
            raise Busy("files_wait")
        future = self._threads.submit(self._drive, function, args, kwargs)
        future.add_done_callback(lambda _: self._room.release())
        return future

    def _drive(
        self, function: Callable[..., Answer], args: tuple[object, ...], kwargs: dict[str, object]
    ) -> Answer:
        child: ProcessPoolExecutor | None = getattr(self._own, "child", None)
        if child is None:
            # Spawned, not forked: this process has threads, and locks that a copy would keep.
            child = self._own.child = ProcessPoolExecutor(
                1, multiprocessing.get_context("spawn"), _bound, (self._memory, os.getpid())
            )
        try:
            return child.submit(_run, self._cpu_s, function, args, kwargs).result()
        except BrokenProcessPool as died:
            self._own.child = None
            child.shutdown(wait=False)
            log.warning("a file was too heavy", reader=function.__qualname__)
            raise TooLarge("file_too_heavy") from died
        except MemoryError as full:
            raise TooLarge("file_too_heavy") from full
        finally:
            if self._once:
                # Not by the executor's own count of tasks: that starts the next child at once,
                # which would wait for hours with the settings of today.
                self._own.child = None
                child.shutdown(wait=False)

    def close(self) -> None:
        """End the children once they are idle."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _bound(memory: int, parent: int) -> None:
    """In the child: no more memory than this, no core file, and no life after the parent's."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _run(
    cpu_s: int, function: Callable[..., Answer], args: tuple[object, ...],
    kwargs: dict[str, object],
) -> Answer:  # fmt: skip
    """In the child: one file, within its processor time (SIGXCPU ends what takes longer)."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (ceil(time.process_time()) + cpu_s, hard))
    return function(*args, **kwargs)


@lru_cache
def _pool() -> Pool:
    settings = get_settings()
    return Pool(settings.file_readers, settings.file_reader_memory_mb)


def call(function: Callable[P, Answer], *args: P.args, **kwargs: P.kwargs) -> Answer:
    """Run ``function`` in a process apart and wait for its answer; its refusals come through.

    Raises
    ------
    TooLarge
        It took more memory or processor time than a file may.
    Busy
        Too many files wait already.
    """
    return _pool().submit(function, *args, **kwargs).result()


async def acall(function: Callable[P, Answer], *args: P.args, **kwargs: P.kwargs) -> Answer:
    """The same for a coroutine: no thread of the API waits."""
    return await asyncio.wrap_future(_pool().submit(function, *args, **kwargs))
