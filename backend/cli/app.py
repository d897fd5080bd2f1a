"""The verbs, gathered."""

import signal
from typing import Annotated

import typer

from backend.cli.administering import administering
from backend.cli.backing import backing
from backend.cli.importing import importing

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(importing, name="import")
app.add_typer(administering, name="admin")
app.add_typer(backing)


@app.callback()
def main() -> None:
    """OneMap: a city governs itself block by block, on one map."""


@app.command()
def up(
    port: Annotated[int, typer.Option(help="the port on 127.0.0.1", min=1, max=65535)] = 8000,
    workers: Annotated[int | None, typer.Option(help="API processes; default: one a core")] = None,
    lan: Annotated[
        bool, typer.Option("--lan", help="HTTPS on the local network, for a real phone")
    ] = False,
) -> None:
    """Set everything up, serve it, and say who can sign in."""
    from backend.cli import serving

    serving.up(port, workers, lan=lan)


@app.command()
def setup() -> None:
    """Do all that `up` does, except serving; a real database is left to `migrate`."""
    import os

    from backend.cli import serving, web
    from backend.cli.environment import servers, uses_private_database
    from backend.cli.migrating import migrate_now

    web.build()
    if os.environ.get("ONEMAP_DATABASE_URL"):
        return
    with servers() as place:
        migrate_now()
        if uses_private_database(place):
            serving.seed_if_empty()


@app.command(hidden=True)
def prepare() -> None:
    """Bring a database that runs already up to date, and seed the private one when it is empty."""
    from backend.cli import serving
    from backend.cli.environment import settle, uses_private_database
    from backend.cli.migrating import migrate_now

    place = settle()
    migrate_now()
    if uses_private_database(place):
        serving.seed_if_empty()


@app.command()
def migrate() -> None:
    """Bring the database to the current schema."""
    from backend.cli.environment import servers
    from backend.cli.migrating import migrate_now

    with servers():
        migrate_now()


@app.command()
def schema() -> None:
    """Write policies, grants and functions, as a migrated database has them, to backend/schema."""
    from backend.cli import describing

    describing.describe()


@app.command()
def verify() -> None:
    """Walk every journal there is and tell the first entry that was changed; then it fails."""
    from backend.cli import verifying

    raise typer.Exit(verifying.verify())


@app.command()
def relay() -> None:
    """Wake workers for what waits in the outbox, and for the jobs whose time has come."""
    import threading

    from backend.cli.environment import settle
    from backend.core import log
    from backend.core import relay as waking
    from backend.jobs import JOBS, OUTWARD

    settle()
    log.configure()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    waking.relay(stop.is_set, JOBS, OUTWARD)


@app.command()
def worker(
    lane: Annotated[
        list[str] | None,
        typer.Option(help="facts, periodic, figures or sending, once a worker; none: all"),
    ] = None,
) -> None:
    """Run the jobs that the relay hands out, each lane for itself."""
    from backend.cli import working
    from backend.cli.environment import settle
    from backend.core.jobs import FACTS, LANES
    from backend.core.settings import get_settings

    if not set(lane or LANES) <= set(LANES):
        raise typer.BadParameter(", ".join(LANES))
    settle()
    # Counties' facts are heard beside each other, so that a long one holds up only its own.
    working.work(lane or [*LANES, *[FACTS] * (get_settings().fact_workers - 1)])


@app.command()
def doctor(
    again: Annotated[
        bool, typer.Option("--again", help="try all that was put aside or failed once more")
    ] = False,
) -> None:
    """Say in sentences what hangs, was put aside or was given up; fails when something is."""
    from backend.cli import doctoring

    raise typer.Exit(doctoring.examine(again))


@app.command()
def openapi() -> None:
    """Write the API's description to web/openapi.json, from which the web's types are made."""
    import json

    from backend.api import create_app
    from backend.cli.environment import settle
    from backend.embedded.place import REPOSITORY

    settle()
    described = json.dumps(create_app().openapi(), ensure_ascii=False, indent=1, sort_keys=True)
    (REPOSITORY / "web" / "openapi.json").write_text(described + "\n", "utf-8")


@app.command()
def fuzz(
    cases: Annotated[int, typer.Option(help="How many calls in all, over every role.")] = 10_000,
    role: Annotated[str, typer.Option(help="One role alone: demo-town, nobody.")] = "",
    door: Annotated[str, typer.Option(help="Only addresses in which this stands.")] = "",
) -> None:
    """Call every operation of the API with nasty values, as every role, on private servers."""
    import os
    import subprocess
    import sys

    from backend.embedded.place import REPOSITORY

    only = ["-k", role] if role else []
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-s", "tests/fuzz", *only],
        cwd=REPOSITORY,
        env=os.environ | {"ONEMAP_FUZZ_CASES": str(cases), "ONEMAP_FUZZ_DOOR": door},
    )  # fmt: skip
    raise typer.Exit(done.returncode)


@app.command()
def chaos() -> None:
    """Kill, cut off and fill up everything in turns under a long load: nothing may be lost."""
    import os
    import subprocess
    import sys

    from backend.embedded.place import REPOSITORY

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-s", "tests/chaos/test_everything.py"],
        cwd=REPOSITORY, env=os.environ | {"ONEMAP_CHAOS": "long"},
    )  # fmt: skip
    raise typer.Exit(done.returncode)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(
    context: typer.Context,
    quick: Annotated[bool, typer.Option("--quick", help="a part, in under two minutes")] = False,
) -> None:
    """Run every check there is; extra words go to pytest alone."""
    from backend.cli import testing

    raise typer.Exit(testing.run(context.args, quick=quick))


@app.command()
def seed(
    scale: Annotated[str, typer.Option(help="town (the demo) or city")] = "town",
    fresh: Annotated[bool, typer.Option(help="delete what the private database holds")] = False,
) -> None:
    """Make demo data in the private database; a real one is never seeded."""
    from backend.cli import seeding

    seeding.seed(scale, fresh)


@app.command()
def bench(
    what: Annotated[str, typer.Argument(help="report, locate, cases, lists, live, plans or words")],
    file: Annotated[str, typer.Argument(help="of words: labelled texts, text and label")] = "",
    only: Annotated[str, typer.Option(help="of lists and plans: names that this is found in")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a line")] = False,
) -> None:
    """Measure, side by side in one run; each result is printed as soon as it is there."""
    import importlib
    import re

    from backend.bench.results import show

    if what not in ("report", "locate", "cases", "lists", "live", "plans", "words"):
        raise typer.BadParameter("report, locate, cases, lists, live, plans or words")
    if (what == "words") != bool(file):
        raise typer.BadParameter("words takes a file of labelled texts, the others none")
    if only and what not in ("lists", "plans"):
        raise typer.BadParameter("--only is of lists and plans")
    measure = importlib.import_module(f"backend.bench.{what}").measure
    given = [re.compile(only)] if what in ("lists", "plans") else [file] if file else []
    if not show(measure(*given), as_json):
        raise typer.Exit(1)
