"""ftpctl beside five thousand sessions: the answers are whole, and whoever reads them slowly holds up
neither the server nor other askers."""
import json
import re
import resource
import socket
import time

import pytest

from ftp_talk import FTP
from ftpool_server import HOST, PATIENCE_SECONDS
from test_ftpctl import WELL, ctl

MANY = 5000


def open_many(server, count):
    """So many sessions of FTP that have been greeted."""
    clients = []
    for _ in range(count):
        client = socket.create_connection((HOST, server.port("ftp")), PATIENCE_SECONDS)
        clients.append(client)
    for client in clients:
        assert client.recv(100).startswith(b"220 ")
    return clients


@pytest.fixture
def crowd(server):
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < MANY + 200:
        pytest.skip("too few descriptors for so many clients")
    crowded = server(FTP, settings={"limits.sessions": 6000, "workers": 3,
                                    "ftp.login_timeout": "1h"})
    clients = open_many(crowded, MANY)
    yield crowded, clients
    for client in clients:
        client.close()


def test_five_thousand_sessions_are_shown_whole(crowd):
    crowded, clients = crowd
    began = time.monotonic()
    done = ctl(crowded, "--json", "sessions")
    took = time.monotonic() - began
    assert (done.returncode, done.stderr) == (WELL, "")
    rows = json.loads(done.stdout)["sessions"]
    assert len({row["session"] for row in rows}) == MANY
    assert {row["peer"] for row in rows} == {"{}:{}".format(*client.getsockname())
                                            for client in clients}
    text = ctl(crowded, "sessions").stdout.splitlines()
    assert text[-1] == f"{MANY} sessions" and len(text) == MANY + 2
    assert ctl(crowded, "status").stdout.count(f"{MANY} sessions") == 1
    assert f"ftpool_sessions {MANY}\n" in ctl(crowded, "metrics").stdout
    answer = json.loads(ctl(crowded, "--json", "top").stdout)
    assert len(answer["sessions"]) == MANY
    print(f"ftpctl --json sessions took {took:.2f} s")


def test_a_slow_asker_holds_up_nobody(crowd):
    crowded, clients = crowd
    slow = []
    for _ in range(20):
        asker = socket.socket(socket.AF_UNIX)
        asker.connect(str(crowded.status_path))
        asker.sendall(b"sessions\n")
        slow.append(asker)
    assert len(crowded.sessions()) == MANY
    clients[0].sendall(b"NOOP\r\n")
    assert clients[0].recv(100).startswith(b"200 ")
    for asker in slow:
        asker.close()


def test_five_thousand_are_kicked_at_once(crowd):
    crowded, clients = crowd
    done = ctl(crowded, "kick", "127.0.0.1", "the", "end")
    assert (done.returncode, done.stdout) == (WELL, f"kicked {MANY} sessions\n")
    for client in clients:
        assert re.match(rb"421 .*: the end\r\n$", client.recv(200))
        assert client.recv(100) == b""
    crowded.wait_until(lambda status: status["sessions"] == 0)
