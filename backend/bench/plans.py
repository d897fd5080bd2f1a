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

import httpx2
from sqlalchemy import select

from backend.bench import stage
from backend.bench.cases import actor_of
from backend.bench.explaining import Seen, explained
from backend.bench.pages import WHO, Page, filled, pages
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


def measure() -> list[Result]:
    """The dearest query of each page, in blocks, beside what it may read.

    Raises
    ------
    SystemExit
        A query reads too much, a page sends too many, or a page fails.
    """
    results, faults = [], []
    with stage.city():
        for who, page, queries in asyncio.run(_looked()):
            name = f"{who.removeprefix('demo-')} {page}"
            if isinstance(queries, int):
                faults.append(f"{name}: answered {queries}")
                continue
            if len(queries) > QUERIES:
                faults.append(f"{name}: {len(queries)} queries")
            faults += [
                f"{name}: {q.buffers} blocks for {q.rows} rows by {', '.join(q.by)}: {q.short}"
                for q in queries
                if q.buffers > allowed(q.rows)
            ]
            dearest = max(queries, key=lambda q: q.buffers / allowed(q.rows), default=None)
            if dearest is not None:
                limit = allowed(dearest.rows)
                results.append(
                    Result(name, dearest.buffers, "blocks", f"{limit} for {dearest.rows} rows"
                           f" in {len(queries)} queries", dearest.buffers / limit)
                )  # fmt: skip
    if faults:
        raise SystemExit("\n".join([f"{len(faults)} faults:", *faults]))
    return results


async def _looked() -> list[tuple[str, Page, list[Seen] | int]]:
    """Everybody's pages with their queries; a number is the status of a page that failed."""
    from backend.api import create_app

    found: list[tuple[str, Page, list[Seen] | int]] = []
    wire = httpx2.ASGITransport(create_app(), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=wire, base_url="http://onemap.bench") as client:
        for who in WHO:
            headers, area = _signed_in(who)
            firsts: dict[str, str] = {}
            for page in (one for one in pages() if who in one.who):
                first = firsts.get(page.first_of, "")
                if page.first_of and not first:
                    listed = await client.get(page.first_of, headers=headers)
                    firsts[page.first_of] = first = _first(listed)
                if page.first_of and not first:
                    continue
                path, params = filled(page, area, first)
                # Once before: what an application remembers is no query of a page.
                await client.get(path, params=params, headers=headers)
                with explained() as queries:
                    answer = await client.get(path, params=params, headers=headers)
                if answer.status_code == 200:
                    found.append((who, page, queries))
                elif answer.status_code not in REFUSED:
                    found.append((who, page, answer.status_code))
    return found


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
