"""Quotas of bytes and files, and the largest upload: whatever changes the tree, over how many
workers, and whoever dies meanwhile, what is counted is what is there, and never over the limit."""
import os
import pathlib
import re
import signal
import stat
import subprocess
import threading

import pytest

from ftp_talk import Control, FTP
from ftpool_server import BUILD, let_in, wait_for
from lgpq_client import LgpqClient, Refused

KIB = 1024
BOTH = FTP + """\
listener lgpq {
	account = anna
}
"""


def ctl(server, *arguments, status=0):
    done = subprocess.run([BUILD / "ftpctl", "--socket", server.status_path, *arguments],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == status, (done.stdout, done.stderr)
    return done.stdout + done.stderr


def walk(root):
    """(bytes, files) as quotas count them."""
    size = files = 0
    for folder, folders, names in os.walk(root):
        for name in folders + names:
            status = os.lstat(os.path.join(folder, name))
            files += 1
            size += status.st_size if stat.S_ISREG(status.st_mode) else 0
    return size, files


@pytest.fixture
def house(tmp_path, server):
    """A server whose accounts anna (with these words) and bert share a root of their own."""
    def start(*words, config=BOTH, settings=None, start=True):
        root = tmp_path / "library"
        users = tmp_path / "users"
        for name, more in (("anna", words), ("bert", ())):
            subprocess.run([BUILD / "ftpctl", "user", "add", name, "--file", users, "--stdin",
                            "--root", root / "anna", "--may", "all", *more],
                           input="secret\n", text=True, check=True, capture_output=True, timeout=60)
        for folder in (root, root / "anna"):
            folder.mkdir()
            let_in(folder)
        started = server(config, root=root, settings={
            "users": users, "workers": 4, "state_directory": tmp_path / "state",
            **(settings or {})})
        started.anna = root / "anna"
        return started
    return start


def log_in(server, user="anna"):
    control = Control(*server.address("ftp"))
    control.expect("220 *")
    control.command(f"USER {user}", "331 *")
    control.command(f"PASS {'x' if user == 'anonymous' else 'secret'}", "230 *")
    control.command("TYPE I", "200 *")
    return control


def try_put(control, name, content, verb="STOR"):
    """The reply's code."""
    data = control.open_data()
    control.say(f"{verb} {name}".encode())
    reply = control.line()
    if reply.startswith("150"):
        try:
            data.send(content)
        except ConnectionError:
            pass  # refused on the way
        data.close()
        reply = control.line()
    return reply


def put(control, name, content, verb="STOR"):
    reply = try_put(control, name, content, verb)
    assert reply.startswith("226"), reply


def told(server, name="anna"):
    """The row of an account, once it is counted."""
    def look():
        rows = [row for row in server.ask("quota")["quotas"] if row["user"] == name]
        return rows[0] if rows and rows[0]["counted"] else None
    return wait_for(look, "the quota to be counted")


def expect_exact(server, name="anna"):
    row = told(server, name)
    assert (row["bytes"], row["files"]) == walk(server.anna)
    return row


def test_what_is_refused_says_which_quota_and_how_much_is_left(house):
    server = house("--quota-bytes", "100K", "--quota-files", "4")
    control = log_in(server)
    put(control, "a", b"x" * 60 * KIB)
    assert re.fullmatch(r"552 b: over the quota of bytes: of 102400, 40960 are left",
                        try_put(control, "b", b"x" * 60 * KIB))
    assert os.listdir(server.anna) == ["a"]
    for i in range(3):
        control.command(f"MKD d{i}", "257 *")
    control.command("MKD d3", "552 d3: over the quota of files: of 4, 0 are left")
    assert try_put(control, "b", b"x").startswith("552 b: over the quota of files")
    put(control, "a", b"y" * 100 * KIB)  # in place of the old one
    expect_exact(server)
    control.command("ALLO 1", "552 ALLO: over the quota of bytes: of 102400, 0 are left")
    control.command("AVBL", "213 0")
    control.command("DELE a", "250 *")
    control.command("AVBL", "213 102400")
    control.command("ALLO 102400", "200 *")
    expect_exact(server)


def test_every_command_is_counted(house):
    server = house("--quota-bytes", "1M")
    control = log_in(server)
    put(control, "a", b"x" * 1000)
    put(control, "a", b"x" * 500, "APPE")
    control.command("SITE CPFR a", "350 *")
    control.command("SITE CPTO b", "250 *")
    control.command("SITE MKDIR d/e/f", "2*")
    control.command("RNFR b", "350 *")
    control.command("RNTO d/e/b", "250 *")
    assert expect_exact(server)["bytes"] == 3000
    put(control, "b", b"x" * 10)
    control.command("RNFR b", "350 *")
    control.command("RNTO a", "250 *")
    assert expect_exact(server)["bytes"] == 1510
    # Half an upload, gone on with.
    data = control.open_data()
    control.command("STOR c", "150 *")
    data.connection().sendall(b"x" * 300)
    wait_for(lambda: expect_exact_or_none(server), "the partial to be counted")
    control.command("ABOR", "426 *")
    control.expect("226 *")
    data.close()
    assert expect_exact(server)["bytes"] == 1810
    control.command("REST 300", "350 *")
    put(control, "c", b"y" * 100)
    assert expect_exact(server)["bytes"] == 1910
    control.command("SITE RMDIR d", "2*")
    control.command("DELE c", "250 *")
    row = expect_exact(server)
    assert (row["bytes"], row["files"]) == (10, 1)


def expect_exact_or_none(server):
    row = told(server)
    return row["bytes"] == 1810 and (row["bytes"], row["files"]) == walk(server.anna)


def test_accounts_with_one_root_share_what_is_there(house):
    """bert has no quota, and fills anna's."""
    server = house("--quota-bytes", "100K")
    bert, anna = log_in(server, "bert"), log_in(server)
    put(bert, "b", b"x" * 150 * KIB)
    assert try_put(anna, "a", b"x").startswith("552 ")
    expect_exact(server)
    bert.command("DELE b", "250 *")
    put(anna, "a", b"x")
    expect_exact(server)


def test_lgpq_obeys_as_well(house):
    server = house("--quota-bytes", "100K", "--quota-files", "2")
    client = LgpqClient(server.address("lgpq"))
    client.put("a", b"x" * 60 * KIB)
    with pytest.raises(Refused) as refused:
        client.begin_put("b", 60 * KIB)
    assert refused.value.word == "no-space"
    assert refused.value.text.strip() == "over the quota of bytes: of 102400, 40960 are left"
    client.put("b", b"x" * 40 * KIB)
    with pytest.raises(Refused) as refused:
        client.begin_put("c", 0)
    assert "over the quota of files" in refused.value.text
    client.put("a", b"y" * 50 * KIB)
    expect_exact(server)


def test_anonymous_has_one(server, tmp_path):
    server = server(FTP, settings={"anonymous.may": "put,list", "anonymous.quota_bytes": "10K"})
    server.anna = server.root
    control = log_in(server, "anonymous")
    put(control, "a", b"x" * 6 * KIB)
    assert try_put(control, "b", b"x" * 6 * KIB).startswith("552 b: over the quota of bytes")
    expect_exact(server, "anonymous")


@pytest.mark.parametrize("words", [("--upload-size", "50K"), ()])
def test_the_largest_upload_is_told_by_name(house, words):
    server = house(*words, settings={} if words else {"limits.upload_size": "50K"})
    control = log_in(server)
    which = "this account's upload_size" if words else "limits.upload_size"
    told_so = f": larger than {which} allows, which is 51200 bytes"
    put(control, "a", b"x" * 50 * KIB)
    for verb, name in (("STOR", "b"), ("APPE", "a")):
        assert try_put(control, name, b"x" * 51 * KIB, verb) == f"552 {name}{told_so}"
    control.command("ALLO 51201", f"552 ALLO{told_so}")
    (server.anna / "large").write_bytes(b"x" * 60 * KIB)
    let_in(server.anna / "large")
    control.command("SITE CPFR large", "350 *")
    control.command("SITE CPTO copy", f"552 copy{told_so}")
    with pytest.raises(Refused) as refused:
        LgpqClient(server.address("lgpq")).begin_put("c", 51 * KIB)
    assert refused.value.word == "too-large" and which in refused.value.text
    assert sorted(os.listdir(server.anna)) == ["a", "large"]
    assert (server.anna / "a").stat().st_size == 50 * KIB


def storm(server, count, work):
    """So many clients at once, each with a session of its own."""
    sessions = [log_in(server) for _ in range(count)]
    failures = []

    def run(session, number):
        try:
            work(session, number)
        except Exception as error:  # told to the test's own thread
            failures.append(error)
    threads = [threading.Thread(target=run, args=(session, i))
               for i, session in enumerate(sessions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures


def test_sixteen_clients_cannot_overrun_it(house):
    """Each puts, removes, makes directories and appends, until there is no room for anybody. (To look
    at the tree meanwhile proves nothing: what is renamed in between is seen twice.)"""
    server = house("--quota-bytes", "1M", "--quota-files", "30")
    replies = []

    def work(session, number):
        for turn in range(4):
            replies.append(try_put(session, f"f{number}.{turn}", b"x" * 100 * KIB)[:3])
        session.say(b"DELE f%d.0" % number)
        session.line()
        session.say(b"MKD d%d" % number)
        session.line()
        replies.append(try_put(session, f"f{number}.1", b"y" * 10 * KIB, "APPE")[:3])
        replies.append(try_put(session, f"g{number}", b"z" * 100 * KIB)[:3])

    storm(server, 16, work)
    assert set(replies) == {"226", "552"}
    row = expect_exact(server)
    assert 0 < row["bytes"] <= 1024 * KIB and row["files"] <= 30


def test_one_name_for_all_ends_exact(house):
    server = house("--quota-bytes", "200K")

    def work(session, number):
        for _ in range(5):
            assert try_put(session, "same", b"%x" % number * 50 * KIB)[:3] in ("226", "552")

    storm(server, 16, work)
    assert expect_exact(server)["bytes"] == 50 * KIB
    assert os.listdir(server.anna) == ["same"]


def test_killed_workers_leave_it_exact(house):
    """SIGKILL in the middle of uploads, over and over; and an upload goes on where it was."""
    server = house("--quota-bytes", "100M")
    stop = threading.Event()

    def work(number):
        turn = 0
        while not stop.is_set():
            turn += 1
            try:
                control = log_in(server)
                put(control, f"f{number}.{turn % 3}", b"x" * 3_000_000)
                control.command(f"DELE f{number}.{turn % 3}", "250 *")
                control.close()
            except (OSError, AssertionError):
                pass  # its worker has been killed

    threads = [threading.Thread(target=work, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for _ in range(6):
        pids = server.worker_pids()
        busy = wait_for(lambda: [w for w in server.workers() if w["transfers"] > 0 and w["pid"] > 0],
                        "a worker with an upload")
        os.kill(busy[0]["pid"], signal.SIGKILL)
        wait_for(lambda: busy[0]["pid"] not in server.worker_pids(), "its end")
        assert pids
    stop.set()
    for thread in threads:
        thread.join()
    server.wait_until(lambda status: status["sessions"] == 0)
    expect_exact(server)


def test_it_outlives_the_service_and_is_counted_again_after_a_crash(house, tmp_path):
    server = house("--quota-bytes", "1M")
    put(log_in(server), "a", b"x" * 1000)
    server.stop()
    kept = (tmp_path / "state" / "quotas").read_text()
    assert " 1000 1\n" in kept
    (server.anna / "from outside").write_bytes(b"x" * 50)
    server.start()
    # What the file says is believed; nobody looked.
    assert told(server)["bytes"] == 1000
    assert not (tmp_path / "state" / "quotas").exists()
    assert "2" in ctl(server, "quota", "--recount", "anna")
    assert expect_exact(server)["bytes"] == 1050
    (server.anna / "again").write_bytes(b"x" * 50)
    server.kill(signal.SIGKILL)
    server.expected_exit = None
    server.wait_exit()
    wait_for(lambda: not server.end_orphans(), "the workers' end")
    server.start()
    assert expect_exact(server)["bytes"] == 1100


def test_ftpctl_shows_and_counts(house):
    server = house("--quota-bytes", "1M", "--quota-files", "10")
    table = wait_for(lambda: (lambda text: text if "anna" in text else None)(ctl(server, "quota")),
                     "anna to be known")
    assert re.search(r"anna\s+0\s+1048576\s+0\s+10", table)
    (server.anna / "from outside").write_bytes(b"x" * 50)
    assert re.search(r"anna\s+50\s+1048576\s+1\s+10", ctl(server, "quota", "--recount", "all"))
    assert '"bytes_limit": 1048576' in ctl(server, "--json", "quota", "anna")
    assert "no account of that name" in ctl(server, "quota", "nobody", status=1)


def test_a_new_account_is_counted_when_it_comes(house):
    """It has been added to the users file while the server runs, with a tree that is not empty."""
    server = house()
    (server.anna / "old").write_bytes(b"x" * 50 * KIB)
    users = pathlib.Path(server.settings["users"])
    subprocess.run([BUILD / "ftpctl", "user", "set", "anna", "--file", users, "--quota-bytes",
                    "60K"], check=True, capture_output=True, timeout=60)
    control = log_in(server)
    assert try_put(control, "new", b"x" * 20 * KIB).startswith(
        "552 new: over the quota of bytes: of 61440, 10240 are left")
    put(control, "new", b"x" * 10 * KIB)
    expect_exact(server)
