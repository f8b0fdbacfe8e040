"""ftpctl doctor: each check is tried by breaking what it looks at."""
import contextlib
import ctypes
import json
import os
import resource
import signal
import socket
import struct
import subprocess
import threading
import time

import pytest

from conftest import Factory, needs_root
from ftp_talk import Control
from ftpool_server import BUILD, FTPOOLD, HOST, IS_ROOT, MODE, PATIENCE_SECONDS, Server, let_in, wait_for
from tls_talk import Pair

ALL = """\
anonymous {
	may = {list, get, put, delete}
}
listener lgpq {
}
listener echo {
	protocol = echo
}
listener ftp {
	protocol = ftp
}
"""
SECURE = """\
anonymous {
	may = {list, get, put, delete}
}
listener ftp {
	protocol = ftp
	tls = explicit
}
listener ftps {
	protocol = ftp
	tls = implicit
}
listener lgpq {
	tls = implicit
}
"""
WELL, FAULT, USAGE, NO_SERVER = 0, 1, 2, 3


class Report:
    """What the doctor said, as JSON."""

    def __init__(self, done):
        assert done.stdout, done.stderr
        self.status = done.returncode
        self.all = json.loads(done.stdout)
        self.checks = {check["name"]: check for check in self.all["checks"]}

    def found(self, check, grade="fault"):
        return [finding for finding in self.all["findings"]
                if (finding["check"], finding["grade"]) == (check, grade)]

    def has(self, check, words, grade="fault", status=FAULT):
        """The one finding of that check with these words; it says all that it has to."""
        fitting = [finding for finding in self.found(check, grade) if words in finding["what"]]
        assert len(fitting) == 1, (words, self.all["findings"])
        assert all(fitting[0][part] for part in ("where", "why", "advice"))
        assert self.status == status
        return fitting[0]


def run_doctor(*arguments, **options):
    return subprocess.run([BUILD / "ftpctl", "doctor", *map(str, arguments)], capture_output=True,
                          text=True, timeout=3 * PATIENCE_SECONDS, **options)


def words_of(pool):
    command = pool.command()
    return command[command.index(str(FTPOOLD)) + 1:]


def doctor(pool, *checks, settings=None, config=None, **options):
    """Examines a server of the tests, which gets more words on its command line than its config
    has; `settings` are more of them."""
    words = words_of(pool)
    if config:
        words[1] = config
    for name, value in (settings or {}).items():
        words += ["-o", f"{name}={value}"]
    return Report(run_doctor("--socket", pool.status_path, "--json", *words, *checks, **options))


@pytest.fixture
def clean(server):
    """A server whose library is the same after the doctor's visits as before."""
    pools = []

    def start(config=ALL, **options):
        pool = server(config, **options)
        pool.write("content", b"content")
        pools.append((pool, pool.names()))
        return pool
    yield start
    for pool, before in pools:
        assert pool.names() == before


# ---- well ----

def test_a_server_that_is_well(clean):
    pool = clean()
    report = doctor(pool)
    assert (report.status, report.all["faults"], report.all["server"]) == (WELL, 0, True)
    said = report.checks["logins"]["said"]
    assert f"{pool.port('lgpq')}: put, get, list" in said
    assert f"{pool.port('ftp')}: put, list, get, delete" in said
    assert f"{pool.port('echo')}: answered" in said
    people = run_doctor("--socket", pool.status_path, *words_of(pool), "version", "clock")
    assert "version" in people.stdout and "0 faults" in people.stdout
    before = subprocess.run([BUILD / "ftpctl", "--socket", pool.status_path, "--json", "doctor",
                             *words_of(pool), "version"], capture_output=True, text=True, check=False)
    assert Report(before).status == WELL, before.stderr


def test_a_config_that_was_named_from_elsewhere(clean, tmp_path):
    """Its name counts from where the server was started, and is told whole."""
    pool = clean()
    pool.expected_exit = None
    pool.stop()
    beside = tmp_path / "beside.conf"
    beside.write_text(pool.config_path.read_text())
    with subprocess.Popen([FTPOOLD, "-c", "beside.conf", *words_of(pool)[2:]], cwd=tmp_path) as process:
        wait_for(pool.status_path.exists, "the server")
        report = Report(run_doctor("--socket", pool.status_path, "--json", "version"))
        process.terminate()
    assert report.checks["config"]["said"] == str(beside), report.all


