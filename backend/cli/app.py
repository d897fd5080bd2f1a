"""The verbs, gathered."""

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.command()
def migrate() -> None:
    """Bring the database to the current schema."""
    from backend.cli.environment import servers
    from backend.cli.migrating import migrate_now

    with servers():
        migrate_now()


@app.callback()
def main() -> None:
    """OneMap: a city governs itself block by block, on one map."""
