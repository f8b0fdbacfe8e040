"""LGPQ's bare mode: the old client's exact traffic, and every quirk in the protocol's table."""
from concurrent.futures import ThreadPoolExecutor
import os
import socket
import time

import pytest

from lgpq_client import LgpqClient
from old_client import (EMPTY, MARK, NOT_FOUND, OK, PAUSE_SECONDS, PUT_FAILED, UNKNOWN, OldClient,
                        Said)

LIST_LONGEST = 4096

CONTENTS = {
    "empty": b"",
    "plain": b"hello\n",
    "hash": b"#",
    "marks": b"####",
    "five": b"#####",
    "begins": b"##x",
    "ends": b"x##",
    "ends-in-one": b"x#",
    "inside": b"a##b##c",
    "a-request-inside": b"a##L",
    "begins-as-a-request": b"##Lx y",
    "ends-at-a-read": b"x" * 1022 + b"##",
    "ends-across-reads": b"x" * 1023 + b"##",
    "ends-behind-a-read": b"x" * 1024 + b"##",
    "ends-behind-two-reads": b"x" * 2048 + b"##",
    "only-marks": b"##" * 3000,
    "zeros": bytes(100000),
    "every-byte": bytes(range(256)) * 400,
    "random": os.urandom(300000),
    "中文名字": "内容##".encode(),
}


@pytest.fixture
def library(server):
    return server()


@pytest.fixture
def old(library):
    with OldClient(library.address()) as client:
        yield client


def for_all_contents(check):
    """Some at a time, since most of their time is pauses; few, since those pauses matter."""
    with ThreadPoolExecutor(6) as crowd:
        list(crowd.map(lambda item: check(*item), CONTENTS.items()))


# ---- put and get ----

def test_every_content_arrives(library):
    def put(name, content):
        with OldClient(library.address()) as client:
            client.put(name.encode(), content)
            client.list()  # answered when the upload is over
        assert library.read(name) == content, name
    for_all_contents(put)
    assert library.names() == sorted(name.encode() for name in CONTENTS)


def test_every_content_is_sent(library):
    def get(name, content):
        library.write(name, content)
        with OldClient(library.address()) as client:
            for _ in range(2):  # nothing is left behind for the next reply
                assert client.get(name.encode()) == content, name
    for_all_contents(get)


def test_a_file_that_is_the_mark(library, old):
    """It arrives; sent, the old client must take it for the end: what follows is the real one."""
    old.put(b"mark", MARK)
    assert old.list() == b"mark#"
    assert library.read("mark") == MARK
    old.ask(b"G mark")
    assert [old.socket.recv(1024), old.socket.recv(1024)] == [MARK, MARK]


def test_a_file_of_many_megabytes(library, old):
    content = os.urandom(8 << 20)
    old.put(b"large", content)
    assert old.list() == b"large#"
    assert library.read("large") == content
    assert old.get(b"large") == content


# ---- quirk 1: the end mark glued to the next request ----

def test_the_mark_glued_to_the_next_put(library, old):
    old.ask(b"P one")
    old.send_file(b"first", glued=b"P two")
    old.expect_ok()
    old.send_file(b"second", glued=b"P three")
    old.expect_ok()
    old.send_file(b"third")
    assert old.list() == b"one#three#two#"
    assert [library.read(name) for name in ("one", "two", "three")] == [b"first", b"second",
                                                                      b"third"]


def test_the_mark_glued_to_every_request(library, old):
    old.ask(b"P one")
    old.send_file(b"1", glued=b"L")
    old.expect_ok()
    assert old.socket.recv(4096) == b"one#"
    old.ask(b"P two")
    old.send_file(b"22", glued=b"G one")
    old.expect_ok()
    assert old.read_file() == b"1"
    old.ask(b"P three")
    old.send_file(b"333", glued=b"Q")
    assert old.socket.recv(128) == b""
    assert [library.read(name) for name in ("one", "two", "three")] == [b"1", b"22", b"333"]


def test_the_next_request_sent_at_once(library, old):
    """As two sends: TCP may glue them or not."""
    for number in range(5):
        old.ask(b"P file%d" % number)
        old.send_file(b"content")
    assert old.list() == b"".join(b"file%d#" % number for number in range(5))


def test_requests_without_any_pause(library, old):
    """What a script does: the next one as soon as the reply is there."""
    library.write("file", b"content")
    for _ in range(3):
        assert old.list() == b"file#"
        assert old.get(b"file") == b"content"
        with pytest.raises(Said) as said:
            old.get(b"missing")
        assert said.value.args == (NOT_FOUND,)


