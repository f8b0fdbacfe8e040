"""Sessions of one user: so many over all workers and protocols, whoever logs in at the same time."""
from concurrent.futures import ThreadPoolExecutor
import ctypes
import os
import signal
import socket
import subprocess
import threading

import pytest

from conftest import needs_root
from ftp_talk import Control, FTP
from ftpool_server import BUILD, PATIENCE_SECONDS, wait_for
from lgpq_client import LgpqClient, Refused

FTPCTL = BUILD / "ftpctl"
CLIENTS = 16
PASSWORD = "sesame"
TOO_MANY = "421 Too many sessions of {}, who may have {}; *"
BOTH = FTP + "listener box {\n\taccount = anna\n}\n"


def add(users, name, *arguments):
    """An account whose password is checked in no time: the crowd is what is tried here."""
    subprocess.run([FTPCTL, "user", "add", name, "--file", users, "--no-password", *arguments],
                   check=True, timeout=60)
    hashed = subprocess.run(["openssl", "passwd", "-6", "-salt", "saltsalt", PASSWORD],
                            capture_output=True, text=True, check=True, timeout=60).stdout.strip()
    lines = users.read_text().splitlines()
    users.write_text("".join(f"{line} password={hashed}\n" if line.split()[0] == name
                             else line + "\n" for line in lines))


@pytest.fixture
def limited(tmp_path, server):
    """A server with 4 workers and the accounts anna, bert and carl, who may have any number."""
    def start(settings, config=FTP):
        users = tmp_path / "users"
        for name, *arguments in (("anna",), ("bert",), ("carl", "--sessions", "0"),
                                 ("dora", "--sessions", "2")):
            add(users, name, *arguments)
        return server(config, settings={"workers": 4, "users": users, **settings})
    return start


def try_login(server, name, password=PASSWORD):
    """(reply to PASS, the connection)"""
    control = Control(*server.address("ftp"))
    control.expect("220 *")
    control.command(f"USER {name}", "331 *")
    control.say(f"PASS {password}".encode())
    return control.expect("*"), control


def crowd(server, name, count=CLIENTS):
    """So many log in at once: (those who are in, those who were told that they are too many)."""
    with ThreadPoolExecutor(count) as pool:
        tried = list(pool.map(lambda _: try_login(server, name), range(count)))
    served = [control for reply, control in tried if reply.startswith("230")]
    refused = [(reply, control) for reply, control in tried if reply.startswith("421")]
    assert len(served) + len(refused) == count, [reply for reply, _ in tried]
    return served, refused


def leave(server, controls, left):
    for control in controls:
        control.command("QUIT", "221 *")
        control.close()
    server.wait_until(lambda status: status["sessions"] == left)


@pytest.mark.parametrize("name, most", [("anna", 5), ("dora", 2), ("anonymous", 3)])
def test_exactly_so_many_sessions_of_a_user(limited, name, most):
    server = limited({"limits.sessions_per_user": 5, "anonymous.sessions": 3})
    for turn in range(3):
        served, refused = crowd(server, name)
        assert (len(served), len(refused)) == (most, CLIENTS - most), turn
        for reply, control in refused:
            assert reply.startswith(TOO_MANY.format(name, most)[:-1]), reply
            control.expect_closed()
        status = server.wait_until(lambda status: status["sessions"] == most)
        assert status["totals"]["logins_refused_sessions"] == (turn + 1) * (CLIENTS - most)
        assert [session["user"] for session in server.sessions()] == [name] * most
        leave(server, served, 0)
    server.wait_log(f'ftp: too many sessions of one user peer=127.0.0.1 user="{name}" limit={most} ')


def test_users_do_not_count_for_each_other(limited):
    server = limited({"limits.sessions_per_user": 4})
    held = []
    for name, count in (("anna", 4), ("bert", 4), ("carl", CLIENTS), ("anonymous", CLIENTS)):
        served, _ = crowd(server, name)
        assert len(served) == count, name
        held += served
    leave(server, held, 0)


def test_who_logs_out_makes_room(limited):
    server = limited({"limits.sessions_per_user": 1})
    _, first = try_login(server, "anna")
    first.command("REIN", "220 *")
    reply, second = try_login(server, "anna")
    assert reply.startswith("230")
    first.command("USER anna", "331 *")
    first.command(f"PASS {PASSWORD}", "421 Too many*")
    second.command("USER bert", "331 *")  # in the middle of a session: anna is there no more
    reply, third = try_login(server, "anna")
    assert reply.startswith("230")
    leave(server, [second, third], 0)


