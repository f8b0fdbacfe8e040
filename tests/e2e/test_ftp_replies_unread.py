"""Clients that say commands without end and read no reply: they cost a socket and some memory, and no
thread; and when they do read, nothing is missing."""
import concurrent.futures
import os
import pathlib
import select
import socket

import pytest

from ftp_matrix import CONFIG, HOST, content
from ftp_talk import Control
from ftpool_server import PATIENCE_SECONDS

CROWD = 5  # more than there may be threads
THREADS = 4
COMMAND = b"HELP\r\n"
QUIET_SECONDS = 1  # the server takes nothing more: so long no room
MOST_BYTES = 8 << 20


class Chatterbox:
    """A logged-in client; `talk` says HELP until nothing more goes."""

    def __init__(self, port):
        self.control = Control.__new__(Control)
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 18)
        made.settimeout(PATIENCE_SECONDS)
        made.connect((HOST, port))
        self.control.host, self.control.socket, self.control.lines = HOST, made, made.makefile("rb")
        self.control.data, self.control.said = None, []
        self.control.log_in()
        self.sent = 0

    def talk(self):
        many = COMMAND * 500
        made = self.control.socket
        made.setblocking(False)
        while self.sent < MOST_BYTES and select.select([], [made], [], QUIET_SECONDS)[1]:
            try:
                self.sent += made.send(many[self.sent % len(COMMAND):])
            except BlockingIOError:
                pass
        made.settimeout(PATIENCE_SECONDS)
        assert self.sent < MOST_BYTES

    def read_replies(self, extra):
        """One reply for each command, and those of `extra` behind them."""
        rest = COMMAND[self.sent % len(COMMAND):] if self.sent % len(COMMAND) else b""
        expected = (self.sent + len(rest)) // len(COMMAND)
        ends = 0
        pending = rest + extra
        while ends < expected:
            if pending and select.select([], [self.control.socket], [], 0)[1]:
                pending = pending[self.control.socket.send(pending):]
            ends += self.control.lines.readline().startswith(b"214 ")
        self.control.socket.sendall(pending)


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.fixture
def served(server):
    return server(CONFIG, settings={"workers": 1, "limits.threads": THREADS})


def test_they_hold_no_thread(served):
    served.write("file", content(1000))
    crowd = [Chatterbox(served.port("ftp")) for _ in range(CROWD)]
    with concurrent.futures.ThreadPoolExecutor(CROWD) as threads:
        list(threads.map(Chatterbox.talk, crowd))
    other = Control(HOST, served.port("ftp")).log_in()
    other.open_data()
    other.command("RETR file", "150 *")
    assert other.data.read() == content(1000)
    other.expect("226 *")
    assert all(worker["threads"] <= THREADS for worker in served.workers())
    for chatterbox in crowd:
        chatterbox.read_replies(b"NOOP\r\nQUIT\r\n")
        chatterbox.control.expect("200 *")
        chatterbox.control.expect("221 *")
        chatterbox.control.close()


def test_one_that_ends_its_side_meanwhile_costs_nothing(served):
    """Its end would be news all the time: the worker must not look at it over and over."""
    chatterbox = Chatterbox(served.port("ftp"))
    chatterbox.talk()
    chatterbox.control.socket.shutdown(socket.SHUT_WR)
    before = cpu_seconds(served.worker_pids()[0])
    select.select([], [], [], QUIET_SECONDS)
    assert cpu_seconds(served.worker_pids()[0]) - before < QUIET_SECONDS / 5
    chatterbox.control.close()
    Control(HOST, served.port("ftp")).log_in().close()
