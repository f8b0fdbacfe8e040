"""Signals to the master: the ways to stop, and a log file that is moved away."""
import os
import re
import signal
import subprocess

import pytest

from ftpool_server import BUILD, HOST, PATIENCE_SECONDS, process_start, wait_for
from lgpq_client import LgpqClient, connect
from process_help import echoes, is_ended, is_free, proc_status

BIG = 64 << 20  # more than all buffers between two ends hold
STOPPING = [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT]


def begin_get(server):
    """A client in the middle of a download that waits for it to read on."""
    reader = LgpqClient(server.address(), receive_buffer=4096)
    reader.request(b"G", b"big")
    assert int(reader.reply()[0]) == BIG
    server.wait_until(lambda status: status["transfers"] >= 1)
    return reader


def begin_put(server, name, content):
    """A client in the middle of an upload, half of which has arrived."""
    writer = LgpqClient(server.address())
    writer.begin_put(name, len(content))
    writer.send(content[:len(content) // 2])
    server.wait_until(lambda _: any(row["bytes"] == len(content) // 2 and row["path"] == f"/{name}"
                                    for row in server.sessions()))
    return writer


def is_refused(address):
    try:
        connect(address).close()
        return False
    except ConnectionRefusedError:
        return True


# ---- stopping ----

@pytest.mark.parametrize("number", STOPPING)
def test_transfers_that_run_are_finished(server, number):
    stopping = server(settings={"stop_timeout": "30s"})
    stopping.write("big", bytes(BIG))
    content = os.urandom(100000)
    idle = connect(stopping.address("echo"))
    assert echoes(idle)
    workers = {pid: process_start(pid) for pid in stopping.worker_pids()}
    with begin_get(stopping) as reader, begin_put(stopping, "new", content) as writer:
        stopping.kill(number)
        assert is_ended(idle)
        wait_for(lambda: is_refused(stopping.address()), "new connections to be refused")
        assert is_refused(stopping.address("echo"))
        status = stopping.status()
        assert (status["state"], status["transfers"]) == ("stopping", 2)
        assert stopping.is_running()
        writer.send(content[len(content) // 2:])
        assert writer.end_put()[0] == len(content)
        assert writer.rest() == b"", "it goes on after its command"
        reader.drop(BIG)
        assert reader.rest() == b""
    assert stopping.wait_exit() == 0
    assert stopping.read("new") == content
    assert all(process_start(pid) != start for pid, start in workers.items())
    assert not stopping.status_path.exists()
    assert stopping.names() == [b"big", b"new"]


def test_transfers_that_take_too_long_are_cut(server):
    stopping = server(settings={"stop_timeout": "1s"})
    stopping.write("big", bytes(BIG))
    content = os.urandom(100000)
    with begin_get(stopping) as reader, begin_put(stopping, "new", content) as writer:
        stopping.kill()
        assert writer.rest() == b""
        with pytest.raises((EOFError, ConnectionResetError)):
            reader.drop(BIG)
    assert stopping.wait_exit() == 0
    assert b"new" not in stopping.names()
    stopping.start()
    with LgpqClient(stopping.address()) as writer:
        assert writer.begin_put("new", len(content), len(content) // 2) == len(content) // 2
        writer.send(content[len(content) // 2:])
        writer.end_put()
    assert stopping.read("new") == content


def test_without_patience_nothing_is_waited_for(server):
    stopping = server(settings={"stop_timeout": "0"})
    stopping.write("big", bytes(BIG))
    with begin_get(stopping) as reader:
        stopping.kill()
        with pytest.raises((EOFError, ConnectionResetError)):
            reader.drop(BIG)
    assert stopping.wait_exit() == 0


@pytest.mark.parametrize("second", STOPPING)
def test_a_second_signal_stops_at_once(server, second):
    stopping = server(settings={"stop_timeout": "1h"})
    stopping.write("big", bytes(BIG))
    with begin_get(stopping) as reader:
        stopping.kill(signal.SIGTERM)
        stopping.wait_until(lambda status: status["state"] == "stopping")
        assert stopping.status()["transfers"] == 1
        stopping.kill(second)
        assert stopping.wait_exit() == 0
        with pytest.raises((EOFError, ConnectionResetError)):
            reader.drop(BIG)
    stopping.wait_log("told to stop a second time")
    assert not stopping.status_path.exists()


def test_a_silent_worker_does_not_keep_it_from_stopping(server):
    stopping = server(settings={"stop_timeout": "0"})
    os.kill(stopping.worker_pids()[0], signal.SIGSTOP)
    stopping.kill()
    assert stopping.wait_exit() == 0
    assert is_free(stopping.port("lgpq")) and is_free(stopping.port("echo"))


def test_a_stop_while_the_workers_are_being_started(server):
    """From the first answer of the status pipe on, the end is orderly."""
    for _ in range(10):
        starting = server(settings={"workers": 16}, wait=False)
        starting.wait_until(lambda status: True)
        starting.kill()
        assert starting.wait_exit() == 0, starting.log()
        starting.wait_log("master: stopped")


# ---- others ----

def test_signals_with_another_meaning_elsewhere_mean_nothing(server):
    serving = server()
    pids = serving.worker_pids()
    client = connect(serving.address("echo"))
    for number in (signal.SIGUSR1, signal.SIGPIPE):
        for pid in [serving.pid, *pids]:
            os.kill(pid, number)
    for number in (*STOPPING, signal.SIGHUP, signal.SIGUSR2):
        for pid in pids:
            os.kill(pid, number)
    assert echoes(client)
    assert serving.status()["state"] == "serving"
    assert serving.worker_pids() == pids
    client.close()


def test_ctrl_c_reaches_all_and_stops_cleanly(server):
    """A terminal sends SIGINT to the whole group, workers too: transfers are finished all the
    same."""
    stopping = server(wait=False, settings={"stop_timeout": "60s"})
    stopping.stop()
    with open(stopping.log_path, "ab") as log:
        stopping.process = subprocess.Popen(stopping.command(), stdout=log, stderr=log,
                                            cwd=stopping.directory, env=stopping.environment,
                                            process_group=0)
    stopping.wait_ready()
    stopping.write("big", bytes(BIG))
    with begin_get(stopping) as reader:
        os.killpg(stopping.pid, signal.SIGINT)
        stopping.wait_until(lambda status: status["state"] == "stopping")
        reader.drop(BIG)
        assert reader.rest() == b""
    assert stopping.process.wait(PATIENCE_SECONDS) == 0


# ---- the log ----

def test_the_log_file_is_opened_again(server):
    """Moved away and told so, it is begun anew, by the master and by every worker."""
    logging = server(settings={"workers": 3, "log.to": "file", "log.level": "debug"},
                     arguments=["-o", "log.file={}".format(server.directory / "ftpool.log")])
    file, moved = server.directory / "ftpool.log", server.directory / "ftpool.log.1"
    wait_for(lambda: file.read_text().count("worker: ready") == 3, "three lines")
    os.rename(file, moved)
    logging.kill(signal.SIGHUP)

    def all_have_it():
        return file.exists() and file.read_text().count("worker: log opened again") == 3
    wait_for(all_have_it, "the workers to have the new file")
    assert "master: log opened again" in file.read_text()
    reopened = set(re.findall(r"worker: log opened again pid=(\d+)", file.read_text()))
    assert reopened == {str(pid) for pid in logging.worker_pids()}
    old = moved.read_text()
    for _ in range(30):
        with connect(logging.address("echo")) as client:
            assert echoes(client)
    wait_for(lambda: file.read_text().count("session: closed") == 30, "thirty sessions to be told")
    killed = logging.worker_pids()[0]
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: f"worker: killed worker=0 pid={killed}" in file.read_text(), "the master's line")
    assert moved.read_text() == old, "somebody still writes to the old file"
    assert oct(file.stat().st_mode & 0o777) == "0o640"


def test_a_log_file_that_cannot_be_opened_again_is_no_reason_to_end(server):
    file = server.directory / "ftpool.log"
    logging = server(settings={"log.to": "file", "log.file": file})
    file.rename(server.directory / "ftpool.log.1")
    file.mkdir()
    logging.kill(signal.SIGHUP)
    kept = server.directory / "ftpool.log.1"
    wait_for(lambda: "cannot open the file" in kept.read_text(), "the complaint in the old file")
    with connect(logging.address("echo")) as client:
        assert echoes(client)


def test_without_a_log_file_the_signal_changes_nothing(server):
    logging = server()
    for _ in range(20):
        logging.kill(signal.SIGHUP)
    logging.wait_log("master: log opened again")
    assert proc_status(logging.pid)["Name"] == "ftpoold"
    with connect(logging.address("echo")) as client:
        assert echoes(client)


# ---- ftpctl stop ----

def ftpctl(server, *words):
    return subprocess.run([BUILD / "ftpctl", "--socket", server.status_path, *words],
                          capture_output=True, text=True, timeout=PATIENCE_SECONDS)


FTP = 'listener ftp {\n\tprotocol = ftp\n}\nlistener lgpq {\n}\n'


def begin_retr(server):
    """An FTP client in the middle of a download that it does not read: control and data."""
    control = connect(server.address("ftp"))
    replies = control.makefile("rb")
    assert replies.readline().startswith(b"220")
    for line, answer in (("USER ftp", b"331"), ("PASS x", b"230"), ("EPSV", b"229")):
        control.sendall(f"{line}\r\n".encode())
        reply = replies.readline()
        while reply[3:4] == b"-":
            reply = replies.readline()
        assert reply.startswith(answer), reply
    data = connect((HOST, int(reply.split(b"|")[3])), receive_buffer=4096)
    control.sendall(b"RETR big\r\n")
    assert replies.readline().startswith(b"150")
    return control, replies, data


@pytest.mark.parametrize("words", [("stop", "--now"), ("stop",)])
def test_a_transfer_that_is_broken_off_is_told(server, words):
    """426 to the one in a transfer; 421 to both, the idle one at once."""
    stopping = server(FTP, settings={"stop_timeout": "2s"})
    stopping.write("big", bytes(BIG))
    idle = connect(stopping.address("ftp"))
    assert idle.recv(1000).startswith(b"220")
    control, replies, data = begin_retr(stopping)
    assert ftpctl(stopping, *words).returncode == 0
    assert stopping.wait_exit() == 0
    assert idle.recv(1000).startswith(b"421")
    assert replies.readline().startswith(b"426")
    assert replies.readline().startswith(b"421")
    for connection in (idle, control, data):
        connection.close()


def test_a_stopping_server_says_what_it_waits_for(server):
    stopping = server(settings={"stop_timeout": "1h"})
    stopping.write("big", bytes(BIG))
    with begin_get(stopping) as reader:
        assert ftpctl(stopping, "stop", "--no-wait").returncode == 0
        status = stopping.wait_until(lambda status: status["sessions"] == 1)
        assert status["state"] == "stopping" and 3590 < status["stop_seconds_left"] <= 3600
        assert re.search(r"^stopping +waits for 1 transfer and 1 session, at most 3\d\d\d s$",
                         ftpctl(stopping, "status").stdout, re.MULTILINE)
        assert ftpctl(stopping, "stop", "--now").returncode == 0
        assert stopping.wait_exit() == 0
        with pytest.raises((EOFError, ConnectionResetError)):
            reader.drop(BIG)
