"""What the clients were promised, kept outside of everything that is killed."""

import threading
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Ledger:
    """Answers that stand: by the sender's key, by step, by decision; and all that was wrong."""

    # The client's key of a report: the id that it was given.
    reports: dict[str, str] = field(default_factory=dict)
    # (event, action): how the event was said to stand after the step.
    steps: dict[tuple[str, str], str] = field(default_factory=dict)
    # Two reports that were merged into each other at once.
    pairs: list[tuple[str, str]] = field(default_factory=list)
    # (meeting, event): whether the decision on the point was answered with yes.
    decided: dict[tuple[str, str], bool] = field(default_factory=dict)
    meetings: list[str] = field(default_factory=list)
    photos: list[str] = field(default_factory=list)
    contradictions: list[object] = field(default_factory=list)
    # Answers that nobody may ever get: (status, path, answer).
    wrong: list[tuple[int, str, Any]] = field(default_factory=list)
    full: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def promise(self, kept: dict[Any, str], key: object, answer: str) -> None:
        """Write down an answer; a second one under the same key must be the same."""
        with self._lock:
            if kept.setdefault(key, answer) != answer:
                self.contradictions.append((key, kept[key], answer))

    @property
    def kept(self) -> int:
        """How many reports and steps were answered so far."""
        return len(self.reports) + len(self.steps)

    def refuse(self, status: int, path: str, answer: Any) -> None:
        """Write down an answer that was none of those that the client may get."""
        with self._lock:
            self.wrong.append((status, path, answer))
