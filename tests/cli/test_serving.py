"""Who answers at the port."""

import socket

import pytest

from backend.cli import serving


def test_what_comes_is_dealt_out_among_the_processes() -> None:
    servers = serving.listen("127.0.0.1", 0, 2)
    address = servers[0].getsockname()
    clients = [socket.create_connection(address, timeout=5) for _ in range(64)]
    # The kernel drew for each: that all of them fell to one is as good as impossible.
    shares = []
    for server in servers:
        server.settimeout(1)
        accepted = [server.accept()[0]]
        server.setblocking(False)
        while True:
            try:
                accepted.append(server.accept()[0])
            except BlockingIOError:
                break
        shares.append(len(accepted))
        for one in accepted:
            one.close()
    for one in (*clients, *servers):
        one.close()
    assert sum(shares) == len(clients) and min(shares) > 0


def test_a_port_that_somebody_shares_out_already_is_taken() -> None:
    (held,) = serving.listen("127.0.0.1", 0)
    with pytest.raises(SystemExit):
        serving.listen("127.0.0.1", held.getsockname()[1], 2)
    held.close()
