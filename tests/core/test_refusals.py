"""What the database refuses, by its code; and what of an error may be logged."""

import asyncio
import json
import logging
import sys
from collections.abc import Iterator

import psycopg
import pytest
import structlog
from fastapi import FastAPI
from fastapi.testclient import TestClient
from psycopg import errors as pg
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, OperationalError, PendingRollbackError

from backend.city.areas.models import Area
from backend.core import http, log
from backend.core.asking import among
from backend.core.db import unit_of_work
from backend.core.faults import database_away, in_words
from backend.core.refusals import answer_to
from tests.conftest import Town


@pytest.mark.parametrize(
    ("statement", "status", "code"),
    [
        ("INSERT INTO calendar_version SELECT * FROM calendar_version", 409, "already_there"),
        ("SELECT 1000000::smallint", 422, "not_storable"),
        ("SELECT '9999-12-31'::timestamptz + interval '400000 years'", 422, "not_storable"), ("SELECT 1/0", 422, "not_storable"),
        ("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$", 503, "try_again"), ("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$", 503, "try_again"),
        ("DO $$ BEGIN RAISE SQLSTATE '55P03'; END $$", 503, "try_again"), ("DO $$ BEGIN RAISE SQLSTATE '53100'; END $$", 507, "disk_full"),
        ("DO $$ BEGIN RAISE SQLSTATE '25006'; END $$", 503, "read_only"), ("DO $$ BEGIN RAISE SQLSTATE '57P01'; END $$", 503, "database_away"),
        ("DO $$ BEGIN RAISE SQLSTATE '23503'; END $$", 409, "gone_meanwhile"), ("DO $$ BEGIN RAISE SQLSTATE '23514'; END $$", 422, "not_storable"),
        ("SELECT nothing FROM nowhere", 500, "our_fault"),
    ],
)  # fmt: skip
def test_each_refusal_has_its_answer(database: str, statement: str, status: int, code: str) -> None:
    with pytest.raises(DBAPIError) as told, unit_of_work() as session:
        session.execute(text(statement))
    assert (answer_to(told.value).status, answer_to(told.value).code) == (status, code)


def test_what_never_reached_the_database_is_its_absence() -> None:
    assert (
        answer_to(OperationalError("", {}, psycopg.OperationalError("gone"))).code
        == "database_away"
    )
    assert (
        answer_to(pg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")).status
        == 422
    )


def test_what_is_cleared_up_after_the_connection_is_lost_is_its_absence_too(database: str) -> None:
    with pytest.raises(PendingRollbackError) as told, unit_of_work() as session:
        try:
            session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        finally:
            session.execute(text("SELECT 1"))
    assert answer_to(told.value).code == "database_away"
    assert database_away(told.value)


def test_a_hundred_thousand_values_travel_as_one(database: str, town: Town) -> None:
    codes = [f"{n:018}" for n in range(100_000)] + [town.units[0]]
    with unit_of_work() as session:
        assert session.scalars(select(Area.code).where(among(Area.code, codes))).all() == [
            town.units[0]
        ]


SECRET = "独居老人的电话是 13800000012"


@pytest.fixture
def faulty(database: str) -> FastAPI:
    """An application whose routes fail in each way."""
    app = FastAPI()
    http.install(app)

    @app.get("/bug")
    def bug() -> None:
        raise ValueError(SECRET)

    @app.get("/sql")
    def sql() -> None:
        with unit_of_work() as session:
            session.execute(text("SELECT :words::date"), {"words": SECRET})

    @app.get("/missing")
    def missing() -> None:
        with unit_of_work() as session:
            session.execute(text("SELECT nothing FROM nowhere WHERE x = :words"), {"words": SECRET})

    return app


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[object]:
    """The log's lines, read back; whatever is no JSON fails."""
    hooks, handlers = sys.excepthook, logging.getLogger().handlers[:]

    def read(*, start: bool = False) -> list[dict[str, object]]:
        if start:
            # pytest captures set-up and test apart: the stream of now is asked for now.
            log.configure()
        return [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.strip()]

    yield read
    sys.excepthook = hooks
    logging.getLogger().handlers = handlers


@pytest.mark.parametrize(("path", "status"), [("/bug", 500), ("/missing", 500)])
def test_a_500_is_found_by_its_number_and_tells_no_words(
    faulty: FastAPI, lines, path: str, status: int
) -> None:  # type: ignore[no-untyped-def]
    lines(start=True)
    answer = TestClient(faulty).get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    for name in (
        "content-security-policy",
        "x-content-type-options",
        "referrer-policy",
        "permissions-policy",
    ):
        assert name in answer.headers
    number = answer.json()["request_id"]
    assert number == answer.headers["x-request-id"]
    written = lines()
    bug = next(line for line in written if line["event"] == "bug")
    assert bug["request_id"] == number and "test_refusals.py" in str(bug["exception"])
    assert all(line["request_id"] == number for line in written)
    assert SECRET not in json.dumps(
        written, ensure_ascii=False
    ) and "13800000012" not in json.dumps(written)


def test_the_lines_of_libraries_are_json_too(database: str, lines) -> None:  # type: ignore[no-untyped-def]
    lines(start=True)
    logger = logging.getLogger("uvicorn.error")
    try:
        raise KeyError(SECRET)
    except KeyError:
        logger.exception("Exception in ASGI application\n")
    logging.getLogger("rq.worker").warning("a job\nof two lines")
    structlog.get_logger().warning("ours")
    first, second, third = lines()
    assert (
        first["logger"] == "uvicorn.error"
        and "KeyError" in first["exception"]
        and SECRET not in str(first)
    )
    assert (second["event"], third["event"]) == ("a job\nof two lines", "ours")


def test_whoever_hangs_up_while_sending_is_no_bug(client: TestClient) -> None:
    came = iter([
        {"type": "http.request", "body": b"\xff\xd8\xff", "more_body": True},
        {"type": "http.disconnect"},
    ])  # fmt: skip
    sent: list[object] = []

    async def receive() -> object:
        return next(came)

    async def send(message: object) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/api/media", "raw_path": b"/api/media",
        "query_string": b"", "headers": [(b"host", b"testserver")], "scheme": "http",
        "client": ("127.0.0.1", 1), "server": ("testserver", 80), "http_version": "1.1",
    }  # fmt: skip
    with structlog.testing.capture_logs() as said:
        asyncio.run(client.app(scope, receive, send))  # type: ignore[arg-type]
    assert sent == []
    assert [line["event"] for line in said] == ["sender gone"]


def test_what_could_not_be_stored_is_not_repeated_in_a_reason(database: str) -> None:
    with pytest.raises(DBAPIError) as told, unit_of_work() as session:
        session.execute(text("SELECT CAST(:said AS integer)"), {"said": "林晓明 13905941234"})
    assert in_words(told.value) == "InvalidTextRepresentation"
    with pytest.raises(DBAPIError) as other, unit_of_work() as session:
        session.execute(text("SELECT nothing FROM nowhere"))
    assert in_words(other.value) == 'UndefinedTable: relation "nowhere" does not exist'
