"""LGPQ's framed mode: every request and its replies; test_lgpq_refused.py has those that say no."""
import hashlib
import os
import re
import tempfile
import time

import pytest

from ftpool_server import let_in
from lgpq_client import LgpqClient, Refused
from old_client import OldClient

SHARED_MEMORY = "/dev/shm"
GIBIBYTE = 1 << 30
NAME_LONGEST = 255


@pytest.fixture
def library(server):
    return server()


@pytest.fixture
def client(library):
    with LgpqClient(library.address()) as connected:
        connected.list()
        yield connected


def sha256(content):
    return hashlib.sha256(content).hexdigest()


# ---- list ----

def test_an_empty_library_has_no_lines(client):
    assert client.list() == []


def test_a_list_tells_size_and_time_sorted_by_name(library, client):
    files = {b"b": b"12", b"a": b"", b"B": b"x" * 70000, "文件".encode(): b"1", b"a#b": b"#",
             b"a b": b"", b"\xff\xfe": b"no UTF-8", b"a\tb\nc%d": b""}
    for number, (name, content) in enumerate(files.items()):
        os.utime(library.write(name, content), (0, 1000000000 + number))
    library.write(".hidden", b"")
    os.mkdir(library.root / "directory")
    os.mkfifo(library.root / "fifo")
    assert client.list() == sorted(
        ((len(content), 1000000000 + number, name)
         for number, (name, content) in enumerate(files.items())), key=lambda row: row[2])


def test_a_long_list_is_whole(library, client):
    names = [b"%d-%s" % (number, b"%" * 100) for number in range(3000)]
    for name in names:
        library.write(name, b"")
    assert client.names() == sorted(names)


# ---- get ----

@pytest.mark.parametrize("size", [0, 1, 1023, 1024, 65536, 3000001])
def test_get_and_checksum(library, client, size):
    content = os.urandom(size)
    os.utime(library.write("file", content), (0, 1234567890))
    client.request(b"G", b"file")
    assert client.got() == (content, 1234567890)
    assert client.sum("file") == (size, sha256(content))


@pytest.mark.parametrize("offset", [0, 1, 4, 9, 10])
def test_get_from_an_offset(library, client, offset):
    library.write("file", b"0123456789")
    assert client.get("file", offset) == b"0123456789"[offset:]


def test_marks_mean_nothing_here(library, client):
    for content in (b"##", b"####", b"a##", b"##L\n", b"#"):
        assert client.put("file", content) == (len(content), sha256(content))
        assert client.get("file") == content


@pytest.fixture
def large_library(server, tmp_path):
    """Where holes in files cost neither memory nor time: tmpfs, since Linux 6.5."""
    release = tuple(map(int, re.findall(r"\d+", os.uname().release)[:2]))
    parent = SHARED_MEMORY if release >= (6, 5) and os.access(SHARED_MEMORY, os.W_OK) else tmp_path
    with tempfile.TemporaryDirectory(prefix="ftpool-e2e-", dir=parent) as root:
        let_in(root)
        yield server(root=root)


def test_a_file_beyond_four_gibibytes(large_library):
    """Sparse. Every byte of it is sent, so that no count in between may have only 32 bits."""
    path = large_library.write("file", b"begin")
    with open(path, "r+b") as file:
        file.seek(4 * GIBIBYTE)
        file.write(b"end")
    with LgpqClient(large_library.address()) as client:
        client.request(b"G", b"file")
        assert int(client.reply()[0]) == 4 * GIBIBYTE + 3
        assert client.exactly(5) == b"begin"
        client.drop(4 * GIBIBYTE - 5)
        assert client.exactly(3) == b"end"
        assert client.get("file", 4 * GIBIBYTE) == b"end"
        assert client.list()[0][0] == 4 * GIBIBYTE + 3


def test_a_put_beyond_four_gibibytes_goes_on(large_library):
    """What came before is sparse, so that nobody has to send it."""
    size = 4 * GIBIBYTE + 5
    large_library.write(".file.partial", b"begin")
    os.truncate(large_library.root / ".file.partial", 4 * GIBIBYTE + 1)
    with LgpqClient(large_library.address()) as client:
        assert client.begin_put("file", size, size) == 4 * GIBIBYTE + 1
        client.send(b"tail")
        assert client.end_put()[0] == size == os.path.getsize(large_library.root / "file")
        assert client.get("file", 4 * GIBIBYTE) == b"\0tail"


