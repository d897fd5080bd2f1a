"""Structured logs: one JSON object a line, each with its request's id, none with personal text.

Messages of errors hold values (a row of the database, a cell, a body), so a traceback keeps the
places and the kinds of what went wrong, and the words only of kinds that cannot hold any.
"""

import logging
import sys
import threading
import traceback
from types import TracebackType
from typing import Any

import psycopg
import structlog
from sqlalchemy.exc import DBAPIError

from backend.core.refusals import place_of
from backend.core.settings import get_settings

# Their words are Python's own, about types and names in our code.
SPEAKS_OF_CODE = (TypeError, AttributeError, NameError, ImportError, AssertionError, OSError)
FRAMES_MOST = 40


def trace(error: BaseException) -> str:
    """An error and those behind it: kinds and places, without values."""
    lines: list[str] = []
    seen: set[int] = set()
    step: BaseException | None = error
    while step is not None and id(step) not in seen:
        seen.add(id(step))
        lines.append(_kind(step))
        frames = traceback.extract_tb(step.__traceback__)[-FRAMES_MOST:]
        lines += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        step = step.__cause__ or (None if step.__suppress_context__ else step.__context__)
    return "\n".join(lines)


def _kind(error: BaseException) -> str:
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    if isinstance(error, DBAPIError | psycopg.Error):
        return f"{name} {place_of(error)}"
    return f"{name}: {error}" if isinstance(error, SPEAKS_OF_CODE) else name


def _safe_exception(
    _: Any, __: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["exception"] = trace(error)
    return event


def _processors() -> list[structlog.typing.Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _safe_exception,
    ]


def configure() -> None:
    """Send our log lines, and those of the libraries, to standard error; one line each."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if get_settings().log_json
        else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[*_processors(), renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    _take_over(renderer)


class _Handler(logging.StreamHandler):  # type: ignore[type-arg]
    """Ours, so that it is not hung up twice."""


def _take_over(renderer: structlog.typing.Processor) -> None:
    """Let uvicorn, rq and Python itself write the same lines as we do.

    uvicorn hangs up its own handlers before it loads the application; rq does when nobody has.
    """
    handler = _Handler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder(allow=()),
                *_processors(),
            ],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [h for h in root.handlers if not isinstance(h, _Handler)]
    root.addHandler(handler)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "rq.worker"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread


def _uncaught(kind: type[BaseException], error: BaseException, place: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, place)
        return
    structlog.get_logger().error("process ends", exc_info=error)


def _uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        structlog.get_logger().error("thread ends", exc_info=args.exc_value)
