"""Health answers at once and readiness in bounded time, whatever the rest of the process waits for."""

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable
from typing import Any

import anyio.to_thread
import httpx2
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from backend import jobs
from backend.api import create_app
from backend.core import health, heartbeat
from backend.core.db import unit_of_work
from backend.core.settings import get_settings


def asked(*paths: str, busy: bool = False) -> list[tuple[int, dict[str, Any], float]]:
    """Ask the application in turn, if wanted while every thread of it waits; with the seconds."""
    app = create_app()

    async def ask() -> list[tuple[int, dict[str, Any], float]]:
        over = threading.Event()
        limiter = anyio.to_thread.current_default_thread_limiter()
        limiter.total_tokens = 2
        waits: list[Awaitable[Any]] = [
            asyncio.create_task(anyio.to_thread.run_sync(over.wait))
            for _ in range(6 if busy else 0)
        ]
        found = []
        try:
            async with httpx2.AsyncClient(
                transport=httpx2.ASGITransport(app), base_url="http://onemap.test"
            ) as client:
                for path in paths:
                    began = time.monotonic()
                    answer = await client.get(path, headers={"Authorization": "Bearer nonsense"})
                    found.append((answer.status_code, answer.json(), time.monotonic() - began))
        finally:
            over.set()
            await asyncio.gather(*waits)
        return found

    return asyncio.run(ask())


def test_it_answers_while_every_thread_waits(database: str) -> None:
    (alive, said, seconds), (ready, _, within) = asked("/api/health", "/api/ready", busy=True)
    assert (alive, said) == (200, {"status": "alive"})
    assert seconds < 1
    assert ready == 200 and within < health.WITHIN_S + 1


def test_readiness_is_bounded_when_the_database_accepts_and_says_nothing(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        monkeypatch.setenv("ONEMAP_DATABASE_URL", f"postgresql+psycopg://x@127.0.0.1:{port}/x")
        monkeypatch.setenv("ONEMAP_REDIS_URL", f"redis://127.0.0.1:{port}/0")
        # Less than a connection is waited for: its own bound alone would not do.
        monkeypatch.setattr(health, "WITHIN_S", 0.4)
        get_settings.cache_clear()
        try:
            ((status, said, within),) = asked("/api/ready")
        finally:
            monkeypatch.undo()
            get_settings.cache_clear()
    assert status == 503 and "does not answer" in said["database"]
    assert within < 1.5


def test_late_jobs_are_said_and_leave_it_ready(
    client: TestClient, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The run's own process may be old already.
    monkeypatch.setattr(health, "_began", time.monotonic())
    for job in jobs.JOBS:
        heartbeat.finish(job.name, 0, "", {})
    answer = client.get("/api/ready")
    assert (answer.status_code, answer.json()["late"]) == (200, [])
    with unit_of_work() as session:
        session.execute(
            text("UPDATE job_run SET finished_at = now() - interval '1 h' WHERE name = 'reminders'")
        )
        session.execute(text("UPDATE job_run SET finished_at = NULL WHERE name = 'sms'"))
    assert client.get("/api/ready").json()["late"] == ["reminders"]
    # A process that has just begun gives a new job its time.
    monkeypatch.setattr(health, "_began", time.monotonic() - 3600)
    answer = client.get("/api/ready")
    assert (answer.status_code, answer.json()["late"]) == (200, ["reminders", "sms"])
    assert answer.json()["jobs"]["reminders"]["late"] is True
    assert answer.json()["jobs"]["sms"] == {"finished": None, "late": True}
