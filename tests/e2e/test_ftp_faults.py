"""What goes wrong with FTP for real: clients and workers that die in the middle, disks that fill up,
storage that stands still, files and directories that are huge, clients in great numbers."""
import concurrent.futures
import ftplib
import io
import os
import re
import resource
import signal
import socket
import subprocess
import tempfile

import pytest

from conftest import needs_root
from ftp_matrix import CONFIG, HOST, content, needs
from ftpool_server import MODE, PATIENCE_SECONDS, wait_for
from process_help import reset_all

pytest_plugins = ["stalling_storage"]

MEBIBYTE = 1 << 20
GIBIBYTE = 1 << 30
CURL = ["curl", "-sS"]


def log_in(port, host=HOST):
    ftp = ftplib.FTP(encoding="utf-8")
    ftp.connect(host, port, PATIENCE_SECONDS)
    ftp.login()
    ftp.voidcmd("TYPE I")
    return ftp


def retr(ftp, name, rest=None):
    got = io.BytesIO()
    ftp.retrbinary(f"RETR {name}", got.write, rest=rest)
    return got.getvalue()


def stor(ftp, name, data, rest=None):
    return ftp.storbinary(f"STOR {name}", io.BytesIO(data), rest=rest)


def wait_partial(site, size=MEBIBYTE):
    """Until so much of the upload of `file` has arrived."""
    partial = site.root / ".file.partial"
    wait_for(lambda: partial.exists() and partial.stat().st_size >= size, "a part of the upload")


# ---- clients that die ----

@needs("curl")
@pytest.mark.parametrize("old", [b"the old content", None], ids=["replacing", "new"])
def test_a_curl_killed_in_an_upload(site, old):
    """The old file stays whole, and alone. Where there was none, another curl goes on where the
    first was."""
    data = site.write_here("file", content(8 * MEBIBYTE))
    if old:
        site.write("file", old)
    slow = site.start(*CURL, "--limit-rate", "4M", "-T", "file", site.url("file"))
    wait_partial(site)
    site.kill(slow)
    site.wait_quiet()
    assert ((site.root / "file").exists() and site.read("file")) == (old or False)
    assert site.names() == (["file"] if old else [".file.partial"])
    if not old:
        kept = site.read(".file.partial")
        assert 0 < len(kept) < len(data) and data.startswith(kept)
    site.run(*CURL, *([] if old else ["-C", "-"]), "-T", "file", site.url("file"))
    assert site.read("file") == data
    assert site.names() == ["file"]


@needs("curl")
def test_a_curl_killed_in_a_download(site):
    data = site.write("file", content(8 * MEBIBYTE))
    slow = site.start(*CURL, "--limit-rate", "4M", "-o", "file", site.url("file"))
    local = site.here / "file"
    wait_for(lambda: local.exists() and local.stat().st_size > MEBIBYTE, "some of it")
    site.kill(slow)
    site.wait_quiet()
    site.run(*CURL, "-C", "-", "-o", "file", site.url("file"))
    assert site.read_here("file") == data


def test_an_upload_whose_data_connection_is_reset(site):
    data = content(MEBIBYTE)
    with log_in(site.port) as ftp:
        connection = ftp.transfercmd("STOR file")
        connection.sendall(data[:500_000])
        wait_partial(site, 500_000)
        reset_all([connection])
        with pytest.raises(ftplib.error_temp, match="^4"):
            ftp.voidresp()
        assert not (site.root / "file").exists()
        size = ftp.size("file")
        assert size == 500_000
        stor(ftp, "file", data[size:], rest=size)
    assert site.read("file") == data


# ---- workers that die ----

@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_worker_killed_in_a_transfer(site, direction):
    """Its sessions end; the next worker goes on."""
    data = content(8 * MEBIBYTE)
    if direction == "down":
        site.write("file", data)
    ftp = log_in(site.port)
    if direction == "up":
        connection = ftp.transfercmd("STOR file")
        connection.sendall(data[:MEBIBYTE])
        wait_partial(site)
    else:
        connection = ftp.transfercmd("RETR file")
        connection.recv(1)
    [worker] = [worker for worker in site.server.workers() if worker["transfers"]]
    os.kill(worker["pid"], signal.SIGKILL)
    with pytest.raises((EOFError, OSError)):
        ftp.voidresp()
    connection.close()
    ftp.close()
    with log_in(site.port) as again:
        if direction == "down":
            assert retr(again, "file", 1) == data[1:]
        else:
            assert not (site.root / "file").exists()
            assert again.size("file") == MEBIBYTE
            stor(again, "file", data[MEBIBYTE:], MEBIBYTE)
            assert site.read("file") == data
    site.server.wait_until(lambda status: status["workers_living"] == 2)


# ---- disks ----