def test_a_dead_worker_s_share_of_a_user_vanishes(limited):
    server = limited({"limits.sessions_per_user": 8})
    served, _ = crowd(server, "anna")
    server.wait_until(lambda status: status["sessions"] == 8)
    pid, share = next((worker["pid"], worker["sessions"]) for worker in server.workers()
                      if worker["sessions"])
    os.kill(pid, signal.SIGKILL)
    server.wait_until(lambda status: status["state"] == "serving"
                      and status["sessions"] == 8 - share)
    again, _ = crowd(server, "anna")
    assert len(again) == share


def test_an_account_is_counted_over_all_protocols(limited):
    server = limited({"limits.sessions_per_user": 2}, BOTH)
    with LgpqClient(server.address("box")) as box:
        assert box.names() == []
        served, _ = crowd(server, "anna")
        assert len(served) == 1
        with LgpqClient(server.address("box")) as other:
            with pytest.raises(Refused, match="busy"):
                other.names()
    server.wait_log("lgpq: not the listener's account .*all the sessions it may have")


# ---- clients that are gone ----

CLONE_NEWNET = 0x40000000
SERVER_ADDRESS, MOBILE, LAPTOP = "10.77.0.1", "10.77.0.2", "10.77.0.3"


def run_ip(*command):
    subprocess.run(["ip", *map(str, command)], check=True, timeout=60)


class Neighbour:
    """A thread in a network of its own, one cable away from that of the thread that made it."""

    def __init__(self):
        self.pool = ThreadPoolExecutor(1)
        thread = self.do(lambda: self._leave() or threading.get_native_id())
        run_ip("link", "add", "here", "type", "veth", "peer", "name", "there", "netns", thread)
        run_ip("addr", "add", f"{SERVER_ADDRESS}/24", "dev", "here")
        run_ip("link", "set", "here", "up")
        self.do(lambda: [run_ip("addr", "add", address, "dev", "there")
                         for address in (f"{LAPTOP}/24", f"{MOBILE}/32")])
        self.do(lambda: run_ip("link", "set", "there", "up"))

    @staticmethod
    def _leave():
        assert ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) == 0, ctypes.get_errno()

    def do(self, work):
        return self.pool.submit(work).result()

    def log_in(self, server, source, reply="230 *", name="anna"):
        def work():
            control = Control.__new__(Control)
            control.host, control.data, control.said = SERVER_ADDRESS, None, []
            control.socket = socket.create_connection((SERVER_ADDRESS, server.port("ftp")),
                                                      PATIENCE_SECONDS, (source, 0))
            control.lines = control.socket.makefile("rb")
            control.expect("220 *")
            control.command(f"USER {name}", "331 *")
            control.command(f"PASS {PASSWORD}", reply)
            return control
        return self.do(work)

    def lose(self, address):
        """Whoever had that address is gone, and answers nothing any more."""
        self.do(lambda: run_ip("addr", "del", f"{address}/32", "dev", "there"))


def try_for_room(neighbour, server):
    """A session, or None: who was heard from a moment ago may still be there."""
    control = neighbour.log_in(server, LAPTOP, "*")
    if control.said[-1].startswith(b"S: 230"):
        return control
    control.close()
    return None


@needs_root
def test_sessions_whose_client_is_gone_make_room(limited):
    def body():
        Neighbour._leave()
        run_ip("link", "set", "lo", "up")
        neighbour = Neighbour()
        server = limited({"limits.sessions_per_user": 3, "listener.ftp.address": "0.0.0.0"})
        lost = [neighbour.log_in(server, MOBILE) for _ in range(2)]
        alive = neighbour.log_in(server, LAPTOP)
        neighbour.log_in(server, LAPTOP, "421 Too many sessions of anna*").close()  # all live
        neighbour.lose(MOBILE)
        fresh = [wait_for(lambda: try_for_room(neighbour, server), "room") for _ in range(2)]
        server.wait_log('session: one whose client was gone has made room user="anna" ')
        neighbour.log_in(server, LAPTOP, "421 Too many sessions of anna*").close()
        for control in [alive, *fresh]:
            control.command("NOOP", "200 *")
        server.wait_until(lambda status: status["sessions"] == 3)
        for control in [*lost, *fresh, alive]:
            control.close()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(body).result()
