"""Bodies that are files."""

from collections.abc import Awaitable, Callable

from fastapi import Request

from backend.core.errors import TooLarge


def body_within(most: int) -> Callable[[Request], Awaitable[bytes]]:
    """A dependency: the request's body, refused as soon as it grows past ``most`` bytes."""

    async def read(request: Request) -> bytes:
        data = bytearray()
        async for part in request.stream():
            data += part
            if len(data) > most:
                raise TooLarge("sheet_too_large", most_mb=most // 1_000_000)
        return bytes(data)

    return read
