"""ftpool's command line, exit codes and languages."""
import re
import socket
import subprocess
import threading

import pytest

from conftest import one_thread

pytestmark = one_thread
pytest_plugins = ["client_fixtures"]


@pytest.mark.parametrize("arguments, words", [
    ([], "which server"),
    (["host", "0"], "0 is neither a port"),
    (["host", "65536"], "65536 is neither a port"),
    (["host", "frobnicate"], "frobnicate is neither a port"),
    (["host", "8888", "frobnicate"], "frobnicate is not one of"),
    (["host:1", "2"], "two ports"),
    (["host:", "list"], "host: is neither"),
    (["[::1", "list"], r"\[::1 is neither"),
    (["host", "get"], "which file"),
    (["host", "put"], "which file"),
    (["host", "list", "name"], "takes no names"),
    (["-c", "host"], "go with a command"),
    (["-c", "host", "list"], "for get and put"),
    (["host", "get", "-l", "a"], "for list"),
    (["host", "get", "-o", "one", "a", "b"], "one name for several"),
    (["host", "put", "-o", ".", "a", "b"], "one name for several"),
    (["host", "get", "-c", "-o", "-", "a"], "standard output"),
    (["host", "get", "-o", "", "a"], "empty"),
    (["-t", "soon", "host"], "soon is not a number"),
    (["-t", "0", "host"], "0 is not a number"),
    (["--frobnicate", "host"], "frobnicate"),
])
def test_bad_arguments_are_explained(client, arguments, words):
    done = client.run(None, *arguments, code=2)
    assert re.search(words, done.stderr.decode())
    assert b"usage: ftpool" in done.stderr
    assert done.stdout == b""


def test_help_and_version(client):
    assert b"usage: ftpool" in client.run(None, "--help").stdout
    assert re.fullmatch(rb"ftpool \d+\.\d+\.\d+\n", client.run(None, "--version").stdout)


def test_server_may_be_named_in_several_ways(client, framed_server):
    framed_server.files[b"a"] = b"1"
    for name in (f"127.0.0.1:{framed_server.port}", f"[127.0.0.1]:{framed_server.port}",
                 f"localhost:{framed_server.port}"):
        assert client.run(None, name, "list").stdout == b"a\n"


def test_ipv6(client):
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as listener:
        def serve():
            connection, _ = listener.accept()
            with connection:
                assert connection.recv(10) == b"L\n"
                connection.sendall(b"OK 1\n3\t0\tsix\n")
                connection.recv(10)
        server = threading.Thread(target=serve)
        server.start()
        port = listener.getsockname()[1]
        assert client.run(None, f"[::1]:{port}", "list").stdout == b"six\n"
        server.join()


def test_no_connection_is_3(client):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    done = client.run(None, f"127.0.0.1:{port}", "list", code=3)
    assert f"127.0.0.1:{port}: Connection refused" in done.stderr.decode()
    done = client.run(None, "no-such-host.invalid", "list", code=3)
    assert b"cannot find the host no-such-host.invalid" in done.stderr


def test_full_server_is_3(client, framed_server):
    framed_server.full = True
    done = client.run(framed_server, "list", code=3)
    assert b"the server is full, try again later (too many sessions)" in done.stderr


def test_silent_server_is_3(client, framed_server):
    framed_server.silent = True
    done = client.run(framed_server, "-t", "1", "list", code=3)
    assert b"silent for 1 second\n" in done.stderr


def test_busy_file_is_no_full_server(client, framed_server):
    (client.files / "a").write_bytes(b"1")
    framed_server.refuse["P"] = "busy another session writes this file"
    done = client.run(framed_server, "put", "a", code=1)
    assert b"a: the server is busy (another session writes this file)" in done.stderr


@pytest.mark.parametrize("environment", [
    {"LANG": "zh_CN.UTF-8"}, {"LANG": "C.UTF-8", "LANGUAGE": "zh_CN"},
    {"LANG": "C.UTF-8", "LC_ALL": "zh_CN.UTF-8"}])
def test_chinese(client, framed_server, environment):
    assert "用法：".encode() in client.run(None, code=2, **environment).stderr
    done = client.run(framed_server, "get", "文件", code=1, **environment)
    assert "服务器上没有这个文件".encode() in done.stderr


def test_the_c_locale_shows_names_whole(client, framed_server):
    done = client.run(framed_server, "get", "文件", code=1, LANG="C")
    assert "文件: ".encode() in done.stderr


def test_list_for_programs(client, framed_server):
    framed_server.files = {b"b": b"12", "中 文#%\t".encode(): b"", b"a": b"1"}
    framed_server.times = {b"b": 86400}
    done = client.run(framed_server, "list")
    assert done.stdout == "a\nb\n中 文#%\t\n".encode()
    done = client.run(framed_server, "list", "-l")
    assert done.stdout == "1\t0\ta\n2\t86400\tb\n0\t0\t中 文#%\t\n".encode()


def test_list_byte_by_byte(client, framed_server):
    framed_server.files = {b"%d" % i: b"" for i in range(100)}
    framed_server.dribble = True
    assert len(client.run(framed_server, "list").stdout.split()) == 100


def test_nonsense_from_the_server(client):
    for answer in (b"OK \n", b"OK x\n", b"OK 1\nrubbish\n", b"OK 1\n1\t2\t%0\n", b"OK -1\n",
                   b"ERRATIC\n", b"OK " + b"9" * 300000):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            def serve():
                connection, _ = listener.accept()
                with connection:
                    connection.recv(10)
                    try:
                        connection.sendall(answer)
                        connection.recv(10)
                    except OSError:
                        pass
            server = threading.Thread(target=serve)
            server.start()
            done = client.run(None, f"127.0.0.1:{listener.getsockname()[1]}", "list", code=1)
            assert b"the server" in done.stderr, answer
            server.join()


def test_commands_from_standard_input(client, framed_server):
    framed_server.files = {b"a": b"1", b"b c": b"22"}
    (client.files / "up").write_bytes(b"333")
    done = client.run(framed_server, stdin=b'G a\n\n2\nb\\ c\nput -o "x y" up\n1\nq\nlist\n')
    assert (client.files / "a").read_bytes() == b"1"
    assert (client.files / "b c").read_bytes() == b"22"
    assert framed_server.files[b"x y"] == b"333"
    assert done.stdout.endswith(b"a\nb c\nx y\n")
    assert b"ftpool>" not in done.stdout
    assert framed_server.letters().endswith(b"LQ")


def test_commands_from_standard_input_tell_failure(client, framed_server):
    framed_server.files = {b"a": b"1"}
    done = client.run(framed_server, stdin=b"get nothing\nfrobnicate\nget 'a\nget a\n", code=1)
    assert (client.files / "a").read_bytes() == b"1"
    errors = done.stderr.decode()
    assert "nothing: the server has no such file" in errors
    assert "frobnicate: there is no such command" in errors
    assert "closing quote" in errors


def test_quiet(client, framed_server):
    framed_server.files = {b"a": b"1"}
    done = client.run(framed_server, "-q", "get", "a")
    assert done.stdout == done.stderr == b""


def test_full_disk_of_standard_output_is_told(client, framed_server):
    framed_server.files = {b"a": b"1"}
    with open("/dev/full", "wb") as full:
        command = client.command(framed_server, ["list"])
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE,
                              env=client.environment, timeout=60)
    assert done.returncode == 1
    assert b"standard output" in done.stderr
