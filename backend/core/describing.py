"""The API's description (OpenAPI), with refusals as they are served: problem+json, RFC 9457."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

PROBLEM = "application/problem+json"
METHODS = frozenset({"get", "put", "post", "delete", "patch"})

SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "A refusal in the caller's language.",
    "type": "object",
    "required": ["type", "title", "status", "code", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "what is wrong, and what would be right"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "the same in every language"},
        "request_id": {"type": "string", "description": "by what it is found in the log"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
        "open_steps": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["action", "name"],
                "properties": {"action": {"type": "string"}, "name": {"type": "string"}},
            },
        },
    },
}
ANSWER = {
    "description": "Refused",
    "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def describe(app: FastAPI) -> None:
    """Let an application describe its refusals as it serves them."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _told(
                get_openapi(title=app.title, version=app.version, routes=app.routes)
            )
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _told(schema: dict[str, Any]) -> dict[str, Any]:
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = SCHEMA
    for operations in schema["paths"].values():
        for method, operation in operations.items():
            if method in METHODS:
                operation["responses"] |= {"422": ANSWER, "default": ANSWER}
    return schema