def test_by_tls_and_whoever_may_not_put(clean, tmp_path):
    pair = Pair(tmp_path, "localhost")
    pool = clean(SECURE, settings={**pair.settings(), "tls.session_reuse": "require"})
    report = doctor(pool, "logins")
    assert report.status == WELL, report.all
    said = report.checks["logins"]["said"]
    assert f"{pool.port('ftp')}: put, list, get, delete" in said
    assert f"{pool.port('ftp')}, by TLS: put, list, get, delete" in said
    assert f"{pool.port('ftps')}, by TLS: put, list, get, delete" in said
    assert f"{pool.port('lgpq')}, by TLS: put, get, list" in said
    modest = clean(settings={"anonymous.may": "list, get"})
    report = doctor(modest, "logins")
    assert report.status == WELL
    assert f"{modest.port('ftp')}: list, get;" in report.checks["logins"]["said"] + ";"


def test_with_an_account(clean, tmp_path):
    users = tmp_path / "users"
    subprocess.run([BUILD / "ftpctl", "user", "add", "anna", "--file", users, "--stdin",
                    "--may", "all"], input="secret\n", text=True, check=True)
    pool = clean(settings={"users": users, "anonymous.enabled": "false"})
    report = doctor(pool, "--user", "anna", "logins", input="secret\n")
    assert report.status == WELL, report.all
    assert f"{pool.port('ftp')}: put, list, get, delete" in report.checks["logins"]["said"]
    report = doctor(pool, "--user", "anna", "logins", input="wrong\n")
    report.has("logins", "login: 530")
    assert "not tried" in doctor(pool, "logins").checks["logins"]["said"]


def test_usage_and_no_server(tmp_path):
    assert run_doctor("--socket", tmp_path / "none", "no-such-check").returncode == USAGE
    assert run_doctor("--no-such-option").returncode == USAGE
    assert run_doctor("--help").returncode == WELL
    report = Report(run_doctor("--json", "--socket", tmp_path / "none", "-c", "/dev/null"))
    assert report.status == NO_SERVER and not report.all["server"]
    assert "no status pipe" in report.found("pipe")[0]["what"]
    assert report.checks["logins"]["grade"] == "skipped"


# ---- the server and its config ----

def test_a_faulty_config(clean, tmp_path):
    pool = clean()
    faulty = tmp_path / "faulty.conf"
    faulty.write_text("\nidle_timeout = soon\n")
    finding = doctor(pool, "pipe", config=faulty).has("config", "soon")
    assert finding["where"] == f"{faulty}:2"


def test_a_config_that_is_newer_than_the_server(clean):
    pool = clean()
    os.utime(pool.config_path, (pool.status()["since_unix"] + 10,) * 2)
    doctor(pool, "version").has("version", "changed since", "advice", WELL)
    written = pool.status()["since_unix"] + 1
    os.utime(pool.config_path, (written, written))
    wait_for(lambda: time.time() > written, "the clock to pass the file's time")
    subprocess.run([BUILD / "ftpctl", "--socket", pool.status_path, "reload"], check=True)
    assert doctor(pool, "version").checks["version"]["grade"] == "well"


def test_a_listener_that_the_server_lacks(clean, tmp_path):
    pool = clean()
    more = tmp_path / "more.conf"
    more.write_text(ALL + "listener new { port = 1 }\n")
    doctor(pool, "logins", config=more).has("logins", "listener new")


def test_a_stale_pipe(clean):
    pool = clean()
    pool.expected_exit = None
    pool.kill(signal.SIGKILL)
    pool.wait_exit()
    doctor(pool, "pipe").has("pipe", "nobody answers", status=NO_SERVER)


