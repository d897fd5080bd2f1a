"""Deny by default: every route names who may call it, or the application does not start.

The role answers *what*; *where* is `visible_to` in each domain's queries. A route's own workflow
may narrow further (which step, which state).
"""

from collections.abc import Awaitable, Callable, Iterator
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import BaseRoute

from backend.core.actor import ALL_PEOPLE, Actor, Role, anonymous
from backend.core.errors import Conflict, Forbidden, NotSignedIn
from backend.core.language import choose
from backend.core.rights import TABLE, Right, holds

# The application hangs a function here that knows how to read a token; core knows no accounts.
ReadActor = Callable[[Request], Awaitable[Actor | None]]

# What was written earlier says in whose name: `account/post`. A cookie alone cannot, because on a
# shared phone it is by now somebody else's.
WRITTEN_BY = "OneMap-Written-By"


async def current_actor(request: Request) -> Actor | None:
    """Who is asking, read once a request; None when nobody is signed in.

    Raises
    ------
    Conflict
        The request was written by somebody else, or in another post, than who is signed in.
    """
    if not hasattr(request.state, "actor"):
        read: ReadActor = request.app.state.read_actor
        request.state.actor = await read(request)
    actor: Actor | None = request.state.actor
    author = request.headers.get(WRITTEN_BY)
    if author and actor is not None and author != f"{actor.id}/{actor.post_id}":
        raise Conflict("written_by_somebody_else")
    return actor


def allow(*what: Right | Role) -> Any:
    """A route's permission: signed in, in a post with this right (none named: any post).

    Several rights ask for one of them. A right for the whole city asks for a post of the whole
    city (`core.rights`).
    """
    rights = frozenset(one for one in what if isinstance(one, Right))
    roles = frozenset(one for one in what if isinstance(one, Role)) if what else ALL_PEOPLE
    allowed = roles.union(*(TABLE[right] for right in rights))

    async def permitted(request: Request) -> Actor:
        actor = await current_actor(request)
        if actor is None:
            raise NotSignedIn("not_signed_in")
        if actor.role not in allowed:
            raise Forbidden("role_not_allowed", role=f"role.{actor.role}")
        if actor.role not in roles and not any(holds(actor, right) for right in rights):
            raise Forbidden("needs_city_post")
        return actor

    permitted.permission = sorted(allowed)  # type: ignore[attr-defined]
    permitted.rights = sorted(rights)  # type: ignore[attr-defined]
    return Depends(permitted)


def allow_public(*what: Right) -> Any:
    """A route's permission: anybody, signed in or not.

    Who is signed in needs one of the rights, if any are named: what a stranger may write is not
    written in the name of somebody who only reads.
    """

    async def permitted(request: Request) -> Actor:
        actor = await current_actor(request)
        if actor is None:
            return anonymous(choose(request.headers.get("accept-language", "")))
        if what and not any(holds(actor, right) for right in what):
            raise Forbidden("role_not_allowed", role=f"role.{actor.role}")
        return actor

    permitted.permission = ["public"]  # type: ignore[attr-defined]
    permitted.rights = sorted(what)  # type: ignore[attr-defined]
    return Depends(permitted)


def allow_unasked() -> Any:
    """A route's permission: anybody, and nobody is asked who they are: it waits for nothing."""

    async def permitted() -> None: ...

    permitted.permission = ["public"]  # type: ignore[attr-defined]
    return Depends(permitted)


async def _actor(request: Request) -> Actor:
    actor = await current_actor(request)
    return actor or anonymous(choose(request.headers.get("accept-language", "")))


# The caller inside a handler; its permission stands on the route.
ActorDep = Annotated[Actor, Depends(_actor)]


def every_route(app: FastAPI) -> Iterator[tuple[str, str, BaseRoute]]:
    """Method, full path and route of everything that an application answers to.

    FastAPI keeps included routers as one entry each; only its own walk sees inside them.
    """
    for context in iter_route_contexts(app.routes):
        for method in sorted((context.methods or {"*"}) - {"HEAD"}):
            yield method, context.path or "", context.original_route


def permission_of(route: BaseRoute) -> list[str] | None:
    """The roles that a route admits; None when it names none."""
    for dependency in route.dependencies if isinstance(route, APIRoute) else ():
        permission: list[str] | None = getattr(dependency.dependency, "permission", None)
        if permission is not None:
            return permission
    return None


def rights_of(route: BaseRoute) -> list[str]:
    """The rights that a route asks for, one of them; empty when it names none."""
    for dependency in route.dependencies if isinstance(route, APIRoute) else ():
        rights: list[str] | None = getattr(dependency.dependency, "rights", None)
        if rights is not None:
            return rights
    return []


# Starlette's own plain route: the API's description, which holds no data.
PLAIN = frozenset({"/api/openapi.json"})


def undeclared(app: FastAPI) -> list[str]:
    """The routes that admit nobody in particular: each one is a mistake."""
    return [
        f"{method} {path}"
        for method, path, route in every_route(app)
        if permission_of(route) is None and path not in PLAIN
    ]
