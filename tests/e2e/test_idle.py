"""Clients that are silent, slow or gone: they cost next to nothing, hold up nobody, and leave nothing
behind."""
import contextlib
import socket

import pytest

from ftpool_server import MODE, wait_for
from lgpq_client import LgpqClient, connect
from process_help import echoes, first_words, is_ended, private_bytes, reset, reset_all

MANY = 1000
BIG = 32 << 20  # more than all buffers between two ends hold
MEMORY_EACH = 2048  # bytes of a worker's own memory for a session that is silent
PHASES = ["connected", "half a request", "listed", "get begun", "get half", "put begun", "put half",
          "bare get", "bare put", "echo"]


def begin_get(server, receive_buffer=4096):
    """A client that has begun to get a big file and reads no more."""
    reader = LgpqClient(server.address(), receive_buffer)
    reader.request(b"G", b"big")
    assert int(reader.reply()[0]) == BIG
    return reader


def wait_quiet(server, sessions=0):
    """Until nothing goes on any more but so many silent sessions."""
    server.wait_until(lambda status: status["sessions"] == sessions and status["transfers"] == 0)
    assert len(server.sessions()) == sessions


# ---- silent ----

def test_a_thousand_silent_sessions_are_in_nobodys_way(server):
    busy = server(settings={"workers": 2})
    content = bytes(range(256)) * 4096
    busy.write("big", content)
    wait_quiet(busy)
    pids = busy.worker_pids()
    before = [private_bytes(pid) for pid in pids]
    silent = [connect(busy.address("echo" if number % 2 else "lgpq")) for number in range(MANY)]
    status = busy.wait_until(lambda status: status["sessions"] == MANY)
    assert all(worker["sessions"] > 0 for worker in status["workers"])
    assert all(worker["threads"] <= 10 for worker in status["workers"]), status["workers"]
    if MODE == "release":
        grown = sum(private_bytes(pid) - start for pid, start in zip(pids, before))
        assert grown < MANY * MEMORY_EACH, grown
    with LgpqClient(busy.address()) as client:
        for turn in range(100):
            assert client.put(f"new{turn % 5}", content[:100000])[0] == 100000
            assert client.get("big") == content
    assert all(echoes(client) for client in silent[1::2])
    for client in silent[::2]:
        client.sendall(b"Q\n")
    assert set(first_words(silent[::2]).values()) == {b"BYE\n"}
    assert busy.worker_pids() == pids
    reset_all(silent)
    wait_quiet(busy)


def test_silence_for_too_long_ends_a_session(server):
    short = server(settings={"idle_timeout": "1s"})
    clients = [connect(short.address(name)) for name in ("lgpq", "echo") for _ in range(20)]
    for client in clients:
        assert is_ended(client)
    assert short.total("sessions_timed_out") == 40
    wait_quiet(short)
    reset_all(clients)


def test_half_a_request_is_silence(server):
    """Byte by byte too: a session is as old as its last whole request."""
    short = server(settings={"idle_timeout": "1s"})
    half, dripping = LgpqClient(short.address()), LgpqClient(short.address())
    with half, dripping:
        for client in (half, dripping):
            assert client.list() == []
            client.send(b"G\tsome")

        def is_over():
            try:
                dripping.send(b"x")
                dripping.socket.setblocking(False)
                return dripping.socket.recv(1) == b""
            except BlockingIOError:
                dripping.socket.setblocking(True)
                return False
            except OSError:
                return True
        wait_for(is_over, "the dripping session to be ended")
        assert half.rest() == b""
    assert short.total("sessions_timed_out") == 2
    wait_quiet(short)


def test_who_asks_now_and_then_stays(server):
    short = server(settings={"idle_timeout": "2s"})
    with LgpqClient(short.address()) as client, connect(short.address("echo")) as other:
        end = short.status()["uptime_seconds"] + 4
        while short.status()["uptime_seconds"] < end:
            assert client.list() == []
            assert echoes(other)
        assert short.total("sessions_timed_out") == 0


# ---- slow ----

def test_slow_readers_get_threads_that_end_again(server):
    busy = server(settings={"workers": 1})
    busy.write("big", bytes(BIG))
    few = busy.workers()[0]["threads"]
    slow = [begin_get(busy) for _ in range(30)]
    busy.wait_until(lambda status: status["transfers"] == 30)
    assert busy.workers()[0]["threads"] >= 30
    with LgpqClient(busy.address()) as client:
        client.list()
        assert len(client.get("big")) == BIG
        client.put("new", b"new")
    for reader in slow:
        reader.close()
    wait_quiet(busy)
    busy.wait_until(lambda status: status["workers"][0]["threads"] <= few)
    again = [begin_get(busy) for _ in range(30)]
    busy.wait_until(lambda status: status["transfers"] == 30)
    for reader in again:
        reader.close()
    wait_quiet(busy)


