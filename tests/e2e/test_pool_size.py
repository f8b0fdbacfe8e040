"""How many workers there are: orders, signals, workers that are worn out; and what is known, and
done for clients, when they crash."""
import json
import os
import re
import signal
import subprocess

import pytest

from ftp_talk import Control
from ftpool_server import BUILD, HOST, PATIENCE_SECONDS, process_start, wait_for
from lgpq_client import connect
from process_help import echoes
from transfer_load import CONFIG, TransferLoad

BIG = 64 << 20  # more than all buffers between two ends hold


def ftpctl(server, *words, status=0):
    done = subprocess.run([BUILD / "ftpctl", "--socket", server.status_path, *map(str, words)],
                          capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    assert done.returncode == status, done
    return done.stdout + done.stderr


def living(server):
    return {row["worker"]: row["pid"] for row in server.workers() if row["state"] == "living"}


def wait_living(server, count):
    """Until that many workers live, and no other process is left."""
    wait_for(lambda: len(living(server)) == count == len(server.worker_pids()),
             f"{count} workers to live")
    return living(server)


# ---- orders and signals ----

def test_the_pool_grows_and_shrinks_under_load(server):
    loaded = server(CONFIG, settings={"workers": 1})
    with TransferLoad(loaded) as load:
        for count in (8, 2, 5, 1):
            said = ftpctl(loaded, "workers", count)
            assert re.fullmatch(rf"{count} workers? from now on, until a reload\n", said)
            wait_living(loaded, count)
            load.wait(3)
    assert load.wrong == []
    assert "worker: killed" not in loaded.log()


def test_signals_make_it_one_more_or_one_less(server):
    serving = server(settings={"workers": 2})
    serving.kill(signal.SIGTTIN)
    wait_living(serving, 3)
    for count in (2, 1):
        serving.kill(signal.SIGTTOU)
        wait_living(serving, count)
    serving.kill(signal.SIGTTOU)
    serving.wait_log("master: workers before=1 wished=1")
    serving.kill(signal.SIGTTIN)
    wait_living(serving, 2)
    assert serving.status()["state"] == "serving"


@pytest.mark.parametrize("number", ["0", "+1", "x", "1025", "99999999999999999999", "2x", ""])
def test_what_is_no_number_of_workers(server, number):
    serving = server(settings={"workers": 1})
    assert "workers takes a number from 1 to 1024" in ftpctl(serving, "workers", number, status=1)
    assert len(living(serving)) == 1


def test_more_workers_than_there_is_room_for(server):
    serving = server(settings={"workers": 1})
    assert "have no room" in ftpctl(serving, "workers", 1024, status=1)
    assert serving.status()["workers_wanted"] == 1


def test_a_worker_is_drained_and_another_one_takes_its_place(server):
    serving = server(CONFIG, settings={"workers": 1})
    serving.write("big", bytes(BIG))
    (slot, old), = living(serving).items()
    idle = Control(HOST, serving.port("ftp")).log_in()
    busy = Control(HOST, serving.port("ftp")).log_in()
    busy.open_data()
    busy.command("RETR big", "150 *")
    assert ftpctl(serving, "drain", slot) == "the worker will leave, and another one takes its place\n"
    idle.expect("421 *; please connect again")
    idle.expect_closed()
    wait_for(lambda: living(serving) and old not in living(serving).values(), "the next worker")
    Control(HOST, serving.port("ftp")).log_in().close()
    assert len(busy.data.read()) == BIG
    busy.expect("226 *")
    wait_for(lambda: process_start(old) is None, "the old worker to leave")
    assert "there is no such worker" in ftpctl(serving, "drain", 77, status=1)
    idle.close()
    busy.close()


def test_a_worker_that_leaves_already_is_hurried_on(server):
    serving = server(CONFIG, settings={"workers": 1, "stop_timeout": "1s"})
    serving.write("big", bytes(BIG))
    (slot, old), = living(serving).items()
    busy = Control(HOST, serving.port("ftp")).log_in()
    busy.open_data()
    busy.command("RETR big", "150 *")
    text = serving.config_path.read_text()
    serving.config_path.write_text(text.replace("list get put", "list get"))
    assert "New workers serve" in ftpctl(serving, "reload")
    assert slot not in living(serving)
    ftpctl(serving, "drain", slot)
    busy.expect("426 *")
    assert len(busy.data.read()) < BIG
    wait_for(lambda: process_start(old) is None, "the old worker to leave")
    busy.close()


def test_all_workers_are_drained(server):
    serving = server(CONFIG, settings={"workers": 3})
    before = set(living(serving).values())
    idle = [Control(HOST, serving.port("ftp")).log_in() for _ in range(6)]
    assert "others take their places" in ftpctl(serving, "drain")
    for control in idle:
        control.expect("421 *")
        control.expect_closed()
        control.close()
    wait_for(lambda: len(living(serving)) == 3 and not before & set(serving.worker_pids()),
             "three others")
    assert serving.status()["state"] == "serving"
    Control(HOST, serving.port("ftp")).log_in().close()


# ---- wear ----

def test_a_worker_retires_after_so_many_sessions(server):
    serving = server(settings={"workers": 1, "worker_max_sessions": 10})
    old, = serving.worker_pids()
    kept = connect(serving.address("echo"))
    assert echoes(kept)
    for _ in range(10):
        with connect(serving.address("echo")) as client:
            assert echoes(client)
    wait_for(lambda: living(serving) and old not in living(serving).values(), "another worker")
    assert echoes(kept), "the old one serves those it has"
    kept.close()
    wait_living(serving, 1)
    serving.wait_log(rf"worker: retires worker=\d+ pid={old} reason=sessions")


@pytest.mark.parametrize("option, value, reason",
                         [("worker_max_age", "1s", "age"), ("worker_max_memory", "1k", "memory")])
def test_a_worker_retires_for_age_and_memory(server, option, value, reason):
    serving = server(settings={"workers": 2, option: value})
    old = set(serving.worker_pids())
    wait_for(lambda: not old & set(serving.worker_pids()), "both to be replaced")
    assert f"reason={reason}" in serving.log()


# ---- crashes ----

def test_a_crash_leaves_a_report(server):
    serving = server(CONFIG, settings={"workers": 1})
    serving.write("big", bytes(BIG))
    assert ftpctl(serving, "status", "--crashes") == "no worker has crashed\n"
    busy = Control(HOST, serving.port("ftp")).log_in()
    busy.open_data()
    busy.command("RETR big", "150 *")
    pid, = serving.worker_pids()
    serving.wait_until(lambda status: status["transfers"] == 1)
    os.kill(pid, signal.SIGSEGV)
    said = wait_for(lambda: "signal 11" in (told := ftpctl(serving, "status", "--crashes")) and told,
                    "the report")
    assert re.search(rf"worker 0, pid {pid}: Segmentation fault \(signal 11\), after .*, with 1 session\n",
                     said)
    assert re.search(r"^  session 0\.\d+ of 127.0.0.1:\d+, anonymous: RETR /big, ", said, re.MULTILINE)
    assert "  | worker: died worker=0 signal=11\n" in said
    assert re.search(r"^  \| .*\(.*\+0x", said, re.MULTILINE), "a backtrace"
    serving.wait_log(r"worker: a session died with it .* command=\"RETR\" path=\"/big\"")
    busy.close()


def test_a_hung_worker_is_reported_as_such(server):
    serving = server(settings={"workers": 1, "worker_timeout": "2s"})
    pid, = serving.worker_pids()
    os.kill(pid, signal.SIGSTOP)
    wait_for(lambda: ", for it was hung" in ftpctl(serving, "status", "--crashes", status=0),
             "the report")
    said = ftpctl(serving, "status", "--crashes")
    assert "  | worker: died worker=0 signal=6\n" in said and "(worker_main+0x" in said
    wait_living(serving, 1)


def test_a_crash_leaves_only_lines_of_the_log(server):
    serving = server(settings={"workers": 1, "log.format": "json"})
    pid, = serving.worker_pids()
    os.kill(pid, signal.SIGSEGV)
    serving.wait_log("worker: killed")
    lines = [json.loads(line) for line in serving.log().splitlines() if line.startswith("{")]
    said = [line["line"] for line in lines if line["event"] == "worker: last words"]
    assert said[0] == "worker: died worker=0 signal=11" and len(said) > 2
    assert not re.search("^(/|worker|ftpoold:)", serving.log(), re.MULTILINE), "no line is bare"


def test_a_worker_that_left_by_order_is_no_crash(server):
    serving = server(settings={"workers": 2})
    ftpctl(serving, "workers", 1)
    wait_living(serving, 1)
    assert ftpctl(serving, "status", "--crashes") == "no worker has crashed\n"


def crash_all(server):
    """Until the only worker rests after its crashes."""
    def look():
        for pid in living(server).values():
            os.kill(pid, signal.SIGKILL)
        return [row for row in server.workers() if row["state"] == "resting"]
    wait_for(look, "the worker to rest")


def test_the_master_answers_when_no_worker_can(server):
    serving = server(CONFIG, settings={"workers": 1})
    # After some crashes in a row the rests are long enough to be met by a client in time.
    for _ in range(6):
        crash_all(serving)
        wait_for(lambda: living(serving), "it to live again")
    crash_all(serving)
    assert serving.status()["state"] == "degraded"
    client = Control(HOST, serving.port("ftp"))
    client.expect("421 No worker can serve right now; try again later")
    client.expect_closed()
    with connect(serving.address()) as lgpq:
        assert lgpq.recv(100) == b""
    wait_for(lambda: living(serving), "it to live again")
    Control(HOST, serving.port("ftp")).log_in().close()
    serving.wait_log("master: workers serve again refused=2")