def test_a_file_that_shrinks_ends_the_connection(library):
    """It cannot be said otherwise: so many bytes were promised."""
    library.write("file", b"")
    os.truncate(library.root / "file", 256 << 20)
    with LgpqClient(library.address(), receive_buffer=4096) as client:
        client.request(b"G", b"file")
        promised = int(client.reply()[0])
        os.truncate(library.root / "file", 1)
        assert len(client.rest()) < promised == 256 << 20
    library.wait_until(lambda status: status["totals"]["downloads_broken"] == 1)


def test_a_file_that_grows_is_sent_as_it_was_promised(library):
    library.write("file", b"")
    os.truncate(library.root / "file", 32 << 20)
    with LgpqClient(library.address(), receive_buffer=4096) as client:
        client.request(b"G", b"file")
        promised = int(client.reply()[0])
        with open(library.root / "file", "ab") as file:
            file.write(b"more")
        assert not any(client.exactly(promised))
        assert client.names() == [b"file"]


# ---- put ----

@pytest.mark.parametrize("size", [0, 1, 65536, 3000001])
def test_put_tells_the_checksum(library, client, size):
    content = os.urandom(size)
    assert client.put("file", content) == (size, sha256(content))
    assert library.names() == [b"file"]
    assert library.read("file") == content
    assert client.get("file") == content


def test_a_put_is_seen_when_it_is_whole(library, client):
    """Neither L nor G nor S sees a file that is coming in, nor its partial."""
    with LgpqClient(library.address()) as writer:
        assert writer.begin_put("file", 10) == 0
        writer.send(b"01234")
        library.wait_until(lambda _: library.sessions() and os.path.getsize(
            library.root / ".file.partial") == 5)
        assert client.list() == []
        for name in ("file", ".file.partial"):
            for look in (client.get, client.sum):
                with pytest.raises(Refused) as refused:
                    look(name)
                assert refused.value.word == "not-found"
        writer.send(b"56789")
        assert writer.end_put() == (10, sha256(b"0123456789"))
    assert client.get("file") == b"0123456789"


def break_off(library, name, size, sent, offset=None):
    """An upload whose client goes away in the middle."""
    before = library.total("uploads_broken")
    with LgpqClient(library.address()) as client:
        start = client.begin_put(name, size, offset)
        client.send(sent)
    library.wait_until(lambda status: status["totals"]["uploads_broken"] == before + 1)
    return start


def test_an_interrupted_put_goes_on(library, client):
    content = os.urandom(300000)
    library.write("file", b"old")
    assert break_off(library, "file", len(content), content[:100000]) == 0
    assert client.list()[0][0] == 3
    assert client.get("file") == b"old"
    assert client.begin_put("file", len(content), len(content)) == 100000
    client.send(content[100000:])
    assert client.end_put() == (len(content), sha256(content))
    assert library.read("file") == content
    assert library.names() == [b"file"]


def test_a_put_that_is_interrupted_often(library, client):
    content = os.urandom(50000)
    for start in range(0, 40000, 10000):
        assert break_off(library, "file", len(content), content[start:start + 10000],
                         start) == start
    assert client.begin_put("file", len(content), len(content)) == 40000
    client.send(content[40000:])
    assert client.end_put() == (len(content), sha256(content))
    assert library.read("file") == content


def test_a_put_can_go_on_earlier_than_it_was_interrupted(library, client):
    """Bytes behind the offset that the client names are not believed."""
    break_off(library, "file", 10, b"01234XX")
    assert client.begin_put("file", 10, 5) == 5
    client.send(b"56789")
    assert client.end_put() == (10, sha256(b"0123456789"))
    assert library.read("file") == b"0123456789"


def test_a_put_without_offset_begins_anew(library, client):
    break_off(library, "file", 10, b"XXXXXX")
    assert client.put("file", b"0123") == (4, sha256(b"0123"))
    assert library.read("file") == b"0123"
    assert library.names() == [b"file"]


def test_an_offset_where_nothing_was_kept_is_answered_with_nought(library, client):
    assert client.begin_put("file", 4, 3) == 0
    client.send(b"0123")
    assert client.end_put() == (4, sha256(b"0123"))


def test_a_put_that_sent_nothing_leaves_nothing(library):
    break_off(library, "file", 10, b"")
    assert library.names() == []


