"""ftpctl top and watch: what the operator looks at. top is looked at in a terminal of tmux."""
import json
import re
import shutil
import subprocess

import pytest

from ftp_talk import FTP, Control
from ftpool_server import HOST, wait_for
from test_ftpctl import FTPCTL, NO_SERVER, USAGE, WELL, ctl
from test_ftpctl_orders import name_of

BIG = 64 << 20
needs_tmux = pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not there")


class Terminal:
    """A tmux server of its own with one window, in which ftpctl runs."""

    def __init__(self, server, *arguments, columns=80, rows=24):
        self.socket = str(server.directory / "tmux")
        command = " ".join(map(str, (FTPCTL, "--socket", server.status_path, *arguments)))
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", columns, "-y", rows,
                  f"LC_ALL=C.UTF-8 {command}; echo ended with $?; cat")

    def tmux(self, *arguments):
        return subprocess.run(["tmux", "-S", self.socket, *map(str, arguments)], check=True,
                              capture_output=True, text=True).stdout

    def screen(self):
        return self.tmux("capture-pane", "-p").splitlines()

    def keys(self, *keys):
        self.tmux("send-keys", *keys)

    def wait(self, pattern):
        return wait_for(lambda: re.search(pattern, "\n".join(self.screen()), re.MULTILINE),
                        f"a screen like {pattern}")

    def close(self):
        self.tmux("kill-server")


@pytest.fixture
def terminal():
    opened = []

    def opens(*arguments, **options):
        opened.append(Terminal(*arguments, **options))
        return opened[-1]
    yield opens
    for one in opened:
        one.close()


def downloading(server, name):
    client = Control(HOST, server.port("ftp")).log_in()
    data = client.open_data()
    client.command(f"RETR {name}", "150 *")
    data.connection().recv(1000)
    return client


@needs_tmux
def test_top_in_a_common_terminal(server, terminal):
    watched = server(FTP)
    watched.write("big", bytes(BIG))
    busy, idle = downloading(watched, "big"), Control(HOST, watched.port("ftp")).log_in()
    names = {who: name_of(watched, client.socket) for who, client in
             (("busy", busy), ("idle", idle))}
    window = terminal(watched, "top", "0.2")
    window.wait(rf"^{re.escape(names['busy'])} +anonymous +127\.0\.0\.1 +RETR +[#.]{{8}} +\d+% .* /big$")
    window.wait(rf"^{re.escape(names['idle'])} +anonymous +127\.0\.0\.1 +idle$")
    screen = window.screen()
    assert re.match(r"ftpool \S+  serving, up \d+ s  sessions 2  transfers 1  workers 2/2$", screen[0])
    assert screen[1].startswith("per second: ")
    assert screen[2].split() == ["SESSION", "USER", "PEER", "DOING", "DONE", "RATE", "PATH"]
    assert screen[23].startswith("1-2 of 2 by rate |") and screen[23].endswith("q quit")
    assert max(map(len, screen)) <= 80
    window.keys("i")
    window.wait("^1-1 of 1 by rate")
    assert "idle$" not in "\n".join(window.screen())
    window.keys("q")
    window.wait("^ended with 0$")


@needs_tmux
def test_a_session_is_chosen_and_kicked_after_a_question(server, terminal):
    watched = server(FTP)
    watched.write("big", bytes(BIG))
    clients = [downloading(watched, "big") for _ in range(2)]
    names = [name_of(watched, client.socket) for client in clients]
    window = terminal(watched, "top", "0.2")
    window.wait("^1-2 of 2")
    window.keys("s")
    window.wait("by session")
    window.keys("Down")
    window.keys("k")
    chosen = max(names, key=lambda name: [int(part) for part in name.split(".")])
    window.wait(rf"^Kick session {re.escape(chosen)} \(anonymous, 127\.0\.0\.1\)\? y or n")
    window.keys("n")
    window.wait("^1-2 of 2")
    assert len(watched.sessions()) == 2
    window.keys("k")
    window.wait("^Kick session")
    window.keys("y")
    clients[names.index(chosen)].expect("426 *")
    window.wait("^1-1 of 1")
    assert [row["session"] for row in watched.sessions()] == [
        name for name in names if name != chosen]


