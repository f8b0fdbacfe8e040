"""Starting: what is served when nothing is said, whom the workers become, and every reason not to
start, each told with what to do."""
import contextlib
import json
import os
import pathlib
import shutil
import socket

import pytest

from conftest import needs_root
from ftpool_server import (FTPOOLD, HOST, IS_ROOT, MODE, NOBODY, PATIENCE_SECONDS, READY, free_port,
                           let_in)
from lgpq_client import LgpqClient, connect
from process_help import AS_NOBODY, STRANGER, descriptors, echoes, launch, proc_status, run

ECHO = "listener echo {\n\tprotocol = echo\n}\n"
NO_CAPABILITY = "0000000000000000"
SANDBOXED = MODE not in ("asan", "tsan")


class Attempt:
    """An ftpoold that is not going to start: its config and the options it needs."""

    def __init__(self, directory):
        self.directory = directory
        self.root = directory / "library"
        self.root.mkdir()
        let_in(self.root)
        self.port = free_port()
        self.status_path = directory / "status"
        self.config = directory / "ftpool.conf"
        self.write()

    def write(self, text="", address=HOST, port=None):
        self.config.write_text(
            f'root = "{self.root}"\n{"user = nobody" if IS_ROOT else ""}\n{text}\n'
            f'listener echo {{\n\tprotocol = echo\n\taddress = "{address}"\n'
            f"\tport = {port or self.port}\n}}\n"
            f'status {{\n\tpath = "{self.status_path}"\n}}\n')

    def program(self):
        """A copy for other users: the tree may stand where they cannot go."""
        return shutil.copy(FTPOOLD, self.directory)

    def refused(self, exit_status, *words, prefix=()):
        """Runs it; expects that status and these words, and no socket left behind."""
        done = run(*prefix, self.program() if prefix else FTPOOLD, "-c", self.config)
        assert done.returncode == exit_status, (done.returncode, done.stderr)
        for word in words:
            assert word in done.stderr, done.stderr
        assert READY not in done.stdout
        return done.stderr


@pytest.fixture
def attempt(tmp_path):
    return Attempt(tmp_path)


def line_of(path, words):
    lines = path.read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if words in line)


# ---- when nothing is said ----

@needs_root
def test_without_any_config_the_library_here_is_served(server, tmp_path):
    """In a network of its own, so that the standard ports are free."""
    here = tmp_path / "here"
    here.mkdir()
    alone = server(wait=False)
    alone.stop()
    alone.environment["XDG_RUNTIME_DIR"] = str(here / "run")
    (here / "run").mkdir()
    alone.status_path = here / "run/ftpool/status"
    alone.command = lambda: ["unshare", "--net", "sh", "-c",
                             'ip link set lo up && cd "$1" && exec "$2"', "-", str(here), str(FTPOOLD)]
    alone.start()
    library = here / "library"
    greeting = alone.log()[alone.log_start:]
    assert f"serves {library}\n" in greeting
    assert "lgpq   on 127.0.0.1:8888\n" in greeting and "echo   on 127.0.0.1:8007\n" in greeting
    assert "ftp    on 127.0.0.1:2121\n" in greeting
    assert f"ftpctl --socket {alone.status_path} status" in greeting
    assert library.stat().st_uid == int(proc_status(alone.worker_pids()[0])["Uid"].split()[0]) > 0
    (library / "hello").write_text("hello")
    asked = run("nsenter", f"--target={alone.pid}", "--net", "socat", "-t5", "-",
                "TCP:127.0.0.1:8888", input="G\thello\nQ\n")
    assert asked.stdout.endswith("\nhelloBYE\n") and asked.stdout.startswith("OK 5\t"), asked
    assert len(alone.workers()) == len(os.sched_getaffinity(0)), "one worker per CPU"


def test_a_root_on_the_command_line(server, tmp_path):
    public = tmp_path / "public files"
    public.mkdir()
    let_in(public)
    (public / "hello").write_text("hello")
    serving = server(arguments=["../public files"])
    assert serving.status()["root"] == str(public)
    with LgpqClient(serving.address()) as client:
        assert client.names() == [b"hello"]


