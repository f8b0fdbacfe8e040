"""Bans: who fails to log in too often is let in no more, over all workers; what the operator sees of
it and orders; and that bans outlive workers and the server."""
from concurrent.futures import ThreadPoolExecutor
import ctypes
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess

import pytest

from conftest import needs_root
from ftp_talk import Control, FTP
from ftpool_server import BUILD, PATIENCE_SECONDS, let_in, wait_for
from process_help import is_ended, run

CLIENTS = 16
CLONE_NEWNET = 0x40000000
FTPCTL = BUILD / "ftpctl"
LISTENERS = FTP + "listener box {\n}\n"
BANNED = "421 Your address is banned: too many failed logins*"
FILTER = pathlib.Path("etc/fail2ban/filter.d/ftpool.conf")


class From(Control):
    """A control connection from an address of one's choice."""

    def __init__(self, source, server):
        self.host, port = server.address("ftp")
        if ":" in source:
            self.host = "::1"
        self.socket = socket.create_connection((self.host, port), PATIENCE_SECONDS, (source, 0))
        self.lines = self.socket.makefile("rb")
        self.data = None
        self.said = []


@pytest.fixture
def guarded(tmp_path, server):
    """A server with 4 workers where nobody is exempt, and nobody has a password."""
    def start(settings=None, config=LISTENERS, **options):
        users = tmp_path / "users"
        users.write_text("anna\n")
        users.chmod(0o600)
        return server(config, settings={"workers": 4, "users": users, "ban.exempt": "",
                                        **(settings or {})}, **options)
    return start


def ctl(server, *arguments, status=0):
    done = run(FTPCTL, "--socket", server.status_path, *arguments)
    assert done.returncode == status, (arguments, done.stdout, done.stderr)
    return done.stdout + done.stderr


def bans(server):
    return {ban["address"]: ban for ban in server.ask("bans")["bans"]}


def fail(server, source, password, name="anna"):
    """Tries a wrong password: the reply. The connection is left at once, and the worker does not
    mind: who does not wait for the reply has failed all the same."""
    control = From(source, server)
    control.expect("220 *")
    control.command(f"USER {name}", "331 *")
    control.say(f"PASS {password}".encode())
    reply = control.expect("*")
    control.close()
    return reply


def fail_all(server, source, passwords):
    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(lambda password: fail(server, source, password), passwords))


def expect_refused(server, source, reply=BANNED):
    control = From(source, server)
    control.expect(reply)
    control.expect_closed()
    control.close()


def expect_served(server, source):
    From(source, server).log_in().close()


def test_exactly_so_many_failures_ban(guarded):
    """Over all workers; only their address; and who was in already is shown out."""
    server = guarded({"ban.failures": 8, "ban.time": "1h"})
    inside, neighbour = From("127.0.0.5", server).log_in(), From("127.0.0.6", server).log_in()
    assert set(fail_all(server, "127.0.0.5", range(7))) == {"530 Login incorrect"}
    assert len({session["session"].split(".")[0] for session in server.sessions()}) > 0
    expect_served(server, "127.0.0.5")
    assert not bans(server)
    assert fail(server, "127.0.0.5", 7).startswith(BANNED[:-1])
    assert bans(server)["127.0.0.5"]["failures"] == 8
    inside.expect(BANNED)
    inside.expect_closed()
    before = server.total("sessions_refused_banned")
    for _ in range(CLIENTS):
        expect_refused(server, "127.0.0.5", BANNED + "; try again in 60 minutes")
    assert server.total("sessions_refused_banned") == before + CLIENTS
    neighbour.command("NOOP", "200 *")
    expect_served(server, "127.0.0.6")
    assert re.findall("ban: set .*", server.log()) == [
        'ban: set address=127.0.0.5 seconds=3600 failures=8 reason="too many failed logins"']


def test_a_crowd_that_guesses_is_banned_once(guarded):
    server = guarded({"ban.failures": 8})
    with ThreadPoolExecutor(CLIENTS) as pool:
        replies = list(pool.map(lambda password: guess(server, password), range(3 * CLIENTS)))
    assert any(reply.startswith(BANNED[:-1]) for reply in replies)
    assert server.log().count("ban: set address=127.0.0.5 ") == 1
    expect_refused(server, "127.0.0.5")


