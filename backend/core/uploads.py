"""Bodies that are files."""

from collections.abc import Awaitable, Callable

from fastapi import Request

from backend.core.errors import TooLarge


def body_within(most: int, code: str = "sheet_too_large") -> Callable[[Request], Awaitable[bytes]]:
    """A dependency: the request's body, refused as soon as it grows past ``most`` bytes.

    ``code`` names the sentence of the refusal; it is told the limit in megabytes.
    """

    async def read(request: Request) -> bytes:
        data = bytearray()
        async for part in request.stream():
            data += part
            if len(data) > most:
                raise TooLarge(code, most_mb=most // 1_000_000)
        return bytes(data)

    return read
