"""The guardian of a leap: a program that dies or hangs after it has taken over leads back to the one
of before, which has another process id then, and no client notices."""
import os
import signal

import pytest

from conftest import needs_root
from ftpool_server import FTPOOLD, children, process_start, wait_for
from lgpq_client import LgpqClient
from process_help import descriptors, proc_status
from test_reload import BIG, ftpctl
from test_upgrade import program, refused, upgrade
from test_upgrade_trial import SLEEP, hindered, needs_no_sanitizer, sleepers
from transfer_load import CONFIG, TransferLoad


class Bereaved:
    """A server whose master may be another process than the one that was started."""

    def __init__(self, server):
        self.server = server
        server.expected_exit = None
        self.first = server.pid

    @property
    def pid(self):
        return self.server.status()["pid"]

    def stop(self):
        """By ftpctl; nothing of it is left."""
        pids = [self.pid, *self.server.worker_pids(), *children(self.pid)]
        assert ftpctl(self.server, "stop").returncode == 0
        wait_for(lambda: not any(map(process_start, pids)), "all processes to end")
        assert not self.server.status_path.exists()


@pytest.fixture
def bereaved(server):
    masters = []

    def begin(**settings):
        started = server(CONFIG, settings={"upgrade_timeout": "2s", "sandbox": "false", **settings})
        masters.append(Bereaved(started))
        return masters[-1]
    yield begin
    for master in masters:
        if master.server.status_path.exists():
            master.stop()


def guardians(server):
    return [pid for pid in children(server.status()["pid"])
            if proc_status(pid)["Name"] == "ftpool guardian"]


@needs_root
@pytest.mark.parametrize("fate, words", [
    ("exit 7", "died after it had taken over"),
    ("kill -SEGV $$", "died after it had taken over"),
    (f"sleep {SLEEP}", "hung after it had taken over, for longer than upgrade_timeout"),
    (f"exec sleep {SLEEP}", "hung after it had taken over, for longer than upgrade_timeout"),
], ids=["exits", "crashes", "hangs", "becomes-sleep"])
def test_a_death_or_a_hang_after_the_leap_leads_back_and_loses_nothing(bereaved, fate, words):
    master = bereaved()
    loaded = master.server
    assert ftpctl(loaded, "ban", "192.0.2.7").returncode == 0
    workers = loaded.worker_pids()
    with TransferLoad(loaded) as load:
        load.wait(2)
        why = refused(loaded, program(loaded, "candidate", fate))
        load.wait(2)
        assert words in why
        assert f"the server goes on with process id {master.pid}\n" in why
        assert master.pid != master.first and process_start(master.first) is None
        assert loaded.worker_pids() == workers
        status = loaded.wait_until(lambda status: status["state"] == "serving")
        assert (status["generation"], status["restarts"]) == (1, 0)
        assert "192.0.2.7" in ftpctl(loaded, "bans").stdout
        upgrade(loaded)
        load.wait(2)
    assert load.wrong == []
    wait_for(lambda: not any(map(process_start, workers)), "the workers of before to leave")
    assert not sleepers()
    master.stop()


def test_counters_go_on_where_they_were(bereaved):
    master = bereaved()
    server = master.server
    server.write("file", b"x" * 1000)

    def get():
        with LgpqClient(server.address()) as client:
            client.get(b"file")
            client.quit()
    get()
    before = server.wait_until(lambda status: status["totals"]["bytes_sent"] >= 1000)
    refused(server, program(server, "candidate", "exit 1"))
    get()
    after = server.wait_until(lambda status: status["totals"]["bytes_sent"] >= 2000)
    for name in ("sessions_opened", "requests", "bytes_sent"):
        assert after["totals"][name] == 2 * before["totals"][name], name
    assert after["since_unix"] == before["since_unix"]


def test_a_transfer_goes_on_and_its_worker_is_seen(bereaved):
    master = bereaved(workers=1)
    server = master.server
    server.write("big", bytes(BIG))
    old, = server.worker_pids()
    with LgpqClient(server.address(), receive_buffer=4096) as reader:
        reader.request(b"G", b"big")
        assert int(reader.reply()[0]) == BIG
        refused(server, program(server, "candidate", "exit 1"))
        assert [row["command"] for row in server.sessions()] == ["get"]
        upgrade(server)
        rows = {row["pid"]: row["state"] for row in server.workers()}
        assert rows[old] == "leaving" and len(rows) == 2
        reader.drop(BIG)
        reader.quit()
    wait_for(lambda: process_start(old) is None, "the old worker to leave")
    server.wait_until(lambda status: status["workers_leaving"] == 0)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_worker_that_is_nobodys_child_is_replaced_all_the_same(bereaved, how):
    master = bereaved(worker_timeout="2s")
    server = master.server
    refused(server, program(server, "candidate", "exit 1"))
    victim = server.worker_pids()[0]
    os.kill(victim, how)
    server.wait_until(lambda status: status["workers_living"] == 2 and
                      victim not in server.worker_pids())
    assert process_start(victim) is None
    with LgpqClient(server.address()) as client:
        assert client.names() == []


@needs_no_sanitizer
def test_workers_of_a_program_that_dies_go_with_it(bereaved):
    master = bereaved(upgrade_timeout="30s")
    server = master.server
    old = server.worker_pids()
    candidate = program(server, "candidate", hindered(server, "HANG"))
    assert ftpctl(server, "upgrade", "--no-wait", candidate).returncode == 0
    server.wait_log("upgrade: took over")
    new = wait_for(lambda: [pid for pid in server.worker_pids() if pid not in old], "new workers")
    guard, = guardians(server)
    server.kill(signal.SIGSEGV)
    server.wait_until(lambda status: status["pid"] == guard)
    assert server.worker_pids() == old
    assert not any(map(process_start, new))
    upgrade(server)


@needs_no_sanitizer
def test_a_stop_in_the_middle_is_a_stop(bereaved):
    master = bereaved(upgrade_timeout="30s")
    server = master.server
    candidate = program(server, "candidate", hindered(server, "HANG"))
    assert ftpctl(server, "upgrade", "--no-wait", candidate).returncode == 0
    server.wait_log("upgrade: took over")
    guard, = guardians(server)
    server.kill(signal.SIGTERM)
    assert server.wait_exit() == 0
    wait_for(lambda: process_start(guard) is None, "the guardian to leave")
    assert "guardian" not in server.log() and not server.status_path.exists()


def test_one_that_hangs_while_it_takes_over(bereaved):
    """Opening a FIFO that nobody reads."""
    master = bereaved()
    server = master.server
    fifo = server.directory / "fifo"
    os.mkfifo(fifo)
    why = refused(server, program(server, "candidate",
                                  f'exec {FTPOOLD} "$@" -o log.xferlog={fifo}'))
    assert "hung after it had taken over" in why
    assert ftpctl(server, "reload").returncode == 0


def test_no_guardian_is_left_and_nothing_piles_up(bereaved):
    master = bereaved()
    server = master.server
    refused(server, program(server, "first", "exit 1"))
    upgrade(server)
    server.wait_until(lambda status: status["workers_leaving"] == 0)
    wait_for(lambda: not guardians(server), "the guardian to leave")
    count = len(descriptors(master.pid))
    for name in ("second", "third"):
        refused(server, program(server, name, "exit 1"))
        upgrade(server)
    server.wait_until(lambda status: status["workers_leaving"] == 0)
    wait_for(lambda: not guardians(server), "the guardian to leave")
    wait_for(lambda: len(descriptors(master.pid)) <= count, "the descriptors to be as few")