def test_it_says_what_it_serves_and_where(server):
    serving = server()
    lines = serving.log().splitlines()
    assert f"ftpoold {serving.status()['version']} serves {serving.root}" in lines
    assert f"  lgpq   on {HOST}:{serving.port('lgpq')}" in lines
    assert f"  echo   on {HOST}:{serving.port('echo')}" in lines


@pytest.mark.parametrize("first, second", [("127.0.0.1", "::1"), ("0.0.0.0", "::")])
def test_both_families_on_one_port(server, first, second):
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no IPv6")
    port = free_port()
    both = server(f'listener four {{\n\taddress = "{first}"\n\tport = {port}\n}}\n'
                  f'listener six {{\n\taddress = "{second}"\n\tport = {port}\n}}\n')
    assert [listener["address"] for listener in both.status()["listeners"]] == [
        f"{first}:{port}", f"[{second}]:{port}"]
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family) as client:
            client.settimeout(PATIENCE_SECONDS)
            client.connect((host, port))
            client.sendall(b"L\n")
            assert client.recv(100) == b"OK 0\n"
            own = client.getsockname()
            peers = [(row["peer"], row["listener"]) for row in both.sessions()]
            assert (f"{host}:{own[1]}" if family == socket.AF_INET else f"[{host}]:{own[1]}",
                    "four" if family == socket.AF_INET else "six") in peers


# ---- whom the workers become ----

def expect_no_rights(pid, uid, gid):
    status = proc_status(pid)
    assert status["Uid"].split() == [str(uid)] * 4
    assert status["Gid"].split() == [str(gid)] * 4
    for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        assert status[kind] == NO_CAPABILITY, kind
    assert status["NoNewPrivs"] == "1"
    if SANDBOXED:
        assert status["Seccomp"] == "2"


@needs_root
def test_workers_of_root_have_no_rights_left(server):
    serving = server(settings={"workers": 3})
    for pid in serving.worker_pids():
        expect_no_rights(pid, NOBODY, NOBODY)
        assert proc_status(pid)["Groups"] == ""
    assert proc_status(serving.pid)["Uid"].split() == ["0"] * 4
    os.kill(serving.worker_pids()[0], 9)
    status = serving.wait_until(lambda status: status["restarts"] == 1
                                and status["state"] == "serving")
    for worker in status["workers"]:
        expect_no_rights(worker["pid"], NOBODY, NOBODY)


@needs_root
def test_an_ordinary_user_may_serve_and_is_told_once(server):
    serving = launch(server, AS_NOBODY, ECHO)
    assert serving.log().count("not started by root") == 1
    serving.wait_log(rf"master: not started by root serving_as_uid={NOBODY}$")
    for pid in [serving.pid, *serving.worker_pids()]:
        assert proc_status(pid)["Uid"].split() == [str(NOBODY)] * 4
    for pid in serving.worker_pids():
        expect_no_rights(pid, NOBODY, NOBODY)
    with connect(serving.address("echo")) as client:
        assert echoes(client)


def test_a_worker_has_no_descriptor_but_those_it_needs(server):
    serving = server(settings={"workers": 3})
    workers = {pid: descriptors(pid) for pid in serving.worker_pids()}
    masters = descriptors(serving.pid)
    listening = {link for link in masters.values() if link.startswith("socket:")
                 and all(link in own.values() for own in workers.values())}
    assert len(listening) == 2, "the two listeners, and they are the same everywhere"
    for pid, own in workers.items():
        others = {link for other, theirs in workers.items() if other != pid
                  for link in theirs.values()}
        links = [link for number, link in sorted(own.items()) if number > 2]
        sockets = {link for link in links if link.startswith("socket:")}
        assert len(sockets) == 3, "two listeners and its channel"
        assert len(sockets - listening) == 1 and not (sockets - listening) & others
        assert not (sockets - listening) & set(masters.values()), "a master's end"
        rest = sorted(link for link in links if not link.startswith("socket:"))
        assert set(rest) == {"anon_inode:[eventpoll]", "anon_inode:[eventfd]",
                             "/memfd:ftpool-ledger (deleted)", "/memfd:last words (deleted)",
                             str(serving.root), str(serving.log_path)}
        assert rest.count("anon_inode:[eventpoll]") == 1
        assert rest.count(str(serving.log_path)) == 1, "the spare one"
        assert rest.count(str(serving.root)) == 2, "for users, and for anonymous ones"
        assert len(own) <= 14, own


