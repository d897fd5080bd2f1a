"""`./onemap test`: lint, types, Python tests, web tests, browser tests; everything, every time."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence

from rich.table import Table

from backend.cli import web
from backend.cli.environment import console, say
from backend.embedded.place import REPOSITORY

PYTHON = [sys.executable, "-m"]
WEB_CHECKS = (
    ("web: types", ["npx", "--no-install", "vue-tsc", "--noEmit"]),
    ("web: lint", ["npx", "--no-install", "eslint", "src"]),
    ("web: tests", ["npx", "--no-install", "vitest", "run"]),
)


def run(only: Sequence[str] = ()) -> int:
    """Run every check; the exit status is 1 when any failed. ``only`` goes to pytest alone."""
    if not os.environ.get("ONEMAP_TEST_DATA"):
        console.print(
            "[bold yellow]! ONEMAP_TEST_DATA is not set: the tests on real data are left out.[/]\n"
            "  Name a folder with the reference data to run them too."
        )
    env = web.environment()
    web.build()
    results: list[tuple[str, bool, float]] = []

    def check(name: str, command: list[str], folder: str = ".") -> None:
        say(name)
        began = time.monotonic()
        done = subprocess.run(command, cwd=REPOSITORY / folder, env=env, stdin=subprocess.DEVNULL)
        results.append((name, done.returncode == 0, time.monotonic() - began))

    if not only:
        check("lint", [*PYTHON, "ruff", "check", "."])
        check("format", [*PYTHON, "ruff", "format", "--check", "."])
        check("types", [*PYTHON, "mypy"])
        for name, command in WEB_CHECKS:
            check(name, command, "web")
    check("tests", [*PYTHON, "pytest", *only])
    table = Table("check", "result", "seconds", box=None)
    for name, passed, seconds in results:
        table.add_row(name, "[green]passed[/]" if passed else "[red]failed[/]", f"{seconds:.1f}")
    console.print(table)
    return 0 if all(passed for _, passed, _ in results) else 1
