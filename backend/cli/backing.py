"""`./onemap backup` and `./onemap restore`."""

import json
import os
import shutil
from pathlib import Path
from typing import Annotated

import typer

from backend.cli.environment import console, say, servers, uses_private_database
from backend.core.files import keep as keep_file
from backend.embedded.place import Place

backing = typer.Typer()

Folder = Annotated[Path, typer.Argument(help="the folder that holds the backups, one folder each")]


@backing.command()
def backup(
    folder: Folder,
    secrets: Annotated[
        bool, typer.Option(help="write the secret key along; without it sealed fields stay sealed")
    ] = True,
    keep: Annotated[
        int | None, typer.Option(min=1, help="remove older backups beyond so many")
    ] = None,
    base: Annotated[
        bool, typer.Option("--base", help="a copy of the private cluster, for a point in time")
    ] = False,
) -> None:
    """Write a backup: database, photos, documents, secrets; people may go on working."""
    from backend.backup import making, point_in_time, restoring
    from backend.backup.tools import BackupFailed

    with servers() as place:
        try:
            if base:
                where = point_in_time.base(place, folder.resolve(), say)
                console.print(f"[green]✓[/] {where}")
                return
            where = making.make(folder.resolve(), say, secrets=secrets, keep=keep)
        except BackupFailed as failed:
            _fail(str(failed))
        found = restoring.read(where)
        console.print(
            f"[green]✓[/] {where}: {sum(found.rows.values())} rows, {len(found.media)} files"
        )
        if found.missing:
            console.print(
                f"[yellow]! {len(found.missing)} photos or documents that the database names are"
                f" not in {os.environ['ONEMAP_MEDIA_DIR']}[/]"
            )


@backing.command()
def restore(
    backup: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="one backup")],
    fresh: Annotated[
        bool, typer.Option(help="delete what the private installation holds first")
    ] = False,
    until: Annotated[
        str, typer.Option(help="from a --base backup: up to this moment, with its zone")
    ] = "",
) -> None:
    """Restore a backup into an empty database, and compare: as many rows, the same logs."""
    from backend.backup import point_in_time, restoring
    from backend.backup.tools import BackupFailed
    from backend.cli.migrating import migrate_now

    try:
        if until:
            point_in_time.restore(backup.resolve(), until, say)
            console.print(f"[green]✓[/] restored to {until}")
            return
        with servers() as place:
            found = restoring.read(backup.resolve())
            if fresh and uses_private_database(place):
                _empty(place)
            restoring.restore(backup.resolve(), say)
            if uses_private_database(place):
                _take_secret(place, backup.resolve())
            migrate_now()
    except BackupFailed as failed:
        _fail(str(failed))
    rows = sum(found.rows.values())
    console.print(f"[green]✓[/] restored: {rows} rows and the heads of all logs are the same")
    if not uses_private_database(place) and (backup / "secrets.json").exists():
        console.print(f"  Set ONEMAP_SECRET_KEY to the secret_key of {backup / 'secrets.json'}")


def _empty(place: Place) -> None:
    from backend.embedded import postgres

    postgres.psql(place, f"DROP DATABASE IF EXISTS {postgres.DATABASE} WITH (FORCE)")
    postgres.prepare_database(place)
    shutil.rmtree(place.media, ignore_errors=True)


def _take_secret(place: Place, backup: Path) -> None:
    """Put the backup's secret in the place of this installation's own: rows are sealed with it."""
    from backend.core.settings import get_settings

    kept = backup / "secrets.json"
    if kept.exists():
        keep_file(place.secrets, kept.read_bytes(), mode=0o600)
        os.environ["ONEMAP_SECRET_KEY"] = json.loads(kept.read_text())["secret_key"]
        get_settings.cache_clear()


def _fail(why: str) -> None:
    console.print(f"[red]✗ {why}[/]")
    raise typer.Exit(1)
