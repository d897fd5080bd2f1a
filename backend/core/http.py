"""The edge of the application: request ids, security headers, refusals as problem+json."""

import time
from typing import Any
from urllib.parse import urlsplit

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_compress import CompressMiddleware, add_compress_type, remove_compress_type

from backend.core.errors import Refused, TooMany
from backend.core.ids import new_id
from backend.core.language import choose, say

log = structlog.get_logger()

PROBLEM = "application/problem+json"

# MapLibre's worker is a file of ours; images and tiles come from here; nothing from elsewhere.
SECURITY_HEADERS = {
    b"content-security-policy": (
        b"default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        b"img-src 'self' data: blob:; worker-src 'self' blob:; connect-src 'self'; "
        b"object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    ),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"permissions-policy": b"camera=(self), geolocation=(self), microphone=()",
}
HSTS = b"max-age=31536000"
# Vector tiles shrink by a third; a live feed is a few words at a time, and must not wait.
add_compress_type("application/vnd.mapbox-vector-tile")
remove_compress_type("text/event-stream")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def problem(request: Request, status: int, code: str, /, **params: Any) -> JSONResponse:
    """A refusal in the caller's language (RFC 9457)."""
    language = choose(request.headers.get("accept-language", ""))
    body = {
        "type": f"about:onemap/{code}", "title": say(language, code, **params), "status": status,
        "code": code, "request_id": getattr(request.state, "request_id", ""),
    }  # fmt: skip
    extra = params.pop("errors", None)
    if extra:
        body["errors"] = extra
    if "open_steps" in params:
        body["open_steps"] = [
            {"action": code.rpartition(".")[2], "name": say(language, code)}
            for code in params["open_steps"]
        ]
    headers = {"Content-Language": language, "Cache-Control": "no-store"}
    if status == TooMany.status:
        headers["Retry-After"] = str(params.get("seconds", 60))
    if status == 503:
        headers["Retry-After"] = "2"
    return JSONResponse(body, status, headers, PROBLEM)


class Edge:
    """Give each request an id and a log line, each answer its headers; refuse foreign forms."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        request_id = new_id().hex
        scope.setdefault("state", {})["request_id"] = request_id
        began, status = time.perf_counter(), 500

        async def reply(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = {name for name, _ in message["headers"]}
                extra = [(n, v) for n, v in SECURITY_HEADERS.items() if n not in given]
                extra.append((b"x-request-id", request_id.encode()))
                if scope["scheme"] == "https":
                    extra.append((b"strict-transport-security", HSTS))
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        if _foreign(scope, headers):
            request = Request(scope)
            await problem(request, 403, "foreign_origin")(scope, receive, reply)
        else:
            await self.app(scope, receive, reply)
        ms = (time.perf_counter() - began) * 1000
        if status >= 500 or ms > 1000:
            log.warning("request", id=request_id, method=scope["method"], path=scope["path"],
                        status=status, ms=round(ms, 1))  # fmt: skip


def _foreign(scope: Scope, headers: dict[bytes, bytes]) -> bool:
    """A write that a browser sends from another site's page (SameSite is the first lock)."""
    origin = headers.get(b"origin")
    if scope["method"] in SAFE or origin is None or b"authorization" in headers:
        return False
    return urlsplit(origin.decode("latin-1")).netloc != headers.get(b"host", b"").decode("latin-1")


def install(app: FastAPI) -> None:
    """Hang the edge and the two handlers on an application."""
    # What is answered is compressed inside the edge, which adds the headers that all answers have.
    app.add_middleware(CompressMiddleware, minimum_size=1000, zstd=False, brotli_quality=3)
    app.add_middleware(Edge)

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> JSONResponse:
        return problem(request, error.status, error.code, **error.params)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        faults = [
            {"field": ".".join(str(part) for part in fault["loc"][1:]), "detail": fault["msg"]}
            for fault in error.errors()
        ]
        return problem(
            request,
            422,
            "body_invalid",
            fields="、".join(f["field"] for f in faults),
            errors=faults,
        )

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        known = {404: "nothing_here", 405: "method_not_here"}
        return problem(request, error.status_code, known.get(error.status_code, "refused"))

    @app.exception_handler(OperationalError)
    @app.exception_handler(PoolTimeout)
    async def away(request: Request, error: Exception) -> JSONResponse:
        log.warning("database away", because=str(error)[:200])
        return problem(request, 503, "database_away")

    @app.exception_handler(IntegrityError)
    async def clash(request: Request, error: IntegrityError) -> JSONResponse:
        # Two writers met on a constraint; everything was rolled back and may be sent again.
        log.warning("clash", because=str(error.orig)[:200])
        return problem(request, 503, "try_again")

    @app.exception_handler(Exception)
    async def bug(request: Request, error: Exception) -> JSONResponse:
        log.error("bug", path=request.url.path, exc_info=error)
        return problem(request, 500, "our_fault")
