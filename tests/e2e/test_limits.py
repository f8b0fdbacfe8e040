"""Limits: so many sessions in all and from one address, counted over all workers; and what happens
when descriptors or threads run out."""
from concurrent.futures import ThreadPoolExecutor
import contextlib
import os
import resource
import signal
import socket
import time

import pytest

from ftpool_server import IS_ROOT, PATIENCE_SECONDS, READY, wait_for
from lgpq_client import LgpqClient, Refused, connect
from process_help import (AS_NOBODY, connect_from, cpu_seconds, descriptors, echoes, first_words,
                          is_ended, launch, reset, reset_all, run)

FULL = b"ERR busy the server is full; try again later\n"
FROM_YOU = b"ERR busy too many sessions from your address\n"
NO_DESCRIPTOR = b"ERR busy the server is out of descriptors; try again later\n"
EMPTY = b"OK 0\n"  # the list of an empty library
BIG = 16 << 20


def connect_at_once(address, count, source="127.0.0.1"):
    """Starts so many connections before any of them is there."""
    connections = []
    for _ in range(count):
        connection = socket.socket()
        connection.bind((source, 0))
        connection.setblocking(False)
        connection.connect_ex(address)
        connections.append(connection)
    for connection in connections:
        connection.setblocking(True)
        connection.settimeout(PATIENCE_SECONDS)
    return connections


def list_with_all(connections):
    """Lets each ask for the list: connection → what it heard."""
    for connection in connections:
        with contextlib.suppress(OSError):  # turned away already; the words can still be read
            connection.sendall(b"L\n")
    return first_words(connections)


def split(said, refusal):
    """Those that are served and those that were refused in these words; nobody else may be."""
    served = [connection for connection, words in said.items() if words == EMPTY]
    refused = [connection for connection, words in said.items() if words in (refusal, b"")]
    assert len(served) + len(refused) == len(said), set(said.values())
    assert any(words == refusal for words in said.values()), "nobody was told why"
    return served, refused


# ---- in all ----

def test_exactly_so_many_sessions_over_all_workers(server):
    limited = server(settings={"workers": 4, "limits.sessions": 10})
    for _ in range(5):
        before = limited.total("sessions_refused_full")
        said = list_with_all(connect_at_once(limited.address(), 50))
        served, refused = split(said, FULL)
        assert (len(served), len(refused)) == (10, 40)
        status = limited.status()
        assert status["sessions"] == len(limited.sessions()) == 10
        assert status["totals"]["sessions_refused_full"] == before + 40
        reset_all(served + refused)
        limited.wait_until(lambda status: status["sessions"] == 0)


def test_who_is_refused_is_told_before_it_says_anything(server):
    limited = server(settings={"limits.sessions": 1})
    with LgpqClient(limited.address()) as first:
        first.list()
        for _ in range(5):
            with connect(limited.address()) as second:
                assert second.recv(200) == FULL
                assert is_ended(second)
        assert first.names() == []
    limited.wait_until(lambda status: status["sessions"] == 0)
    with LgpqClient(limited.address()) as next_one:
        assert next_one.names() == []


def test_every_session_that_ends_makes_room_for_one(server):
    limited = server(settings={"workers": 3, "limits.sessions": 5})
    clients = [connect(limited.address()) for _ in range(5)]
    split_at = list_with_all(clients)
    assert set(split_at.values()) == {EMPTY}
    for turn in range(20):
        reset(clients.pop(0))
        limited.wait_until(lambda status: status["sessions"] == 4)
        clients.append(connect(limited.address()))
        assert list_with_all(clients[-1:])[clients[-1]] == EMPTY, turn
        with connect(limited.address()) as one_too_many:
            assert one_too_many.recv(200) == FULL
    reset_all(clients)