# ---- quirk 2: marks in the content ----

BURSTS = {
    "mark-alone-in-the-middle": [b"one", b"##", b"two"],
    "mark-in-pieces": [b"one", b"#", b"#", b"two"],
    "a-request-in-the-middle": [b"one", b"##L", b"two"],
    "ends-in-pieces": [b"one", b"#", b"#"],
    "begins-in-pieces": [b"#", b"#", b"one"],
    "every-byte-alone": [bytes([byte]) for byte in b"a##b###c#"],
}


@pytest.mark.parametrize("name", BURSTS)
def test_marks_in_bursts_without_a_pause(library, old, name):
    old.ask(b"P " + name.encode())
    for burst in BURSTS[name]:
        old.send(burst)
    time.sleep(PAUSE_SECONDS)
    old.send(MARK)
    assert old.list() == name.encode() + b"#"
    assert library.read(name) == b"".join(BURSTS[name])


def test_a_burst_after_a_pause_that_only_begins_as_the_mark(library, old):
    """A slow client pauses anywhere; what follows the mark is no request, so it is content."""
    old.ask(b"P file")
    for burst in (b"one", b"##two", b"##P a b", b"##X", b"###"):
        old.send(burst)
        time.sleep(PAUSE_SECONDS)
    old.send(MARK)
    assert old.list() == b"file#"
    assert library.read("file") == b"one##two##P a b##X###"


def test_a_mark_without_its_pause_ends_after_silence(library, old):
    """The network, or a busy server, may have eaten the pause."""
    old.ask(b"P file")
    old.send(b"content##")
    library.wait_until(lambda status: status["totals"]["uploads"] == 1)
    assert library.read("file") == b"content"


# ---- quirk 3: slow readers ----

def test_the_mark_travels_alone_to_a_slow_reader(library):
    content = os.urandom(96 * 1024)
    library.write("file", content)
    with OldClient(library.address(), receive_buffer=2048) as slow:
        assert slow.get(b"file", slowness_seconds=0.005) == content
        assert slow.list() == b"file#"


# ---- quirk 4 and 5: lists ----

@pytest.mark.parametrize("length", [1, 9, 100, 255])
def test_a_long_list_is_cut_at_a_whole_name(library, old, length):
    count = LIST_LONGEST // (length + 1) + 10
    names = [b"%0*d" % (length, number) for number in range(min(count, 10 ** length))]
    if length == 1:  # not enough one-letter digits to overflow
        names = [bytes([byte]) for byte in range(0x30, 0x5b)] + [b"z" * 200 + bytes([byte])
                                                                  for byte in range(0x61, 0x7b)]
    for name in names:
        library.write(name, b"")
    told = old.list()
    assert len(told) <= LIST_LONGEST
    assert told.endswith(b"#...#")
    shown = told[:-1].split(b"#")[:-1]
    assert shown == sorted(names)[:len(shown)]
    assert len(told) + len(names[len(shown)]) + 1 > LIST_LONGEST, "another name would have fitted"
    assert old.get(names[0]) == b""  # nothing of the list was left behind