def test_a_server_that_is_old_and_degraded(tmp_path):
    answer = {"version": "0.0.1", "state": "degraded", "pid": 0, "workers_wanted": 2,
              "workers_living": 0, "listeners": []}
    path = tmp_path / "status"
    with socket.socket(socket.AF_UNIX) as pipe:
        pipe.bind(str(path))
        pipe.listen()

        def serve():
            connection, _ = pipe.accept()
            with connection:
                connection.recv(100)
                connection.sendall(json.dumps(answer).encode())
        thread = threading.Thread(target=serve)
        thread.start()
        report = Report(run_doctor("--json", "--socket", path, "-c", "/dev/null", "state",
                                   "version"))
        thread.join()
    report.has("state", "degraded")
    report.has("version", "0.0.1", "advice")


# ---- files ----

@needs_root
def test_roots_that_the_service_may_not_use(clean):
    pool = clean()
    pool.root.chmod(0o555)
    report = doctor(pool, "roots", "logins")
    report.has("roots", "cannot be written")
    assert len(report.found("logins")) == 2  # put by LGPQ and by FTP
    pool.root.chmod(0o711)
    os.chown(pool.root, 0, 0)
    doctor(pool, "roots").has("roots", "cannot be read")


class Apart(Server):
    """A server that sees its root read-only, as a unit's ProtectSystem= makes it."""

    def command(self):
        within = f"mount --bind {self.root} {self.root} && mount -o remount,bind,ro {self.root}"
        return ["unshare", "-m", "sh", "-ec", f'{within}; exec "$0" "$@"', *super().command()]


@needs_root
def test_a_root_that_is_read_only_for_the_server_alone(tmp_path, monkeypatch):
    if subprocess.run(["unshare", "-m", "true"], check=False).returncode:
        pytest.skip("no namespaces can be made")
    monkeypatch.setattr("conftest.Server", Apart)
    factory = Factory(tmp_path)
    try:
        pool = factory(ALL)
        report = doctor(pool, "roots")
        report.has("roots", "read-only for the running server")
    finally:
        factory.close()


@needs_root
def test_a_disk_that_is_nearly_full(clean, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1M", "small", small],
                      check=False).returncode:
        pytest.skip("nothing can be mounted")
    try:
        let_in(small)
        pool = clean(settings={"anonymous.root": small})
        doctor(pool, "disks").has("disks", "% full")
    finally:
        pool.stop()
        subprocess.run(["umount", small], check=True)


def test_a_users_file_with_faults(clean, tmp_path):
    users = tmp_path / "users"
    users.write_text("anna may=list\nbert may=fly\n")
    users.chmod(0o644)
    pool = clean()
    report = doctor(pool, "users", settings={"users": users})
    assert report.has("users", "fly")["where"] == f"{users}:2"
    report.has("users", "has mode 0644")
    if IS_ROOT:
        users.chmod(0o600)
        doctor(pool, "users", settings={"users": users}).has("users", "cannot be read by uid")


def test_a_pam_file_that_is_missing(clean):
    pool = clean()
    report = doctor(pool, "pam", settings={"auth": "pam", "pam.service": "no-such-service"})
    report.has("pam", "missing")


# ---- what clients are told ----

@pytest.mark.parametrize("address, words, grade", [
    ("127.0.0.1", "loopback", "fault"),
    ("10.255.254.253", "private, and none of this machine's", "fault"),
    ("nowhere.invalid", "has no IPv4 address", "fault"),
    ("198.51.100.1", "none of this machine's", "advice"),
])
def test_passive_addresses(clean, address, words, grade):
    pool = clean()
    report = doctor(pool, "passive-address", settings={"passive.address": address})
    report.has("passive-address", words, grade, FAULT if grade == "fault" else WELL)


def test_passive_ports(clean):
    pool = clean()
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
        first = int(file.read().split()[0])
    report = doctor(pool, "passive-ports", settings={"passive.ports": f"{first}-{first + 99}",
                                                     "limits.sessions": 200})
    report.has("passive-ports", "100 passive ports for 200", "advice", WELL)
    report.has("passive-ports", "ip_local_port_range", "advice", WELL)
    port = pool.port("ftp")
    report = doctor(pool, "passive-ports", settings={"passive.ports": f"{port}-{port + 1}"})
    report.has("passive-ports", "among the passive ones")


# ---- certificates ----

