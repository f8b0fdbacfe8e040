"""The status pipe: what is told, to whom, and that nobody who asks can hold it up."""
import json
import os
import pathlib
import re
import resource
import socket
import threading

import pytest

from conftest import needs_root
from ftpool_server import HOST, NOBODY, PATIENCE_SECONDS
from lgpq_client import LgpqClient, connect
from process_help import STRANGER, being, echoes, reset_all

BIG = 32 << 20
QUESTION_LONGEST = 510  # and its \\n
STATUS_FIELDS = {
    "version": str, "state": str, "pid": int, "since_unix": int, "uptime_seconds": float,
    "root": str, "config": str, "config_read_unix": int, "workers_wanted": int, "workers_living": int,
    "workers_leaving": int, "stop_seconds_left": int, "generation": int, "sessions": int,
    "transfers": int, "restarts": int, "workers": list, "listeners": list,
    "rates_per_second": dict, "totals": dict, "log_level": str, "bans": int}
WORKER_FIELDS = {
    "worker": int, "generation": int, "pid": int, "state": str, "age_seconds": float,
    "silent_seconds": float,
    "sessions": int, "transfers": int, "threads": int, "threads_waiting": int, "restarts": int}
SESSION_FIELDS = {
    "since_unix": int, "peer": str, "protocol": str, "listener": str, "session": str, "user": str,
    "command": str, "path": str, "command_seconds": float, "bytes": int,
    "bytes_per_second": float}
HERE = pathlib.Path(__file__).parents[2]


def types_of(row):
    return {name: type(value) for name, value in row.items()}


def call(server):
    pipe = socket.socket(socket.AF_UNIX)
    pipe.settimeout(PATIENCE_SECONDS)
    pipe.connect(str(server.status_path))
    return pipe


def rest(pipe):
    answer = b""
    try:
        while chunk := pipe.recv(65536):
            answer += chunk
    except ConnectionResetError:
        pass
    return answer


def ask_raw(server, question):
    with call(server) as pipe:
        pipe.sendall(question)
        return rest(pipe)


# ---- what is told ----

def test_the_whole_at_a_glance(shared_server):
    status = shared_server.status()
    assert types_of(status) == STATUS_FIELDS
    assert [types_of(worker) for worker in status["workers"]] == [WORKER_FIELDS] * 2
    assert [worker["worker"] for worker in status["workers"]] == [0, 1]
    assert status["state"] == "serving" and {row["state"] for row in status["workers"]} == {"living"}
    assert status["pid"] == shared_server.pid
    assert status["root"] == str(shared_server.root)
    assert status["config"] == str(shared_server.config_path)
    assert status["version"] == (HERE / "VERSION").read_text().strip()
    assert status["listeners"] == [
        {"name": name, "protocol": name, "address": f"{HOST}:{shared_server.port(name)}"}
        for name in ("lgpq", "echo")]
    assert [row["pid"] for row in status["workers"]] == [row["pid"] for row in shared_server.workers()]


def test_every_counter_there_is_is_told(shared_server):
    counters = re.findall(r"^COUNTER\((\w+),", (HERE / "common/counters.def").read_text(), re.MULTILINE)
    totals = shared_server.status()["totals"]
    assert list(totals) == counters
    assert set(map(type, totals.values())) == {int}


def test_what_a_session_does_is_told(server):
    busy = server()
    busy.write("big", bytes(BIG))
    strange = "a\x07\"\\é".encode() + b"\xff"
    with LgpqClient(busy.address(), receive_buffer=4096) as reader, \
            LgpqClient(busy.address()) as writer, connect(busy.address("echo")) as idle:
        reader.request(b"G", b"big")
        reader.reply()
        assert echoes(idle)
        writer.begin_put(strange, 1000)
        writer.send(bytes(600))
        busy.wait_until(lambda _: any(row["bytes"] == 600 for row in busy.sessions()))
        rows = {row["peer"]: row for row in busy.sessions()}
        of = {client: rows["{}:{}".format(*end.getsockname())] for client, end in (
            ("reader", reader.socket), ("writer", writer.socket), ("idle", idle))}
        assert types_of(of["idle"]) == SESSION_FIELDS
        assert types_of(of["reader"]) == types_of(of["writer"]) == {**SESSION_FIELDS, "bytes_total": int}
        assert (of["reader"]["command"], of["reader"]["path"]) == ("get", "/big")
        assert of["reader"]["bytes_total"] == BIG > of["reader"]["bytes"] > 0
        assert of["writer"]["command"] == "put" and of["writer"]["bytes_total"] == 1000
        assert of["writer"]["path"] == '/a\\x07\\x22\\x5cé\\xff'
        assert (of["idle"]["command"], of["idle"]["path"], of["idle"]["protocol"]) == ("", "", "echo")
        assert re.fullmatch(r"[01]\.\d+", of["idle"]["session"])
        assert busy.status()["transfers"] == 2 and busy.status()["sessions"] == 3


def test_what_was_done_is_counted(server):
    counting = server()
    counting.write("old", b"0123456789")
    with LgpqClient(counting.address()) as client:
        client.list()
        client.get("old")
        client.put("new", b"12345")
        client.request(b"G", b"missing")
        client.line()
        client.quit()
    totals = counting.wait_until(lambda status: status["sessions"] == 0)["totals"]
    assert totals["sessions_opened"] == 1
    assert (totals["downloads"], totals["uploads"]) == (1, 1)
    assert (totals["requests"], totals["requests_refused"]) == (5, 1)
    assert totals["bytes_received"] == 5
    assert totals["bytes_sent"] >= 10