def test_a_worker_shows_which_one_it_is(server):
    """In full where ps(1) looks, and in short where top(1) does."""
    serving = server(settings={"workers": 2})
    for slot, pid in enumerate(serving.worker_pids()):
        title = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
        assert title == b"ftpoold: worker %d" % slot
        assert proc_status(pid)["Name"] == f"ftpool {slot}"


# ---- addresses ----

def test_a_port_in_use_is_told_with_its_user(attempt):
    with socket.create_server((HOST, attempt.port)):
        name = pathlib.Path("/proc/self/comm").read_text().strip()
        said = attempt.refused(1, f"{attempt.config}:{line_of(attempt.config, 'port =')}: ",
                               f"{HOST}:{attempt.port} is in use by {name} (pid {os.getpid()})",
                               "choose another port")
    assert said.count("\n") == 1, said
    assert not attempt.status_path.exists()


def test_a_port_that_another_server_has(attempt, server):
    other = server(ECHO, settings={"listener.echo.port": attempt.port})
    attempt.refused(1, f"is in use by ftpoold (pid {other.pid})")
    with connect(other.address("echo")) as client:
        assert echoes(client)


def test_the_one_who_is_named_has_that_very_address(attempt, server):
    other = server(ECHO, settings={"listener.echo.port": attempt.port,
                                   "listener.echo.address": "127.0.0.2"})
    with socket.create_server(("127.0.0.1", attempt.port)):
        attempt.write(address="127.0.0.1")
        attempt.refused(1, "127.0.0.1:", f"(pid {os.getpid()})")
        attempt.write(address="127.0.0.2")
        attempt.refused(1, "127.0.0.2:", f"(pid {other.pid})")


def test_a_wildcard_in_the_way(attempt):
    with socket.create_server(("0.0.0.0", attempt.port)):
        attempt.refused(1, f"{HOST}:{attempt.port} is in use", f"(pid {os.getpid()})")


