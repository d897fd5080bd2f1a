"""Access tokens: short-lived, signed, carrying the scope; and whether a session still stands."""

import secrets
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import anyio.to_thread
from fastapi import Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from sqlalchemy import select

from backend.city.accounts.models import Account, Post, SignIn
from backend.city.accounts.queries import running
from backend.core import crypto
from backend.core.actor import Actor, Role, Slice
from backend.core.db import unit_of_work
from backend.core.language import choose
from backend.core.settings import get_settings

ALGORITHMS = ["HS256"]
AUDIENCE = "onemap"
ACCESS_COOKIE = "onemap_access"
REFRESH_COOKIE = "onemap_refresh"


@lru_cache
def _key() -> OctKey:
    return OctKey.import_key(crypto.derive("access-token"))


def issue(account: Account, post: Post, scope: tuple[Slice, ...], sign_in_id: UUID) -> str:
    """An access token for one post of one person on one device."""
    now = int(time.time())
    claims = {
        "aud": AUDIENCE, "iat": now, "exp": now + get_settings().access_minutes * 60,
        "sub": str(account.id), "sid": str(sign_in_id), "post": str(post.id), "role": post.role,
        "name": account.name, "area": post.area_code or "", "home": post.home_county,
        "org": str(post.organization_id) if post.organization_id else None,
        "scope": [[s.county_code, s.lo, s.hi] for s in scope],
    }  # fmt: skip
    return jwt.encode({"alg": "HS256", "typ": "at+jwt"}, claims, _key(), algorithms=ALGORITHMS)


def read(token: str) -> dict[str, Any] | None:
    """The claims of a token that we signed and that has not expired; None otherwise."""
    claims = _verified(token)
    return claims if claims is not None and claims.get("exp", 0) > time.time() else None


@lru_cache(maxsize=4096)
def _verified(token: str) -> dict[str, Any] | None:
    """The claims of a token whose signature, type and audience are ours; remembered by token."""
    try:
        decoded = jwt.decode(token, _key(), algorithms=ALGORITHMS)
    except (JoseError, ValueError):
        return None
    claims = decoded.claims
    fits = decoded.header.get("typ") == "at+jwt" and claims.get("aud") == AUDIENCE
    return claims if fits else None


def actor_of(claims: dict[str, Any], language: str) -> Actor:
    """The actor that a token speaks for."""
    return Actor(
        id=UUID(claims["sub"]), role=Role(claims["role"]), post_id=UUID(claims["post"]),
        name=claims["name"], area_code=claims["area"], home_county=claims["home"],
        scope=tuple(Slice(*part) for part in claims["scope"]),
        organization_id=UUID(claims["org"]) if claims["org"] else None, language=language,
    )  # fmt: skip


_standing: dict[str, tuple[float, bool]] = {}


def _still_stands(sign_in_id: str) -> bool:
    """Ask the database whether a session, its account and its post still stand."""
    with unit_of_work() as session:
        found = session.scalar(
            select(SignIn.id)
            .join(Account, Account.id == SignIn.account_id)
            .join(Post, Post.id == SignIn.post_id)
            .where(
                SignIn.id == UUID(sign_in_id), SignIn.revoked_at.is_(None),
                SignIn.expires_at > datetime.now(UTC), Account.disabled_at.is_(None), running(),
            )
        )  # fmt: skip
    return found is not None


async def stands(sign_in_id: str) -> bool:
    """Whether a session stands; the answer is remembered for `ONEMAP_REVOCATION_S` seconds."""
    hit = _standing.get(sign_in_id)
    now = time.monotonic()
    if hit is not None and now - hit[0] < get_settings().revocation_s:
        return hit[1]
    answer = await anyio.to_thread.run_sync(_still_stands, sign_in_id)
    if len(_standing) > 100_000:
        _standing.clear()
    _standing[sign_in_id] = (now, answer)
    return answer


def forget(sign_in_id: UUID) -> None:
    """Ask again at the next request of this session, in this process."""
    _standing.pop(str(sign_in_id), None)


async def read_actor(request: Request) -> Actor | None:
    """Who is asking, from a bearer token (programs) or the cookie (browsers)."""
    header = request.headers.get("authorization", "")
    token = header[7:] if header[:7].lower() == "bearer " else request.cookies.get(ACCESS_COOKIE)
    claims = read(token) if token else None
    if claims is None or not await stands(claims["sid"]):
        return None
    return actor_of(claims, choose(request.headers.get("accept-language", "")))


def new_secret() -> str:
    """A refresh or invitation secret: 256 random bits."""
    return secrets.token_urlsafe(32)


def secret_hash(secret: str) -> bytes:
    """What is stored of it."""
    return crypto.blind(secret, "session-secret")
