"""Bytes a second: never faster than the limit, whatever moves them, over how many workers.

How long a transfer took is read from the server's own log (ms=), from the first byte to the last
acknowledgement, so that a busy machine can only make it longer. That it is the limit that holds a
transfer back, and not the machine, shows by how long it took with the limit and without."""
import re
import subprocess
import threading
import time
import zlib

import pytest

from ftp_talk import Control, FTP, RIGHTS
from ftpool_server import BUILD
from lgpq_client import LgpqClient
from tls_talk import EXPLICIT, Pair, SecureControl, context_for

KIB = 1024
RATE = 200 * KIB
SIZE = 600 * KIB  # three seconds at that rate
BURST_SECONDS = 0.1
STEP_SECONDS = 0.025
MAY = {"anonymous.may": ",".join(RIGHTS)}
CONTENT = bytes(range(256)) * 4 * (SIZE // KIB)


def log_in(server, user="anonymous", password="x"):
    control = Control(*server.address("ftp"))
    control.expect("220 *")
    control.command(f"USER {user}", "331 *")
    control.command(f"PASS {password}", "230 *")
    control.command("TYPE I", "200 *")
    return control


def get(control, name="file"):
    data = control.open_data()
    control.command(f"RETR {name}", "150 *")
    content = data.read()
    control.expect("226 *")
    return content


def put(control, content, name="new"):
    data = control.open_data()
    control.command(f"STOR {name}", "150 *")
    data.send(content)
    control.expect("226 *")


def transfers(server):
    """(bytes, seconds) of each transfer that the log tells of."""
    return [(int(moved), int(ms) / 1000) for moved, ms in
            re.findall(r"ftp: transfer .*bytes=(\d+) ms=(\d+)", server.log())]


def least_seconds(size, rate):
    """What a transfer takes at least if the rate is kept to 5 % and its first burst is free."""
    return (size / rate - BURST_SECONDS - STEP_SECONDS) / 1.05


def expect_held_back(server, size=SIZE, rate=RATE, count=1):
    done = transfers(server)
    assert len(done) == count
    for moved, seconds in done:
        assert moved == size
        assert seconds >= least_seconds(size, rate), (moved, seconds)


@pytest.fixture
def limited(server):
    def start(**rates):
        settings = {f"rates.{name}": rate for name, rate in rates.items()}
        started = server(FTP, settings={"workers": 4, **MAY, **settings})
        started.write("file", CONTENT)
        return started
    return start


def test_a_download_by_sendfile(limited):
    server = limited(session_download=RATE)
    assert get(log_in(server)) == CONTENT
    expect_held_back(server)


def test_an_upload(limited):
    server = limited(session_upload=RATE)
    put(log_in(server), CONTENT)
    assert server.read("new") == CONTENT
    expect_held_back(server)


@pytest.mark.parametrize("way", ["download", "upload"])
def test_tls(server, tmp_path, way):
    pair = Pair(tmp_path, "localhost")
    server = server(EXPLICIT, settings={**MAY, **pair.settings(), f"rates.session_{way}": RATE})
    server.write("file", CONTENT)
    control = SecureControl(*server.address("ftp"), context_for(pair))
    control.secure().log_in_securely()
    if way == "download":
        assert control.download("file") == CONTENT
    else:
        data = control.open_data()
        control.command("STOR new", "150 *")
        control.shake_data()
        data.socket.sendall(CONTENT)
        data.socket.unwrap()
        control.expect("226 *")
        assert server.read("new") == CONTENT
    expect_held_back(server)


def test_a_session_has_no_fresh_burst_for_each_file(limited):
    """Sixty files that each would go at once."""
    server = limited(session_download=RATE)
    server.write("small", CONTENT[:10 * KIB])
    control = log_in(server)
    began = time.monotonic()
    for _ in range(60):
        get(control, "small")
    assert time.monotonic() - began >= least_seconds(SIZE, RATE)


@pytest.mark.parametrize("way", ["download", "upload"])
def test_ascii_and_mode_z_are_held_back_as_they_are_on_the_wire(limited, way):
    server = limited(**{f"session_{way}": RATE})
    lines = b"0123456789abcde\n" * (SIZE // 17)
    server.write("file", lines)
    control = log_in(server)
    control.command("TYPE A", "200 *")
    wire = lines.replace(b"\n", b"\r\n")
    if way == "download":
        assert get(control) == wire
    else:
        put(control, wire)
        assert server.read("new") == lines
    expect_held_back(server, len(wire))
    # Deflated, the same is next to nothing, and goes at once.
    control.command("MODE Z", "200 *")
    if way == "download":
        assert zlib.decompress(get(control)) == wire
    else:
        put(control, zlib.compress(wire))
    assert server.read("file") == lines


def test_a_listing(limited):
    server = limited(session_download=20 * KIB)
    for i in range(1000):
        server.write(f"{'n' * 56}{i:04}", b"")
    control = log_in(server)
    data = control.open_data()
    control.command("NLST", "150 *")
    began = time.monotonic()
    listed = data.read()
    control.expect("226 *")
    assert time.monotonic() - began >= least_seconds(len(listed), 20 * KIB)


def share(server, work, count):
    """So many threads at once, each with a session of its own."""
    sessions = [log_in(server) for _ in range(count)]
    threads = [threading.Thread(target=work, args=(session, f"new{i}"))
               for i, session in enumerate(sessions)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - began


@pytest.mark.parametrize("limit", ["user", "total"])
@pytest.mark.parametrize("way", ["download", "upload"])
def test_sessions_share_one_limit_over_all_workers(limited, limit, way):
    server = limited(**{f"{limit}_{way}": RATE})
    server.write("part", CONTENT[:SIZE // 8])

    def work(session, name):
        if way == "download":
            assert get(session, "part") == CONTENT[:SIZE // 8]
        else:
            put(session, CONTENT[:SIZE // 8], name)

    seconds = share(server, work, 8)
    assert seconds >= least_seconds(SIZE, RATE)
    assert sum(moved for moved, _ in transfers(server)) == SIZE
    # Nobody had to stand behind the others: all began and ended about together.
    assert len(transfers(server)) == 8


def test_one_direction_leaves_the_other_alone(limited):
    server = limited(session_upload=1)
    assert get(log_in(server)) == CONTENT


def test_an_account_has_rates_of_its_own(server, tmp_path):
    """In place of the config's: anna is held back, bert is not at all."""
    users = tmp_path / "users"
    for name, *rates in (("anna", "--user-download", "200K"),
                         ("bert", "--session-download", "0", "--user-download", "0")):
        subprocess.run([BUILD / "ftpctl", "user", "add", name, "--file", users, "--stdin", *rates],
                       input="secret\n", text=True, check=True, capture_output=True, timeout=60)
    server = server(FTP, settings={"users": users, "rates.user_download": 1,
                                   "rates.session_download": 0})
    server.write("file", CONTENT)
    assert get(log_in(server, "anna", "secret")) == CONTENT
    expect_held_back(server)
    assert get(log_in(server, "bert", "secret")) == CONTENT


def test_anonymous_has_rates_of_its_own(server):
    server = server(FTP, settings={"rates.session_download": 1,
                                   "anonymous.session_download": RATE})
    server.write("file", CONTENT)
    assert get(log_in(server)) == CONTENT
    expect_held_back(server)


def test_a_limit_is_reached(limited):
    """The lower bound: what the limit lets through in the time that the server took. A busy machine
    makes transfers slower, so the best of three counts, and against a clock that stops when this
    machine does not run us: the same bytes by a bare sleeping loop."""
    server = limited(session_download=RATE)
    best = 0
    for _ in range(3):
        get(log_in(server))
        moved, seconds = transfers(server)[-1]
        best = max(best, moved / seconds / RATE)
        lost = 0
        for _ in range(40):
            began = time.monotonic()
            time.sleep(STEP_SECONDS)
            lost += max(0, time.monotonic() - began - STEP_SECONDS - 0.005)
        if best >= 0.95:
            return
    assert best >= 0.95 - 3 * lost


def test_abor_and_stat_are_heard_at_once(limited):
    """At ten bytes a second; the answers do not wait for a turn."""
    server = limited(session_download=10, session_upload=10)
    control = log_in(server)
    data = control.open_data()
    control.command("RETR file", "150 *")
    began = time.monotonic()
    control.command("STAT", "213 *so far")
    control.command("ABOR", "426 *")
    control.expect("226 *")
    data.close()
    data = control.open_data()
    control.command("STOR new", "150 *")
    data.connection().sendall(CONTENT[:10 * KIB])
    control.command("STAT", "213 *so far")
    control.command("ABOR", "426 *")
    control.expect("226 *")
    # A hundred turns of a byte each are ten seconds.
    assert time.monotonic() - began < 8
    data.close()
    control.command("NOOP", "200 *")


def test_no_time_out_comes_of_being_held_back(server):
    server = server(FTP, settings={**MAY, "rates.session_download": 2 * KIB,
                                   "rates.session_upload": 2 * KIB, "transfer_timeout": "1s",
                                   "idle_timeout": "1s"})
    server.write("file", CONTENT[:6 * KIB])
    control = log_in(server)
    assert get(control) == CONTENT[:6 * KIB]
    put(control, CONTENT[:6 * KIB])
    assert server.read("new") == CONTENT[:6 * KIB]


def test_lgpq_both_ways(server):
    server = server(settings={"rates.session_download": RATE, "rates.session_upload": RATE,
                              "workers": 4})
    server.write("file", CONTENT)
    client = LgpqClient(server.address())
    began = time.monotonic()
    client.put("new", CONTENT)
    put_at = time.monotonic()
    assert client.get("file") == CONTENT
    assert put_at - began >= least_seconds(SIZE, RATE)
    assert time.monotonic() - put_at >= least_seconds(SIZE, RATE) - 0.1
    assert server.read("new") == CONTENT
