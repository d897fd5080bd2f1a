"""Results, a line each for people or a JSON object a line for programs, as they come."""

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass


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


def show(results: Iterable[Result], as_json: bool) -> bool:
    """Print each result as soon as it is there; whether all of them keep their limits."""
    kept = True
    for r in results:
        kept = kept and r.kept is not False
        if as_json:
            line = json.dumps(asdict(r), ensure_ascii=False)
        else:
            value = f"{r.value:,.4g}" if r.value < 1000 else f"{r.value:,.0f}"
            ratio = f"{r.ratio:.3g}" if r.ratio is not None else ""
            mark = {None: "", True: "yes", False: "NO"}[r.kept]
            line = f"{value:>9} {r.unit:<10} {ratio:>6} {r.against:<24} {mark:<3}  {r.name}"
        sys.stdout.write(line.rstrip() + "\n")
        sys.stdout.flush()
    return kept


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
