"""Accounts: who may log in, as whom, from where; and that nobody but the authenticator knows how."""
import concurrent.futures
import os
import re
import signal
import subprocess

import pytest

from conftest import needs_root
from ftp_talk import Control, FTP
from ftpool_server import (BUILD, IS_ROOT, MODE, NOBODY, children, let_in, process_start,
                           run_ftpoold, wait_for)
from lgpq_client import LgpqClient, Refused

FTPCTL = BUILD / "ftpctl"
PASSWORD = "open, Sesame! "  # ends in a blank


class Users:
    """A users file, written by ftpctl."""

    def __init__(self, directory):
        self.path = directory / "users"

    def ctl(self, *arguments, password=None, status=0):
        done = subprocess.run([FTPCTL, "user", *map(str, arguments), "--file", str(self.path),
                               *(["--stdin"] if password is not None else [])],
                              input=password, capture_output=True, text=True, timeout=60)
        assert done.returncode == status, (arguments, done.stdout, done.stderr)
        return done.stdout + done.stderr

    def add(self, name, *arguments, password=PASSWORD):
        self.ctl("add", name, *arguments, password=password + "\n")

    def hashes(self):
        return re.findall(r"password=(\S+)", self.path.read_text())


@pytest.fixture
def users(tmp_path):
    return Users(tmp_path)


@pytest.fixture
def house(tmp_path, users, server):
    """A server with the users file, a root, and below it a directory for each account."""
    def start(*names, config=FTP, settings=None):
        root = tmp_path / "library"
        root.mkdir()
        let_in(root)
        for name in names:
            (root / name).mkdir()
            let_in(root / name)
            (root / name / f"file of {name}").write_bytes(name.encode())
            let_in(root / name / f"file of {name}")
        return server(config, root=root, settings={"users": users.path, **(settings or {})})
    return start


def log_in(server, name, password=PASSWORD, reply="230 *"):
    control = Control(*server.address("ftp"))
    control.expect("220 *")
    control.command(f"USER {name}", "331 *")
    control.command(f"PASS {password}", reply)
    return control


def names(control):
    data = control.open_data()
    control.command("NLST", "150 *")
    listed = data.read().decode().split("\r\n")[:-1]
    control.expect("226 *")
    return listed


def authenticator(server):
    """The process that answers, 0 while there is none."""
    return server.status()["authenticator"]["pid"]


def test_each_account_has_its_root_and_rights(house, users, tmp_path):
    users.add("anna", "--root", tmp_path / "library/%u", "--may", "all")
    users.add("bert", "--root", tmp_path / "library/bert", "--may", "list")
    server = house("anna", "bert")
    anna, bert = log_in(server, "anna"), log_in(server, "bert")
    assert names(anna) == ["file of anna"] and names(bert) == ["file of bert"]
    anna.command("MKD new", "257 *")
    bert.command("MKD new", "550 *may not mkdir in /")
    data = bert.open_data()
    bert.command("RETR file of bert", "550 *may not get in /")
    data.close()
    anna.command("CWD ../bert", "550 *")
    assert {session["user"] for session in server.sessions()} == {"anna", "bert"}
    log_in(server, "anonymous", "x")


def test_wrong_unknown_and_locked_are_told_the_same(house, users):
    users.add("anna")
    users.add("bert")
    users.ctl("lock", "bert")
    server = house()
    replies = set()
    for name, password in (("anna", "wrong"), ("nobody-knows", PASSWORD), ("bert", PASSWORD),
                           ("anna", PASSWORD.strip()), ("anna", "x" * 2000), ("anna", "")):
        control = log_in(server, name, password, "530 *")
        replies.add(control.said[-1])
        control.command("PWD", "530 *")
    assert len(replies) == 1
    for reason in ("password", "unknown", "locked"):
        server.wait_log(f'authenticator: login refused peer=127.0.0.1 user=.* reason="{reason}"')
    assert server.total("logins_failed") == 6
    assert PASSWORD.strip() not in server.log()


def test_three_failures_end_the_session(house, users):
    users.add("anna")
    control = log_in(house(), "anna", "wrong", "530 *")
    for reply in ("530 *", "421 *"):
        control.command("USER anna", "331 *")
        control.command("PASS wrong", reply)
    control.expect_closed()


def test_logins_in_between_make_no_room_for_more_failures(house, users):
    users.add("anna")
    control = log_in(house(), "anonymous")
    for reply in ("530 *", "530 *"):
        control.command("USER anna", "331 *")
        control.command("PASS wrong", reply)
        control.command("USER anonymous", "331 *")
        control.command("PASS x", "230 *")
    control.command("USER anna", "331 *")
    control.command("PASS wrong", "421 *")
    control.expect_closed()


