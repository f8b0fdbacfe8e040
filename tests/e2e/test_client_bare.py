"""ftpool with the old server: bare mode, its pauses, its marks, its lack of everything else."""
import socket
import threading
import time

import pytest

from ftpool_server import wait_for
from old_server import PAUSE

pytest_plugins = ["client_fixtures"]

CONTENTS = {
    "plain": b"hello\n",
    "empty": b"",
    "mark": b"##",
    "marks": b"####",
    "hash": b"#",
    "ends-in-mark": b"x" * 3000 + b"##",
    "ends-in-mark-at-a-burst": b"x" * 1024 + b"##",
    "starts-with-mark": b"##x",
    "zeros": bytes(300000),
    "三个字": "内容".encode(),
}


def wait_stored(old_server, name, content):
    """The old server confirms nothing: it may close the file after the client has left."""
    file = old_server.library / name
    wait_for(lambda: file.exists() and file.read_bytes() == content, f"{name} to be stored")


@pytest.mark.parametrize("name", CONTENTS)
def test_every_content_goes_both_ways(client, old_server, name):
    (old_server.library / name).write_bytes(CONTENTS[name])
    client.run(old_server, "get", name)
    assert (client.files / name).read_bytes() == CONTENTS[name]
    (old_server.library / name).unlink()
    (old_server.library / "other").write_bytes(b"")
    done = client.run(old_server, "put", name)
    wait_stored(old_server, name, CONTENTS[name])
    assert b"this server does not confirm it" in done.stdout
    assert client.hidden() == []


def test_several_at_once_are_not_glued(client, old_server):
    (old_server.library / "other").write_bytes(b"")
    for name, content in CONTENTS.items():
        (client.files / name).write_bytes(content)
    client.run(old_server, "put", *CONTENTS)
    for name, content in CONTENTS.items():
        wait_stored(old_server, name, content)
        (client.files / name).unlink()
    client.run(old_server, "get", *CONTENTS)
    for name, content in CONTENTS.items():
        assert (client.files / name).read_bytes() == content
    assert old_server.requests[0] == b"L\n"
    assert old_server.requests[1] == b"P plain"


def test_list(client, old_server):
    names = {"a", "b c", "文件"}
    for name in names:
        (old_server.library / name).write_bytes(b"1")
    done = client.run(old_server, "list")
    assert set(done.stdout.decode().splitlines()) == names
    assert old_server.requests[0] == b"L\n"
    done = client.run(old_server, "list", "-l")
    assert "-\t-\t文件" in done.stdout.decode().splitlines()


def test_crash_on_an_empty_library(client, old_server):
    (client.files / "a").write_bytes(b"1")
    client.run(old_server, "put", "a")
    wait_stored(old_server, "a", b"1")
    assert old_server.connections == 2
    assert old_server.requests[:2] == [b"L\n", b"P a"]


def test_list_of_an_empty_library_is_no_connection(client, old_server):
    done = client.run(old_server, "list", code=3)
    assert b"the server has closed the connection" in done.stderr


def test_messages_of_the_server_are_shown(client, old_server):
    (old_server.library / "a").write_bytes(b"1")
    (client.files / "b").write_bytes(b"2")
    done = client.run(old_server, "get", "missing", "a", code=1)
    assert "missing: the server says: 文件不存在".encode() in done.stderr
    assert (client.files / "a").read_bytes() == b"1"
    done = client.run(old_server, "put", "-o", "no/such/place", "b", code=1)
    assert "b: the server says: 上传失败".encode() in done.stderr


def test_no_resuming(client, old_server):
    (old_server.library / "a").write_bytes(b"whole")
    (client.files / "a").write_bytes(b"who")
    done = client.run(old_server, "get", "-c", "a")
    assert b"this server cannot resume" in done.stdout
    assert (client.files / "a").read_bytes() == b"whole"
    done = client.run(old_server, "put", "-c", "a")
    assert b"this server cannot resume" in done.stdout


def test_names_that_would_break_the_protocol(client, old_server):
    (old_server.library / "a").write_bytes(b"1")
    done = client.run(old_server, "get", "new\nline", code=1)
    assert b"control characters" in done.stderr


def run_scripted(client, answers, *arguments, **options):
    """Against a server of one connection: for each request the bursts to send, a pause after each;
    then it closes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve():
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection:
                for bursts in answers:
                    if not connection.recv(128):
                        return
                    for burst in bursts:
                        connection.sendall(burst)
                        time.sleep(PAUSE)
        thread = threading.Thread(target=serve)
        thread.start()
        where = f"127.0.0.1:{listener.getsockname()[1]}"
        done = client.run(None, where, *arguments, **options)
        thread.join()
    return done


def test_mark_glued_to_the_content(client):
    """As it comes over a slow line: the mark is the tail, even where the content ends like it."""
    run_scripted(client, [[b"OK", b"a#"], [b"OK", b"content##"], [b"OK", b"x####"], []],
                 "get", "one", "two")
    assert (client.files / "one").read_bytes() == b"content"
    assert (client.files / "two").read_bytes() == b"x##"


def test_content_in_halting_bursts(client):
    run_scripted(client, [[b"OK", b"a#"],
                          [b"OK", b"##", b"#", b"##", b"x", b"#", b"##", b"##"]], "get", "a")
    assert (client.files / "a").read_bytes() == b"#####x###"


def test_list_in_parts_and_cut(client):
    done = run_scripted(client, [[b"OK", b"one#tw", b"o#...#"], []], "list")
    assert done.stdout == b"one\ntwo\n"
    assert b"more names than it can list" in done.stderr


def test_empty_library_that_says_so(client):
    done = run_scripted(client, [["文件库为空".encode()], []], "list")
    assert done.stdout == b""


def test_connection_lost_in_the_middle(client):
    (client.files / "a").write_bytes(b"the old one")
    done = run_scripted(client, [[b"OK", b"a#"], [b"OK", b"half of it"]], "get", "a", code=3)
    assert b"closed the connection" in done.stderr
    assert (client.files / "a").read_bytes() == b"the old one"
    assert client.hidden() == []


def test_message_in_the_middle_of_a_put(client):
    (client.files / "a").write_bytes(bytes(64 * 2**20))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve():
            connection, _ = listener.accept()
            with connection:
                connection.recv(128)
                connection.sendall(b"OK")
                time.sleep(PAUSE)
                connection.sendall(b"a#")
                connection.recv(128)
                connection.sendall(b"OK")
                connection.recv(100000)
                connection.sendall("上传失败".encode())
                while connection.recv(100000):
                    pass
        thread = threading.Thread(target=serve)
        thread.start()
        where = f"127.0.0.1:{listener.getsockname()[1]}"
        done = client.run(None, where, "put", "a", code=1)
        thread.join()
    assert "a: the server says: 上传失败".encode() in done.stderr