def examine(pool, pair, **settings):
    return doctor(pool, "certificates", settings={**pair.settings(), **settings})


def test_certificates(clean, tmp_path):
    pool = clean()
    own = Pair(tmp_path, "own")
    report = examine(pool, own)
    report.has("certificates", "signed by itself", "advice", WELL)
    assert " days" in report.checks["certificates"]["said"]
    examine(pool, Pair(tmp_path, "short", days=2)).has("certificates", "more days")
    examine(pool, Pair(tmp_path, "signed", issuer=own)).has("certificates", "does not lead")
    report = examine(pool, own, **{"passive.address": "ftp.example.org"})
    report.has("certificates", "not for ftp.example.org", "advice", WELL)


def test_keys(clean, tmp_path):
    pool = clean()
    own, other = Pair(tmp_path, "own"), Pair(tmp_path, "other")
    examine(pool, own, **{"tls.key": other.key}).has("certificates", "does not fit")
    own.key.chmod(0o644)
    examine(pool, own).has("certificates", "open to everybody")
    examine(pool, own, **{"tls.certificate": own.key}).has("certificates", "none is in that file")


# ---- the machine ----

def test_too_few_descriptors(clean):
    pool = clean()
    resource.prlimit(pool.pid, resource.RLIMIT_NOFILE, (400, 400))
    doctor(pool, "descriptors").has("descriptors", "400 descriptors")


def forbid(*calls):
    """A filter (seccomp(2)) by which these system calls are not there."""
    load, equal, allow, refuse = 0x20, 0x15, 0x7fff0000, 0x00050000 | 38  # ENOSYS
    code = struct.pack("HBBI", load, 0, 0, 0)
    for left, call in zip(range(len(calls), 0, -1), calls):
        code += struct.pack("HBBI", equal, left, 0, call)
    code += struct.pack("HBBI", 0x06, 0, 0, allow) + struct.pack("HBBI", 0x06, 0, 0, refuse)
    text = ctypes.create_string_buffer(code)
    program = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(text))
    prctl = ctypes.CDLL(None).prctl
    assert prctl(38, 1, 0, 0, 0) == 0 and prctl(22, 2, program, 0, 0) == 0


def test_a_kernel_that_lacks_something(clean):
    pool = clean()
    openat2, landlock = 437, 444
    report = doctor(pool, "kernel", preexec_fn=lambda: forbid(openat2, landlock))
    report.has("kernel", "no openat2")
    report.has("kernel", "no Landlock", "advice")


CLOCK = """
#include <sys/timex.h>
#include <time.h>
time_t time(time_t *out) { return out ? (*out = 1000) : 1000; }
"""
UNKEPT = """
#include <sys/timex.h>
int adjtimex(struct timex *state) { state->status = STA_UNSYNC; return TIME_ERROR; }
"""


@pytest.mark.skipif(MODE != "release", reason="a sanitizer has to be the first library")
@pytest.mark.parametrize("code, words, grade", [(CLOCK, "years behind", "fault"),
                                                (UNKEPT, "nobody keeps", "advice")])
def test_a_clock_that_is_wrong(clean, tmp_path, code, words, grade):
    pool = clean()
    library = tmp_path / "clock.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-D_GNU_SOURCE", "-xc", "-", "-o", library],
                   input=code, text=True, check=True)
    report = doctor(pool, "clock", env={**os.environ, "LD_PRELOAD": str(library)})
    report.has("clock", words, grade, FAULT if grade == "fault" else WELL)


# ---- logins ----

def test_a_login_that_is_refused(clean):
    pool = clean(settings={"limits.sessions_per_address": 1})
    with contextlib.closing(Control(HOST, pool.port("ftp"))):
        report = doctor(pool, "logins")
    assert any("421" in finding["what"] for finding in report.found("logins"))


def test_what_comes_back_is_compared(clean):
    """A server that answers, but by another protocol."""
    pool = clean()
    swapped = {"listener.lgpq.protocol": "echo", "listener.echo.protocol": "lgpq"}
    report = doctor(pool, "logins", settings=swapped)
    report.has("logins", "the answer is no LGPQ")