def test_a_client_that_leaves_is_not_waited_for(house, users):
    users.add("anna")
    server = house()
    for _ in range(3):
        control = Control(*server.address("ftp"))
        control.send(b"USER anna\r\nPASS wrong\r\n")
        control.close()
    server.wait_until(lambda status: status["totals"]["sessions_opened"] == 3
                      and status["sessions"] == 0)
    log_in(server, "anna")


def test_where_when_and_by_what(house, users):
    users.add("anna", "--from", "10.0.0.0/8,192.0.2.7")
    users.add("bert", "--expires", "2020-01-01")
    users.add("carl", "--protocols", "lgpq")
    server = house()
    for name in ("anna", "bert", "carl"):
        log_in(server, name, reply="530 *").close()
    users.ctl("set", "anna", "--from", "10.0.0.0/8,127.0.0.0/8")
    users.ctl("set", "bert", "--expires", "")
    users.ctl("set", "carl", "--protocols", "ftp")
    for name in ("anna", "bert", "carl"):
        log_in(server, name).close()


def test_a_change_holds_from_the_next_login_on(house, users):
    server = house()
    log_in(server, "anna", reply="530 *").close()
    users.add("anna")
    stays = log_in(server, "anna")
    users.ctl("passwd", "anna", password="another\n")
    log_in(server, "anna", reply="530 *").close()
    log_in(server, "anna", "another").close()
    users.ctl("del", "anna")
    log_in(server, "anna", "another", "530 *").close()
    stays.command("PWD", "257 *")


def test_a_faulty_line_costs_its_account_alone(house, users):
    users.add("anna")
    users.add("bert")
    server = house()
    users.path.write_text(users.path.read_text().replace("bert ", "bert may=everything "))
    log_in(server, "anna").close()
    log_in(server, "bert", reply="530 *").close()
    server.wait_log("users:2: may: ")


def test_an_authenticator_that_dies_is_replaced(house, users):
    users.add("anna")
    server = house()
    before = log_in(server, "anna")
    old = wait_for(lambda: authenticator(server), "the authenticator")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        logins = [pool.submit(log_in, server, "anna") for _ in range(16)]
        os.kill(old, signal.SIGKILL)
        for login in logins:
            login.result().command("PWD", "257 *")
    before.command("PWD", "257 *")
    new = wait_for(lambda: authenticator(server), "another authenticator")
    assert new != old
    status = server.status()
    assert status["workers_living"] == 2 and status["authenticator"]["restarts"] == 1
    assert new in children(server.pid) and new not in server.worker_pids()
    shown = subprocess.run([FTPCTL, "--socket", server.status_path, "status"],
                           capture_output=True, text=True, timeout=60).stdout
    assert re.search(rf"^accounts +authenticator {new}, since .*, 1 restarts?$", shown, re.M)
    server.wait_log("authenticator: killed pid=%d signal=9" % old)


def test_an_authenticator_that_hangs_is_replaced(house, users):
    users.add("anna")
    server = house(settings={"worker_timeout": "2s"})
    old = wait_for(lambda: authenticator(server), "the authenticator")
    os.kill(old, signal.SIGSTOP)
    log_in(server, "anna")
    assert authenticator(server) != old
    server.wait_log("authenticator: hung")


def test_it_leaves_with_its_master(house, users):
    users.add("anna")
    server = house()
    child = wait_for(lambda: authenticator(server), "the authenticator")
    start = process_start(child)
    server.expected_exit = -signal.SIGKILL
    server.kill(signal.SIGKILL)
    wait_for(lambda: process_start(child) != start, "the authenticator to leave")


def test_many_sessions_share_their_root(house, users, tmp_path):
    users.add("anna", "--root", tmp_path / "library/anna")
    users.path.write_text(re.sub(r"password=\S+", "password=" + cheap_hash(PASSWORD),
                                 users.path.read_text()))
    server = house("anna", settings={"workers": 1})
    worker, = server.worker_pids()

    def descriptors():
        return len(os.listdir(f"/proc/{worker}/fd"))
    first = log_in(server, "anna")
    before = descriptors()
    others = [log_in(server, "anna") for _ in range(20)]
    assert descriptors() == before + 20
    for control in [first, *others]:
        control.close()
    wait_for(lambda: server.status()["sessions"] == 0, "the sessions to end")
    assert descriptors() == before - 2


