"""ftpctl: what the operator is shown, and the exit status that scripts go by."""
import json
import os
import re
import signal
import socket
import threading

import pytest

from conftest import needs_root
from ftpool_server import BUILD, IS_ROOT, NOBODY, wait_for
from lgpq_client import LgpqClient, connect
from process_help import AS_NOBODY, STRANGER, echoes, is_free, launch, run

FTPCTL = BUILD / "ftpctl"
BIG = 32 << 20
WELL, REFUSED, USAGE, NO_SERVER = 0, 1, 2, 3


def ctl(server, *arguments, prefix=(), **options):
    """ftpctl asks that server."""
    return run(*prefix, FTPCTL, "--socket", server.status_path, *arguments, **options)


def table(text, first_column):
    """The rows below the headline that begins so, as dictionaries; up to an empty line."""
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if line.split()[:1] == [first_column])
    names = lines[start].split()
    rows = []
    for line in lines[start + 1:]:
        if not line.strip():
            break
        rows.append(dict(zip(names, re.split(r" {2,}", line.strip()))))
    return rows


# ---- what is shown ----

def test_status_is_readable(server):
    shown = server(settings={"workers": 3})
    shown.write("big", bytes(BIG))
    with LgpqClient(shown.address(), receive_buffer=4096) as reader:
        reader.request(b"G", b"big")
        reader.reply()
        shown.wait_until(lambda status: status["transfers"] == 1)
        done = ctl(shown, "status")
    assert (done.returncode, done.stderr) == (WELL, "")
    head = done.stdout.splitlines()
    assert re.fullmatch(rf"ftpool \d+\.\d+\.\d+, pid {shown.pid}: serving, started "
                        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \(\d+ s ago\)", head[0]), head[0]
    assert head[1:3] == [f"root       {shown.root}", f"config     {shown.config_path}"]
    assert head[3] == "now        1 session, 1 transfer; 3 of 3 workers, 0 restarts"
    assert table(done.stdout, "LISTENER") == [
        {"LISTENER": name, "PROTOCOL": name, "ADDRESS": f"127.0.0.1:{shown.port(name)}"}
        for name in ("lgpq", "echo")]
    assert [row["PID"] for row in table(done.stdout, "WORKER")] == [
        str(pid) for pid in shown.worker_pids()]
    for counter in shown.status()["totals"]:
        assert re.search(rf"^{counter.replace('_', ' ')} +\d+", done.stdout, re.MULTILINE), counter
    assert max(map(len, head)) <= 100, "it fits a terminal"


def test_workers_are_a_table(server):
    shown = server(settings={"workers": 3})
    clients = [connect(shown.address("echo")) for _ in range(30)]
    assert all(echoes(client) for client in clients)
    done = ctl(shown, "workers")
    assert (done.returncode, done.stderr) == (WELL, "")
    rows = table(done.stdout, "WORKER")
    assert list(rows[0]) == ["WORKER", "PID", "STATE", "AGE", "SESSIONS", "TRANSFERS", "THREADS",
                             "RESTARTS"]
    assert [(row["WORKER"], int(row["PID"]), row["STATE"]) for row in rows] == [
        (str(slot), pid, "living") for slot, pid in enumerate(shown.worker_pids())]
    assert sum(int(row["SESSIONS"]) for row in rows) == 30
    for client in clients:
        client.close()


def test_sessions_are_a_table(server):
    shown = server()
    shown.write("big", bytes(BIG))
    with LgpqClient(shown.address(), receive_buffer=4096) as reader, \
            connect(shown.address("echo")) as idle:
        assert echoes(idle)
        reader.request(b"G", b"big")
        reader.drop(BIG // 2)
        wait_for(lambda: any(row["bytes"] > BIG // 2 for row in shown.sessions()), "half the file")
        done = ctl(shown, "sessions")
        peers = ["{}:{}".format(*end.getsockname()) for end in (reader.socket, idle)]
    assert (done.returncode, done.stderr) == (WELL, "")
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["SESSION", "PROTOCOL", "USER", "PEER", "SINCE", "COMMAND", "BYTES", "DONE",
                                "RATE", "PATH"]
    getting = next(line for line in lines if peers[0] in line)
    assert re.search(r" lgpq +- .* get +\d+ MiB +\d+% +.*/s  /big$", getting), getting
    assert re.search(rf" echo +- +{peers[1]} .* idle$", done.stdout, re.MULTILINE)
    assert lines[-1] == "2 sessions"


def test_names_cannot_play_with_the_terminal(server):
    shown = server()
    with LgpqClient(shown.address()) as writer:
        writer.begin_put(b"\x1b]0;mine\x07\x1b[2J\r\xc2\x9b31m", 1000)
        shown.wait_until(lambda status: status["transfers"] == 1)
        done = ctl(shown, "sessions")
    assert r"/\x1b]0;mine\x07\x1b[2J\x0d" in done.stdout
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", done.stdout)


@pytest.mark.parametrize("command", ["status", "workers", "sessions"])
def test_json_is_what_the_pipe_says(shared_server, command):
    done = ctl(shared_server, "--json", command)
    assert (done.returncode, done.stderr) == (WELL, "")
    assert set(json.loads(done.stdout)) == set(shared_server.ask(command))
    assert ctl(shared_server, command, "--json").returncode == WELL, "wherever the option stands"


# ---- 0, 1, 2, 3 ----

def test_a_degraded_service_is_1(server):
    poor = server(settings={"workers": 2})
    pid = poor.worker_pids()[0]
    for _ in range(4):
        os.kill(pid, signal.SIGKILL)
        workers = poor.wait_until(lambda status: status["workers"][0]["pid"] not in (0, pid)
                                  and status["state"] == "serving")["workers"]
        pid = workers[0]["pid"]
    os.kill(pid, signal.SIGKILL)
    poor.wait_until(lambda status: status["state"] == "degraded")
    done = ctl(poor, "status")
    assert done.returncode == REFUSED
    assert ": degraded, started" in done.stdout
    assert "1 of 2 workers" in done.stdout
    assert table(done.stdout, "WORKER")[0]["STATE"] == "resting"
    poor.wait_until(lambda status: status["state"] == "serving")
    assert ctl(poor, "status").returncode == WELL


def test_a_silent_worker_is_pointed_out(server):
    shown = server(settings={"workers": 2})
    pid = shown.worker_pids()[1]
    os.kill(pid, signal.SIGSTOP)
    shown.wait_until(lambda status: status["workers"][1]["silent_seconds"] >= 3)
    done = ctl(shown, "workers")
    os.kill(pid, signal.SIGCONT)
    assert re.search(rf"^ +1 +{pid} .* silent [3-9] s$", done.stdout, re.MULTILINE), done.stdout


@needs_root
def test_an_order_by_a_stranger_is_1(server):
    serving = server(settings={"status.mode": "0666"})
    as_stranger = ["setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups"]
    assert ctl(serving, "status", prefix=as_stranger).returncode == WELL
    done = ctl(serving, "stop", prefix=as_stranger)
    assert (done.returncode, done.stdout) == (REFUSED, "")
    assert "refused: orders are taken from root and the service's own user only" in done.stderr
    assert serving.status()["state"] == "serving"
    assert ctl(serving, "stop", prefix=AS_NOBODY).returncode == WELL
    assert serving.wait_exit() == 0


@needs_root
def test_a_socket_that_may_not_be_read_is_1(server):
    done = ctl(server(), "status", prefix=["setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}",
                                           "--clear-groups"])
    assert (done.returncode, done.stdout) == (REFUSED, "")
    assert "permission denied" in done.stderr and "group" in done.stderr


@pytest.mark.parametrize("arguments", [[], ["what"], ["status", "workers"], ["--what", "status"],
                                       ["--socket"], ["-x"]])
def test_a_wrong_command_line_is_2(arguments):
    done = run(FTPCTL, *arguments)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert ("--help" if arguments != ["status", "workers"] else "the form is: status") in done.stderr


def test_help_and_version_are_answers():
    for option in ("--help", "-h", "--version", "-V"):
        done = run(FTPCTL, option)
        assert (done.returncode, done.stderr) == (WELL, "") and done.stdout
    for command in ("status", "workers", "sessions", "stop"):
        assert re.search(rf"^  {command} ", run(FTPCTL, "--help").stdout, re.MULTILINE)


@pytest.mark.parametrize("command", ["status", "workers", "sessions", "stop"])
def test_no_server_is_3(tmp_path, command):
    stale = tmp_path / "stale"
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(stale))
    for path in (tmp_path / "none", stale, tmp_path / ("x" * 120)):
        done = run(FTPCTL, "--socket", path, command)
        assert (done.returncode, done.stdout) == (NO_SERVER, ""), path
        assert str(path) in done.stderr and "is ftpoold running?" in done.stderr


@pytest.mark.parametrize("answer", [b"", b"what?", b'{"state": "serv'])
def test_an_answer_that_is_none_is_3(tmp_path, answer):
    path = tmp_path / "status"
    with socket.socket(socket.AF_UNIX) as fake:
        fake.bind(str(path))
        fake.listen()

        def reply():
            asker, _ = fake.accept()
            with asker:
                asker.recv(100)
                asker.sendall(answer)
        thread = threading.Thread(target=reply, daemon=True)
        thread.start()
        done = run(FTPCTL, "--socket", path, "status")
        thread.join()
    assert (done.returncode, done.stdout) == (NO_SERVER, "")
    assert "no answer that can be read" in done.stderr


# ---- stop ----

def test_stop_waits_for_the_end(server):
    stopping = server(settings={"stop_timeout": "30s"})
    stopping.write("big", bytes(BIG))
    with LgpqClient(stopping.address(), receive_buffer=4096) as reader:
        reader.request(b"G", b"big")
        reader.reply()
        stopping.wait_until(lambda status: status["transfers"] == 1)
        assert ctl(stopping, "--no-wait", "stop").returncode == WELL
        assert ctl(stopping, "status").stdout.splitlines()[0].split(": ")[1].startswith("stopping")
        reader.drop(BIG)
    done = ctl(stopping, "stop")
    assert done.returncode in (WELL, NO_SERVER)  # it may be over by now
    assert stopping.wait_exit() == 0

    stopping.start()
    done = ctl(stopping, "stop")
    assert (done.returncode, done.stdout, done.stderr) == (WELL, "", "")
    assert not stopping.status_path.exists()
    assert is_free(stopping.port("lgpq"))
    assert stopping.wait_exit() == 0


# ---- where it looks ----

def test_without_a_path_ones_own_server_is_asked(server):
    """Where $XDG_RUNTIME_DIR says, the same for both programs."""
    runtime = server.directory / "run"
    runtime.mkdir()
    environment = {"XDG_RUNTIME_DIR": str(runtime)}
    if IS_ROOT:
        os.chown(runtime, NOBODY, NOBODY)
        mine = launch(server, AS_NOBODY, wait=False, settings={"status.path": ""},
                      environment=environment)
    else:
        mine = server(wait=False, settings={"status.path": ""}, environment=environment)
    mine.status_path = runtime / "ftpool/status"
    mine.wait_ready()
    prefix = AS_NOBODY if IS_ROOT else ()
    done = run(*prefix, FTPCTL, "status", env={**os.environ, **environment})
    assert done.returncode == WELL and f"pid {mine.pid}: serving" in done.stdout
    assert run(*prefix, FTPCTL, "stop", env={**os.environ, **environment}).returncode == WELL
    assert mine.wait_exit() == 0
