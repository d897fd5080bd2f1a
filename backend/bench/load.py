"""An HTTP client that costs little: prepared requests over kept connections, bounded in time."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Load:
    """What a run of load saw."""

    done: int
    refused: int
    seconds: float
    latencies_ms: list[float]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.done / self.seconds

    def percentile(self, share: float) -> float:
        """A latency that this share of requests stayed below, milliseconds."""
        ordered = sorted(self.latencies_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def request(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    """An HTTP/1.1 request as bytes."""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _client(port: int, make: Callable[[], bytes], end: float, load: Load) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < end:
        await _ask(reader, writer, make(), load)
    writer.close()


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: bytes, load: Load
) -> None:
    began = time.perf_counter()
    writer.write(asked)
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    await reader.readexactly(length)
    load.latencies_ms.append((time.perf_counter() - began) * 1000)
    if head[9:10] == b"2":
        load.done += 1
    else:
        load.refused += 1


async def _run(port: int, make: Callable[[], bytes], clients: int, seconds: float) -> Load:
    load = Load(0, 0, 0.0, [])
    began = time.perf_counter()
    await asyncio.gather(*(_client(port, make, began + seconds, load) for _ in range(clients)))
    load.seconds = time.perf_counter() - began
    return load


def times(port: int, asked: bytes, fewest: int, most: int, seconds: float) -> Load:
    """Send one request again and again over one connection, after two that are not counted.

    It ends after ``seconds``, but not before ``fewest`` answers, and at the latest after ``most``.
    """

    async def again() -> Load:
        load = Load(0, 0, 0.0, [])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            await _ask(reader, writer, asked, load)
        load = Load(0, load.refused, 0.0, [])
        end = time.perf_counter() + seconds
        while not load.refused and load.done < most:
            await _ask(reader, writer, asked, load)
            if load.done >= fewest and time.perf_counter() > end:
                break
        writer.close()
        return load

    return asyncio.run(again())


def run(port: int, make: Callable[[], bytes], clients: int, seconds: float) -> Load:
    """Send requests from ``clients`` connections at once for a bounded time."""
    return asyncio.run(_run(port, make, clients, seconds))
