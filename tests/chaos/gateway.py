"""A gateway for messages on a real socket: it takes them, or talks nonsense, hangs and floods."""

import socket
import threading
from collections import Counter
from contextlib import suppress

MODES = ("well", "garbage", "hangs", "redirects", "floods", "refuses")
_ANSWERS = {
    "well": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "garbage": b"\x00\xff no HTTP at all\r\n" * 20,
    "redirects": b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\n\r\n",
    "floods": b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 4_000_000,
    "refuses": b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
}


class Gateway:
    """Answers every call in the way that `mode` names; counts the bodies that it heard."""

    def __init__(self) -> None:
        self.mode = "well"
        self.heard: Counter[bytes] = Counter()
        self.over = threading.Event()
        self.listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it stands."""
        return f"http://127.0.0.1:{self.listening.getsockname()[1]}/send"

    def worse(self) -> str:
        """Go on to the next mode; which one it is now."""
        self.mode = MODES[(MODES.index(self.mode) + 1) % len(MODES)]
        return self.mode

    def stop(self) -> None:
        """Hear nobody any more."""
        self.over.set()
        with suppress(OSError):
            self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()

    def _serve(self) -> None:
        while not self.over.is_set():
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        mode = self.mode
        with connection, suppress(OSError):
            connection.settimeout(10)
            came = b""
            while b"\r\n\r\n" not in came:
                more = connection.recv(65536)
                if not more:
                    return
                came += more
            head, _, body = came.partition(b"\r\n\r\n")
            length = next(
                (
                    int(line.split(b":")[1])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length:")
                ),
                0,
            )
            while len(body) < length:
                body += connection.recv(65536)
            self.heard[body] += 1
            if mode == "hangs":
                self.over.wait(30)
                return
            connection.sendall(_ANSWERS[mode])
