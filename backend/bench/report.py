"""`bench report`: reports a second through HTTP, beside pgbench running the very same SQL."""

import json
import random
import re
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import event, select, text

from backend.bench import load, stage
from backend.bench.results import Result, in_turns
from backend.city.accounts import service
from backend.city.accounts.models import Account, Post
from backend.city.accounts.scopes import slices
from backend.city.areas import queries as areas
from backend.cli.serving import listen, start_processes, wait_until_ready
from backend.core import clock, day
from backend.core.actor import Actor, Role
from backend.core.db import NOBODY, SET_SCOPE, get_engine, scope_parameters, unit_of_work
from backend.embedded.place import Place
from backend.embedded.postgres import BIN
from backend.matters.events.casework import counting
from backend.matters.events.intake import reporting
from backend.matters.events.schemas import PositionIn, ReportIn

CLIENTS = (1, 8, 16, 64)
SECONDS, ROUNDS = 4.0, 3
# What is held: a share of pgbench's rate at the best number of clients, and milliseconds.
SHARE, SLOWEST = 0.5, 300.0
HEADS = 200
WORKERS = 2


def measure() -> list[Result]:
    """Reports a second at each number of clients, statements a report, and the ratio to pgbench."""
    with stage.city() as (place, supervisor):
        heads = _heads()
        statements = _statements(heads[0])
        servers = listen("127.0.0.1", 0, WORKERS)
        start_processes(supervisor, servers)
        wait_until_ready(servers[0])
        port = servers[0].getsockname()[1]
        seen: dict[int, list[load.Load]] = {n: [] for n in CLIENTS}
        make = _requests(heads)

        def through_http(clients: int) -> Callable[[], float]:
            def once() -> float:
                result = load.run(port, make, clients, SECONDS)
                assert result.refused == 0, f"{result.refused} reports were refused"
                seen[clients].append(result)
                return result.rate

            return once

        with _pgbench(place, heads) as by_pgbench:
            contenders = {f"report, {n} clients": through_http(n) for n in CLIENTS}
            rates = in_turns({**contenders, "pgbench": by_pgbench}, ROUNDS)
        for server in servers:
            server.close()
    base = rates.pop("pgbench")
    results = [
        Result(name, rate, "reports/s", "pgbench, same SQL, 16 clients", rate / base)
        for name, rate in rates.items()
    ]
    best = max(rates.values()) / base
    slowest = sorted(r.percentile(0.99) for r in seen[64])[ROUNDS // 2]
    return [
        *results,
        Result("pgbench, same SQL, 16 clients", base, "reports/s"),
        Result("best share of pgbench", best, "", f"at least {SHARE}", best / SHARE, best >= SHARE),
        Result.within("report, 64 clients, p99", slowest, "ms", SLOWEST),
        Result("statements a report, begin and commit included", statements, "statements"),
    ]


def _heads() -> list[tuple[Actor, str, float, float]]:
    """Unit heads with a token and a point inside their own unit."""
    found = []
    with unit_of_work(NOBODY) as session:
        rows = session.execute(
            select(Account, Post)
            .join(Post)
            .where(Post.role == Role.UNIT_HEAD)
            .order_by(Post.area_code)
            .limit(HEADS)
        ).all()
        for account, post in rows:
            point = session.execute(
                text(
                    "SELECT ST_X(p) AS lon, ST_Y(p) AS lat"
                    " FROM (SELECT ST_PointOnSurface(geom) AS p FROM area"
                    "       WHERE code = :code AND valid_to IS NULL) AS inside"
                ),
                {"code": post.area_code},
            ).one()
            actor = Actor(
                account.id, Role.UNIT_HEAD, post.id, account.name, post.area_code or "",
                post.home_county, slices(session, post),
            )  # fmt: skip
            issued = service.sign_in(session, account, "bench", post.id)
            found.append((actor, issued.access, point.lon, point.lat))
    return found


def _body(lon: float, lat: float) -> bytes:
    position = {"lon": lon, "lat": lat, "crs": "WGS84", "accuracy_m": 8}
    body = {
        "client_id": str(uuid.uuid4()),
        "category": "0201",
        "text": "路口积水",
        "position": position,
    }
    return json.dumps(body).encode()


def _requests(heads: list[tuple[Actor, str, float, float]]) -> Callable[[], bytes]:
    def make() -> bytes:
        _, token, lon, lat = random.choice(heads)
        return load.request("POST", "/api/events", token, _body(lon, lat))

    return make


def _statements(head: tuple[Actor, str, float, float]) -> int:
    """How often one report speaks to the database, begin and commit included."""
    actor, _, lon, lat = head
    counted = 0

    def count(*_: object) -> None:
        nonlocal counted
        counted += 1

    def once() -> None:
        body = ReportIn(
            client_id=uuid.uuid4(), text="x", category="0201",
            position=PositionIn(lon=lon, lat=lat, crs="WGS84", accuracy_m=8),
        )  # fmt: skip
        with unit_of_work(actor) as session:
            reporting.report(session, actor, body)

    once()
    event.listen(get_engine(), "before_cursor_execute", count)
    once()
    event.remove(get_engine(), "before_cursor_execute", count)
    return counted + 2


EXPRESSIONS = {
    "client_id": "gen_random_uuid()", "body_hash": "decode(md5(random()::text), 'hex')",
    "answer": "'{}'::jsonb", "id": "CAST(:id AS uuid)", "action_id": "CAST(:action_id AS uuid)",
    "event_no": "'E' || CAST(:id AS text)", "state": "'reported'", "scheme_version": "1",
    "category_code": "'0201'", "text": "'路口积水'", "severity": "2", "source": "'unit_head'",
    "at": "now()", "raw_position": "'{\"lon\": 119.0, \"lat\": 25.4, \"crs\": \"WGS84\"}'::jsonb",
    "external_ref": "NULL", "answers": "'{}'::jsonb", "step_due_at": "now()", "restricted": "false",
    "named": "'{}'::uuid[]", "crs_suspect": "NULL", "address_text": "''",
    "track_hash": "decode(md5('x'), 'hex')",
    "form": "2", "hash": "decode(md5(random()::text), 'hex')", "role": "'unit_head'",
    "organization_id": "NULL::uuid", "details": "'{\"source\": \"unit_head\"}'::jsonb",
    "client_at": "NULL::timestamptz", "fact_details": "'{\"action\": \"submit\"}'::jsonb",
    "lon": ":lon", "lat": ":lat", "area_code": ":'area'", "county_code": ":'county'",
    "home_county": ":'county'", "account_id": ":'account'::uuid", "reporter_id": ":'account'::uuid",
    "post_id": ":'post'::uuid", "scope": ":'scope'", "account": ":'account'",
    # A unit head fills no posts.
    "organization": "''", "tracked": "''", "appoints": "''",
    "plans": "'force_generic_plan'",
}  # fmt: skip


def _as_pgbench(sql: str) -> str:
    """Our own SQL, its named parameters filled with pgbench's variables and with constants."""
    bare = re.sub(r"--.*", "", sql)
    known = EXPRESSIONS | _counted()
    return re.sub(r"(?<![:\w]):(\w+)", lambda m: known[m.group(1)], bare).strip()


def _counted() -> dict[str, str]:
    """What a new report counts for, a key for each, and its day."""
    measures = counting.first(clock.now(), restricted=False)
    keys = ", ".join("gen_random_uuid()" for _ in measures)
    words = ", ".join(f"'{measure}'" for measure in measures)
    return {
        "measures": f"ARRAY[{words}]", "delta_ids": f"ARRAY[{keys}]",
        "today": f"'{day.today().isoformat()}'",
    }  # fmt: skip


@contextmanager
def _pgbench(
    place: Place, heads: list[tuple[Actor, str, float, float]]
) -> Iterator[Callable[[], float]]:
    """A measurement: the same transaction by pgbench, 16 clients, one script a unit head."""
    with tempfile.TemporaryDirectory() as folder:
        scripts = []
        for i, (actor, _, lon, lat) in enumerate(heads[:20]):
            scope = scope_parameters(actor)["scope"].replace('"', '\\"')
            set_up = {
                "lon": lon, "lat": lat, "area": actor.area_code, "county": actor.home_county,
                "account": actor.id, "post": actor.post_id,
            }  # fmt: skip
            lines = [f"\\set lon {lon!r}", f"\\set lat {lat!r}"]
            sql = {
                name: value
                for name, value in set_up.items() if name not in ("lon", "lat")
            }  # fmt: skip
            body = ";\n".join(
                [
                    "BEGIN",
                    _as_pgbench(str(SET_SCOPE.text)),
                    _as_pgbench(str(areas.LOCATE.text)),
                    _as_pgbench(str(reporting.REPORT.text)),
                    "COMMIT;",
                ]
            )
            for name, value in sql.items():
                body = body.replace(f":'{name}'", f"'{value}'")
            body = body.replace(":'scope'", "'" + scope.replace('\\"', '"') + "'")
            script = Path(folder) / f"{i}.sql"
            ids = "SELECT gen_random_uuid() AS id, gen_random_uuid() AS action_id \\gset\n"
            script.write_text("\n".join(lines) + "\n" + ids + body + "\n")
            scripts += ["-f", str(script)]

        def once() -> float:
            done = subprocess.run(
                [str(BIN / "pgbench"), "-n", "-M", "prepared", "-c", "16", "-j", "2",
                 "-T", str(int(SECONDS)),
                 "-U", "onemap_app", "-h", str(place.sockets), *scripts, "onemap"],
                capture_output=True, text=True,
            )  # fmt: skip
            found = re.search(r"tps = ([\d.]+)", done.stdout)
            assert found and done.returncode == 0, done.stderr[-2000:]
            return float(found.group(1))

        yield once
