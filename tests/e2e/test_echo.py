"""echo: the protocol of the simple servers that answer every message."""
import select
import socket

import pytest

from ftpool_server import HOST, PATIENCE_SECONDS
from lgpq_client import connect

CLIENTS = 2000
REPLY = "Hello from the server! 你好"
WITH_REPLY = f"""
listener fixed {{
	protocol = echo
	reply = "{REPLY}"
}}
"""


def read(connection, count):
    data = b""
    while len(data) < count:
        chunk = connection.recv(count - len(data))
        assert chunk, data
        data += chunk
    return data


def test_a_message_is_answered_with_itself(shared_server):
    with connect(shared_server.address("echo")) as client:
        for message in (b"a", b"hello\n", bytes(range(256)), b"x" * 16384, b"##"):
            client.sendall(message)
            assert read(client, len(message)) == message


def test_every_message_gets_the_fixed_reply(server):
    with connect(server(WITH_REPLY).address("fixed")) as client:
        for message in (b"a", b"hello\n", b"x" * 1000):
            client.sendall(message)
            assert client.recv(4096) == REPLY.encode()


def test_the_end_of_the_client_is_the_end_of_the_session(shared_server):
    with connect(shared_server.address("echo")) as client:
        client.sendall(b"last")
        client.shutdown(socket.SHUT_WR)
        assert read(client, 4) == b"last"
        assert client.recv(1) == b""


def test_a_flood_comes_back_whole(shared_server):
    """More than all buffers hold: the server has to read and write by turns."""
    flood = bytes(range(251)) * 80000
    came = bytearray()
    sent = 0
    with connect(shared_server.address("echo")) as client:
        client.setblocking(False)
        while len(came) < len(flood):
            writers = [client] if sent < len(flood) else []
            readable, writable, _ = select.select([client], writers, [], PATIENCE_SECONDS)
            assert readable or writable, f"{sent} sent, {len(came)} came back"
            if writable:
                sent += client.send(flood[sent:sent + 65536])
            if readable:
                chunk = client.recv(1 << 20)
                assert chunk, "the server ended the connection"
                came += chunk
    assert came == flood


@pytest.mark.parametrize("config, listener", [(None, "echo"), (WITH_REPLY, "fixed")],
                         ids=["itself", "fixed reply"])
def test_two_thousand_clients_at_a_time(server, config, listener):
    two_workers = server(config)
    clients = [connect(two_workers.address(listener)) for _ in range(CLIENTS)]
    for number, client in enumerate(clients):
        client.sendall(b"%d" % number)
    for number, client in enumerate(clients):
        expected = b"%d" % number if listener == "echo" else REPLY.encode()
        assert read(client, len(expected)) == expected
    workers = two_workers.workers()
    assert sum(worker["sessions"] for worker in workers) == CLIENTS
    assert all(worker["sessions"] > 0 for worker in workers)
    for client in clients:
        client.close()
    two_workers.wait_until(lambda status: status["sessions"] == 0)


def test_it_answers_on_the_port_that_was_asked_for(server):
    answering = server(WITH_REPLY)
    (listener,) = answering.status()["listeners"]
    assert listener["address"] == f"{HOST}:{answering.port('fixed')}"