@pytest.fixture
def small_disk(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m,mode=777", "small",
                       disk]).returncode != 0:
        pytest.skip("tmpfs cannot be mounted here")
    yield disk
    subprocess.run(["umount", disk], check=True)


@needs_root
def test_a_disk_that_gets_full(small_disk, server):
    """452, the old file whole, no half one under any name, and the session goes on."""
    started = server(CONFIG, root=small_disk)
    started.write("file", b"old")
    too_much = content(4 * MEBIBYTE)
    with log_in(started.port("ftp")) as ftp:
        with pytest.raises(ftplib.error_temp, match="^452"):
            ftp.voidcmd(f"ALLO {len(too_much)}")
        with pytest.raises(ftplib.error_temp, match="^452"):
            stor(ftp, "new", too_much)
        assert ftp.nlst() == ["file"]
        ftp.voidcmd("TYPE I")
        # What came is there to go on from; or to be thrown away.
        assert 0 < ftp.size("new") < len(too_much)
        ftp.delete("new")
        assert ftp.voidcmd("ALLO 1000").startswith("20")
        with pytest.raises(ftplib.error_temp, match="^452"):
            stor(ftp, "file", too_much)
        assert retr(ftp, "file") == b"old"
        assert ftp.nlst() == ["file"]


# ---- the protocol's corners ----

def test_epsv_all(site):
    """After EPSV ALL nothing else makes a data connection (RFC 2428 4)."""
    data = site.write("file", content(1000))
    with log_in(site.port) as ftp:
        assert ftp.sendcmd("EPSV ALL").startswith("200")
        for command in ("PASV", "PORT 127,0,0,1,200,200", "EPRT |1|127.0.0.1|50000|"):
            with pytest.raises(ftplib.error_perm):
                ftp.sendcmd(command)
        port = int(re.search(r"\|\|\|(\d+)\|", ftp.sendcmd("EPSV"))[1])
        with socket.create_connection((HOST, port), PATIENCE_SECONDS) as connection:
            assert ftp.sendcmd("RETR file").startswith("150")
            assert connection.makefile("rb").read() == data
        ftp.voidresp()


def test_two_writers_of_one_name(site):
    """The name holds what one of them sent, whole."""
    first, second = content(2 * MEBIBYTE, 1), content(2 * MEBIBYTE, 2)
    with log_in(site.port) as one, log_in(site.port) as other:
        connection = one.transfercmd("STOR file")
        connection.sendall(first[:MEBIBYTE])
        wait_partial(site)
        try:
            stor(other, "file", second)
            assert site.read("file") == second
        except (ftplib.error_temp, ftplib.error_perm) as refused:
            assert re.match("4|5", str(refused))
            assert not (site.root / "file").exists()
        connection.sendall(first[MEBIBYTE:])
        connection.close()
        assert one.voidresp().startswith("226")
    assert site.read("file") == first
    assert site.names() == ["file"]


@needs("curl")
def test_many_writers_of_one_name(site):
    contents = [content(300_000, number) for number in range(8)]
    for number, data in enumerate(contents):
        site.write_here(f"file{number}", data)
    writers = [site.start(*CURL, "-T", f"file{number}", site.url("file"))
               for number in range(len(contents))]
    assert 0 in [writer.wait(PATIENCE_SECONDS) for writer in writers]
    assert site.read("file") in contents


# ---- huge ----

def make_sparse(path, size, end):
    """A file of that size with that end and nothing before it."""
    with open(path, "wb") as file:
        file.truncate(size)
        file.seek(size - len(end))
        file.write(end)
    os.chown(path, *[os.stat(path.parent).st_uid] * 2)


HUGE = 4 * GIBIBYTE + GIBIBYTE // 2


@needs("curl")
def test_the_end_of_a_huge_file(site):
    end = content(MEBIBYTE)
    make_sparse(site.root / "file", HUGE, end)
    assert site.run(*CURL, "-r", f"-{MEBIBYTE}", site.url("file")).stdout == end
    assert site.run(*CURL, "-r", f"{HUGE - 100}-", site.url("file")).stdout == end[-100:]
    assert f"Content-Length: {HUGE}" in site.run(*CURL, "-I", site.url("file")).stdout.decode()
    make_sparse(site.here / "file", HUGE - MEBIBYTE, b"")
    site.run(*CURL, "-C", "-", "-o", "file", site.url("file"))
    assert (site.here / "file").stat().st_size == HUGE
    with log_in(site.port) as ftp:
        assert ftp.size("file") == HUGE
        assert dict(ftp.mlsd())["file"]["size"] == str(HUGE)
        rows = []
        ftp.retrlines("LIST", rows.append)
        assert f" {HUGE} " in rows[-1]