def guess(server, password):
    """The last words for somebody who may be banned at any moment."""
    try:
        control = From("127.0.0.5", server)
        if control.expect("[24]2[01] *").startswith("421"):
            return control.said[-1].decode().strip()
        control.say(b"USER anna")
        if control.expect("*").startswith("421"):
            return control.said[-1].decode().strip()
        control.say(f"PASS {password}".encode())
        return control.expect("*")
    except (AssertionError, ConnectionError):
        return "cut"


def test_the_same_wrong_password_counts_once(guarded):
    server = guarded({"ban.failures": 3})
    for _ in range(3):
        fail_all(server, "127.0.0.5", ["my old one"] * CLIENTS)
    assert server.total("logins_failed") == 3 * CLIENTS
    fail(server, "127.0.0.5", "my old one", "bert")  # as another one: another attempt
    assert not bans(server)
    assert fail(server, "127.0.0.5", "one more").startswith(BANNED[:-1])


def test_who_is_exempt_may_fail(guarded):
    server = guarded({"ban.failures": 2, "ban.exempt": "127.0.1.0/24,::1"})
    fail_all(server, "127.0.1.9", range(CLIENTS))
    assert not bans(server)
    assert "exempt" in ctl(server, "ban", "127.0.1.0/24", status=1)
    ctl(server, "ban", "127.0.0.0/8")
    expect_refused(server, "127.0.0.5", "421 Your address is banned")
    expect_served(server, "127.0.1.9")


def test_a_ban_is_over_after_its_time(guarded):
    server = guarded({"ban.failures": 2, "ban.time": "1s"})
    fail_all(server, "127.0.0.5", range(2))
    server.wait_log("^.*ban: over address=127.0.0.5$")
    expect_served(server, "127.0.0.5")
    assert not bans(server)
    # And what counted before counts no more.
    assert fail(server, "127.0.0.5", "again") == "530 Login incorrect"


def test_failures_count_for_their_time(guarded):
    server = guarded({"ban.failures": 2, "ban.within": "1s"})
    clock = server.directory / "clock"  # no sleeping: a file's time tells that a second is over
    fail(server, "127.0.0.5", "one")
    clock.touch()
    start = clock.stat().st_mtime
    wait_for(lambda: clock.touch() or clock.stat().st_mtime > start + 1.05, "a second to pass")
    assert fail(server, "127.0.0.5", "other") == "530 Login incorrect"
    assert not bans(server)


def test_orders(guarded):
    server = guarded({"ban.failures": 0})
    held = [From(source, server).log_in() for source in ("127.0.0.5", "127.0.0.6", "127.0.1.1")]
    assert ctl(server, "ban", "127.0.0.4/31", "--time", "2h", "--reason", "ask noc@example.org") \
        == "banned: 127.0.0.4/31\n"
    held[0].expect("421 Your address is banned: ask noc@example.org")
    held[0].expect_closed()
    held[1].command("NOOP", "200 *")
    expect_refused(server, "127.0.0.4",
                   "421 Your address is banned: ask noc@example.org; try again in 2 hours")
    with socket.create_connection(server.address("box"), PATIENCE_SECONDS, ("127.0.0.5", 0)) as box:
        assert box.recv(200).startswith(b"ERR denied your address is banned: ask noc@example.org;")
        assert is_ended(box)
    ctl(server, "ban", "2001:db8::7")
    assert server.status()["bans"] == 2 and re.search("^bans +2; ", ctl(server, "status"), re.M)
    table = ctl(server, "bans")
    assert re.search(r"^127\.0\.0\.4/31 +1 h 59 min +- +ask noc@example\.org$", table, re.M)
    assert re.search(r"^2001:db8::/64 +for good +- +$", table, re.M)
    listed = json.loads(ctl(server, "--json", "bans"))["bans"]
    assert [ban["address"] for ban in listed] == ["127.0.0.4/31", "2001:db8::/64"]
    assert "seconds_left" not in listed[1] and 7190 < listed[0]["seconds_left"] <= 7200
    assert "banned by itself but with 127.0.0.4/31" in ctl(server, "unban", "127.0.0.5", status=1)
    assert "not banned" in ctl(server, "unban", "192.0.2.7", status=1)
    assert ctl(server, "unban", "127.0.0.4/31") == "lifted: 127.0.0.4/31\n"
    expect_served(server, "127.0.0.5")
    assert ctl(server, "unban", "2001:db8::99") == "lifted: 2001:db8::/64\n"
    for source in ("192.0.2.1", "192.0.2.2"):
        ctl(server, "ban", source)
    assert ctl(server, "unban", "all") == "lifted: 2 bans\n"
    assert ctl(server, "unban", "all") == "lifted: 0 bans\n"


