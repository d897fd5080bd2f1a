"""A private Redis on a unix socket. It holds nothing that PostgreSQL could not make again."""

import time

from redis import Redis
from redis.exceptions import RedisError

from backend.embedded.place import Place, as_server_user, own_by_server
from backend.embedded.postgres import ServerFailed


def create(place: Place) -> None:
    """Make its folder."""
    own_by_server(place.redis)
    own_by_server(place.sockets)


def command(place: Place) -> list[str]:
    """The server in the foreground, ended by SIGTERM when its parent dies."""
    return [
        "setpriv", "--pdeathsig=TERM", *as_server_user()[1:],
        "redis-server", "--port", "0", "--unixsocket", f"{place.sockets}/redis.sock",
        "--unixsocketperm", "700", "--dir", str(place.redis), "--appendonly", "yes",
        "--save", "", "--maxmemory", "256mb", "--maxmemory-policy", "noeviction",
    ]  # fmt: skip


def url(place: Place) -> str:
    """The client's address."""
    return f"unix://{place.sockets}/redis.sock"


def wait(place: Place, seconds: float = 20) -> None:
    """Return when the server answers.

    Raises
    ------
    ServerFailed
        When it does not answer within ``seconds``.
    """
    end = time.monotonic() + seconds
    client = Redis.from_url(url(place))
    while True:
        try:
            client.ping()
        except (RedisError, OSError):
            if time.monotonic() > end:
                raise ServerFailed(
                    f"Redis does not answer; its log: {place.logs}/redis.log"
                ) from None
            time.sleep(0.05)
        else:
            client.close()
            return