@needs_tmux
def test_top_follows_the_size_of_the_terminal(server, terminal):
    watched = server(FTP)
    clients = [Control(HOST, watched.port("ftp")).log_in() for _ in range(30)]
    window = terminal(watched, "top", "0.2")
    window.wait("^1-20 of 30")
    window.tmux("resize-window", "-x", 140, "-y", 40)
    window.wait("^1-30 of 30")
    window.tmux("resize-window", "-x", 40, "-y", 8)
    window.wait("^1-4 of 30")
    window.keys("NPage")
    window.wait("^2-5 of 30")
    window.keys("End")
    window.wait("^27-30 of 30")
    window.tmux("resize-window", "-x", 8, "-y", 2)
    window.tmux("resize-window", "-x", 80, "-y", 24)
    window.wait("^(11|27)-30 of 30")
    for client in clients:
        client.close()


@needs_tmux
def test_top_ends_with_the_server(server, terminal):
    watched = server(FTP)
    window = terminal(watched, "top", "0.2")
    window.wait("^0-0 of 0")
    assert watched.stop() == 0
    window.wait(f"^ended with {NO_SERVER}$")
    screen = "\n".join(window.screen())
    assert "no server answers" in screen or "is it being stopped?" in screen


def test_top_as_json_looks_once(server):
    watched = server(FTP)
    watched.write("big", bytes(BIG))
    client = downloading(watched, "big")
    done = ctl(watched, "--json", "top")
    assert (done.returncode, done.stderr) == (WELL, "")
    answer = json.loads(done.stdout)
    assert answer["status"]["sessions"] == 1
    assert [(row["user"], row["command"], row["path"], row["bytes_total"])
            for row in answer["sessions"]] == [("anonymous", "RETR", "/big", BIG)]
    client.close()


def test_top_needs_a_terminal(shared_server):
    done = ctl(shared_server, "top")
    assert (done.returncode, done.stdout) == (USAGE, "") and "needs a terminal" in done.stderr


# ---- watch ----

def test_watch_prints_a_line_each_interval(server):
    watched = server(FTP)
    client = Control(HOST, watched.port("ftp")).log_in()
    done = ctl(watched, "watch", "0.1", "22")
    assert (done.returncode, done.stderr) == (WELL, "")
    lines = done.stdout.splitlines()
    assert len(lines) == 24
    assert lines[0].split()[:3] == ["TIME", "SESSIONS", "TRANSFERS"] and lines[21] == lines[0]
    assert max(map(len, lines)) <= 110
    for line in lines[1:21]:
        assert re.match(r"\d\d:\d\d:\d\d +1 +0 +\d", line)
    client.close()


def test_watch_as_json(server):
    watched = server(FTP)
    process = subprocess.Popen([FTPCTL, "--socket", watched.status_path, "--json", "watch", "0.1"],
                               stdout=subprocess.PIPE, text=True)
    first = json.loads(process.stdout.readline())
    assert set(first) == {"unix", "state", "sessions", "transfers", "workers_living",
                          "workers_wanted", "per_second"}
    assert set(first["per_second"]) == set(watched.status()["totals"])
    client = Control(HOST, watched.port("ftp")).log_in()

    def logged_in():
        return json.loads(process.stdout.readline())["per_second"]["logins"] > 0
    wait_for(logged_in, "a line with the login")
    client.close()
    assert watched.stop() == 0
    process.stdout.read()
    assert process.wait() == NO_SERVER


@pytest.mark.parametrize("arguments", [["watch", "0"], ["watch", "x"], ["watch", "1", "0"],
                                       ["watch", "1", "2", "3"], ["top", "-1"], ["top", "1e9"]])
def test_wrong_intervals_are_2(shared_server, arguments):
    if arguments[1].startswith("-"):
        arguments = [arguments[0], "--", *arguments[1:]]
    done = ctl(shared_server, *arguments)
    assert (done.returncode, done.stdout) == (USAGE, "")
