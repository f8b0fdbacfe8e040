"""ftpctl trace: commands and replies as they are said; and what a session that ends in an error
leaves in the log. No secret is in either."""
import json
import os
import re
import signal
import subprocess

import pytest

from conftest import needs_root
from ftp_talk import ALL_RIGHTS, FTP, Control
from ftpool_server import HOST, PATIENCE_SECONDS, wait_for
from lgpq_client import LgpqClient
from process_help import STRANGER, reset
from test_ftpctl import FTPCTL, NO_SERVER, REFUSED, WELL, ctl
from test_ftpctl_orders import name_of

SECRET = "hunter2-and-more"


class Trace:
    """ftpctl trace, running, with what it has printed so far in a file."""

    def __init__(self, server, *arguments):
        self.path = server.directory / f"trace-{len(list(server.directory.iterdir()))}"
        with open(self.path, "wb") as output:
            self.process = subprocess.Popen(
                [FTPCTL, "--socket", server.status_path, *arguments], stdout=output, stderr=output)

    def text(self):
        return self.path.read_text()

    def wait(self, pattern):
        return wait_for(lambda: re.search(pattern, self.text(), re.MULTILINE), f"a line like {pattern}")

    def end(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()


def begin(server, target):
    trace = Trace(server, "--json", "trace", target)
    wait_for(lambda: "tracing" in trace.text(), "the trace to begin")
    return trace


def control(server):
    return Control(HOST, server.port("ftp"))


def test_commands_and_replies_are_followed(server):
    traced = server(FTP, settings=ALL_RIGHTS)
    traced.write("file", b"x" * 100)
    with_json = begin(traced, "127.0.0.1")
    client = control(traced)
    client.expect("220 *")
    client.command("USER anonymous", "331 *")
    client.command(f"PASS {SECRET}", "230 *")
    client.command(f"CWD ftp://anna:{SECRET}@host/", "550 *")
    client.command(f"{SECRET}", "500 *")
    client.command(f"PSWD {SECRET}", "500 *")
    client.command("PWD", "257 *")
    client.command("FEAT", "211-*")
    client.expect_after_any("211 *")
    client.command("QUIT", "221 *")
    with_json.wait("221 Goodbye")
    lines = [json.loads(line) for line in with_json.text().splitlines()]
    assert lines[0] == {"tracing": "127.0.0.1"}
    said = [(line["from"], line["line"]) for line in lines[1:]]
    assert said == [
        ("server", "220 ftpool ready"), ("client", "USER anonymous"),
        ("server", "331 Anonymous is welcome; any password will do"), ("client", "PASS ****"),
        ("server", "230 Logged in as anonymous"), ("client", "CWD ftp://anna:****@host/"),
        ("server", "550 ftp://anna:****@host/: no such file or directory"), ("client", "****"),
        ("server", "500 ****: unknown command; HELP lists all there are"), ("client", "PSWD ****"),
        ("server", "500 PSWD: unknown command; HELP lists all there are"), ("client", "PWD"), ("server", '257 "/" is the current directory'), ("client", "FEAT"),
        ("server", "211-Features:"), ("server", "211 End"), ("client", "QUIT"),
        ("server", "221 Goodbye")]
    assert {line["peer"].split(":")[0] for line in lines[1:]} == {"127.0.0.1"}
    assert lines[-1]["user"] == "anonymous" and lines[1]["user"] == ""
    assert SECRET not in traced.log()
    with_json.end()


def test_one_session_is_shown_from_before(server):
    traced = server(FTP)
    client, other = control(traced).log_in(), control(traced).log_in()
    trace = Trace(traced, "trace", name_of(traced, client.socket))
    trace.wait(r"^\d\d:\d\d:\d\d\.\d{3}  \d+\.\d+ +\S+ +127\.0\.0\.1:\d+ +< 220 ftpool ready$")
    trace.wait(r"> PASS \*\*\*\*$")
    trace.wait(r" anonymous .*> TYPE I$")
    trace.wait("< 200 ")
    other.command("SYST", "215 *")
    client.command("NOOP", "200 *")
    trace.wait("> NOOP$")
    assert "SYST" not in trace.text() and trace.text().count("220 ") == 1
    trace.end()


@pytest.mark.parametrize("how", ["quit", "crash"])
def test_a_trace_of_one_session_ends_with_it(server, how):
    traced = server(FTP, settings={"workers": 1})
    client = control(traced).log_in()
    name = name_of(traced, client.socket)
    trace = Trace(traced, "trace", name)
    trace.wait("220 ftpool ready")
    if how == "quit":
        client.command("QUIT", "221 *")
    else:
        os.kill(traced.worker_pids()[0], signal.SIGKILL)
    assert trace.process.wait(PATIENCE_SECONDS) == 0
    assert trace.text().endswith("(the session has ended)\n")
    client.close()


def test_a_session_that_is_not_there_is_not_followed(server):
    done = ctl(server(FTP), "trace", "0.7")
    assert (done.returncode, done.stderr) == (1, "ftpctl: refused: there is no such session\n")


def test_a_user_is_followed_through_workers_that_die(server):
    traced = server(FTP, settings={"workers": 1})
    trace = begin(traced, "anonymous")
    control(traced).log_in().command("STAT", "211-*")
    trace.wait("STAT")
    pid = traced.worker_pids()[0]
    os.kill(pid, signal.SIGKILL)
    traced.wait_until(lambda status: status["workers"][0]["pid"] not in (0, pid)
                      and status["state"] == "serving")
    client = control(traced).log_in()

    def is_followed():
        """The new worker is told when it is ready, and serves already."""
        client.command("PWD", "257 *")
        return '"line":"PWD"' in trace.text()

    wait_for(is_followed, "a line of the new worker's")
    assert "USER" not in trace.text(), "before that he was nobody"
    trace.end()


def test_lgpq_is_followed_too(server):
    traced = server()
    traced.write("file", b"x" * 100)
    trace = begin(traced, "127.0.0.0/8")
    with LgpqClient(traced.address()) as client:
        client.request(b"G", b"file")
        client.reply()
        client.request(b"G", b"none")
        trace.wait("ERR not-found")
    said = [json.loads(line)["line"] for line in trace.text().splitlines()[1:]]
    assert said[0] == r"G\x09file" and re.match(r"OK 100\\x09\d+", said[1])
    trace.end()


def test_a_slow_reader_holds_up_nobody_and_is_told(server):
    traced = server(FTP)
    trace = begin(traced, "127.0.0.1")
    os.kill(trace.process.pid, signal.SIGSTOP)
    client = control(traced).log_in()
    for _ in range(40):
        client.send((b"NOOP " + b"x" * 200 + b"\r\n") * 50)
        for _ in range(50):
            client.expect("200 *")
    os.kill(trace.process.pid, signal.SIGCONT)
    wait_for(lambda: client.command("NOOP", "200 *") and "left_out" in trace.text(), "what is left out")
    for line in trace.text().splitlines()[:-1]:
        assert isinstance(json.loads(line), dict)
    trace.end()


def test_traces_are_bounded_and_end(server):
    traced = server(FTP)
    traces = []
    for _ in range(8):
        traces.append(begin(traced, "anonymous"))
    done = ctl(traced, "trace", "anonymous")
    assert (done.returncode, done.stdout) == (REFUSED, "") and "as many traces" in done.stderr
    for trace in traces:
        trace.end()
    last = begin(traced, "anonymous")
    assert ctl(traced, "stop").returncode == WELL
    assert last.process.wait() == NO_SERVER
    assert "the server has ended the trace" in last.text()


@needs_root
def test_it_is_not_for_strangers(server):
    traced = server(FTP, settings={"status.mode": "0666"})
    as_stranger = ["setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups"]
    done = ctl(traced, "trace", "anonymous", prefix=as_stranger)
    assert (done.returncode, done.stdout) == (REFUSED, "") and "orders are taken" in done.stderr


# ---- what is left in the log ----

def test_a_transfer_that_breaks_the_session_leaves_its_lines(server):
    traced = server(FTP)
    traced.write("big", bytes(64 << 20))
    client = control(traced)
    client.expect("220 *")
    client.command("USER anonymous", "331 *")
    client.command(f"PASS {SECRET}", "230 *")
    data = client.open_data()
    client.command("RETR big", "150 *")
    data.connection().recv(1000)
    reset(data.connection())
    client.lines.close()
    reset(client.socket)
    traced.wait_log(r"session: ended in an error session=(\S+) peer=\S+ user=\"anonymous\" reason=")
    traced.wait_log(r"session: said session=\S+ ago_ms=\d+ from=client line=\"RETR big\"")
    traced.wait_log(r"session: said session=\S+ ago_ms=\d+ from=client line=\"PASS \*\*\*\*\"")
    assert SECRET not in traced.log()


def test_who_is_shown_the_door_leaves_his_lines(server):
    traced = server(FTP)
    client = control(traced)
    client.expect("220 *")
    client.say(b"GET / HTTP/1.1")
    traced.wait_log(r"ended in an error .* reason=\"the client was shown the door\"")
    traced.wait_log(r"from=client line=\"GET \*\*\*\*\"")


def test_a_transfer_that_breaks_alone_leaves_nothing(server):
    traced = server(FTP)
    traced.write("big", bytes(64 << 20))
    client = control(traced).log_in()
    data = client.open_data()
    client.command("RETR big", "150 *")
    data.connection().recv(1000)
    reset(data.connection())
    client.expect("426 *")
    client.command("NOOP", "200 *")
    data = client.open_data()
    client.command("RETR big", "150 *")
    data.connection().recv(1000)
    reset(data.connection())
    client.expect("426 *")
    assert traced.stop() == 0
    assert "session: said" not in traced.log()


def test_who_goes_in_good_order_leaves_nothing(server):
    traced = server(FTP)
    traced.write("file", b"x" * 100)
    client = control(traced).log_in()
    client.command("RETR none", "550 *")
    client.command("RETR file", "425 *")
    client.command("QUIT", "221 *")
    client.expect_closed()
    control(traced).log_in().close()
    traced.wait_until(lambda status: status["sessions"] == 0)
    assert "session: said" not in traced.log()


def test_many_that_fail_do_not_fill_the_log(server):
    traced = server(FTP, settings={"workers": 1})
    for _ in range(40):
        client = control(traced)
        client.expect("220 *")
        client.say(b"GET / HTTP/1.1")
        while not client.is_closed():
            pass
    traced.wait_until(lambda status: status["sessions"] == 0)
    assert traced.log().count("ended in an error") == 40
    assert traced.log().count('from=client line="GET ****"') in range(10, 21)
    assert "lines=left-out" in traced.log()


def test_a_worker_that_crashes_says_what_was_said(server):
    traced = server(FTP, settings={"workers": 1})
    traced.write("big", bytes(64 << 20))
    client = control(traced).log_in()
    data = client.open_data()
    client.command("RETR big", "150 *")
    data.connection().recv(1000)
    os.kill(traced.worker_pids()[0], signal.SIGSEGV)
    traced.wait_log(r'worker: last words .* line="session in row \d+"$')
    traced.wait_log(r'worker: last words .* line="  client: RETR big"$')
    traced.wait_log(r'worker: last words .* line="  server: 150 Opening BINARY')
