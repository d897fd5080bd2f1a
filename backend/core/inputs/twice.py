"""What says one thing twice is refused: of two values, only the sender knows which was meant.

Parsers take the last one and readers of logs the first; what stands before us may have looked at
the other. The framework has read the body by then; here it is only looked through.
"""

import json
from collections import Counter
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.dependencies.utils import (  # type: ignore[attr-defined]
    field_annotation_is_sequence,
    get_flat_params,
)
from fastapi.routing import APIRoute

from backend.core.errors import BadInput

# Of a name that the sender made up, so much is repeated.
NAME_MOST = 60


async def said_once(request: Request) -> None:
    """Hang this before every route.

    Raises
    ------
    BadInput
        A key stands twice in one object of the body, or a parameter with one value twice in the
        address; it is named.
    """
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return
    query: bytes = request.scope["query_string"]
    if b"&" in query:
        _one_value_each(route, query.decode("latin-1"))
    if route.body_field is not None and "json" in request.headers.get("content-type", ""):
        body = await request.body()
        if body.count(b":") > 1:
            json.loads(body, object_pairs_hook=_one_of_each)


def _one_value_each(route: APIRoute, query: str) -> None:
    times = Counter(name for name, _ in parse_qsl(query, keep_blank_values=True))
    for field in get_flat_params(route.dependant):
        name = field.alias
        if times[name] > 1 and not field_annotation_is_sequence(field.field_info.annotation):
            raise BadInput("key_twice", key=name)


def _one_of_each(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) < len(pairs):
        name = next(name for name, n in Counter(name for name, _ in pairs).items() if n > 1)
        shown = "".join(sign if sign.isprintable() else "?" for sign in name[:NAME_MOST])
        raise BadInput("key_twice", key=shown)
