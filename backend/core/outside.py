"""Calling servers outside: checked addresses, one time for everything, a bounded answer.

A name is resolved once, every address behind it is checked, and the connection goes to a checked
one: a name that changes its mind in between leads nowhere. Redirects are not followed: they would
carry the token to wherever an answer says. Private addresses need `ONEMAP_GATEWAYS_PRIVATE`.
"""

import socket
import ssl
import threading
import time
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

import httpcore2
import httpx2
from rq.timeouts import BaseTimeoutException
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_fixed

from backend.core.faults import in_words
from backend.core.settings import get_settings

TOTAL_S = 10.0
ANSWER_MOST = 256 * 1024
_NAT64 = IPv6Network("64:ff9b::/96")


class Unreached(Exception):
    """Nobody was there, or nobody who may be called: nothing was delivered."""


class NotAllowed(Unreached):
    """The address is inside a network that the settings do not open."""


class Failed(Exception):
    """The other side was called and did not say that it is well; it may have taken the message."""


class Hung(Failed):
    """It did not answer in time."""


def allowed(address: str) -> bool:
    """Whether an address may be called: a public one, or a private one where that is set.

    Link-local addresses (where clouds keep their keys), multicast and unspecified ones never are.
    """
    found = _inner(ip_address(address.partition("%")[0]))
    if found.is_link_local or found.is_multicast or found.is_unspecified:
        return False
    return found.is_global or get_settings().gateways_private


def _inner(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address only wraps (RFC 4291, 3056, 6052)."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def resolve(host: str, port: int, within_s: float = TOTAL_S) -> list[str]:
    """The addresses of a name, each of them allowed.

    Raises
    ------
    Unreached
        No such name, or no answer in time.
    NotAllowed
        One of the addresses may not be called.
    """
    found: list[str] = []
    fault: list[OSError] = []

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(str(row[4][0]) for row in rows))
        except OSError as error:
            fault.append(error)

    # The resolver knows no time limit; a thread that it keeps holds nothing up.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(within_s)
    if fault or not found:
        raise Unreached(in_words(fault[0]) if fault else f"{host}: the name was not resolved")
    wrong = [one for one in found if not allowed(one)]
    if wrong:
        raise NotAllowed(f"{host}: {wrong[0]} may not be called")
    return found


def connect(host: str, port: int, until: float) -> socket.socket:
    """A connection to the first checked address that answers before ``until`` (monotonic).

    Raises
    ------
    Unreached
        None answers, or none may be called.
    """
    last: OSError | None = None
    for address in resolve(host, port, max(0.1, until - time.monotonic())):
        try:
            return socket.create_connection((address, port), max(0.1, until - time.monotonic()))
        except OSError as error:
            last = error
    raise Unreached(in_words(last) if last else host)


class _Stream(httpcore2.NetworkStream):
    """A connection that ends with its time, however slowly the other side drips."""

    def __init__(self, inner: httpcore2.NetworkStream, until: float) -> None:
        self._inner, self._until, self._came = inner, until, 0

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("no answer in time")
        return left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what came, within the time that is left."""
        came = self._inner.read(max_bytes, self._left())
        self._came += len(came)
        if self._came > ANSWER_MOST:
            raise httpcore2.ReadError("the answer is too long")
        return came

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write within the time that is left."""
        self._inner.write(buffer, self._left())

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:  # fmt: skip
        """Encrypt; the certificate must be that of the name, whatever address was called."""
        inner = self._inner.start_tls(ssl_context, server_hostname, self._left())
        return _Stream(inner, self._until)

    def get_extra_info(self, info: str) -> Any:
        """What the connection says of itself."""
        return self._inner.get_extra_info(info)


class _Backend(httpcore2.NetworkBackend):
    """Connects to checked addresses only."""

    def __init__(self, until: float) -> None:
        self._until, self._plain = until, httpcore2.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:  # fmt: skip
        """Connect to the first checked address that answers."""
        last: Exception | None = None
        for address in resolve(host, port, max(0.1, self._until - time.monotonic())):
            try:
                left = max(0.1, self._until - time.monotonic())
                inner = self._plain.connect_tcp(address, port, left, local_address, socket_options)
                return _Stream(inner, self._until)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                last = error
        raise Unreached(in_words(last) if last else host)


class _Transport(httpx2.BaseTransport):
    """One connection a request, through the checking backend."""

    def __init__(self, until: float) -> None:
        self._until = until

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request; its answer is the status, and whatever else it says is not read."""
        with (
            httpcore2.ConnectionPool(network_backend=_Backend(self._until)) as pool,
            pool.stream(
                request.method, str(request.url), headers=request.headers.raw,
                content=request.read(),
            ) as answer,
        ):  # fmt: skip
            return httpx2.Response(answer.status)


def post(url: str, body: Any, token: str) -> None:
    """Post JSON with a bearer token. A server that is not there is tried three times.

    Raises
    ------
    Unreached
        Nothing was delivered.
    Failed
        Any answer but 2xx, or none that could be read; `Hung` when there was none in time.
    """
    until = time.monotonic() + TOTAL_S
    headers = {"Authorization": f"Bearer {token}"} if token else {}

    def once() -> httpx2.Response:
        with httpx2.Client(transport=_Transport(until), trust_env=False) as client:
            return client.post(url, json=body, headers=headers, follow_redirects=False)

    def not_there(fault: BaseException) -> bool:
        absent = isinstance(fault, Unreached) and not isinstance(fault, NotAllowed)
        return absent and time.monotonic() < until - 1

    trying = Retrying(
        retry=retry_if_exception(not_there),
        stop=stop_after_attempt(3), wait=wait_fixed(0.3), reraise=True,
    )  # fmt: skip
    try:
        answer = trying(once)
    except (Unreached, BaseTimeoutException):
        raise
    except (httpcore2.TimeoutException, httpx2.TimeoutException) as fault:
        raise Hung(in_words(fault)) from fault
    except Exception as fault:  # whatever a server may answer, it is no message that was taken
        raise Failed(in_words(fault)) from fault
    if not 200 <= answer.status_code < 300:
        raise Failed(f"HTTP {answer.status_code}")
