"""Results as a table for people, or one JSON object a line for programs."""

import json
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Result:
    """One number, and what it is compared with."""

    name: str
    value: float
    unit: str
    against: str = ""
    ratio: float | None = None
    # Whether it keeps its limit; None where it has none.
    kept: bool | None = None

    @classmethod
    def within(cls, name: str, value: float, unit: str, most: float) -> "Result":
        """A number that may be at most so much."""
        return cls(name, value, unit, f"at most {most:g} {unit}", value / most, value <= most)


def show(results: list[Result], as_json: bool) -> None:
    """Print results to standard output."""
    if as_json:
        for result in results:
            sys.stdout.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")
        return
    table = Table("what", "value", "unit", "ratio", "against", "kept", box=None)
    for r in results:
        ratio = f"{r.ratio:.3g}" if r.ratio is not None else ""
        table.add_row(
            r.name,
            f"{r.value:,.4g}" if r.value < 1000 else f"{r.value:,.0f}",
            r.unit,
            ratio,
            r.against,
            {None: "", True: "yes", False: "NO"}[r.kept],
        )
    Console().print(table)


def in_turns(contenders: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """Measure contenders one after the other, round after round; the median of each."""
    found: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, measure in contenders.items():
            found[name].append(measure())
    return {name: statistics.median(values) for name, values in found.items()}


def each_ms(do: Callable[[], object], times: int) -> float:
    """The median time of one call, in milliseconds."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        do()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)