@pytest.mark.parametrize("arguments, words", [
    (["192.0.2.1/24"], "no address"), (["example.org"], "no address"), (["fe80::1%lo"], "no address"),
    (["192.0.2.1", "--time", "1y"], "--time takes"), (["192.0.2.1", "--time", "0"], "--time takes"),
    (["192.0.2.1", "--reason", "x" * 96], "longer than"), (["192.0.2.1", "--reason", "a\nb"], "a line"),
    (["192.0.2.1", "--reason", "\x1b[2J"], "more than a line")])
def test_orders_that_are_none(shared_server, arguments, words):
    done = run(FTPCTL, "--socket", shared_server.status_path, "ban", *arguments)
    assert done.returncode in (1, 2) and words in done.stderr
    assert not bans(shared_server)


def test_a_transfer_of_a_banned_address_ends(guarded):
    server = guarded()
    server.write("big", bytes(64 << 20))
    control = From("127.0.0.5", server).log_in()
    port = int(re.search(r"(\d+)\|\)", control.command("EPSV", "229 *"))[1])
    data = socket.create_connection((control.host, port), PATIENCE_SECONDS, ("127.0.0.5", 0))
    control.command("RETR big", "150 *")
    ctl(server, "ban", "127.0.0.5", "--reason", "enough")
    control.expect("426 *")
    control.expect("421 Your address is banned: enough")
    control.expect_closed()
    data.close()
    server.wait_until(lambda status: status["sessions"] == 0)


def test_bans_outlive_workers(guarded):
    server = guarded({"ban.failures": 2})
    fail_all(server, "127.0.0.5", range(2))
    for pid in server.worker_pids():
        os.kill(pid, signal.SIGKILL)
    server.wait_until(lambda status: status["state"] == "serving" and status["restarts"] == 4)
    for _ in range(CLIENTS):
        expect_refused(server, "127.0.0.5")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_bans_outlive_the_server(guarded, tmp_path, number):
    state = tmp_path / "state"
    state.mkdir()
    let_in(state)
    server = guarded({"ban.failures": 2, "state_directory": state})
    fail_all(server, "127.0.0.5", range(2))
    ctl(server, "ban", "127.0.0.64/26", "--reason", "for ever")
    before = bans(server)
    if number == signal.SIGKILL:
        saved = state / "bans"
        wait_for(lambda: saved.exists() and len(saved.read_text().splitlines()) == 2, "both to be saved")
        server.expected_exit = None
    server.stop(number)
    assert server.end_orphans() == []  # those of a master that was killed have its ports
    server.start()
    server.wait_log("ban: still holding bans=2")
    expect_refused(server, "127.0.0.5")
    expect_refused(server, "127.0.0.127", "421 Your address is banned: for ever")
    expect_served(server, "127.0.0.128")
    after = bans(server)
    assert [(ban["until_unix"], ban["failures"]) for ban in after.values() if ban["failures"]] == \
        [(ban["until_unix"], ban["failures"]) for ban in before.values() if ban["failures"]]
    ctl(server, "unban", "all")


@needs_root
def test_of_ipv6_the_64_is_one_client(guarded):
    """In a network of its own, which has more than one address."""
    def body():
        assert ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) == 0, ctypes.get_errno()
        for command in ("link set lo up", "addr add 2001:db8::1/128 dev lo nodad",
                        "addr add 2001:db8::2/128 dev lo nodad",
                        "addr add 2001:db8:0:1::1/128 dev lo nodad"):
            subprocess.run(["ip", *command.split()], check=True, timeout=60)
        server = guarded({"ban.failures": 3, "limits.sessions_per_address": 4,
                          "listener.ftp.address": "::"})
        held = [From(f"2001:db8::{1 + i % 2}", server).log_in() for i in range(4)]
        expect_refused(server, "2001:db8::1", "421 Too many sessions from your address")
        expect_served(server, "2001:db8:0:1::1")
        for control in held:
            control.command("QUIT", "221 *")
            control.close()
        server.wait_until(lambda status: status["sessions"] == 0)
        assert fail(server, "2001:db8::1", "one").startswith("530")
        assert fail(server, "2001:db8::2", "two").startswith("530")
        assert fail(server, "2001:db8::1", "three").startswith(BANNED[:-1])
        expect_refused(server, "2001:db8::2")
        expect_served(server, "2001:db8:0:1::1")
        assert list(bans(server)) == ["2001:db8::/64"]
    with ThreadPoolExecutor(1) as pool:  # a thread's network is its own, and that of what it starts
        pool.submit(body).result()


