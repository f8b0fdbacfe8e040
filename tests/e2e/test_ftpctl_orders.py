"""ftpctl's orders to a running server: kick, log-level, reopen; and show, which tells whom."""
import json
import os
import signal
import subprocess

import pytest

from conftest import needs_root
from ftp_talk import ALL_RIGHTS, FTP, Control
from ftpool_server import HOST, NOBODY, wait_for
from lgpq_client import LgpqClient, connect
from process_help import STRANGER, echoes
from test_ftpctl import FTPCTL, REFUSED, USAGE, WELL, ctl

BIG = 64 << 20


def control(server):
    return Control(HOST, server.port("ftp"))


def name_of(server, client):
    """The session of that socket, as the server calls it."""
    peer = "{}:{}".format(*client.getsockname())
    return wait_for(lambda: [row["session"] for row in server.sessions() if row["peer"] == peer],
                    "the session to be shown")[0]


def ask(server, *arguments):
    done = ctl(server, "--json", *arguments)
    assert (done.returncode, done.stderr) == (WELL, "")
    return json.loads(done.stdout)


# ---- kick ----

def test_who_is_idle_is_told_421(server):
    kicking = server(FTP)
    client, other = control(kicking).log_in(), control(kicking).log_in()
    name = name_of(kicking, client.socket)
    done = ctl(kicking, "kick", name, "the", "disk is changed")
    assert (done.returncode, done.stdout) == (WELL, "kicked 1 session\n")
    client.expect("421 The operator has ended this session: the disk is changed")
    client.expect_closed()
    other.command("NOOP", "200 *")
    kicking.wait_log(r"status: order order=kick argument=\"\S+ the disk is changed\"")


def test_a_download_is_told_426_and_then_421(server):
    kicking = server(FTP)
    kicking.write("big", bytes(BIG))
    client = control(kicking).log_in()
    data = client.open_data()
    client.command("RETR big", "150 *")
    data.connection().recv(1000)
    assert ask(kicking, "kick", name_of(kicking, client.socket)) == {
        "done": "kicked", "sessions": 1, "silent": 0}
    client.expect("426 RETR: ended by the operator")
    client.expect("421 The operator has ended this session")
    client.expect_closed()


def test_an_upload_is_told_426_and_its_partial_stays(server):
    kicking = server(FTP, settings=ALL_RIGHTS)
    client = control(kicking).log_in()
    data = client.open_data()
    client.command("STOR new", "150 *")
    data.connection().sendall(bytes(100000))
    wait_for(lambda: [row for row in kicking.sessions() if row["bytes"] == 100000], "the bytes")
    ask(kicking, "kick", "anonymous")
    client.expect("426 STOR: ended by the operator")
    client.expect("421 *")
    assert b"new" not in kicking.names() and b".new.partial" in kicking.names()


def test_a_session_in_the_middle_of_a_login_ends(server):
    """It rests before a wrong password is answered."""
    kicking = server(FTP + "anonymous { enabled = false }\n")
    client = control(kicking)
    client.expect("220 *")
    client.command("USER nobody-here", "331 *")
    client.say(b"PASS wrong")
    name = name_of(kicking, client.socket)
    kicking.wait_log("ftp: login failed")
    ask(kicking, "kick", name)
    while not client.is_closed():
        pass


@pytest.mark.parametrize("listener", ["lgpq", "echo"])
def test_protocols_without_a_farewell_just_end(server, listener):
    kicking = server()
    with connect(kicking.address(listener)) as client:
        if listener == "echo":
            assert echoes(client)
        ask(kicking, "kick", name_of(kicking, client))
        assert client.recv(100) == b""


def test_a_reader_that_stands_still_is_cut(server):
    kicking = server()
    kicking.write("big", bytes(BIG))
    with LgpqClient(kicking.address(), receive_buffer=4096) as reader:
        reader.request(b"G", b"big")
        reader.reply()
        kicking.wait_until(lambda status: status["transfers"] == 1)
        ask(kicking, "kick", name_of(kicking, reader.socket))
        kicking.wait_until(lambda status: status["sessions"] == 0)
    kicking.wait_log('lgpq: get broken off .* reason="ended by the operator"')
    assert "ended in an error" not in kicking.log()


