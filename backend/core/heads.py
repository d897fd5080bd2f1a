"""The heads of requests: whole within seconds, and no larger than any browser's.

The server reads a head of any length, for any time, before the application hears of it. A thousand
connections that say one letter now and then would take every file that the process may open, and a
line without an end would be copied again and again. A front server limits both (docker/nginx.conf);
`up` has none before it.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# From the connection, or the answer before, to the last line of a head.
WITHIN_S = 20.0
# Cookies and tokens of ours take 2 kB; front servers take 8 to 32 kB.
BYTES_MOST = 128 * 1024


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which does not wait for a head for ever; its name is given to uvicorn."""

    _late: asyncio.TimerHandle | None = None
    _inside = False
    _size = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._heard()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; a head that goes on and on is refused."""
        began_before = self._inside
        super().data_received(data)
        if began_before and self._inside:
            self._size += len(data)
            if self._size > BYTES_MOST and not self.transport.is_closing():
                self.send_400_response("The request's head is too large.")

    def on_message_begin(self) -> None:
        """A head begins."""
        self._inside, self._size = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """A head is there."""
        self._inside = False
        self._heard()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Wait for the next head, unless it is there already."""
        more = bool(self.pipeline)
        super().on_response_complete()
        if not more and not self.transport.is_closing():
            self._wait()

    def _wait(self) -> None:
        self._heard()
        self._late = self.loop.call_later(WITHIN_S, self._close)

    def _heard(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _close(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
