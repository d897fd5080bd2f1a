"""`./onemap seed`: the demo town, or a whole city."""

import time

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from backend.cli.environment import console, servers, uses_private_database
from backend.embedded import postgres
from backend.embedded.place import Place


def seed(scale: str, fresh: bool) -> None:
    """Seed the private database; refuses a real one, and one that is not empty.

    Raises
    ------
    typer.Exit
        With one sentence, when it refuses.
    """
    from backend.cli.migrating import migrate_now
    from backend.seeding.city import seed_city
    from backend.seeding.town import is_empty, seed_town

    makers = {"town": seed_town, "city": seed_city}
    if scale not in makers:
        raise typer.BadParameter("town or city", param_hint="--scale")
    with servers() as place:
        if not uses_private_database(place):
            _refuse("a real database is never seeded", "start it with: ./onemap admin create")
        if fresh:
            _empty(place)
        migrate_now()
        if not is_empty():
            _refuse("the private database holds data", "say --fresh to delete all of it first")
        began = time.monotonic()
        columns = (
            TextColumn(f"[cyan]›[/] making a {scale}: {{task.description}}"),
            BarColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=console) as bar:
            task = bar.add_task("", total=1.0)
            makers[scale](lambda what, done: bar.update(task, description=what, completed=done))
        console.print(f"done in {time.monotonic() - began:.0f} s")


def _refuse(what: str, cure: str) -> None:
    console.print(f"[red]✗ {what}[/]\n  {cure}")
    raise typer.Exit(1)


def _empty(place: Place) -> None:
    postgres.psql(place, f"DROP DATABASE IF EXISTS {postgres.DATABASE} WITH (FORCE)")
    postgres.prepare_database(place)