def test_users_addresses_and_networks(server):
    kicking = server(FTP, settings={"workers": 3})
    clients = [control(kicking).log_in() for _ in range(20)]
    early = control(kicking)
    early.expect("220 *")
    assert ask(kicking, "kick", "anonymous")["sessions"] == 20
    for client in clients:
        client.expect("421 *")
    early.command("NOOP", "200 *")
    more = [early] + [control(kicking).log_in() for _ in range(5)]
    for target in ("192.0.2.1", "192.0.2.0/24", "::1", "root", "7.1"):
        done = ctl(kicking, "kick", target)
        assert (done.returncode, done.stdout) == (REFUSED, ""), target
        assert "there is no such session" in done.stderr
    assert ask(kicking, "kick", "127.0.0.0/8")["sessions"] == 6
    for client in more:
        client.expect("421 *")
    kicking.wait_until(lambda status: status["sessions"] == 0)


def test_a_refusal_is_json_too(server):
    kicking = server(FTP)
    for arguments in (["kick", "nobody"], ["show", "7.7"], ["trace", "a b"], ["drain", "9999"]):
        done = ctl(kicking, "--json", *arguments)
        assert done.returncode == REFUSED and list(json.loads(done.stdout)) == ["error"]
        assert done.stderr == f"ftpctl: refused: {json.loads(done.stdout)['error']}\n"
        assert ctl(kicking, *arguments).stdout == ""


def test_a_hung_worker_is_told_of(server):
    kicking = server(FTP, settings={"workers": 1, "worker_timeout": "1m"})
    client = control(kicking).log_in()
    name = name_of(kicking, client.socket)
    pid = kicking.worker_pids()[0]
    os.kill(pid, signal.SIGSTOP)
    kicking.wait_until(lambda status: status["workers"][0]["silent_seconds"] >= 3)
    done = ctl(kicking, "kick", name)
    assert done.returncode == REFUSED
    assert "1 more in a worker that shows no sign of life" in done.stdout
    assert "shows no sign of life" in ctl(kicking, "show", name).stdout
    os.kill(pid, signal.SIGCONT)
    client.expect("421 *")


def test_a_reason_is_one_line_for_the_client(server):
    kicking = server(FTP)
    client = control(kicking).log_in()
    assert ctl(kicking, "kick", "anonymous", "a\r\nb").returncode == USAGE
    assert "error" in kicking.ask("kick anonymous a\x07")
    assert ctl(kicking, "kick", "anonymous", "x" * 1000).returncode == USAGE
    ask(kicking, "kick", "anonymous", "x" * 350)
    line = client.line()
    assert line.startswith("421 The operator has ended this session: xxx") and len(line) < 300
    client.expect_closed()


@needs_root
def test_orders_are_not_for_strangers(server):
    kicking = server(FTP, settings={"status.mode": "0666"})
    client = control(kicking).log_in()
    as_stranger = ["setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups"]
    for order in (["kick", "anonymous"], ["log-level", "debug"], ["reopen"]):
        done = ctl(kicking, *order, prefix=as_stranger)
        assert (done.returncode, done.stdout) == (REFUSED, "") and "orders are taken" in done.stderr
    name = name_of(kicking, client.socket)
    assert ctl(kicking, "show", name, prefix=as_stranger).returncode == WELL
    client.command("NOOP", "200 *")


@needs_root
def test_the_service_s_user_names_no_program_to_a_server_of_root_s(server, tmp_path):
    program, trace = tmp_path / "program", tmp_path / "trace"
    program.write_text(f"#!/bin/sh\nid >{trace}\n")
    program.chmod(0o755)
    pool = server(FTP, settings={"status.mode": "0666"})
    as_service = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    done = ctl(pool, "upgrade", program, prefix=as_service)
    assert done.returncode == REFUSED and "a program is named by root" in done.stderr
    assert not trace.exists()
    assert ctl(pool, "reopen", prefix=as_service).returncode == WELL


# ---- show ----

