"""Six digits that prove a telephone number: sent by SMS, kept nowhere.

The code follows from the number and the time (RFC 6238 with the house's own key, ten-minute steps,
truncated as in RFC 4226, 5.3), so there is nothing to store, to lose or to steal. How often one may
be tried is limited where it is asked for.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from backend.core.crypto import derive

STEP = timedelta(minutes=10)
DIGITS = 6


def digits_of(phone: str) -> str:
    """A number as it is compared: its digits, without the country's."""
    return "".join(sign for sign in phone if sign.isdigit()).removeprefix("86")


def code_for(phone: str, at: datetime) -> str:
    """The code of a number in the step that a moment lies in."""
    step = int(at.timestamp() // STEP.total_seconds())
    said = f"{digits_of(phone)}/{step}".encode()
    digest = hmac.digest(derive("phone-code"), said, hashlib.sha256)
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def holds(phone: str, code: str, at: datetime) -> bool:
    """Whether a code is that of a number, now or one step ago: good for ten minutes at least."""
    return any(hmac.compare_digest(code, code_for(phone, when)) for when in (at, at - STEP))
