"""The pool: workers that share the work, are killed, crash, hang, and are replaced."""
import os
import signal
import threading
import time

import pytest

from ftpool_server import children, process_start, wait_for
from lgpq_client import LgpqClient, connect
from process_help import cpu_seconds, echoes, is_ended, is_free, proc_status, reset, reset_all

ECHO = "listener echo {\n\tprotocol = echo\n}\n"
BIG = 64 << 20  # more than all buffers between two ends hold


def hold(address, count):
    """So many echo sessions, each of which has been answered."""
    clients = [connect(address) for _ in range(count)]
    assert all(echoes(client) for client in clients)
    return clients


def worker_of(server, clients):
    """Which slot serves which client: client → slot."""
    slots = {row["peer"]: int(row["session"].split(".")[0]) for row in server.sessions()}
    return {client: slots["{}:{}".format(*client.getsockname())] for client in clients}


def pid_in(server, slot):
    return server.workers()[slot]["pid"]


def wait_replaced(server, slot, pid):
    """Until another process lives in the slot; its pid."""
    def look():
        worker = server.workers()[slot]
        return worker["pid"] if worker["state"] == "living" and worker["pid"] != pid else None
    return wait_for(look, f"worker {slot} to be replaced")


class Load:
    """Clients that connect, are answered and go, one after the other, in a few threads."""

    def __init__(self, address, threads=3):
        self.address = address
        self.served = 0
        self.lost = 0  # were connected when their worker died
        self.wrong = []
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self._run) for _ in range(threads)]

    def _one(self):
        try:
            client = connect(self.address)
            if echoes(client):
                self.served += 1
            else:
                self.lost += 1
            reset(client)
        except OSError as error:
            self.wrong.append(repr(error))

    def _run(self):
        while not self.over.is_set() and not self.wrong:
            self._one()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def wait_served(self, more):
        wanted = self.served + more
        wait_for(lambda: self.served >= wanted or self.wrong, f"{more} more clients to be served")


# ---- many ----

def test_the_workers_share_the_connections(server):
    pool = server(ECHO, settings={"workers": 4})
    clients = hold(pool.address("echo"), 400)
    shares = [worker["sessions"] for worker in pool.workers()]
    assert sum(shares) == 400
    assert all(share >= 20 for share in shares), shares
    reset_all(clients)


def test_waiting_costs_no_time(server):
    pool = server(ECHO, settings={"workers": 4})
    clients = hold(pool.address("echo"), 100)
    pids = pool.worker_pids() + [pool.pid]
    before = [cpu_seconds(pid) for pid in pids]
    beats = pool.status()["uptime_seconds"] + 2
    pool.wait_until(lambda status: status["uptime_seconds"] >= beats)
    used = [cpu_seconds(pid) - start for pid, start in zip(pids, before)]
    assert max(used) < 1, used
    reset_all(clients)


# ---- killed ----

@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
def test_a_worker_that_dies_takes_its_own_sessions_and_no_others(server, number):
    pool = server(ECHO, settings={"workers": 3})
    clients = hold(pool.address("echo"), 60)
    slots = worker_of(pool, clients)
    pid = pid_in(pool, 1)
    os.kill(pid, number)
    for client in clients:
        if slots[client] == 1:
            assert is_ended(client)
        else:
            assert echoes(client)
    assert wait_replaced(pool, 1, pid) != pid
    status = pool.wait_until(lambda status: status["state"] == "serving")
    assert status["restarts"] == 1
    assert status["sessions"] == sum(1 for client in clients if slots[client] != 1)
    pool.wait_log(rf"worker: killed worker=1 pid={pid} signal={int(number)} ")
    if number != signal.SIGKILL:
        # The backtrace; its first frames may be those of a library, as a sanitizer's.
        said = rf".* worker: last words worker=1 pid={pid} line="
        pool.wait_log(rf'^{said}"worker: died worker=1 signal={int(number)}"\n'
                      rf'({said}"/.*\n)*{said}"ftpoold.*\(.*\+0x')
    with connect(pool.address("echo")) as another:
        assert echoes(another)
    reset_all(clients)


def test_what_a_dead_worker_did_stays_counted(server):
    pool = server(ECHO, settings={"workers": 1})
    reset_all(hold(pool.address("echo"), 30))
    before = pool.wait_until(lambda status: status["sessions"] == 0)["totals"]
    pid = pid_in(pool, 0)
    os.kill(pid, signal.SIGKILL)
    wait_replaced(pool, 0, pid)
    after = pool.status()["totals"]
    assert after["sessions_opened"] == before["sessions_opened"] == 30
    assert after["requests"] == before["requests"] == 30


def test_nobody_is_refused_while_every_worker_is_killed_in_turn(server):
    pool = server(ECHO, settings={"workers": 4})
    with Load(pool.address("echo")) as load:
        for number in (signal.SIGKILL, signal.SIGSEGV, signal.SIGKILL):
            for slot in range(4):
                pid = pid_in(pool, slot)
                os.kill(pid, number)
                wait_replaced(pool, slot, pid)
                load.wait_served(20)
    assert load.wrong == []
    assert load.served > load.lost
    status = pool.wait_until(lambda status: status["state"] == "serving")
    assert status["restarts"] == 12
    assert sorted(children(pool.pid)) == sorted(pool.worker_pids()), "a child is no worker"
    assert [children(pid) for pid in pool.worker_pids()] == [[]] * 4, "a worker has forked"
    names = [proc_status(pid)["Name"] for pid in pool.worker_pids()]
    assert names == [f"ftpool {slot}" for slot in range(4)]
    pool.wait_until(lambda status: status["sessions"] == 0)