def cheap_hash(password):
    done = subprocess.run(["openssl", "passwd", "-6", "-stdin"], input=password + "\n",
                          capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_root_elsewhere_is_refused(house, users, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "homes").mkdir()
    (tmp_path / "homes/anna").mkdir()
    (tmp_path / "homes/bert").symlink_to(tmp_path / "elsewhere")
    for directory in ("elsewhere", "homes/anna"):
        let_in(tmp_path / directory)
    users.add("anna", "--root", tmp_path / "homes/%u", "--may", "all")
    users.add("bert", "--root", tmp_path / "homes/%u")
    users.add("carl", "--root", tmp_path / "elsewhere")
    server = house(settings={"account_roots": tmp_path / "homes"})
    anna = log_in(server, "anna")
    anna.command("MKD below", "257 *")
    anna.command("RMD below", "250 *")
    for name in ("bert", "carl"):
        log_in(server, name, reply="530 *").close()
        server.wait_log(f'an account.s root cannot be used session=.* user="{name}" .*not below root')


def test_anonymous_can_be_left_out(house, users):
    users.add("ftp")
    server = house(settings={"anonymous.enabled": "false"})
    log_in(server, "anonymous", "x", "530 *").close()
    log_in(server, "ftp").close()


LGPQ = """\
listener lgpq {
	account = "anna"
}
"""


def test_lgpq_is_served_as_the_listener_s_account(house, users, tmp_path):
    users.ctl("add", "anna", "--no-password", "--root", tmp_path / "library/%u")
    server = house("anna", config=LGPQ)
    with LgpqClient(server.address()) as client:
        assert client.names() == [b"file of anna"]
        assert client.get("file of anna") == b"anna"
        with pytest.raises(Refused, match="denied"):
            client.put("new", b"content")
        assert server.sessions()[0]["user"] == "anna"
    users.ctl("set", "anna", "--may", "list,get,put")
    with LgpqClient(server.address()) as client:
        client.put("new", b"content")
    users.ctl("lock", "anna")
    with LgpqClient(server.address()) as client:
        client.send(b"L\n")
        assert client.line().startswith(b"ERR denied ")
        assert client.rest() == b""


def check(users, *arguments, config=FTP):
    path, root = users.path.parent / "ftpool.conf", users.path.parent / "served"
    path.write_text(config)
    root.mkdir(exist_ok=True)
    return run_ftpoold("--check", "-c", path, "-o", f"users={users.path}",
                       "-o", f"root={root}", "-o", "user=" + ("nobody" if IS_ROOT else ""),
                       "-o", f"status.path={users.path.parent}/status", *arguments)


def test_faults_of_the_users_file_are_told_at_the_start(users):
    assert check(users).returncode == 0
    users.add("anna")
    assert check(users).returncode == 0
    users.path.chmod(0o644)
    assert "0640 or 0600 is right" in check(users).stderr
    users.path.chmod(0o600)
    users.path.write_text("anna may=read\nbert root=here\n")
    done = check(users)
    assert done.returncode == 2
    assert "users:1: may: \"read\" is no choice" in done.stderr
    assert "users:2: root = \"here\" is not absolute" in done.stderr
    users.path.write_text("")
    assert "there is no account \"anna\"" in check(users, config=LGPQ).stderr
    assert "account = \"anna\" needs a users file" in check(users, "-o", "users=", config=LGPQ).stderr


@needs_root
def test_what_is_not_for_clients_is_not_served(users, tmp_path):
    root, apart = tmp_path / "served", tmp_path / "apart"
    (root / "below").mkdir(parents=True)
    apart.mkdir()
    (tmp_path / "way").symlink_to("served/below")
    mount = f'mount "/pub" {{\n\tfrom = "{apart}"\n}}\n'
    for option, path, config in (("users", root / "users", FTP), ("users", tmp_path / "way/users", FTP),
                                 ("users", apart / "users", FTP + mount),
                                 ("state_directory", root, FTP),
                                 ("state_directory", root / "below/state", FTP)):
        done = check(users, "-o", f"{option}={path}", config=config)
        assert done.returncode == 2
        assert f'{option} = "{path}" lies below ' in done.stderr
    for option, path in (("users", apart / "users"), ("users", tmp_path / "served-not"),
                         ("state_directory", apart)):
        assert check(users, "-o", f"{option}={path}").returncode == 0


@pytest.mark.skipif(MODE in ("asan", "tsan"), reason="their memory is too large to look through")
def test_no_worker_knows_a_hash_or_a_password(house, users):
    users.add("anna")
    server = house()
    controls = [log_in(server, "anna") for _ in range(4)]
    log_in(server, "anna", PASSWORD + "not", "530 *").close()
    secrets = [users.hashes()[0].encode()[:30], PASSWORD.encode()]
    found = {pid: [secret for secret in secrets if is_in_memory(pid, secret)]
             for pid in (server.pid, *server.worker_pids())}
    assert not any(found.values()), found
    open_files = [os.readlink(f"/proc/{pid}/fd/{fd}") for pid in server.worker_pids()
                  for fd in os.listdir(f"/proc/{pid}/fd")]
    assert str(users.path) not in open_files
    for control in controls:
        control.close()


def is_in_memory(pid, secret):
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
        for line in maps:
            first, last, flags = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+)", line).groups()
            if "r" not in flags or "[v" in line:
                continue
            try:
                memory.seek(int(first, 16))
                if secret in memory.read(int(last, 16) - int(first, 16)):
                    return True
            except (OSError, OverflowError):
                continue
    return False