def test_a_list_that_just_fits_is_whole(library, old):
    names = [b"%0255d" % number for number in range(LIST_LONGEST // 256)]
    for name in names:
        library.write(name, b"")
    assert old.list() == b"".join(name + b"#" for name in names)


def test_a_list_shows_regular_files_alone(library, old):
    library.write("b", b"")
    library.write("a", b"")
    library.write(".hidden", b"")
    library.write("with#hash", b"")
    library.write("书", b"")
    os.mkdir(library.root / "directory")
    os.mkfifo(library.root / "fifo")
    assert old.list() == "a#b#书#".encode()
    assert old.get(b"with#hash") == b""


def test_an_empty_library_has_a_text_of_its_own(library, old):
    with pytest.raises(Said) as said:
        old.list()
    assert said.value.args == (EMPTY,)
    library.write("#", b"no name that can be told")
    with pytest.raises(Said) as said:
        old.list()
    assert said.value.args == (EMPTY,)


# ---- quirk 6: an upload that is lost ----

@pytest.mark.parametrize("content", [b"", b"half of it", b"x" * 200000],
                         ids=["nothing", "some", "much"])
def test_an_upload_lost_in_the_middle_leaves_the_old_file(library, content):
    library.write("file", b"old content")
    with OldClient(library.address()) as client:
        client.ask(b"P file")
        client.send(content)
    library.wait_until(lambda status: status["totals"]["uploads_broken"] == 1)
    assert library.read("file") == b"old content"
    assert library.names() == [b"file"]


def test_an_upload_is_not_seen_before_it_is_whole(library, old):
    old.ask(b"P file")
    old.send(b"half")
    with OldClient(library.address()) as other:
        with pytest.raises(Said) as said:
            other.list()
        assert said.value.args == (EMPTY,)
        with pytest.raises(Said) as said:
            other.get(b"file")
        assert said.value.args == (NOT_FOUND,)


# ---- quirk 7, and what is refused ----

@pytest.mark.parametrize("request_bytes, text", [
    (b"X", UNKNOWN), (b"hello", UNKNOWN), (b"l", UNKNOWN), (b"G", UNKNOWN), (b"G ", UNKNOWN),
    (b"P ", UNKNOWN), (b"Gfile", UNKNOWN), (b"S file", UNKNOWN), (b"\0", UNKNOWN),
    (b"\xff\xfe", UNKNOWN), (b"G " + b"x" * 5000, UNKNOWN), (b"G missing", NOT_FOUND),
    (b"G " + b"x" * 256, NOT_FOUND), (b"G a\0b", NOT_FOUND), (b"P " + b"x" * 256, PUT_FAILED),
    (b"P missing/file", PUT_FAILED), (b"P directory", PUT_FAILED), (b"G directory", NOT_FOUND),
], ids=lambda value: repr(value)[:20])
def test_what_is_refused_leaves_the_session_usable(shared_server, request_bytes, text):
    (shared_server.root / "directory").mkdir(exist_ok=True)
    shared_server.write("file", b"content")
    with OldClient(shared_server.address()) as client:
        for _ in range(2):
            with pytest.raises(Said) as said:
                client.ask(request_bytes)
            assert said.value.args == (text,)
        client.ask(b"G file")


def test_quit_closes(old):
    assert old.quit() == b""


def test_nothing_is_sent_on_connect(shared_server):
    with OldClient(shared_server.address()) as client:
        client.socket.settimeout(PAUSE_SECONDS)
        with pytest.raises(TimeoutError):
            client.socket.recv(128)


def test_the_pauses_of_the_old_server_are_kept(shared_server):
    """They are what the old client tells replies apart by: at least so long, in this order."""
    shared_server.write("file", b"content")
    with OldClient(shared_server.address()) as client:
        client.send(b"G file")
        for expected in (OK, b"content", MARK):
            began = time.monotonic()
            assert client.socket.recv(1024) == expected
            if expected != OK:
                assert time.monotonic() - began > PAUSE_SECONDS / 2


def test_a_client_that_only_stops_sending_gets_its_reply(shared_server):
    shared_server.write("file", b"content")
    with OldClient(shared_server.address()) as client:
        client.send(b"G file")
        client.socket.shutdown(socket.SHUT_WR)
        client.expect_ok()
        assert client.read_file() == b"content"


# ---- a crowd ----

def test_two_hundred_clients_of_both_modes(library):
    """All connected at once, each puts and gets its own file and gets one that all share; not a
    byte may be wrong. In such a crowd nobody keeps to a tenth of a second: of the bare replies
    the bytes are compared, not how single reads cut them, and the gets begin when the puts have
    ended."""
    shared = os.urandom(200000)
    library.write("shared", shared)
    contents = {b"file%d" % number: os.urandom(20000 + number) for number in range(200)}
    clients = {name: (LgpqClient if number % 2 else OldClient)(library.address())
               for number, name in enumerate(contents)}

    def put(name):
        clients[name].put(name, contents[name])

    def get(name):
        client = clients[name]
        for wanted, content in ((b"shared", shared), (name, contents[name])):
            if isinstance(client, LgpqClient):
                assert client.get(wanted) == content
            else:
                client.send(b"G " + wanted)
                assert client.exactly(len(content) + 4) == OK + content + MARK
        client.close()

    with ThreadPoolExecutor(200) as crowd:
        list(crowd.map(put, contents))
        library.wait_until(lambda status: status["totals"]["uploads"] == 200)
        list(crowd.map(get, contents))
    for name, content in contents.items():
        assert library.read(name) == content
    assert len(library.names()) == 201
    library.wait_until(lambda status: status["transfers"] == 0 and status["sessions"] == 0)
