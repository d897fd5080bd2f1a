"""Access tokens, short-lived, signed and carrying the scope; and the secrets that renew them."""

import base64
import hashlib
import hmac
import re
import secrets
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from fastapi import Request
from joserfc import jwt
from joserfc.jwk import OctKey

from backend.city.accounts.models import Account, Post
from backend.city.accounts.revocation import stands
from backend.core import crypto
from backend.core.actor import Actor, Role, Slice
from backend.core.language import choose
from backend.core.settings import get_settings

ALGORITHMS = ["HS256"]
AUDIENCE = "onemap"
ACCESS_COOKIE = "onemap_access"
REFRESH_COOKIE = "onemap_refresh"
# A session's key, how often its secret was exchanged, and 256 bits that prove it.
SECRET = re.compile(
    r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([0-9]{1,9})\.([\w-]{43})", re.ASCII
)


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
    except Exception:  # whatever the library makes of nonsense: it is no token of ours
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
        sign_in_id=UUID(claims["sid"]),
    )  # fmt: skip


def actor_for(
    account: Account, post: Post, scope: tuple[Slice, ...], sign_in_id: UUID | None = None
) -> Actor:
    """The actor that a person is in one of their posts."""
    return Actor(
        id=account.id, role=Role(post.role), post_id=post.id, name=account.name,
        area_code=post.area_code or "", home_county=post.home_county, scope=scope,
        organization_id=post.organization_id, language=account.language, sign_in_id=sign_in_id,
    )  # fmt: skip


async def read_actor(request: Request) -> Actor | None:
    """Who is asking, from a bearer token (programs) or the cookie (browsers)."""
    header = request.headers.get("authorization", "")
    token = header[7:] if header[:7].lower() == "bearer " else request.cookies.get(ACCESS_COOKIE)
    claims = read(token) if token else None
    if claims is None or not await stands(claims["sid"], claims["post"]):
        return None
    return actor_of(claims, choose(request.headers.get("accept-language", "")))


def new_secret() -> str:
    """An invitation's secret: 256 random bits."""
    return secrets.token_urlsafe(32)


def secret_hash(secret: str) -> bytes:
    """What is stored of it."""
    return crypto.blind(secret, "session-secret")


def new_salt() -> bytes:
    """What makes the secrets of one device differ from all others: 256 random bits."""
    return secrets.token_bytes(32)


@dataclass(frozen=True)
class Presented:
    """A refresh secret as it was sent; nothing of it is believed yet."""

    sign_in_id: UUID
    generation: int
    proof: str


def secret_of(sign_in_id: UUID, generation: int, salt: bytes) -> str:
    """The refresh secret of a device, by how often it was exchanged.

    HMAC-SHA256 over the session's key, the number and its salt: worked out again when an answer was
    lost, stored nowhere, and made from the database's content alone by nobody.
    """
    said = f"{sign_in_id}/{generation}/".encode() + salt
    digest = hmac.digest(crypto.derive("refresh-secret"), said, hashlib.sha256)
    proof = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return f"{sign_in_id}.{generation}.{proof}"


def split(presented: str) -> Presented | None:
    """The parts of a refresh secret; None when it cannot be one."""
    match = SECRET.fullmatch(presented)
    return Presented(UUID(match[1]), int(match[2]), match[3]) if match else None


def ours(given: Presented, salt: bytes) -> bool:
    """Whether we made this secret for this session, whichever its number; in constant time."""
    wanted = secret_of(given.sign_in_id, given.generation, salt).rpartition(".")[2]
    return hmac.compare_digest(given.proof.encode(), wanted.encode())
