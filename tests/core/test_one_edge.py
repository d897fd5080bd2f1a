"""Finds bodies, fields and parameters that do not come in through the one edge; a house rule asks it."""

import types
from collections.abc import Iterator
from datetime import date, datetime, time
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

import annotated_types as at
from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import AwareDatetime, BaseModel

from backend.core import permissions
from backend.core.inputs.base import Checked, Strict

# Read by their route itself: a file, whose size its route bounds.
FILES = bytes


def bounds(metadata: list[Any]) -> dict[str, Any]:
    """The limits that stand on a field, however they were written."""
    found: dict[str, Any] = {}
    for one in metadata:
        for part in (one, *getattr(one, "metadata", ())):
            for name in ("max_length", "ge", "gt", "le", "lt", "pattern"):
                if getattr(part, name, None) is not None:
                    found[name] = getattr(part, name)
            if isinstance(part, Checked):
                found["checked"] = part.what
    return found


def faults(kind: Any, metadata: list[Any], where: str) -> Iterator[str]:
    """What of a field reaches a service unbounded or unchecked."""
    origin, args, limits = get_origin(kind), get_args(kind), bounds(metadata)
    if origin is Annotated:
        yield from faults(args[0], [*metadata, *args[1:]], where)
    elif origin in (Union, types.UnionType):
        for part in args:
            if part is not type(None):
                yield from faults(part, metadata, where)
    elif origin is Literal or kind in (bool, UUID, FILES):
        return
    elif origin is list:
        if "max_length" not in limits:
            yield f"{where}: a list without an end"
        yield from faults(args[0], [], f"{where}[]")
    elif origin is tuple:
        for part in args:
            yield from faults(part, [], f"{where}[]")
    elif origin is dict:
        if limits.get("checked") == "shape":
            return
        if "max_length" not in limits:
            yield f"{where}: names and values without an end"
        for part in args:
            yield from faults(part, [], f"{where}{{}}")
    elif isinstance(kind, type) and issubclass(kind, Enum):
        return
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from body_faults(kind, where)
    elif kind is str:
        if "checked" not in limits:
            yield f"{where}: words of no shared type"
        if "max_length" not in limits and "pattern" not in limits:
            yield f"{where}: words without an end"
    elif kind in (datetime, date, time, AwareDatetime):
        if limits.get("checked") != "time":
            yield f"{where}: a time of no shared type"
    elif kind in (int, float):
        low = "ge" in limits or "gt" in limits
        high = "le" in limits or "lt" in limits or limits.get("checked") == "number"
        if not (low and high):
            yield f"{where}: a number without an end"
    else:
        yield f"{where}: {kind} is nothing that we know"


def body_faults(model: type[BaseModel], where: str) -> Iterator[str]:
    if not issubclass(model, Strict):
        yield f"{where}: {model.__name__} does not derive from Strict"
    for name, field in model.model_fields.items():
        yield from faults(field.annotation, list(field.metadata), f"{where}.{name}")


def dependants(dependant: Any) -> Iterator[Any]:
    yield dependant
    for below in dependant.dependencies:
        yield from dependants(below)


def unchecked(app: FastAPI) -> list[str]:
    """What of an application's bodies and parameters does not come through the edge."""
    wrong, seen = set(), 0
    for method, path, route in permissions.every_route(app):
        if not isinstance(route, APIRoute) or path == "/{path:path}":
            continue
        for part in dependants(route.dependant):
            for group in ("path", "query", "header", "cookie", "body"):
                for parameter in getattr(part, f"{group}_params"):
                    seen += 1
                    info = parameter.field_info
                    where = f"{method} {path} {group} {parameter.name}"
                    wrong |= set(faults(info.annotation, list(info.metadata), where))
    assert seen > 200
    return sorted(wrong)


def test_the_walk_finds_what_is_not_bounded() -> None:
    """The rule itself: each of these would have passed unseen."""

    class Loose(BaseModel):
        words: str
        many: list[int]
        when: datetime
        open: dict[str, Any]
        far: float

    found = list(body_faults(Loose, ""))
    assert len(found) == 11, found
    assert not list(faults(Annotated[int, at.Ge(0), at.Le(5)], [], "x"))