def test_nobody_waits_for_a_reader_of_one_byte_at_a_time(server):
    busy = server(settings={"workers": 1})
    busy.write("big", bytes(BIG))
    with begin_get(busy) as slow, LgpqClient(busy.address()) as other:
        other.list()
        for _ in range(100):
            assert slow.socket.recv(1) == b"\0"
            other.put("new", b"new")
            assert other.get("new") == b"new"
        # The client has the last byte a little before the server knows that it has sent it.
        busy.wait_until(lambda status: status["transfers"] == 1)
        slow.drop(1)


def test_a_transfer_that_moves_slowly_goes_on(server):
    """The time-out is for those that move no byte, however few the others move."""
    strict = server(settings={"transfer_timeout": "1s"})
    strict.write("big", bytes(BIG))
    with begin_get(strict, receive_buffer=65536) as slow:
        now = strict.status()["uptime_seconds"]
        for tenth in range(1, 40):
            strict.wait_until(lambda status: status["uptime_seconds"] >= now + tenth / 10)
            slow.drop(16384)
        assert strict.total("downloads_broken") == 0
        assert strict.status()["transfers"] == 1


def test_who_never_reads_is_given_up(server):
    """A transfer that moves nothing for transfer_timeout ends; so does one of replies alone."""
    strict = server(settings={"transfer_timeout": "1s"})
    strict.write("big", bytes(BIG))
    with begin_get(strict) as never, connect(strict.address("echo"), receive_buffer=4096) as flood, \
            LgpqClient(strict.address(), receive_buffer=4096) as lists:
        strict.wait_until(lambda status: status["sessions"] == 3)
        flood.setblocking(False)
        lists.socket.setblocking(False)
        ended = set()
        for sender, data in ((flood, bytes(65536)), (lists.socket, b"L\n" * 30000)):
            def send():
                try:
                    while True:
                        sender.send(data)
                except BlockingIOError:
                    return False
                except OSError:
                    ended.add(sender)
                    return True
            wait_for(send, "the sender to be cut")
        assert ended == {flood, lists.socket}
        wait_quiet(strict)
        assert strict.total("downloads_broken") == 1
        never.socket.setblocking(True)
        with pytest.raises((EOFError, ConnectionResetError)):
            never.drop(BIG)


def test_an_upload_that_stops_in_the_middle_is_given_up(server):
    strict = server(settings={"transfer_timeout": "1s"})
    with LgpqClient(strict.address()) as writer:
        writer.begin_put("new", 1000)
        writer.send(bytes(500))
        assert writer.rest() == b""
    wait_quiet(strict)
    assert strict.total("uploads_broken") == 1
    assert b"new" not in strict.names()


# ---- gone ----

def bring_to(phase, server, name):
    """A connection in that phase of a session's life; what it puts has that name."""
    client = LgpqClient(server.address("echo" if phase == "echo" else "lgpq"), receive_buffer=4096)
    if phase == "half a request":
        client.send(b"G\tbi")
    elif phase == "listed":
        client.list()
    elif phase.startswith("get"):
        client.request(b"G", b"big")
        if phase == "get half":
            client.drop(BIG // 2)
    elif phase.startswith("put"):
        client.request(b"P", name, 1000)
        if phase == "put half":
            client.reply()
            client.send(bytes(500))
    elif phase.startswith("bare"):
        client.send(b"G big" if phase == "bare get" else b"P " + name)
        assert client.exactly(2) == b"OK"
        if phase == "bare put":
            client.send(bytes(500))
    elif phase == "echo":
        client.send(b"x" * 100000)
    return client


@pytest.mark.parametrize("end", ["reset", "close", "half-close"])
def test_clients_that_go_away_leave_nothing_behind(server, end):
    """In every phase, and many at a time: all counters come back to nothing, and so do threads."""
    busy = server(settings={"workers": 2})
    busy.write("big", bytes(BIG))
    wait_quiet(busy)
    pids = busy.worker_pids()
    clients = [bring_to(phase, busy, b"new%d-%d" % (number, again))
               for number, phase in enumerate(PHASES)
               for again in range(1 if end == "half-close" else 3)]
    for client in clients:
        if end == "reset":
            reset(client.socket)
        elif end == "close":
            client.close()
        else:
            client.socket.shutdown(socket.SHUT_WR)
    if end == "half-close":
        for client in clients:
            with contextlib.suppress(ConnectionResetError):
                client.rest()
            client.close()
    wait_quiet(busy)
    assert busy.worker_pids() == pids
    assert all(row["sessions"] == row["transfers"] == 0 for row in busy.workers())
    with LgpqClient(busy.address()) as client:
        assert client.names() == [b"big"], "half a file stands under its name"
        client.put("new", b"whole")
    assert busy.read("new") == b"whole"