@needs_root
def test_a_port_below_1024_needs_a_privilege(attempt):
    first = int(pathlib.Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    if first <= 80:
        pytest.skip("on this machine anybody may have port 80")
    let_in(attempt.directory)
    attempt.write(port=80)
    attempt.refused(1, f"{attempt.config}:{line_of(attempt.config, 'port =')}: ",
                    "127.0.0.1:80: no permission", "CAP_NET_BIND_SERVICE", prefix=AS_NOBODY)


def test_an_address_that_is_not_of_this_machine(attempt):
    attempt.write(address="192.0.2.1")
    attempt.refused(1, "this machine has no address 192.0.2.1", "`ip address` lists")


def test_all_that_cannot_be_opened_is_told_in_one_run(attempt):
    attempt.status_path.write_text("")
    attempt.write(f"listener second {{\n\taddress = 192.0.2.1\n\tport = {attempt.port}\n}}")
    with socket.create_server((HOST, attempt.port)):
        said = attempt.refused(1, f"pid {os.getpid()}", "192.0.2.1", "no socket is there")
    assert said.count("\n") == 3, said


# ---- the root ----

def test_a_root_that_is_missing(attempt):
    attempt.root.rmdir()
    attempt.refused(2, f"{attempt.config}:1: ", str(attempt.root), "No such file", "create it")


def test_a_root_that_is_a_file(attempt):
    attempt.root.rmdir()
    attempt.root.write_text("")
    attempt.refused(2, f"{attempt.config}:1: ", "is no directory")


@needs_root
def test_a_root_that_the_service_cannot_read(attempt):
    os.chown(attempt.root, 0, 0)
    attempt.root.chmod(0o700)
    attempt.refused(2, f"{attempt.config}:1: ", f"cannot be read by uid {NOBODY}",
                    "Permission denied", "chown")


@needs_root
def test_the_way_to_the_root_may_be_closed(server, tmp_path):
    closed = tmp_path / "closed"
    root = closed / "root"
    root.mkdir(parents=True)
    let_in(root)
    closed.chmod(0o700)
    with LgpqClient(server(root=root).address()) as client:
        client.put("new", b"new")
    assert (root / "new").read_bytes() == b"new"


@needs_root
def test_a_root_that_can_only_be_read_is_told_and_served(server, tmp_path):
    root = tmp_path / "root"
    root.mkdir(mode=0o755)
    (root / "old").write_bytes(b"old")
    reading = server(root=root)
    reading.wait_log("warning master: the root is read-only .*advice=")
    with LgpqClient(reading.address()) as client:
        assert client.get("old") == b"old"


# ---- the status path ----

def test_a_status_path_at_which_a_server_answers(attempt, server):
    other = server(ECHO)
    attempt.status_path = other.status_path
    attempt.write()
    attempt.refused(1, f"{attempt.config}:{line_of(attempt.config, 'path =')}: ",
                    f"a server answers there (pid {other.pid})", "choose another path")
    assert other.status()["state"] == "serving"


def test_a_stale_status_socket_is_replaced(server):
    path = server.directory / "stale"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    serving = server(ECHO, wait=False, settings={"status.path": path})
    serving.status_path = path
    serving.wait_ready()
    assert serving.status()["state"] == "serving"


def test_something_that_is_no_socket_is_left_alone(attempt):
    attempt.status_path.write_text("precious")
    attempt.refused(1, "something that is no socket is there", "remove it")
    assert attempt.status_path.read_text() == "precious"


def test_a_status_path_without_a_directory(attempt):
    attempt.status_path = attempt.directory / "no/such/status"
    attempt.write()
    attempt.refused(2, f'path = "{attempt.status_path}"', "No such file", "name another path")


@needs_root
def test_a_status_path_where_the_user_may_not_write(attempt):
    attempt.refused(1, f"status path {attempt.status_path}: Permission denied",
                    "choose another path", prefix=AS_NOBODY)


# ---- workers that cannot start ----

@needs_root
def test_workers_that_cannot_start_end_the_master(attempt):
    """A user with two processes: the master and one worker, that gets no threads."""
    os.chown(attempt.directory, STRANGER, STRANGER)
    os.chown(attempt.root, STRANGER, STRANGER)
    attempt.write("workers = 1")
    attempt.refused(1, "worker: cannot start", "threads: Resource temporarily unavailable",
                    "master: no worker can start", prefix=[
                        "setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups",
                        "prlimit", "--nproc=2"])
    assert not attempt.status_path.exists()


def test_it_answers_while_it_starts(server):
    """The status pipe is there before the workers are."""
    seen = set()
    for _ in range(20):
        starting = server(ECHO, settings={"workers": 32}, wait=False)
        while READY not in starting.log():
            with contextlib.suppress(FileNotFoundError, ConnectionError, json.JSONDecodeError):
                seen.add(starting.status()["state"])
        starting.wait_until(lambda status: status["state"] == "serving")
        starting.stop()
        if "starting" in seen:
            break
    assert "starting" in seen and seen <= {"starting", "serving"}


@needs_root
def test_a_new_file_is_the_service_users(server):
    serving = server()
    with LgpqClient(serving.address()) as client:
        client.put("new", b"new")
    status = (serving.root / "new").stat()
    assert (status.st_uid, status.st_gid) == (NOBODY, NOBODY)
