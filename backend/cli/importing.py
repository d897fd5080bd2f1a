"""`./onemap import areas` and `./onemap import events`: files in, a report of every fault out."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.table import Table
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from backend.cli.environment import console, servers
from backend.core.errors import Refused
from backend.core.language import say
from gis.errors import GisError

importing = typer.Typer(no_args_is_help=True, help="Import files, with a report of every fault.")

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="the file")]
Crs = Annotated[
    str, typer.Option(help="what the coordinates are: WGS84, CGCS2000, GCJ02, BD09 or EPSG:n")
]
KeepGood = Annotated[
    bool, typer.Option(help="keep the good rows; without it one fault refuses the whole file")
]


@contextmanager
def _told() -> Iterator[None]:
    """Say a refusal as one sentence; everything was rolled back."""
    try:
        yield
    except Refused as refusal:
        console.print(f"[red]✗ {say('en', refusal.code, **refusal.params)}[/]")
        raise typer.Exit(1) from None
    except GisError as error:
        console.print(f"[red]✗ {error}[/]")
        raise typer.Exit(1) from None


def _finish(faults: Sequence[tuple[str, ...]], head: tuple[str, ...], refused: bool) -> None:
    if faults:
        table = Table(*head, box=None)
        for fault in faults[:200]:
            table.add_row(*fault)
        console.print(table)
        if len(faults) > 200:
            console.print(f"... and {len(faults) - 200} more")
    if refused:
        console.print("[red]✗ nothing was imported[/]: mend the rows, or say --keep-good")
        raise typer.Exit(1)


@importing.command()
def areas(
    file: File,
    crs: Crs = "",
    code: Annotated[str, typer.Option(help="column of the code")] = "code",
    name: Annotated[str, typer.Option(help="column of the name")] = "name",
    prefix: Annotated[str, typer.Option(help="put before each code")] = "",
    managing: Annotated[str, typer.Option(help="managing county, when not the code's own")] = "",
    keep_good: KeepGood = False,
) -> None:
    """Import areas from GeoJSON, GeoPackage, Shapefile or CSV."""
    from backend.city.areas.importing import Columns, import_areas
    from backend.core.settings import get_settings
    from gis import reading

    if not crs and file.suffix.lower() not in reading.TABLES:
        console.print("[red]✗ say what the coordinates are: --crs WGS84, GCJ02, EPSG:4549 ...[/]")
        console.print("  No default is safe: GCJ-02 read as WGS 84 is 500 m off.")
        raise typer.Exit(2)
    with servers():
        engine = create_engine(get_settings().owner_url, hide_parameters=True)
        with _told(), Session(engine) as session, session.begin():
            report = import_areas(
                    session, reading.read(file, crs or "CGCS2000"), Columns(code, name),
                    keep_good=keep_good, prefix=prefix, managing=managing,
                )  # fmt: skip
        engine.dispose()
    console.print(
        f"{report.rows} rows: {report.added} added, {report.replaced} replaced,"
        f" {report.unchanged} unchanged, {report.left_out} left out"
    )
    faults = [
        (
            str(f.row),
            f.column,
            f.kind,
            f.detail,
            f.right,
            f"{f.lon:.6f} {f.lat:.6f}" if f.lon else "",
        )
        for f in report.faults
    ]
    _finish(faults, ("row", "column", "fault", "found", "right", "where"), report.refused)


@importing.command()
def events(
    file: File,
    crs: Annotated[str, typer.Option(help="what the coordinates are")],
    timezone: Annotated[str, typer.Option(help="of times without a zone, e.g. Asia/Shanghai")],
    category: Annotated[str, typer.Option(help="our category for rows with none of ours")],
    column: Annotated[
        list[str] | None, typer.Option(help="ours=theirs, e.g. reported_at=open_dt; repeatable")
    ] = None,
    system: Annotated[
        str, typer.Option(help="which system numbered the cases; others may count alike")
    ] = "",
    keep_good: KeepGood = False,
) -> None:
    """Import recorded cases from a CSV file."""
    from backend.core.settings import get_settings
    from backend.matters.events.intake.importing import Columns, Plan, import_events
    from gis import reading

    named = dict(pair.partition("=")[::2] for pair in column or [])
    ours = [field.name for field in fields(Columns)]
    if unknown := named.keys() - set(ours):
        raise typer.BadParameter(
            f"{sorted(unknown)}: ours are {', '.join(ours)}", param_hint="--column"
        )
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise typer.BadParameter("a name such as Asia/Shanghai", param_hint="--timezone") from None
    plan = Plan(crs, zone, category, Columns(**named), system=system.strip())
    with servers():
        engine = create_engine(get_settings().owner_url, hide_parameters=True)
        with _told(), Session(engine) as session, session.begin():
            report = import_events(session, reading.read(file, crs), plan, keep_good=keep_good)
        engine.dispose()
    console.print(
        f"{report.rows} rows: {report.added} added, {report.known} known already,"
        f" {len(report.without_place)} without a position, {len(report.outside)} outside every area"
    )
    for words, rows in (("without a position", report.without_place), ("outside", report.outside)):
        if rows:
            shown = ", ".join(map(str, rows[:20])) + (" ..." if len(rows) > 20 else "")
            console.print(f"  {words}: rows {shown}")
    faults = [(str(f.row), f.column, f.value, f.right) for f in report.faults]
    _finish(faults, ("row", "column", "found", "right"), report.refused)
