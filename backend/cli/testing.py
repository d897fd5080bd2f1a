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


# Together they touch every floor; the whole of it takes less than two minutes on two cores.
QUICK = (
    "tests/gis", "tests/core", "tests/deadlines", "tests/events/test_workflow.py",
    "tests/events/test_stepping.py", "tests/events/test_refusals.py", "tests/items",
    "tests/routing", "tests/accounts/test_sign_in.py", "tests/tiles",
)  # fmt: skip
COVERED = ("--cov=backend", "--cov=gis", "--cov=tiles")
# One worker a core; a file stays with one worker, because its database is made for the file.
PARALLEL = ("-n", "auto", "--dist", "loadfile", "--maxprocesses", "4")
# These want the machine for themselves: a browser draws, processes are killed under load.
ALONE = "browser or chaos"


def run(only: Sequence[str] = (), *, quick: bool = False) -> int:
    """Run every check; the exit status is 1 when any failed. ``only`` goes to pytest alone.

    ``quick`` leaves out the web, the browser and most of the stories: for use while working.
    """
    if not os.environ.get("ONEMAP_TEST_DATA"):
        console.print(
            "[bold yellow]! ONEMAP_TEST_DATA is not set: the tests on real data are left out.[/]\n"
            "  Name a folder with the reference data to run them too."
        )
    env = web.environment()
    if not quick:
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
    if not only and not quick:
        for name, command in WEB_CHECKS:
            check(name, command, "web")
    if only:
        check("tests", [*PYTHON, "pytest", *only])
    elif quick:
        check("tests", [*PYTHON, "pytest", *PARALLEL, "-m", f"not ({ALONE})", *QUICK])
    else:
        report = ("--cov-report=term:skip-covered",)
        check("tests", [*PYTHON, "pytest", *PARALLEL, *COVERED, *report, "-m", f"not ({ALONE})"])
        check("browser, chaos", [*PYTHON, "pytest", "-m", ALONE])
    table = Table("check", "result", "seconds", box=None)
    for name, passed, seconds in results:
        table.add_row(name, "[green]passed[/]" if passed else "[red]failed[/]", f"{seconds:.1f}")
    console.print(table)
    return 0 if all(passed for _, passed, _ in results) else 1
