"""An upload loses nothing: the old file or the new one, whole, whoever dies in the middle."""
from concurrent.futures import ThreadPoolExecutor
import hashlib
import os
import signal
import stat
import time

import pytest

from lgpq_client import LgpqClient
from old_client import MARK, PAUSE_SECONDS, OldClient

OLD = b"the old content " * 1000


@pytest.fixture
def library(server):
    started = server()
    started.write("file", OLD)
    return started


def wait_received(library, count):
    """Until some session has so many bytes of its upload."""
    library.wait_until(lambda _: any(session["command"] == "put" and session["bytes"] >= count
                                     for session in library.sessions()))


def kill_workers(library):
    """All at once, as the kernel's out-of-memory killer would; then waits for new ones."""
    killed = library.worker_pids()
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    library.wait_until(lambda status: status["workers_living"] == status["workers_wanted"] and
                       not set(killed) & {worker["pid"] for worker in status["workers"]})


def begin_framed(library, content, size):
    client = LgpqClient(library.address())
    client.list()
    assert client.begin_put("file", size) == 0
    client.send(content)
    return client


def begin_bare(library, content, _):
    client = OldClient(library.address())
    client.ask(b"P file")
    client.send(content)
    return client


@pytest.mark.parametrize("begin", [begin_framed, begin_bare])
def test_a_client_that_goes_away(library, begin):
    with begin(library, b"x" * 100000, 200000):
        wait_received(library, 100000)
        assert library.read("file") == OLD
    library.wait_until(lambda status: status["totals"]["uploads_broken"] == 1)
    assert library.read("file") == OLD
    with LgpqClient(library.address()) as client:
        assert client.names() == [b"file"]
        assert client.get("file") == OLD


@pytest.mark.parametrize("begin", [begin_framed, begin_bare])
def test_a_worker_that_is_killed(library, begin):
    with begin(library, b"x" * 100000, 200000):
        wait_received(library, 100000)
        kill_workers(library)
        assert library.read("file") == OLD
    with LgpqClient(library.address()) as client:
        assert client.names() == [b"file"]
        assert client.get("file") == OLD
        assert client.put("file", b"new") == (3, hashlib.sha256(b"new").hexdigest())
    assert library.names() == [b"file"]


def test_a_put_goes_on_after_its_worker_was_killed(library):
    content = os.urandom(500000)
    with begin_framed(library, content[:200000], len(content)):
        wait_received(library, 200000)
        kill_workers(library)
    with LgpqClient(library.address()) as client:
        client.list()
        assert client.begin_put("file", len(content), len(content)) == 200000
        assert library.read("file") == OLD
        client.send(content[200000:])
        assert client.end_put() == (len(content), hashlib.sha256(content).hexdigest())
    assert library.read("file") == content
    assert library.names() == [b"file"]


def test_a_put_goes_on_after_the_server_was_started_again(library):
    content = os.urandom(500000)
    with begin_framed(library, content[:200000], len(content)):
        wait_received(library, 200000)
        library.expected_exit = None
        library.kill(signal.SIGKILL)
        library.wait_exit()
    library.expected_exit = 0
    library.start()
    with LgpqClient(library.address()) as client:
        client.list()
        assert client.begin_put("file", len(content), len(content)) == 200000
        client.send(content[200000:])
        client.end_put()
    assert library.read("file") == content


def test_the_old_client_can_put_again_after_its_worker_was_killed(library):
    with begin_bare(library, b"x" * 100000, None):
        wait_received(library, 100000)
        kill_workers(library)
    with OldClient(library.address()) as client:
        client.put(b"file", b"new")
        assert client.list() == b"file#"
    assert library.read("file") == b"new"
    assert library.names() == [b"file"]


# ---- several writers, and readers meanwhile ----