def test_the_end_of_a_huge_upload(site):
    """REST beyond 4 GiB into what an earlier client left."""
    end = content(MEBIBYTE)
    make_sparse(site.root / ".file.partial", HUGE - MEBIBYTE, b"")
    with log_in(site.port) as ftp:
        assert ftp.size("file") == HUGE - MEBIBYTE
        stor(ftp, "file", end, HUGE - MEBIBYTE)
        assert ftp.size("file") == HUGE
    with open(site.root / "file", "rb") as file:
        file.seek(HUGE - MEBIBYTE)
        assert file.read() == end


MANY = 100_000 if MODE == "release" else 5_000


@pytest.fixture
def many(server):
    """A library with MANY names in one directory; in memory where that can be, which is quicker."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as root:
        os.chmod(root, 0o755)
        os.mkdir(f"{root}/many")
        for number in range(MANY):
            os.close(os.open(f"{root}/many/name{number:07}", os.O_CREAT | os.O_WRONLY))
        yield server(CONFIG, root=root)


def test_a_huge_directory(many):
    """Whole, in every form; and others are served meanwhile."""
    wanted = [f"name{number:07}" for number in range(MANY)]
    port = many.port("ftp")
    with log_in(port) as ftp, log_in(port) as other:
        rows = []
        ftp.retrlines("LIST many", rows.append)
        assert sorted(row[-11:] for row in rows) == wanted
        assert sorted(name for name, _ in ftp.mlsd("many") if name[0] != ".") == wanted
        ftp.cwd("many")
        assert sorted(ftp.nlst()) == wanted
        ftp.voidcmd("TYPE A")
        with ftp.transfercmd("LIST") as connection:
            connection.recv(1)
            assert other.nlst() == ["many"]
        with pytest.raises(ftplib.error_temp):
            ftp.voidresp()


def test_empty_files(site):
    site.write("down", b"")
    with log_in(site.port) as ftp:
        assert retr(ftp, "down") == b""
        assert retr(ftp, "down", 0) == b""
        stor(ftp, "up", b"")
        ftp.storbinary("APPE up", io.BytesIO(b""))
        assert ftp.size("up") == 0
    assert site.names() == ["down", "up"]
    assert site.read("up") == b""


# ---- storage that stands still ----

STALLED = 8


def test_stalled_files_do_not_delay_others(stalling_fs, server):
    """More sessions wait for files that do not come than the one worker has threads to begin with."""
    started = server(CONFIG, root=stalling_fs.root, settings={"workers": 1})
    port = started.port("ftp")

    def get(name):
        with log_in(port) as ftp:
            return retr(ftp, name)

    with concurrent.futures.ThreadPoolExecutor(STALLED + 20) as crowd:
        waiting = [crowd.submit(get, f"{'open' if number % 2 else 'read'}-{number}")
                   for number in range(STALLED)]
        try:
            stalling_fs.wait_stalled(STALLED)
            others = [crowd.submit(get, f"good-{number}") for number in range(50)]
            assert {other.result(PATIENCE_SECONDS) for other in others} == {b"#" * 65536}
            assert not any(one.done() for one in waiting)
        finally:
            stalling_fs.release()
        assert {one.result() for one in waiting} == {b"#" * 65536}


# ---- great numbers ----

# Both the client and a worker need a descriptor for each; conftest.py has asked for as many as may be.
DESCRIPTORS = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
IDLE = min(10_000, (DESCRIPTORS - 500) // 100 * 100) if MODE == "release" else 500


def hear(connection, reply):
    """Reads up to that reply."""
    said = b""
    while not re.search(rb"^%b .*\n\Z" % reply, said, re.MULTILINE):
        chunk = connection.recv(4096)
        assert chunk, said
        said += chunk


def test_idle_sessions_in_great_numbers(server):
    """Logged in and silent, on two workers, while others transfer; they all still answer at the end."""
    started = server(CONFIG, settings={"limits.sessions": IDLE + 100, "workers": 2})
    data = content(MEBIBYTE)
    before = sum(worker["threads"] for worker in started.workers())
    idle = []
    try:
        for _ in range(IDLE // 100):
            some = [socket.create_connection(started.address("ftp"), PATIENCE_SECONDS)
                    for _ in range(100)]
            idle += some
            for connection in some:
                connection.sendall(b"USER anonymous\r\nPASS me@\r\n")
            for connection in some:
                hear(connection, b"230")
        status = started.wait_until(lambda status: status["sessions"] == IDLE)
        assert min(worker["sessions"] for worker in status["workers"]) > IDLE // 4
        assert sum(worker["threads"] for worker in status["workers"]) <= before + 16
        with log_in(started.port("ftp")) as ftp:
            for _ in range(20):
                stor(ftp, "up", data)
                assert retr(ftp, "up") == data
        for connection in idle:
            connection.sendall(b"PWD\r\n")
        for connection in idle:
            hear(connection, b"257")
    finally:
        reset_all(idle)
    started.wait_until(lambda status: status["sessions"] == 0)