@pytest.mark.parametrize("limit, refusal", [("sessions", FULL), ("sessions_per_address", FROM_YOU)])
def test_a_dead_worker_gives_its_share_back(server, limit, refusal):
    limited = server(settings={"workers": 3, f"limits.{limit}": 12})
    served = connect_at_once(limited.address(), 12)
    assert set(list_with_all(served).values()) == {EMPTY}
    pid, share = next((worker["pid"], worker["sessions"]) for worker in limited.workers()
                      if worker["sessions"])
    os.kill(pid, signal.SIGKILL)
    limited.wait_until(lambda status: status["sessions"] == 12 - share)
    limited.wait_until(lambda status: status["state"] == "serving")
    again = connect_at_once(limited.address(), 50)
    now_served, _ = split(list_with_all(again), refusal)
    assert len(now_served) == share
    reset_all(served + again)


# ---- from one address ----

def test_so_many_sessions_from_one_address(server):
    limited = server(settings={"workers": 4, "limits.sessions_per_address": 5})
    held = []
    for source in ("127.0.0.1", "127.0.0.2", "127.0.0.3"):
        connections = connect_at_once(limited.address(), 20, source)
        served, refused = split(list_with_all(connections), FROM_YOU)
        assert (len(served), len(refused)) == (5, 15), source
        limited.wait_log("accept: no more sessions peer=127.0.0.1 limit=sessions_per_address ")
        held += served
        reset_all(refused)
    status = limited.status()
    assert status["sessions"] == 15
    assert status["totals"]["sessions_refused_address"] == 45
    assert status["totals"]["sessions_refused_full"] == 0
    reset(held.pop(0))
    limited.wait_until(lambda status: status["sessions"] == 14)
    again = connect_from("127.0.0.1", limited.address())
    assert list_with_all([again])[again] == EMPTY
    reset_all(held + [again])


def test_both_limits_together(server):
    limited = server(settings={"workers": 2, "limits.sessions": 7, "limits.sessions_per_address": 5})
    first, _ = split(list_with_all(connect_at_once(limited.address(), 10)), FROM_YOU)
    second, _ = split(list_with_all(connect_at_once(limited.address(), 10, "127.0.0.2")), FULL)
    assert (len(first), len(second)) == (5, 2)
    reset_all(first + second)


def test_many_addresses_that_share_a_bucket_are_not_mixed_up(server):
    """More addresses than buckets would be slow to try; with 300 of 4096, some share one."""
    limited = server("listener echo {\n\tprotocol = echo\n}\n",
                     settings={"limits.sessions_per_address": 2})
    clients = []
    for number in range(300):
        source = f"127.1.{number // 250}.{number % 250 + 1}"
        clients += [connect_from(source, limited.address("echo")) for _ in range(2)]
    assert all(echoes(client) for client in clients)
    assert limited.total("sessions_refused_address") == 0
    with connect_from("127.1.0.1", limited.address("echo")) as third:
        assert is_ended(third)
    reset_all(clients)


# ---- descriptors ----

def spun(pids, before, started):
    """Did a process use most of the time that has passed?"""
    passed = time.monotonic() - started
    return any(cpu_seconds(pid) - start > 0.5 * passed + 0.2 for pid, start in zip(pids, before))


def limit_descriptors(pid, count):
    """Of a process that runs; as its own user, whom the kernel lets do that everywhere."""
    done = run(*(AS_NOBODY if IS_ROOT else ()), "prlimit", f"--pid={pid}", f"--nofile={count}:")
    assert done.returncode == 0, done.stderr


def test_no_descriptor_left_is_told_and_does_not_spin(server):
    """The limit falls on workers that run, to just above what they hold."""
    poor = server(settings={"workers": 2})
    pids = poor.worker_pids()
    usual = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    # So many that no number is free between those that a worker was born with.
    held = connect_at_once(poor.address("echo"), 100)
    assert all(echoes(client) for client in held)
    for pid in pids:
        limit_descriptors(pid, max(descriptors(pid)) + 1)
    started, before = time.monotonic(), [cpu_seconds(pid) for pid in pids]
    refused = connect_at_once(poor.address(), 10)
    assert set(first_words(refused).values()) == {NO_DESCRIPTOR}
    poor.wait_log("warning accept: out of descriptors .*LimitNOFILE")
    assert not spun(pids, before, started)
    assert poor.total("accepts_without_descriptor") >= 10
    assert all(echoes(client) for client in held)
    for pid in pids:
        limit_descriptors(pid, usual)
    new = connect_at_once(poor.address(), 20)
    assert set(list_with_all(new).values()) == {EMPTY}
    assert poor.worker_pids() == pids
    assert poor.log().count("out of descriptors") <= 2, "it is said again and again"
    reset_all(held + refused + new)


