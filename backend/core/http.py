"""The edge of the application: request ids, security headers, refusals as problem+json."""

import time
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import psycopg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_compress import CompressMiddleware, add_compress_type, remove_compress_type

from backend.core import uploads
from backend.core.describing import PROBLEM
from backend.core.errors import BodyTooLarge, BodyTooSlow, Refused, TooMany
from backend.core.ids import new_id
from backend.core.inputs.base import faults_of
from backend.core.language import choose, say
from backend.core.refusals import BUG, FULL, answer_to, place_of, storage_full

log = structlog.get_logger()

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
# In the log only: the number that web servers have for it.
SENDER_GONE = 499
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
        asks_head = scope["method"] == "HEAD"
        if asks_head:
            # Answered as GET is, and nothing of it but its head is sent.
            send = _head_only(send)
        request_id = new_id().hex
        scope.setdefault("state", {})["request_id"] = request_id
        began, status, began_reply = time.perf_counter(), 500, False

        async def reply(message: Message) -> None:
            nonlocal status, began_reply
            if message["type"] == "http.response.start":
                status, began_reply = message["status"], True
                given = {name for name, _ in message["headers"]}
                extra = [(n, v) for n, v in SECURITY_HEADERS.items() if n not in given]
                extra.append((b"x-request-id", request_id.encode()))
                if scope["scheme"] == "https":
                    extra.append((b"strict-transport-security", HSTS))
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            refusal = _refusal(scope, headers)
            try:
                if refusal is not None:
                    await refusal(scope, receive, reply)
                else:
                    asked = {**scope, "method": "GET"} if asks_head else scope
                    await self.app(
                        asked, uploads.limited(scope, receive, lambda: began_reply), reply
                    )
            except _HeadSent:
                pass
            except ClientDisconnect:
                # Hung up in the middle of what they sent: nobody is there to be answered.
                log.info("sender gone", path=scope["path"])
                status = SENDER_GONE
            except Exception as error:
                # Here and not in the framework's outermost layer, whose answers have no headers.
                log.error("bug", path=scope["path"], exc_info=error)
                if began_reply:
                    raise
                await problem(Request(scope), BUG.status, BUG.code)(scope, receive, reply)
            ms = (time.perf_counter() - began) * 1000
            if status >= 500 or ms > 1000:
                log.warning("request", method=scope["method"], path=scope["path"],
                            status=status, ms=round(ms, 1))  # fmt: skip


class _HeadSent(Exception):
    """The rest of an answer is for nobody: it may be long, or have no end."""


def _head_only(send: Send) -> Send:
    """Send an answer without its body; its length stays that of the body."""

    async def head(message: Message) -> None:
        if message["type"] == "http.response.start":
            await send(message)
            await send({"type": "http.response.body", "body": b""})
        elif message.get("more_body"):
            raise _HeadSent

    return head


def _refusal(scope: Scope, headers: dict[bytes, bytes]) -> JSONResponse | None:
    """What is refused before any route is asked."""
    if _foreign(scope, headers):
        return problem(Request(scope), 403, "foreign_origin")
    if _unprintable(scope):
        return problem(Request(scope), 422, "address_invalid")
    return None


def _unprintable(scope: Scope) -> bool:
    """An address with a NUL in it, or with bytes that are no UTF-8: no column holds such words."""
    raw = scope.get("raw_path") or scope["path"].encode("utf-8", "surrogateescape")
    address = unquote_to_bytes(raw + b"?" + scope.get("query_string", b"").replace(b"+", b" "))
    try:
        return "\0" in address.decode()
    except UnicodeDecodeError:
        return True


def _foreign(scope: Scope, headers: dict[bytes, bytes]) -> bool:
    """A write that a browser sends from another site's page (SameSite is the first lock)."""
    origin = headers.get(b"origin")
    if scope["method"] in SAFE or origin is None or b"authorization" in headers:
        return False
    try:
        site = urlsplit(origin.decode("latin-1")).netloc
    except ValueError:
        return True  # no address at all, as no browser sends it
    return site != headers.get(b"host", b"").decode("latin-1")


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
        language = choose(request.headers.get("accept-language", ""))
        faults = faults_of(error.errors(), language, skip=1)
        return problem(
            request,
            422,
            "body_invalid",
            fields="、".join(f["field"] for f in faults),
            errors=faults,
        )

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        if isinstance(error, BodyTooLarge):
            return problem(request, 413, "body_too_large", most_mb=error.most_mb)
        if isinstance(error, BodyTooSlow):
            answer = problem(request, 408, "body_too_slow")
            answer.headers["Connection"] = "close"
            return answer
        if error.status_code == 400:
            # The framework's word for a body that it could not parse.
            return problem(request, 422, "body_unreadable")
        known = {404: "nothing_here", 405: "method_not_here"}
        return problem(request, error.status_code, known.get(error.status_code, "refused"))

    @app.exception_handler(DBAPIError)
    @app.exception_handler(psycopg.Error)
    @app.exception_handler(PoolTimeout)
    @app.exception_handler(PendingRollbackError)
    @app.exception_handler(UnicodeEncodeError)
    async def database(request: Request, error: Exception) -> JSONResponse:
        # Everything was rolled back; the answer says whether sending it again can help.
        answer = answer_to(error)
        if answer is BUG:
            raise error
        log.warning("refused by the database", answer=answer.code, **place_of(error))
        return problem(request, answer.status, answer.code)

    @app.exception_handler(OSError)
    async def storage(request: Request, error: OSError) -> JSONResponse:
        # A photo, a document, the minutes: nothing of it was recorded, and there is no bug to mend.
        if not storage_full(error):
            raise error
        log.error("the storage is full")
        return problem(request, FULL.status, FULL.code)
