"""How wrong tries are slowed down, and never lock anybody out.

Nothing is counted on the account alone in a way that a stranger could use against its owner:

- from one address, an account may be tried 5 times in 30 seconds;
- all accounts together, from one address, 60 times a minute;
- an account, from all addresses that it was never signed in from, 20 times a minute.

A browser that the person has signed in with before carries a mark (`mark_of`) and is counted by it
alone. So whoever tries elsewhere delays an owner by half a minute at most, and on a known device
not at all. Names that do not exist are counted the same way.
"""

import hmac
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from backend.core import crypto, rate
from backend.core.errors import TooMany
from backend.core.settings import get_settings

TRIES, TRIES_S = 5, 30
MINUTE_S = 60
UNKNOWN_A_MINUTE = 20
MARK_COOKIE = "onemap_known"
MARK_DAYS = 400


def key_of(username: str) -> str:
    """By what tries at a name are counted: the same however it is written."""
    plain = unicodedata.normalize("NFKC", username).strip().casefold()
    return crypto.blind(plain, "sign-in").hex()[:32]


def cookie_of(username: str) -> str:
    """The name of the cookie that holds a browser's mark for one account; several share a phone."""
    return f"{MARK_COOKIE}_{key_of(username)[:8]}"


def mark_of(username: str) -> str:
    """A mark that a browser keeps after signing in: good for counting, and for nothing else."""
    told = secrets.token_urlsafe(12)
    return f"{told}.{_proof(username, told)}"


def _proof(username: str, told: str) -> str:
    return crypto.blind(f"{key_of(username)}/{told}", "known-device").hex()[:32]


def is_known(username: str, mark: str) -> bool:
    """Whether a mark is one that we gave for this account."""
    told, _, proof = mark.partition(".")
    return hmac.compare_digest(proof.encode(), _proof(username, told).encode())


@dataclass(frozen=True)
class Counted:
    """By what a try is counted: how many, of whom, within how many seconds."""

    what: str
    who: str
    most: int
    within_s: int


def counted(username: str, address: str, mark: str, known_address: bool) -> list[Counted]:
    """By what a try at this name, from there, is counted."""
    account = key_of(username)
    if mark and is_known(username, mark):
        return [Counted("sign_in/device", mark.partition(".")[0], TRIES, TRIES_S)]
    most = get_settings().sign_in_tries_per_minute
    found = [
        Counted("sign_in/account", f"{account}/{address}", TRIES, TRIES_S),
        Counted("sign_in/address", address, most, MINUTE_S),
    ]
    if not known_address:
        found.append(Counted("sign_in/elsewhere", account, UNKNOWN_A_MINUTE, MINUTE_S))
    return found


def admit(tries: Iterable[Counted]) -> None:
    """Count a try at a password, and refuse it when there were too many just now.

    Raises
    ------
    TooMany
        Too many; the right password works again after the seconds that it names, at most a minute.
    """
    for one in tries:
        at_most(one.what, one.who, one.most, one.within_s)


def was_right(tries: Iterable[Counted]) -> None:
    """Take the try back: only wrong ones slow down."""
    for one in tries:
        rate.count(one.what, one.who, one.within_s, -1)


def at_most(what: str, who: str, most: int, within_s: int) -> None:
    """As `rate.at_most`, in the words of signing in."""
    try:
        rate.at_most(what, who, most, within_s)
    except TooMany as much:
        raise TooMany("sign_in_slowed", **much.params) from None


def failed(username: str, address: str) -> int:
    """Count a try that failed, or was refused; its number when it is worth an entry, else 0.

    The 5th, 10th, 20th, 40th and so on of an hour are: an attack is seen, and fills no table.
    """
    number, _ = rate.count("sign_in/failed", f"{key_of(username)}/{address}", rate.HOUR_S)
    fifths, rest = divmod(number, TRIES)
    return number if rest == 0 and fifths and fifths & (fifths - 1) == 0 else 0
