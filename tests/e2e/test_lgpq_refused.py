"""LGPQ's framed mode: every error word, and that the connection stays usable behind it.

no-space is in test_storage.py, internal too.
"""
import hashlib
import os

import pytest

from lgpq_client import LgpqClient, Refused
from old_client import OldClient

LINE_LONGEST = 16 * 1024


@pytest.fixture
def library(server):
    return server()


def sha256(content):
    return hashlib.sha256(content).hexdigest()


BAD = [
    (b"", "bad-request"), (b"X", "bad-request"), (b"LL", "bad-request"), (b"L\t", "bad-request"),
    (b"l", "bad-request"), (b"G", "bad-request"), (b"G file", "bad-request"),
    (b"P\tfile", "bad-request"), (b"P\tfile\t", "bad-request"), (b"P\tfile\t-1", "bad-request"),
    (b"P\tfile\t1x", "bad-request"), (b"P\tfile\t9223372036854775808", "bad-request"),
    (b"G\tfile\t0\t0", "bad-request"), (b"P\tfile\t1\t0\t0", "bad-request"),
    (b"S\tfile\t0", "bad-request"), (b"Q\t", "bad-request"), (b"\0", "bad-request"),
    (b"L\r", "bad-request"), (b"\t\t\t\t\t\t\t", "bad-request"), (b"\xff\xff", "bad-request"),
    (b"G\t", "bad-name"), (b"G\t%", "bad-name"), (b"G\t%4", "bad-name"), (b"G\t%zz", "bad-name"),
    (b"G\ta%00b", "bad-name"), (b"G\ta\0b", "bad-name"), (b"S\t%", "bad-name"),
    (b"G\t" + b"x" * 256, "bad-name"), (b"P\t" + b"x" * 256 + b"\t1", "bad-name"),
    (b"P\t\t1", "bad-name"), (b"P\t.file.partial\t1", "bad-name"),
    (b"G\t" + b"x/" * 3000, "bad-name"),
    (b"G\tfile\t11", "bad-offset"), (b"G\tfile\t-1", "bad-offset"), (b"G\tfile\t", "bad-offset"),
    (b"G\tfile\t9223372036854775807", "bad-offset"),
    (b"G\tfile\t9223372036854775808", "bad-offset"), (b"P\tfile\t10\t11", "bad-offset"),
    (b"P\tfile\t10\t-1", "bad-offset"),
    (b"G\tmissing", "not-found"), (b"S\tmissing", "not-found"), (b"G\tfile/x", "not-found"),
    (b"P\tmissing/file\t1", "not-found"), (b"P\tfile/x\t1", "not-found"),
    (b"G\t.file.partial", "not-found"),
    (b"G\tdirectory", "denied"), (b"S\tdirectory", "denied"), (b"G\tfifo", "denied"),
    (b"S\tfifo", "denied"), (b"G\tsecret", "denied"), (b"S\tsecret", "denied"),
    (b"P\tlocked/file\t1", "denied"),
    (b"P\tdirectory\t1", "exists"), (b"P\tfifo\t1", "exists"), (b"P\t/\t1", "exists"),
]


@pytest.fixture(scope="module")
def full_library(shared_server):
    """A library with something of everything in it."""
    shared_server.write("file", b"0123456789")
    shared_server.write("secret", b"nobody may read this", mode=0)
    (shared_server.root / "directory").mkdir()
    (shared_server.root / "locked").mkdir(mode=0o555)
    os.mkfifo(shared_server.root / "fifo")
    os.chmod(shared_server.root / "fifo", 0o666)
    return shared_server


@pytest.mark.parametrize("request_line, word", BAD, ids=lambda value: repr(value)[:24])
def test_what_is_refused_leaves_the_connection_usable(full_library, request_line, word):
    with LgpqClient(full_library.address()) as client:
        client.send(b"L\n" + request_line + b"\nG\tfile\n")
        client.listed()
        with pytest.raises(Refused) as refused:
            client.reply()
        assert (refused.value.word, refused.value.text != "") == (word, True)
        assert client.got()[0] == b"0123456789"


def test_a_first_request_may_be_a_bad_one(full_library):
    with LgpqClient(full_library.address()) as client:
        client.send(b"nonsense\n")
        with pytest.raises(Refused, match="bad-request"):
            client.reply()
        assert client.get("file") == b"0123456789"


def test_a_file_that_is_too_large(server):
    library = server(settings={"limits.upload_size": "1K"})
    with LgpqClient(library.address()) as client:
        client.put("file", b"x" * 1024)
        for size in (1025, 1 << 40):
            with pytest.raises(Refused, match="too-large"):
                client.begin_put("file", size)
        assert client.get("file") == b"x" * 1024
    with OldClient(library.address()) as old:
        old.put(b"file", b"y" * 1025)
        assert old.list() == b"file#"
    assert library.read("file") == b"x" * 1024
    assert library.names() == [b"file"]


def test_two_writers_of_one_name(library):
    with LgpqClient(library.address()) as first, LgpqClient(library.address()) as second:
        assert first.begin_put("file", 4) == 0
        first.send(b"fi")
        with pytest.raises(Refused, match="busy"):
            second.begin_put("file", 6)
        assert second.put("other", b"second") == (6, sha256(b"second"))
        first.send(b"rs")
        assert first.end_put() == (4, sha256(b"firs"))
        assert second.put("file", b"second") == (6, sha256(b"second"))
    assert library.read("file") == b"second"


def test_two_writers_of_one_name_in_one_worker(server):
    """Locks of one process do not see each other unless they are the right kind."""
    library = server(settings={"workers": 1})
    with LgpqClient(library.address()) as one, LgpqClient(library.address()) as other:
        one.begin_put("file", 4)
        with pytest.raises(Refused, match="busy"):
            other.begin_put("file", 4)


@pytest.mark.parametrize("length", [LINE_LONGEST, LINE_LONGEST + 1, 5 * LINE_LONGEST, 1 << 20])
def test_a_line_that_is_too_long_is_refused_once(full_library, length):
    with LgpqClient(full_library.address()) as client:
        client.send(b"L\nG\t" + b"x" * length + b"\nG\tfile\n")
        client.listed()
        with pytest.raises(Refused, match="bad-request"):
            client.reply()
        assert client.got()[0] == b"0123456789"