@needs_root
def test_the_authenticator_has_given_up_what_it_does_not_need(house, users):
    users.add("anna")
    server = house()
    child = wait_for(lambda: authenticator(server), "the authenticator")
    with open(f"/proc/{child}/status") as file:
        status = dict(line.split(":\t", 1) for line in file.read().splitlines() if ":\t" in line)
    assert status["Uid"].split() == [str(NOBODY)] * 4
    assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 1 << 2  # DAC_READ_SEARCH
    assert status["NoNewPrivs"] == "1"
    if MODE == "release":
        assert status["Seccomp"] == "2"
    assert os.stat(f"/proc/{child}/mem").st_uid == 0  # not dumpable
    log_in(server, "anna").close()


def test_ftpctl_edits_nothing_but_its_line(users):
    users.path.write_text("# the first line\n\nanna  may=put   root=/srv/a\n# last")
    users.path.chmod(0o640)
    users.add("bert", "--may", "list")
    text = users.path.read_text()
    assert text.startswith("# the first line\n\nanna  may=put   root=/srv/a\n# last\nbert password=")
    assert users.path.stat().st_mode & 0o777 == 0o640
    users.ctl("lock", "anna")
    users.ctl("del", "bert")
    assert users.path.read_text() == "# the first line\n\nanna root=/srv/a may=put locked\n# last\n"
    assert os.listdir(users.path.parent).count("users") == 1
    assert not [name for name in os.listdir(users.path.parent) if name.startswith("users.")]


def test_ftpctl_refuses_what_is_wrong(users):
    users.add("anna")
    before = users.path.read_bytes()
    assert "already" in users.ctl("add", "anna", password="x\n", status=1)
    assert "no account bert" in users.ctl("passwd", "bert", password="x\n", status=1)
    assert "no account bert" in users.ctl("del", "bert", status=1)
    assert "no choice" in users.ctl("set", "anna", "--may", "read", status=1)
    assert "password is empty" in users.ctl("add", "carl", password="\n", status=1)
    assert "can be no account's name" in users.ctl("add", "../carl", password="x\n", status=1)
    for hostile in (("--root", '/srv/a"b'), ("--root", "/srv/a\neve may=all"),
                    ("--certificate", 'cn:A "x" B'), ("--certificate", "cn:A\neve may=all")):
        assert "no account's line holds" in users.ctl("set", "anna", *hostile, status=1)
    assert "control byte" in users.ctl("passwd", "anna", password="a\0b\n", status=1)
    assert "too long" in users.ctl("passwd", "anna", password="x" * 2000 + "\n", status=1)
    users.ctl("passwd", status=2)
    users.ctl("fly", "anna", status=2)
    users.ctl("lock", "anna", "--may", "list", status=2)
    assert users.path.read_bytes() == before
    assert users.hashes()[0] not in users.ctl("list") + users.ctl("show", "anna")


def test_an_empty_value_takes_back_what_was_said(users):
    users.add("anna", "--root", "/srv", "--may", "none", "--protocols", "ftp", "--tls", "all")
    assert "may=none protocols=ftp tls=all" in users.ctl("show", "anna")
    users.ctl("set", "anna", "--root", "", "--may", "", "--protocols", "", "--tls", "")
    assert "anna may=list,get\n" in users.ctl("show", "anna")


def test_edits_at_the_same_time_lose_nothing(users):
    users.ctl("add", "first", "--no-password")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: users.ctl("add", f"user{i}", "--no-password"), range(24)))
    assert len(users.path.read_text().splitlines()) == 25