# ---- who may ----

@needs_root
def test_orders_are_taken_from_root_and_the_services_user_alone(server):
    serving = server(settings={"status.mode": "0666"})
    with being(STRANGER, STRANGER):
        assert serving.status()["state"] == "serving"
        assert "error" in serving.ask("stop")
    assert serving.status()["state"] == "serving"
    with being(NOBODY, NOBODY):
        assert serving.ask("stop") == {"done": "stopping", "processes": 2}
    assert serving.wait_exit() == 0
    serving.wait_log(rf"status: order order=stop uid={NOBODY} pid={os.getpid()}")


@needs_root
def test_reading_is_for_those_whom_the_socket_lets_in(server):
    closed = server(settings={"status.group": "daemon"})
    socket_status = closed.status_path.stat()
    assert oct(socket_status.st_mode & 0o777) == "0o660"
    assert (socket_status.st_uid, socket_status.st_gid) == (0, 1)
    with being(STRANGER, STRANGER), pytest.raises(PermissionError):
        closed.status()
    with being(STRANGER, 1):
        assert closed.status()["state"] == "serving"
        assert "error" in closed.ask("stop")


def test_a_stop_is_answered_and_done(server):
    stopping = server(settings={"workers": 3})
    assert stopping.ask("stop") == {"done": "stopping", "processes": 3}
    assert stopping.wait_exit() == 0
    assert not stopping.status_path.exists()


# ---- what is asked wrongly ----

@pytest.mark.parametrize("question", [b"\n", b"what\n", b"status please\n", b" status\n", b"STATUS\n",
                                      b"status\r\n", b"\xff\xfe\n",
                                      b"x" * QUESTION_LONGEST + b"\n"])
def test_an_unknown_question_is_answered_with_those_there_are(shared_server, question):
    answer = json.loads(ask_raw(shared_server, question))
    assert list(answer) == ["error"]
    for known in ("status", "workers", "sessions", "stop"):
        assert known in answer["error"]


def test_a_question_with_a_nul_is_unknown_too(shared_server):
    assert "error" in json.loads(ask_raw(shared_server, b"sta\0tus\n"))


@pytest.mark.parametrize("length", [QUESTION_LONGEST + 1, 1000, 200000])
def test_a_question_that_is_too_long_is_told_so(shared_server, length):
    with call(shared_server) as pipe:
        try:
            pipe.sendall(b"x" * length)
        except BrokenPipeError:
            pass
        assert "error" in json.loads(rest(pipe))


def test_strange_askers_do_no_harm(shared_server):
    """Who says nothing, half of it, too much, or does not wait for the answer."""
    for question in (b"", b"stat", b"x" * 100000, b"sessions\n", b"status\nstatus\nstop\n"):
        for end in (socket.SHUT_WR, socket.SHUT_RDWR, None):
            with call(shared_server) as pipe:
                try:
                    pipe.sendall(question)
                    if end is not None:
                        pipe.shutdown(end)
                except (BrokenPipeError, ConnectionResetError):
                    pass
    assert shared_server.status()["state"] == "serving"


def test_a_question_in_pieces(shared_server):
    with call(shared_server) as pipe:
        for byte in b"workers\n":
            pipe.sendall(bytes([byte]))
            assert shared_server.status()["state"] == "serving"
        assert len(json.loads(rest(pipe))["workers"]) == 2


# ---- many and slow ----

def test_two_hundred_askers_at_once(shared_server):
    """More than are heard at a time: the rest wait in the kernel's queue."""
    answers = []

    def one():
        with socket.socket(socket.AF_UNIX) as pipe:  # never a time-out: connect(2) waits its turn
            pipe.connect(str(shared_server.status_path))
            pipe.sendall(b"status\n")
            answers.append(json.loads(rest(pipe))["state"])
    threads = [threading.Thread(target=one, daemon=True) for _ in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert answers == ["serving"] * 200


def test_slow_askers_hold_up_nobody_and_are_dropped(server):
    serving = server()
    slow = [call(serving) for _ in range(20)]
    for number, pipe in enumerate(slow):
        pipe.sendall(b"status"[:number % 7])
    deaf = call(serving)
    deaf.sendall(b"status\n")
    for _ in range(50):
        assert serving.status()["state"] == "serving"
    for pipe in slow:
        assert rest(pipe) == b"", "who asks nothing is disconnected after a while"
        pipe.close()
    assert json.loads(rest(deaf))["state"] == "serving"
    deaf.close()


def test_an_answer_about_thousands_of_sessions(server):
    """As many as the descriptors on both ends allow: each end has one a session."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    count = min(10000, most - 200)
    full = server("listener echo {\n\tprotocol = echo\n}\n",
                  settings={"workers": 2, "limits.sessions": count})
    clients = [connect(full.address("echo")) for _ in range(count)]
    full.wait_until(lambda status: status["sessions"] == count)
    with call(full) as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.sendall(b"sessions\n")
        assert full.status()["sessions"] == count, "an answer that is not fetched holds up nobody"
        rows = json.loads(rest(slow))["sessions"]
    assert len(rows) == len({row["session"] for row in rows}) == count
    assert {row["peer"] for row in rows} == {"{}:{}".format(*client.getsockname()) for client in clients}
    assert all(echoes(client) for client in clients[::100])
    reset_all(clients)
    full.wait_until(lambda status: status["sessions"] == 0)
    assert full.sessions() == []


def test_the_mode_of_the_socket(server):
    mode = server(settings={"status.mode": "0600"}).status_path.stat().st_mode
    assert oct(mode & 0o777) == "0o600"
