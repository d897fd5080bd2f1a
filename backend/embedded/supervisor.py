"""Keep a set of processes alive, and let none outlive this one.

Each child asks the kernel for a signal at its parent's death (``setpriv --pdeathsig``), so even
SIGKILL of the parent leaves nothing behind. Children must be started from the main thread: the
signal is bound to the thread that forked (prctl(2)).
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

RESTART_AFTER_S = 0.5
STOP_WITHIN_S = 20.0


@dataclass
class Child:
    """One process to be kept running."""

    name: str
    command: Sequence[str]
    stop_signal: signal.Signals = signal.SIGTERM
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path = Path("/")
    pass_fds: tuple[int, ...] = ()
    # What must be cleared away before it is started again after a death that was not asked for.
    before_restart: Callable[[], object] | None = None
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0
    due: float = 0.0


def ours(*command: str) -> list[str]:
    """A Python child of ours that ends with its parent."""
    return ["setpriv", "--pdeathsig=TERM", *command]


class Supervisor:
    """Starts children in order, restarts those that die, stops them in reverse order."""

    def __init__(self, logs: Path, say: Callable[[str], None]) -> None:
        self._logs = logs
        self._say = say
        self._children: list[Child] = []
        self._stopping = False

    def start(self, child: Child) -> None:
        """Start a child and keep it running."""
        self._children.append(child)
        self._launch(child)

    def pid(self, name: str) -> int | None:
        """The process id of a running child."""
        for child in self._children:
            if child.name == name and child.process and child.process.poll() is None:
                return child.process.pid
        return None

    def _launch(self, child: Child) -> None:
        log = (self._logs / f"{child.name}.log").open("ab")
        with log:
            child.process = subprocess.Popen(
                list(child.command), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=child.cwd, env={**os.environ, **child.env}, pass_fds=child.pass_fds,
                start_new_session=True,
            )  # fmt: skip

    def tick(self) -> None:
        """Restart what has died, half a second after its death."""
        now = time.monotonic()
        for child in self._children:
            if self._stopping or child.process is None or child.process.poll() is None:
                continue
            if child.due == 0.0:
                child.due = now + RESTART_AFTER_S
                self._say(f"{child.name} ended with {child.process.returncode}; starting it again")
            elif now >= child.due:
                child.due = 0.0
                child.restarts += 1
                if child.before_restart is not None:
                    child.before_restart()
                self._launch(child)

    def stop(self) -> None:
        """End every child, the last started first, and wait for each."""
        self._stopping = True
        for child in reversed(self._children):
            process = child.process
            if process is None or process.poll() is not None:
                continue
            process.send_signal(child.stop_signal)
            try:
                process.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._children.clear()
