"""`bench live`: how long after a decision it stands on everybody's screen, through HTTP.

A meeting of sixty cases with twelve people; each follows the feed over a connection of their own.
"""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import quantiles
from uuid import uuid4

from sqlalchemy import select

from backend.bench import stage
from backend.bench.cases import actor_of
from backend.bench.results import Result
from backend.city.accounts import service as accounts
from backend.city.accounts.models import Account, Post
from backend.cli.serving import listen, start_processes, wait_until_ready
from backend.core import clock
from backend.core.actor import Role
from backend.core.db import NOBODY, unit_of_work
from backend.matters.events.intake import reporting
from backend.matters.events.schemas import ReportIn
from backend.matters.reviews import queries, service
from backend.matters.reviews.schemas import ReviewIn

CASES, PEOPLE = 60, 12


def measure() -> list[Result]:
    """Milliseconds from a decision's answer to its line at each of twelve screens."""
    with stage.city() as (_, supervisor):
        village = actor_of("demo-village")
        with unit_of_work(village) as session:
            for _ in range(CASES):
                body = ReportIn(
                    client_id=uuid4(), text="x", category="0204", area_code=village.area_code
                )
                reporting.report(session, village, body)
        with unit_of_work(village) as session:
            body_ = ReviewIn(client_id=uuid4(), area_code=village.area_code, starts_at=clock.now())
            review_id = service.plan(session, village, body_)
        with unit_of_work(village) as session:
            service.begin(session, village, review_id)
            review = queries.one(session, village, review_id)
            code, after = review.code, review.log_seq
            cases = [e.id for e in queries.entries(session, review) if e.event_id][:CASES]
        tokens = _tokens()
        servers = listen("127.0.0.1", 0)
        start_processes(supervisor, servers)
        wait_until_ready(servers[0])
        port = servers[0].getsockname()[1]
        arrived: dict[int, list[float]] = {}
        with _screens(port, f"/api/reviews/{review_id}", tokens, code, after, arrived):
            sent = []
            connection = http.client.HTTPConnection("127.0.0.1", port)
            headers = {"Authorization": f"Bearer {tokens[0]}", "Content-Type": "application/json"}
            for case in cases:
                began = time.perf_counter()
                connection.request(
                    "POST", f"/api/reviews/{review_id}/entries/{case}/decision",
                    json.dumps({"decision": "put_off", "note": "x"}), headers,
                )  # fmt: skip
                answer = connection.getresponse()
                shown = json.loads(answer.read())
                assert answer.status == 200, shown
                sent.append((shown["seq"], began))
                time.sleep(0.05)
            end = time.perf_counter() + 10
            last = sent[-1][0]
            while len(arrived.get(last, [])) < PEOPLE and time.perf_counter() < end:
                time.sleep(0.05)
        for server in servers:
            server.close()
    delays = [(at - began) * 1000 for seq, began in sent for at in arrived.get(seq, [])]
    cuts = quantiles(delays, n=100)
    return [
        Result("cases decided", len(sent), "cases"),
        Result("arrivals expected", len(sent) * PEOPLE, "lines"),
        Result("arrivals seen", len(delays), "lines"),
        Result("decision to screen, median", cuts[49], "ms"),
        Result("decision to screen, p99", cuts[98], "ms"),
    ]


def _tokens() -> list[str]:
    """The secretary's token first, then those of unit heads."""
    with unit_of_work(NOBODY) as session:
        rows = session.execute(
            select(Account, Post)
            .join(Post)
            .where(Account.username.in_(["demo-village"]) | (Post.role == Role.UNIT_HEAD))
            .order_by((Account.username == "demo-village").desc(), Post.area_code)
            .limit(PEOPLE)
        ).all()
        return [
            accounts.sign_in(session, account, "bench", post.id).access for account, post in rows
        ]


@contextmanager
def _screens(
    port: int, path: str, tokens: list[str], code: str, after: int, arrived: dict[int, list[float]]
) -> Iterator[None]:
    """Twelve people come in by the code and listen until the block ends."""
    ready, stop = threading.Semaphore(0), threading.Event()
    guard = threading.Lock()

    def listen_to(token: str) -> None:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        door = http.client.HTTPConnection("127.0.0.1", port)
        door.request("POST", "/api/reviews/join", json.dumps({"code": code}), headers)
        answer = door.getresponse()
        assert answer.status == 200, answer.read()
        answer.read()
        feed = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        feed.request("GET", f"{path}/live?after={after}", headers=headers)
        stream = feed.getresponse()
        ready.release()
        while not stop.is_set():
            line = stream.readline()
            if not line:
                return
            if line.startswith(b"id: "):
                with guard:
                    arrived.setdefault(int(line[4:]), []).append(time.perf_counter())

    threads = [threading.Thread(target=listen_to, args=(t,), daemon=True) for t in tokens]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert ready.acquire(timeout=20), "not everybody came in"
    time.sleep(1)
    yield
    stop.set()
