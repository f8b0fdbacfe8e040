"""Storage that is full, read-only, broken, or does not answer."""
from concurrent.futures import ThreadPoolExecutor
import hashlib
import os
import subprocess

import pytest

from conftest import needs_root
from ftpool_server import wait_for
from lgpq_client import LgpqClient, Refused
from old_client import PUT_FAILED, OldClient, Said

pytest_plugins = ["stalling_storage"]

KIBIBYTE = 1024
OLD = b"the old content"


# ---- full ----

@pytest.fixture
def small_disk(tmp_path):
    """A file system of 1 MiB with few inodes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,nr_inodes=8,mode=777", "small",
                       disk]).returncode != 0:
        pytest.skip("tmpfs cannot be mounted here")
    yield disk
    subprocess.run(["umount", disk], check=True)


@pytest.fixture
def library(small_disk, server):
    started = server(root=small_disk)
    started.write("file", OLD)
    return started


@needs_root
def test_a_put_that_cannot_fit_is_refused_before_its_bytes(library):
    with LgpqClient(library.address()) as client:
        client.list()
        for size in (1100 * KIBIBYTE, 1 << 40, (1 << 63) - 1):
            with pytest.raises(Refused, match="no-space"):
                client.begin_put("file", size)
        assert client.get("file") == OLD
    assert library.names() == [b"file"]


@needs_root
def test_a_disk_that_gets_full_under_a_put(library):
    """The client is told, its connection stays usable, and the put can go on later."""
    content = os.urandom(600 * KIBIBYTE)
    with LgpqClient(library.address()) as client:
        client.list()
        assert client.begin_put("file", len(content)) == 0
        library.write("ballast", bytes(700 * KIBIBYTE))
        client.send(content + b"L\nG\tfile\n")
        with pytest.raises(Refused, match="no-space"):
            client.reply()
        assert [row[2] for row in client.listed()] == [b"ballast", b"file"]
        assert client.got()[0] == OLD
        os.remove(library.root / "ballast")
        kept = client.begin_put("file", len(content), len(content))
        assert 0 < kept < len(content)
        client.send(content[kept:])
        assert client.end_put() == (len(content), hashlib.sha256(content).hexdigest())
    assert library.read("file") == content
    assert library.names() == [b"file"]


@needs_root
def test_a_disk_that_gets_full_under_the_old_client(library):
    """It cannot be told any more; what it sent is dropped, and the log tells."""
    with OldClient(library.address()) as client:
        client.put(b"file", bytes(2000 * KIBIBYTE))
        assert client.list() == b"file#"
        assert library.read("file") == OLD
        assert library.names() == [b"file"]
        library.wait_log(r"lgpq: put failed .*path=\"/file\".*No space left")
        client.put(b"file", b"small")
        assert client.list() == b"file#"
    assert library.read("file") == b"small"


@needs_root
def test_a_disk_without_room_for_a_name(library):
    with pytest.raises(OSError):
        for number in range(20):
            library.write(f"file{number}", b"")
    with LgpqClient(library.address()) as client:
        client.list()
        with pytest.raises(Refused, match="no-space"):
            client.begin_put("new", 1)
        assert client.get("file") == OLD
    with OldClient(library.address()) as client:
        with pytest.raises(Said) as said:
            client.ask(b"P new")
        assert said.value.args == (PUT_FAILED,)
        assert client.get(b"file") == OLD


@needs_root
def test_a_file_system_that_is_read_only(small_disk, library):
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with LgpqClient(library.address()) as client:
        client.list()
        with pytest.raises(Refused, match="denied"):
            client.begin_put("file", 1)
        assert client.get("file") == OLD
    with OldClient(library.address()) as client:
        with pytest.raises(Said) as said:
            client.ask(b"P file")
        assert said.value.args == (PUT_FAILED,)
        assert client.get(b"file") == OLD


# ---- stalled ----

CONTENT = b"#" * 64 * KIBIBYTE
STALLED = 8  # what stalling_fs.c can hold, and more than a worker begins with


@pytest.fixture
def stalled_library(stalling_fs, server):
    """One worker, so that nobody else can do its work; released before the server has to stop."""
    yield server(root=stalling_fs.root, settings={"workers": 1})
    stalling_fs.release()


def test_stalled_files_do_not_delay_others(stalling_fs, stalled_library):
    """More clients wait for files that do not come than the worker has threads to begin with:
    half of them in open, half in read; and of both modes."""
    names = [f"{'open' if number % 2 else 'read'}-{number}" for number in range(STALLED)]
    kinds = [LgpqClient, OldClient] * (STALLED // 4) + [OldClient, LgpqClient] * (STALLED // 4)

    def get(kind, name):
        with kind(stalled_library.address()) as client:
            return client.get(name.encode())

    def do_much(number):
        with LgpqClient(stalled_library.address()) as client:
            assert len(client.list()) == 4
            return client.get(f"good-{number}") == CONTENT and client.sum("good")[0] == len(CONTENT)

    with ThreadPoolExecutor(STALLED) as patient, ThreadPoolExecutor(50) as crowd:
        waiting = [patient.submit(get, kind, name) for kind, name in zip(kinds, names)]
        try:
            stalling_fs.wait_stalled(STALLED)
            assert all(crowd.map(do_much, range(50)))
            assert get(OldClient, "good") == CONTENT
            assert not any(one.done() for one in waiting)
            # A client has its last byte a moment before its session is seen to be done.
            wait_for(lambda: {session["path"] for session in stalled_library.sessions()
                              if session["command"]} == {f"/{name}" for name in names},
                     "only the stalled ones to be at work")
        finally:
            stalling_fs.release()
        assert {one.result() for one in waiting} == {CONTENT}


def test_a_client_that_leaves_a_stalled_file_is_let_go_later(stalling_fs, stalled_library):
    with LgpqClient(stalled_library.address()) as client:
        client.send(b"G\topen-1\n")
        stalling_fs.wait_stalled(1)
    stalling_fs.release()
    stalled_library.wait_until(lambda status: status["sessions"] == 0 == status["transfers"])


def test_a_file_that_cannot_be_read(stalled_library):
    """S can say so; G has promised the bytes already, so its connection ends."""
    with LgpqClient(stalled_library.address()) as client:
        client.list()
        with pytest.raises(Refused, match="internal"):
            client.sum("broken-1")
        assert client.get("good") == CONTENT
        client.request(b"G", b"broken-1")
        assert client.rest().count(b"\n") == 1
    with OldClient(stalled_library.address()) as client:
        client.ask(b"G broken-1")
        with pytest.raises(EOFError):
            client.read_file()