# ---- names ----

def test_every_byte_that_a_name_can_hold(library, client):
    names = [b"a%sb" % bytes([byte]) for byte in range(1, 256) if byte != ord("/")]
    for name in names:
        client.put(name, name)
    assert client.names() == sorted(names)
    for name in names:
        assert client.get(name) == name == library.read(name)


@pytest.mark.parametrize("name", [
    bytes(byte for byte in range(1, 256) if byte != ord("/")),
    b"x" * NAME_LONGEST, b"%" * NAME_LONGEST, b"\xff" * NAME_LONGEST, "文件名.txt".encode(),
    "文".encode() * 85, b" ", b"a b", b"-", b"##", b"...", b"~", b"\\", b"*", b"%25", b".partial",
    b"x.partial"], ids=lambda name: repr(name)[2:20])
def test_names(library, client, name):
    assert client.put(name, b"content") == (7, sha256(b"content"))
    assert library.names() == [name]
    assert client.get(name) == b"content"
    assert client.sum(name) == (7, sha256(b"content"))
    assert client.names() == [name] * (not name.startswith(b"."))


def test_long_names_that_begin_alike_do_not_meet(library, client):
    """Their partials cannot hold all of either name."""
    one, other = b"x" * 254 + b"1", b"x" * 254 + b"2"
    with LgpqClient(library.address()) as second:
        assert client.begin_put(one, 1) == 0
        assert second.begin_put(other, 1) == 0
        client.send(b"1")
        second.send(b"2")
        client.end_put()
        second.end_put()
    assert (library.read(one), library.read(other)) == (b"1", b"2")
    assert library.names() == [one, other]


# ---- how requests arrive ----

def test_pipelined_requests_in_one_packet(library, client):
    library.write("file", b"0123456789")
    client.send(b"L\nG\tfile\nG\tmissing\nG\tfile\t8\nP\tnew\t3\nabcS\tnew\nG\tnew\nL\nQ\n")
    assert [row[2] for row in client.listed()] == [b"file"]
    assert client.got()[0] == b"0123456789"
    with pytest.raises(Refused, match="not-found"):
        client.reply()
    assert client.got()[0] == b"89"
    assert client.reply() == [b"0"]
    assert client.end_put() == (3, sha256(b"abc"))
    assert client.end_put() == (3, sha256(b"abc"))
    assert client.got()[0] == b"abc"
    assert [row[2] for row in client.listed()] == [b"file", b"new"]
    assert client.rest() == b"BYE\n"


def test_thousands_of_requests_without_waiting(library, client):
    library.write("file", b"content")
    client.send(b"G\tfile\n" * 3000)
    for _ in range(3000):
        assert client.got()[0] == b"content"


def test_requests_byte_for_byte(library, client):
    library.write("file", b"content")
    for byte in b"G\tfile\nP\tnew\t3\nabcL\nG\tnew\n":
        client.send(bytes([byte]))
    assert client.got()[0] == b"content"
    assert client.reply() == [b"0"]
    client.end_put()
    assert [row[2] for row in client.listed()] == [b"file", b"new"]
    assert client.got()[0] == b"abc"


def test_a_first_request_in_pieces(library):
    library.write("file", b"content")
    for pieces in ((b"G\t", b"fi", b"le\n"), (b"L", b"\nG\tfile\n")):
        with LgpqClient(library.address()) as client:
            for piece in pieces:
                client.send(piece)
            if pieces[0] == b"L":
                client.listed()
            assert client.got()[0] == b"content"


def test_a_client_that_goes_away_in_the_middle_of_a_line(library):
    with LgpqClient(library.address()) as client:
        client.send(b"L\nG\tfi")
        client.listed()
    library.wait_until(lambda status: status["sessions"] == 0)


def test_quit_says_goodbye(client):
    client.quit()


def test_a_framed_session_stays_framed_and_a_bare_one_bare(library):
    library.write("file", b"content")
    with LgpqClient(library.address()) as framed:
        framed.list()
        framed.send(b"L")
        time.sleep(0.2)  # longer than any pause of the bare mode: still no request
        framed.send(b"\n")
        assert [row[2] for row in framed.listed()] == [b"file"]
    with OldClient(library.address()) as bare:
        bare.list()
        assert bare.get(b"file") == b"content"
        bare.send(b"L\n")
        assert bare.socket.recv(128) == b"OK"
