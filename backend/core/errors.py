"""Refusals, as problem+json (RFC 9457) in the caller's language.

Outside one's area is 404, inside but not one's role is 403, wrong moment is 409. A code names a
sentence in ``backend/locales``; its parameters fill it.
"""

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException


class Refused(Exception):
    """A refusal that a person can read and act on."""

    status = 400

    def __init__(self, code: str, /, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params: Mapping[str, Any] = params


class BadInput(Refused):
    """What was sent cannot be used; the sentence says what is wrong and what would be right."""

    status = 422


class NotSignedIn(Refused):
    """Nobody is signed in, or no longer."""

    status = 401


class Forbidden(Refused):
    """The place is the caller's, the step is another role's."""

    status = 403


class NotFound(Refused):
    """It does not exist, or not for this caller: the answer is the same."""

    status = 404


class Conflict(Refused):
    """The wrong moment: somebody was faster, or the state does not allow it."""

    status = 409


class TooLarge(Refused):
    """More than a limit that the sentence names."""

    status = 413


class Busy(Refused):
    """There is no room just now; the answer carries ``Retry-After``."""

    status = 503


class BodyTooLarge(HTTPException):
    """A body that is no file grew past its limit.

    The framework reads bodies before any handler, and lets only its own kind of error through.
    """

    def __init__(self, most: int) -> None:
        super().__init__(413)
        self.most_mb = most // 1_000_000


class BodyTooSlow(HTTPException):
    """A body stopped coming: whoever sends it holds the connection no longer."""

    def __init__(self) -> None:
        super().__init__(408)


class TooMany(Refused):
    """Too often; the answer carries ``Retry-After``."""

    status = 429