def test_two_old_clients_never_mix(library):
    """They send by turns; each file is one's alone, and the last to end has the name."""
    first, second = b"1" * 50000, b"2" * 70000
    with OldClient(library.address()) as one, OldClient(library.address()) as other:
        one.ask(b"P file")
        other.ask(b"P file")
        for start in range(0, 70000, 10000):
            one.send(first[start:start + 10000])
            other.send(second[start:start + 10000])
        wait_received(library, 70000)
        time.sleep(PAUSE_SECONDS)
        other.send(MARK)
        assert other.list() == b"file#"
        assert library.read("file") == second
        one.send(MARK)
        assert one.list() == b"file#"
        assert library.read("file") == first
    assert library.names() == [b"file"]


def test_an_old_client_and_a_framed_one_never_mix(library):
    with begin_framed(library, b"1" * 5000, 10000) as framed:
        with OldClient(library.address()) as old:
            old.put(b"file", b"2" * 7000)
            assert old.list() == b"file#"
        assert library.read("file") == b"2" * 7000
        framed.send(b"1" * 5000)
        framed.end_put()
    assert library.read("file") == b"1" * 10000
    assert library.names() == [b"file"]


def test_many_old_clients_put_one_name(library):
    contents = [bytes([65 + number]) * (30000 + number) for number in range(20)]
    clients = [OldClient(library.address()) for _ in contents]
    with ThreadPoolExecutor(len(contents)) as crowd:
        list(crowd.map(lambda client, content: client.put(b"file", content), clients, contents))
    library.wait_until(lambda status: status["totals"]["uploads"] == len(contents))
    assert library.read("file") in contents
    assert library.names() == [b"file"]
    for client in clients:
        client.close()


def test_a_reader_keeps_the_file_that_it_began(library):
    """A put that ends meanwhile changes nothing for it: it reads the old file to its end."""
    content = os.urandom(24 << 20)
    library.write("file", content)
    with LgpqClient(library.address(), receive_buffer=4096) as reader:
        reader.request(b"G", b"file")
        assert int(reader.reply()[0]) == len(content)
        with LgpqClient(library.address()) as writer:
            writer.put("file", b"new")
            assert writer.get("file") == b"new"
        assert reader.exactly(len(content)) == content
        assert reader.get("file") == b"new"


def test_readers_see_whole_files_alone(library):
    """While one name is put over and over, every get brings one of the contents, whole."""
    contents = {bytes([byte]) * 65536 for byte in range(20)}
    with LgpqClient(library.address()) as client:
        client.put("file", min(contents))

    def write():
        with LgpqClient(library.address()) as client:
            for content in sorted(contents) * 3:
                client.put("file", content)

    def read(_):
        with LgpqClient(library.address()) as client:
            return all(client.get("file") in contents for _ in range(100))

    with ThreadPoolExecutor(4) as crowd:
        writing = crowd.submit(write)
        assert all(crowd.map(read, range(3)))
        writing.result()


# ---- permissions ----

def put_framed(library):
    with LgpqClient(library.address()) as client:
        client.put("file", b"new")


def put_bare(library):
    with OldClient(library.address()) as client:
        client.put(b"file", b"new")
        client.list()


@pytest.mark.parametrize("put", [put_framed, put_bare])
@pytest.mark.parametrize("mode", [0o600, 0o444, 0o755], ids=oct)
def test_permissions_are_kept(library, put, mode):
    os.chmod(library.root / "file", mode)
    put(library)
    assert library.read("file") == b"new"
    assert stat.S_IMODE(os.stat(library.root / "file").st_mode) == mode


@pytest.mark.parametrize("put", [put_framed, put_bare])
def test_a_new_file_can_be_read_by_others(library, put):
    os.remove(library.root / "file")
    put(library)
    assert stat.S_IMODE(os.stat(library.root / "file").st_mode) & 0o444 == 0o444


@pytest.mark.parametrize("sync", ["none", "data", "full"])
def test_every_degree_of_sync(server, sync):
    library = server(settings={"sync": sync})
    put_framed(library)
    assert library.read("file") == b"new"
    put_bare(library)
    assert library.read("file") == b"new"
