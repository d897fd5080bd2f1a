"""`bench plans`: what every query of every page reads, for everybody who may see it.

The pages are asked for through the application itself, so that no query is forgotten and none is
measured that no page sends. What is held against a limit are blocks of 8 KB, which do not depend
on what else the machine does, and not milliseconds:

- `BASE` blocks a query, 4 MB: about a millisecond from memory, a twentieth of a second from a disk
  that has not been read yet. Most queries need ten; the most that a query of one row needs.
- `EACH` blocks more for every row that it gives: a row in a block of its own, found over an index
  of four levels, for each of the reasons for which a row may be seen, with what hangs on it.
- `QUERIES` queries a page, however long its list is.

A plan that scans a table may stay below them, and then does no harm; one over an index may not.
"""

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import httpx2
from sqlalchemy import select

from backend.bench import stage
from backend.bench.cases import actor_of
from backend.bench.explaining import Seen, explained
from backend.bench.pages import WHO, filled, pages
from backend.bench.results import Result
from backend.city.accounts import service as accounts
from backend.city.accounts.models import Account
from backend.core.actor import registrar
from backend.core.db import unit_of_work

BASE, EACH, QUERIES = 500, 100, 15
# Refused in words: not for this role, or nothing of the kind is there for it.
REFUSED = frozenset({403, 404, 422})


def allowed(rows: int) -> int:
    """How many blocks a query of so many rows may read."""
    return BASE + EACH * rows


def measure(only: re.Pattern[str]) -> Iterator[Result]:
    """The dearest query of each page, in blocks, beside what it may read.

    Raises
    ------
    SystemExit
        A query reads too much, a page sends too many, or a page fails.
    """
    faults = []
    with stage.city():
        for name, queries in _looked(only):
            if isinstance(queries, int):
                faults.append(f"{name}: answered {queries}")
                continue
            found = [f"{len(queries)} queries"] if len(queries) > QUERIES else []
            found += [
                f"{q.buffers} blocks for {q.rows} rows by {', '.join(q.by)}: {q.short}"
                for q in queries
                if q.buffers > allowed(q.rows)
            ]
            faults += [f"{name}: {fault}" for fault in found]
            dearest = max(queries, key=lambda q: q.buffers / allowed(q.rows), default=None)
            if dearest is not None:
                limit = allowed(dearest.rows)
                yield Result(
                    name, dearest.buffers, "blocks",
                    f"{limit} for {dearest.rows} rows in {len(queries)} queries",
                    dearest.buffers / limit, not found,
                )  # fmt: skip
    if faults:
        raise SystemExit("\n".join([f"{len(faults)} faults:", *faults]))


def _looked(only: re.Pattern[str]) -> Iterator[tuple[str, list[Seen] | int]]:
    """Everybody's pages with their queries; a number is the status of a page that failed."""
    from backend.api import create_app

    wire = httpx2.ASGITransport(create_app(), raise_app_exceptions=False)
    client = httpx2.AsyncClient(transport=wire, base_url="http://onemap.bench")
    with asyncio.Runner() as loop:
        for who in WHO:
            headers, area = _signed_in(who)

            def get(path: str, headers: dict[str, str] = headers, **given: Any) -> httpx2.Response:
                return loop.run(client.get(path, headers=headers, **given))

            firsts: dict[str, str] = {}
            for page in pages():
                name = f"{who.removeprefix('demo-')} {page}"
                if who not in page.who or not only.search(name):
                    continue
                if page.first_of and not firsts.get(page.first_of):
                    firsts[page.first_of] = _first(get(page.first_of))
                first = firsts.get(page.first_of, "")
                if page.first_of and not first:
                    continue
                path, params = filled(page, area, first)
                # Once before: what an application remembers is no query of a page.
                get(path, params=params)
                with explained() as queries:
                    answer = get(path, params=params)
                if answer.status_code == 200:
                    yield name, queries
                elif answer.status_code not in REFUSED:
                    yield name, answer.status_code
        loop.run(client.aclose())


def _signed_in(username: str) -> tuple[dict[str, str], str]:
    """The headers of a demo account, and the area that its pages begin with."""
    with unit_of_work(registrar()) as session:
        account = session.scalars(select(Account).where(Account.username == username)).one()
        issued = accounts.sign_in(session, account, "bench")
    area = actor_of(username).area_code or actor_of("demo-town").area_code
    return {"Authorization": f"Bearer {issued.access}"}, area


def _first(listed: httpx2.Response) -> str:
    if listed.status_code != 200:
        return ""
    body = listed.json()
    rows: list[dict[str, str]] = body.get("items", []) if isinstance(body, dict) else body
    return str(rows[0]["id"]) if rows else ""
