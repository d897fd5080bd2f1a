"""Passwords: hashed in threads of their own, and only such as cannot be guessed.

Argon2 takes 64 MB and a core for a tenth of a second, by design. It runs in a few threads apart
from those that answer requests, with less of the processor than they have, so that a hundred wrong
tries at once make only each other wait.
"""

import asyncio
import contextlib
import os
import re
import threading
import unicodedata
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from pwdlib import PasswordHash
from zxcvbn import zxcvbn

from backend.core.errors import BadInput, TooMany
from backend.core.settings import get_settings

hasher = PasswordHash.recommended()
# Verified against when there is no such account, so that the answer takes as long.
_NOBODY = hasher.hash("nobody has this password")

LEAST, MOST = 10, 128
# zxcvbn: 3 means that guessing takes at least 10^8 tries at a stolen hash.
SCORE_LEAST = 3
# It looks at so many characters; the rest can only help.
LOOKED_AT = 72
# Words that everybody would try here first.
OUR_WORDS = ("onemap", "全市一张图", "单元长", "网格员")
# Numbers that colleagues and neighbours know of somebody: a mobile telephone, an identity card
# (GB 11643: six digits of a place, the day of birth, four more). An estimate takes them for chance.
KNOWN_NUMBERS = re.compile(
    r"(?<!\d)(?:(?:\+?86)?1[3-9]\d{9}"
    r"|[1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dx])(?!\d)"
)
BETWEEN_DIGITS = re.compile(r"(?<=\d)[ \-](?=\d)")
# More that wait than this would wait longer than anybody does.
WAITING_MOST = 200
_waiting = 0


def _politely() -> None:
    # Linux gives each thread a niceness of its own; the threads of Argon2 inherit it.
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 15)


@lru_cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(get_settings().hashing_threads, "hashing", _politely)


async def verify(password: str, known: str | None) -> tuple[bool, str | None]:
    """Whether a password is right, and its new hash when the way of hashing has changed since.

    ``known`` is None when there is no such account; that takes as long.

    Raises
    ------
    TooMany
        More are waiting to be checked than is reasonable.
    """
    global _waiting
    if _waiting >= WAITING_MOST:
        raise TooMany("busy_signing_in", seconds=5)
    _waiting += 1
    try:
        loop = asyncio.get_running_loop()
        right, newer = await loop.run_in_executor(
            _pool(), hasher.verify_and_update, password, known or _NOBODY
        )
    finally:
        _waiting -= 1
    return (right and known is not None), newer


def hashed(password: str) -> str:
    """What is kept of a password; worked out in the threads that are for it."""
    return _pool().submit(hasher.hash, password).result()


def check_new(password: str, words: Collection[str]) -> None:
    """Refuse a new password that others would guess; ``words`` are its owner's names and places.

    Raises
    ------
    BadInput
        Too short, too long, or too easily guessed (zxcvbn's estimate: below 10^8 guesses).
    """
    if len(password) < LEAST:
        raise BadInput("password_too_short", least=LEAST)
    if len(password) > MOST:
        raise BadInput("password_too_long", most=MOST)
    # However it is typed: in full width, or a number in groups. Names may hold such groups, too.
    plain = unicodedata.normalize("NFKC", password)
    if any(_guessed(typed, words) for typed in {plain, BETWEEN_DIGITS.sub("", plain)}):
        raise BadInput("password_guessed")


def _guessed(typed: str, words: Collection[str]) -> bool:
    left = typed.lower()
    own = (*words, *(BETWEEN_DIGITS.sub("", word) for word in words))
    said = [word for word in (*own, *OUR_WORDS, *KNOWN_NUMBERS.findall(left)) if word]
    for word in said:
        left = left.replace(word.lower(), "")
    # What is left beside one's own names must still be something.
    return zxcvbn(typed[:LOOKED_AT], said)["score"] < SCORE_LEAST or len(set(left)) < 3