def test_more_clients_than_descriptors(server):
    """From the start: 100 for a worker, of which it keeps 32 for itself, and a transfer needs two."""
    poor = launch(server, ["prlimit", "--nofile=100:100"], settings={"workers": 2})
    poor.write("big", bytes(BIG))
    pids = poor.worker_pids()
    started, before = time.monotonic(), [cpu_seconds(pid) for pid in pids]
    clients = connect_at_once(poor.address(), 110)
    for client in clients:
        with contextlib.suppress(OSError):  # turned away
            client.sendall(b"G\tbig\n")
    said = first_words(clients)
    served = [client for client, words in said.items() if words.startswith(b"OK ")]
    refused = {words for words in said.values() if not words.startswith(b"OK ")}
    assert 50 < len(served) < 2 * 100
    assert refused and all(words == b"" or words.startswith(b"ERR ") for words in refused), refused
    assert poor.worker_pids() == pids
    assert not spun(pids, before, started)
    reset_all(clients)
    poor.wait_until(lambda status: status["sessions"] == 0 and status["transfers"] == 0)
    with LgpqClient(poor.address()) as client:
        client.list()
        assert len(client.get("big")) == BIG


def test_a_worker_without_room_leaves_the_clients_to_the_others(server):
    """One worker holds all the sessions it can; the other has room for the next ones."""
    poor = launch(server, ["prlimit", "--nofile=100:100"], settings={"workers": 2})
    held = connect_at_once(poor.address(), 140)
    list_with_all(held)
    full = {row["peer"] for row in poor.sessions() if row["session"].startswith("0.")}
    assert len(full) == 68
    kept = [client for client in held if "{}:{}".format(*client.getsockname()) in full]
    reset_all([client for client in held if client not in kept])
    poor.wait_until(lambda status: status["sessions"] == 68)
    for _ in range(5):  # time for the full one to look at the listener again
        later = poor.status()["uptime_seconds"] + 0.2
        poor.wait_until(lambda status: status["uptime_seconds"] >= later)
        new = connect_at_once(poor.address(), 10)
        assert set(list_with_all(new).values()) == {EMPTY}
        kept += new
    reset_all(kept)


def test_a_very_low_limit_of_descriptors(server):
    """Served, or refused with a reason: but never left hanging."""
    poor = launch(server, ["prlimit", "--nofile=64:64"], wait=False)
    poor.expected_exit = None
    try:
        wait_for(lambda: READY in poor.log() or not poor.is_running(), "it to serve or end", 10)
    except TimeoutError:
        poor.kill(signal.SIGKILL)
        raise
    assert poor.log()


# ---- threads ----

def test_no_more_threads_than_allowed(server):
    limited = server(settings={"workers": 1, "limits.threads": 4})
    limited.write("big", bytes(BIG))
    readers = [LgpqClient(limited.address(), receive_buffer=4096) for _ in range(10)]
    for reader in readers:
        reader.request(b"G", b"big")
    limited.wait_until(lambda status: status["transfers"] == 4)
    assert limited.workers()[0]["threads"] == 4

    def read(reader):
        assert reader.reply()[0] == b"%d" % BIG
        reader.drop(BIG)
        reader.close()

    # Nobody knows which four are served first.
    with ThreadPoolExecutor(len(readers)) as everybody:
        list(everybody.map(read, readers))
    wait_for(lambda: limited.total("downloads") == 10, "ten downloads")
    assert limited.workers()[0]["threads"] <= 4


def test_an_upload_over_the_limit_is_refused_before_it_is_sent(server):
    limited = server(settings={"limits.upload_size": "1M"})
    with LgpqClient(limited.address()) as client:
        client.put("fits", bytes(1 << 20))
        with pytest.raises(Refused, match="too-large"):
            client.begin_put("not", (1 << 20) + 1)
        assert client.names() == [b"fits"]