def test_all_workers_killed_at_once(server):
    pool = server(ECHO, settings={"workers": 3})
    with Load(pool.address("echo")) as load:
        load.wait_served(20)
        pids = pool.worker_pids()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        for slot, pid in enumerate(pids):
            wait_replaced(pool, slot, pid)
        load.wait_served(20)
    assert load.wrong == []
    assert pool.wait_until(lambda status: status["state"] == "serving")["workers_living"] == 3


def test_a_worker_that_keeps_dying_is_given_ever_longer_rests(server):
    """A slot rests 0.1 s, doubled by each young death, give or take a fifth; the first death of a
    worker that was ready costs no rest at all."""
    pool = server(ECHO, settings={"workers": 2})
    rests = []
    with Load(pool.address("echo"), threads=1) as load:
        pid = pid_in(pool, 0)
        for _ in range(5):
            killed = time.monotonic()
            os.kill(pid, signal.SIGKILL)
            if len(rests) == 3:
                status = pool.wait_until(lambda status: status["state"] == "degraded")
                assert status["workers_living"] == 1
                assert status["workers"][0]["state"] == "resting"
                assert status["workers"][0]["pid"] == 0
                load.wait_served(20)
            pid = wait_replaced(pool, 0, pid)
            rests.append(time.monotonic() - killed)
        load.wait_served(5)
    assert load.wrong == []
    for number, rest in enumerate(rests[1:], 2):
        assert rest >= 0.8 * 0.1 * 2 ** (number - 1), rests
    status = pool.wait_until(lambda status: status["state"] == "serving")
    assert [worker["restarts"] for worker in status["workers"]] == [5, 0]


# ---- hung ----

class Asker(threading.Thread):
    """Asks for the status again and again."""

    def __init__(self, server):
        super().__init__()
        self.server = server
        self.answers = []
        self.wrong = []
        self.over = threading.Event()
        self.start()

    def run(self):
        while not self.over.is_set() and not self.wrong:
            try:
                self.answers.append(self.server.status())
            except OSError as error:
                self.wrong.append(repr(error))
            self.over.wait(0.01)

    def end(self):
        self.over.set()
        self.join()


def test_a_hung_worker_is_replaced_and_holds_up_nobody(server):
    pool = server(ECHO, settings={"workers": 3, "worker_timeout": "2s"})
    clients = hold(pool.address("echo"), 30)
    slots = worker_of(pool, clients)
    pid = pid_in(pool, 2)
    asker = Asker(pool)
    with Load(pool.address("echo"), threads=1) as load:
        os.kill(pid, signal.SIGSTOP)
        pool.wait_log(rf"worker: hung worker=2 pid={pid} .*Aborted")
        load.wait_served(50)
        wait_replaced(pool, 2, pid)
    asker.end()
    pool.wait_log(rf"worker: killed worker=2 pid={pid} signal={int(signal.SIGABRT)} ")
    assert load.wrong == [] and asker.wrong == []
    while_hung = [answer for answer in asker.answers if answer["workers"][2]["pid"] == pid]
    silent = max(answer["workers"][2]["silent_seconds"] for answer in while_hung)
    assert silent >= 2, "the answers came before and after, but not while it was hung"
    assert {answer["workers"][0]["pid"] for answer in asker.answers} == {pid_in(pool, 0)}
    assert process_start(pid) is None
    for client in clients:
        assert is_ended(client) if slots[client] == 2 else echoes(client)
    reset_all(clients)


def test_the_status_answers_when_all_workers_hang(server):
    pool = server(ECHO, settings={"workers": 2})
    clients = hold(pool.address("echo"), 4)
    pids = pool.worker_pids()
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    assert len(pool.sessions()) == 4
    assert pool.status()["sessions"] == 4
    waiting = connect(pool.address("echo"))
    waiting.sendall(b"!")
    for pid in pids:
        os.kill(pid, signal.SIGCONT)
    assert waiting.recv(1) == b"!"
    assert all(echoes(client) for client in clients)
    assert pool.worker_pids() == pids
    reset_all([*clients, waiting])


# ---- without a master ----

def test_workers_end_with_their_master_and_leave_the_ports(server):
    pool = server(settings={"workers": 4})
    clients = hold(pool.address("echo"), 20)
    workers = {pid: process_start(pid) for pid in pool.worker_pids()}
    pool.expected_exit = -signal.SIGKILL
    pool.kill(signal.SIGKILL)
    pool.wait_exit()
    assert all(is_ended(client) for client in clients)
    wait_for(lambda: all(process_start(pid) != start for pid, start in workers.items()),
             "the workers to end")
    assert is_free(pool.port("lgpq")) and is_free(pool.port("echo"))


def test_a_transfer_outlives_the_master_and_is_no_hindrance_to_the_next_one(server):
    pool = server(settings={"workers": 2, "stop_timeout": "20s"})
    pool.write("big", bytes(BIG))
    with LgpqClient(pool.address(), receive_buffer=4096) as reader:
        reader.request(b"G", b"big")
        assert int(reader.reply()[0]) == BIG
        pool.wait_until(lambda status: status["transfers"] == 1)
        first = pool.pid
        pool.kill(signal.SIGKILL)
        pool.wait_exit()
        wait_for(lambda: is_free(pool.port("lgpq")) and is_free(pool.port("echo")),
                 "the ports to be free")
        pool.start()
        assert pool.pid != first
        with LgpqClient(pool.address()) as another:
            assert another.names() == [b"big"]
        reader.drop(BIG)
        assert reader.rest() == b""
