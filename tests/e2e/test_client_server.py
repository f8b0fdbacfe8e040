"""ftpool with ftpoold: the pair as it is used."""
import os
import signal

import pytest

from ftpool_server import wait_for

pytest_plugins = ["client_fixtures"]

BIG = bytes(range(256)) * 65536  # 16 MiB
NAMES = [b"plain", b"two words", b"#", b"%", b"tab\there", b"new\nline", "中文 文件.txt".encode(),
         b"\xff\xfe", b"x" * 200, b"a\\b"]


class Place:
    """What the client's fixtures need to know of a server."""

    def __init__(self, server):
        self.port = server.port("lgpq")


@pytest.fixture
def real(server):
    started = server()
    started.place = Place(started)
    return started


def test_round_trip_of_every_name(client, real):
    for name in NAMES:
        with open(os.fsencode(client.files) + b"/" + name, "wb") as file:
            file.write(name * 5)
        os.utime(os.fsencode(client.files) + b"/" + name, (1, 1))
    client.run(real.place, "put", "--", *NAMES)
    for name in NAMES:
        assert real.read(name) == name * 5
        os.unlink(os.fsencode(client.files) + b"/" + name)
    done = client.run(real.place, "list")
    assert sorted(done.stdout.split(b"\n")) == sorted(b"\n".join(NAMES).split(b"\n") + [b""])
    client.run(real.place, "get", "--", *NAMES)
    for name in NAMES:
        with open(os.fsencode(client.files) + b"/" + name, "rb") as file:
            assert file.read() == name * 5


def test_empty_library(client, real):
    assert client.run(real.place, "list").stdout == b""


def test_time_and_size(client, real):
    os.utime(real.write("a", b"12345"), (86400, 86400))
    assert client.run(real.place, "list", "-l").stdout == b"5\t86400\ta\n"
    client.run(real.place, "get", "a")
    assert (client.files / "a").stat().st_mtime == 86400


def test_refusals(client, real):
    (client.files / "a").write_bytes(b"1")
    done = client.run(real.place, "get", "missing", "../../etc/passwd", code=1)
    assert b"missing: the server has no such file" in done.stderr
    assert not (client.files / "passwd").exists()
    done = client.run(real.place, "put", "-o", ".a.partial", "a", code=1)
    assert b"a: the server does not accept this name" in done.stderr
    assert real.names() == []


def test_resumed_get(client, real):
    real.write("big", BIG)
    (client.files / ".big.part").write_bytes(BIG[:10000000])
    done = client.run(real.place, "get", "-c", "big")
    assert b"after the first 9.5 MiB, verified" in done.stdout
    assert (client.files / "big").read_bytes() == BIG
    (client.files / "big").write_bytes(BIG + b"more")
    client.run(real.place, "get", "-c", "big")
    assert (client.files / "big").read_bytes() == BIG


def test_put_that_broke_off_is_resumed(client, real, terminal):
    """The client is stopped in the middle, so that the server has a part; then killed."""
    size = 2**29
    with open(client.files / "big", "wb") as file:
        file.truncate(size)
        file.write(b"begins")
    putting = client.start(real.place, "put", "big")
    wait_for(lambda: any(session["bytes"] > 2**20 for session in real.sessions()), "the put to move")
    putting.send_signal(signal.SIGINT)
    _, errors = putting.communicate(timeout=60)
    assert putting.returncode == -signal.SIGINT
    assert b"put -c goes on" in errors
    wait_for(lambda: not real.sessions(), "the session to end")
    assert b"big" not in real.names()
    done = client.run(real.place, "put", "-c", "big")
    assert b"after the first" in done.stdout and b", verified" in done.stdout
    assert os.path.getsize(os.path.join(real.root, "big")) == size


def test_menu(terminal, client, real):
    real.write("中文 文件", b"1")
    menu = terminal(real.place)
    menu.expect("framed mode")
    menu.expect("ftpool> ")
    menu.type("get 中\t\n")
    menu.expect("中文 文件: received 1 B.*, verified")
    menu.expect("ftpool> ")
    menu.type("put \t\n")
    menu.expect("sent 1 B.*, verified")
    menu.expect("ftpool> ")
    menu.type("q\n")
    assert menu.end() == 0


def test_idle_time_out_is_never_seen(terminal, client, server):
    real = server(settings={"idle_timeout": "1s"})
    real.write("a", b"1")
    menu = terminal(Place(real))
    menu.expect("ftpool> ")
    real.wait_until(lambda status: status["sessions"] == 0)
    menu.type("get a\n")
    menu.expect("a: received 1 B.*, verified")