# ---- fail2ban ----

@pytest.fixture(params=["text", "json"])
def told(guarded, request):
    """The log of a server at which somebody failed, with a name that looks like another line."""
    server = guarded({"ban.failures": 2, "log.format": request.param})
    fail(server, "127.0.0.5", "one")
    fail(server, "127.0.0.5", "two", 'x" ftp: login failed peer=192.0.2.1 user="anna"')
    ctl(server, "ban", "192.0.2.0/24")
    server.wait_log("ban: set.*192.0.2.0/24")
    return server.log_path


def fetched_regex(directory):
    """Debian's fail2ban-regex, unpacked and not installed: that would start to ban."""
    if shutil.which("fail2ban-regex"):
        return ["fail2ban-regex"]
    fetched = run("apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", "fail2ban",
                  cwd=directory)
    package = next(directory.glob("fail2ban_*.deb"), None)
    if not package:
        pytest.skip(f"fail2ban cannot be had here: {fetched.stderr.strip()}")
    run("dpkg-deb", "-x", package, directory / "fail2ban")
    return ["env", f"PYTHONPATH={directory}/fail2ban/usr/lib/python3/dist-packages",
            "/usr/bin/python3", directory / "fail2ban/usr/bin/fail2ban-regex",
            "-c", directory / "fail2ban/etc/fail2ban"]


@pytest.mark.parametrize("mode, found", [("failures", ["127.0.0.5"] * 2), ("bans", ["127.0.0.5"])])
def test_the_filter_finds_them(told, tmp_path, mode, found):
    done = run(*fetched_regex(tmp_path), "-o", "id", told, f"{FILTER.resolve()}[mode={mode}]")
    assert done.stdout.split() == found, (done.stdout, done.stderr)


def test_the_filter_reads_the_journal_s_lines(tmp_path):
    log = tmp_path / "log"
    log.write_text("2026-11-25T19:29:15+0000 host ftpoold[4711]: ftp: login failed peer=192.0.2.7 "
                   'user="anna" session=0.1\n')
    done = run(*fetched_regex(tmp_path), "-o", "id", log, FILTER.resolve())
    assert done.stdout.split() == ["192.0.2.7"], (done.stdout, done.stderr)


def test_bans_outlive_a_reload(guarded):
    """And what the config says of bans from then on is what holds."""
    server = guarded({"ban.exempt": "127.0.9.0/24"},
                     LISTENERS + "ban {\n\tfailures = 2\n}\n")
    fail_all(server, "127.0.0.5", range(2))
    expect_refused(server, "127.0.0.5")
    server.config_path.write_text(server.config_text.replace("failures = 2", "failures = 4"))
    ctl(server, "reload")
    expect_refused(server, "127.0.0.5")
    fail_all(server, "127.0.0.6", range(3))
    assert list(bans(server)) == ["127.0.0.5"]
    assert fail(server, "127.0.0.6", 3).startswith(BANNED[:-1])
    assert set(bans(server)) == {"127.0.0.5", "127.0.0.6"}


def test_bans_outlive_an_upgrade(guarded):
    """The program takes its own place: the bans are there, end in time, and can be lifted."""
    server = guarded({"ban.failures": 2, "ban.time": "1h"})
    fail_all(server, "127.0.0.5", range(2))
    ctl(server, "ban", "127.0.0.6", "--reason", "for ever")
    before = bans(server)
    ctl(server, "upgrade")
    server.wait_until(lambda status: status["state"] == "serving")
    assert bans(server).keys() == before.keys()
    assert bans(server)["127.0.0.5"]["until_unix"] == before["127.0.0.5"]["until_unix"]
    expect_refused(server, "127.0.0.5")
    expect_refused(server, "127.0.0.6", "421 Your address is banned: for ever")
    ctl(server, "unban", "127.0.0.5")
    expect_served(server, "127.0.0.5")
    fail_all(server, "127.0.0.7", range(2))
    assert "127.0.0.7" in bans(server)


def test_failures_before_an_upgrade_count_after_it(guarded):
    server = guarded({"ban.failures": 3, "ban.time": "1h"})
    fail_all(server, "127.0.0.5", range(2))
    ctl(server, "upgrade")
    ctl(server, "upgrade")
    assert not bans(server)
    fail(server, "127.0.0.5", 2)
    assert list(bans(server)) == ["127.0.0.5"]