def test_show_is_one_session(server):
    showing = server(FTP)
    showing.write("big", bytes(BIG))
    client = control(showing).log_in()
    name = name_of(showing, client.socket)
    assert "command    idle" in ctl(showing, "show", name).stdout
    data = client.open_data()
    client.command("RETR big", "150 *")
    data.connection().recv(1000)
    shown = ask(showing, "show", name)
    assert (shown["session"], shown["user"], shown["command"], shown["path"]) == (
        name, "anonymous", "RETR", "/big")
    assert shown["bytes_total"] == BIG and shown["pid"] in showing.worker_pids()
    text = ctl(showing, "show", name).stdout
    assert f"session    {name}\n" in text and "path       /big\n" in text
    for wrong in ("9.9", "0.999999", "99999.0", "anonymous", "4294967295.4294967295"):
        assert ctl(showing, "show", wrong).returncode == REFUSED


def test_no_session_has_the_name_of_another(server):
    """Not of one that is gone, nor of one of a worker that is dead: whoever finds a name in the log
    finds one session, and an order that comes late hits nobody."""
    naming = server(FTP, settings={"workers": 1})
    names = []
    for _ in range(3):
        client = control(naming).log_in()
        names.append(name_of(naming, client.socket))
        client.close()
        naming.wait_until(lambda status: status["sessions"] == 0)
    before = naming.worker_pids()
    os.kill(before[0], signal.SIGKILL)
    naming.wait_until(lambda status: naming.worker_pids() != before and status["workers_living"] == 1)
    client = control(naming).log_in()
    names.append(name_of(naming, client.socket))
    assert len(set(names)) == 4, names
    for gone in names[:3]:
        assert ctl(naming, "show", gone).returncode == REFUSED
        assert ctl(naming, "kick", gone).returncode == REFUSED
    client.command("NOOP", "200 *")
    assert f"session    {names[3]}\n" in ctl(naming, "show", names[3]).stdout


# ---- log ----

def test_the_level_holds_at_once_in_all_processes(server):
    telling = server(FTP, settings={"log.level": "error"})
    control(telling).log_in().close()
    telling.wait_until(lambda status: status["sessions"] == 0)
    assert "session: closed" not in telling.log()
    done = ctl(telling, "log-level", "debug")
    assert (done.returncode, done.stdout) == (WELL, "the log's level is debug\n")
    assert telling.status()["log_level"] == "debug"
    # The order overtakes no request of a session, so the first ones may still be silent.
    def told():
        control(telling).log_in().close()
        return "session: closed" in telling.log()
    wait_for(told, "a session to be told of")
    victim = telling.worker_pids()[0]
    os.kill(victim, signal.SIGKILL)
    telling.wait_log(r"debug   worker: ready")
    assert ask(telling, "log-level", "error") == {"done": "log-level", "level": "error"}
    done = ctl(telling, "log-level", "loud")
    assert done.returncode == REFUSED and "error, warning, info and debug" in done.stderr


def test_the_log_is_opened_again(server):
    writing = server(FTP, wait=False, settings={"log.to": "file", "log.file": "@"})
    log = writing.directory / "a.log"
    writing.settings["log.file"] = log
    writing.wait_exit()
    writing.expected_exit = None
    writing.start(wait=False)
    writing.wait_until(lambda status: status["state"] == "serving")
    log.rename(writing.directory / "old.log")
    assert ctl(writing, "reopen").returncode == WELL
    assert "master: log opened again" in log.read_text()
    log.unlink()
    log.mkdir()
    done = ctl(writing, "reopen")
    assert done.returncode == REFUSED and "directory" in done.stderr


def test_an_option_of_another_command_stops_nothing(server):
    serving = server(FTP)
    pids = serving.worker_pids()
    for arguments in (["--dry-run", "stop"], ["drain", "--dry-run"], ["upgrade", "--dry-run"],
                      ["reload", "--now"], ["kick", "--reason", "a", "anna"], ["stop", "--crashes"]):
        done = ctl(serving, *arguments)
        assert (done.returncode, done.stdout) == (USAGE, "") and " does not go with " in done.stderr
    assert serving.worker_pids() == pids and serving.status()["state"] == "serving"


@pytest.mark.parametrize("arguments", [["kick"], ["show"], ["show", "1.1", "2.2"], ["log-level"],
                                       ["reopen", "now"]])
def test_a_wrong_number_of_arguments_is_2(arguments):
    done = subprocess.run([FTPCTL, *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert f"the form is: {arguments[0]}" in done.stderr
