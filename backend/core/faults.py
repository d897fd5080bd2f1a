"""What went wrong, in words that may be kept and shown: never a row, a parameter or a traceback.

SQLAlchemy adds the statement's parameters to its errors, PostgreSQL the failing row as DETAIL: both
hold what people wrote. The first line of the driver's own sentence says enough.
"""

from sqlalchemy.exc import DBAPIError, PendingRollbackError, TimeoutError

from backend.core.refusals import (
    AGAIN,
    AWAY,
    FULL,
    READ_ONLY,
    answer_to,
    state_of,
    storage_full,
)

LONGEST = 300
# PostgreSQL's class of data exceptions.
DATA = "22"


def in_words(fault: BaseException) -> str:
    """The kind of a fault and its first line, at most 300 signs."""
    driver = fault.orig if isinstance(fault, DBAPIError) and fault.orig is not None else fault
    said, kind = str(driver), type(driver).__name__
    if state_of(driver).startswith(DATA):
        # These sentences repeat what could not be stored.
        return kind
    first = next(iter(said.splitlines()), "").strip()
    return (f"{kind}: {first}" if first else kind)[:LONGEST]


def database_away(fault: BaseException) -> bool:
    """Whether the database itself does not answer, so that no row is to blame."""
    lost = isinstance(fault, DBAPIError) and fault.connection_invalidated
    before = isinstance(fault, PendingRollbackError) and fault.code == "8s2b"
    return lost or before or isinstance(fault, TimeoutError)


def no_room(fault: BaseException) -> bool:
    """Whether a disk is full, of the files or of the database, so that only room can help."""
    return (isinstance(fault, OSError) and storage_full(fault)) or answer_to(fault) is FULL


def passes(fault: BaseException) -> bool:
    """Whether the same may well succeed a moment later: busy, away, without room."""
    return database_away(fault) or no_room(fault) or answer_to(fault) in (AGAIN, AWAY, READ_ONLY)
