"""What the database refuses, as an answer: by its state code, never by its words.

Its words hold values (``Failing row contains ...``), so they are neither shown nor logged.
Source of the codes: PostgreSQL, appendix A.
"""

import errno
from dataclasses import dataclass

import psycopg
from sqlalchemy.exc import DBAPIError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout


@dataclass(frozen=True)
class Answer:
    """A status and the code of its sentence."""

    status: int
    code: str


CLASH = Answer(409, "already_there")
GONE = Answer(409, "gone_meanwhile")
UNFIT = Answer(422, "not_storable")
AGAIN = Answer(503, "try_again")
AWAY = Answer(503, "database_away")
READ_ONLY = Answer(503, "read_only")
FULL = Answer(507, "disk_full")
# Nothing that the sender could do otherwise, nor later: ours to mend.
BUG = Answer(500, "our_fault")

# A whole code, or the class that its first two signs name; the longer one counts.
BY_STATE = {
    "23505": CLASH, "23P01": CLASH,
    "23503": GONE,
    # Not null, check, restrict; data exceptions; program limits (a row or key too large).
    "23": UNFIT, "22": UNFIT, "54": UNFIT,
    # Serialization, deadlock; lock not available; cancelled by a time limit.
    "40": AGAIN, "55P03": AGAIN, "57014": AGAIN,
    "08": AWAY, "57": AWAY, "53": AWAY,
    "53100": FULL,
    "25006": READ_ONLY,
}  # fmt: skip


def storage_full(error: OSError) -> bool:
    """Whether a file could not be written because no room, or none of the quota, is left."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def state_of(error: BaseException) -> str:
    """The five signs by which the database names a refusal; empty when it named none."""
    driver = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(driver, "sqlstate", None) or "")


def lost_before(error: BaseException) -> bool:
    """Whether the connection was lost in an earlier statement of the transaction.

    Code 8s2b of SQLAlchemy: whatever comes after it, a commit for one, is refused by the library
    itself, and the error is no longer one of the database's.
    """
    return isinstance(error, PendingRollbackError) and error.code == "8s2b"


def answer_to(error: BaseException) -> Answer:
    """What a caller is told of an error of the database."""
    if isinstance(error, PoolTimeout) or lost_before(error):
        return AWAY
    state = state_of(error)
    found = BY_STATE.get(state) or BY_STATE.get(state[:2])
    if found is not None:
        return found
    driver = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(driver, psycopg.DataError | UnicodeEncodeError):
        return UNFIT  # refused by the driver before it was sent
    # Without a code it broke on the way: a lost connection, a server that is not there.
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return AWAY if lost or (isinstance(driver, psycopg.OperationalError) and not state) else BUG


def place_of(error: BaseException) -> dict[str, str]:
    """What of a refusal may be logged: the code and the names of our own tables and columns."""
    driver = error.orig if isinstance(error, DBAPIError) else error
    named = getattr(driver, "diag", None)
    found = {"sqlstate": state_of(error)}
    for name in ("table_name", "column_name", "constraint_name"):
        value = getattr(named, name, None)
        if value:
            found[name.removesuffix("_name")] = str(value)
    return found
