"""ftpool speaks LGPQ over TLS, and trusts no certificate but a good one."""
import pathlib

import pytest

from ftpool_server import HOST
from test_accounts import Users
from tls_talk import Pair

FTPS = """\
listener explicit {
	protocol = ftp
	tls = explicit
}
listener implicit {
	protocol = ftp
	tls = implicit
}
"""
LGPQ = "listener lgpq {\n\ttls = implicit\n}\n"
CONTENT = bytes(range(256)) * 5000


@pytest.fixture
def pair(tmp_path):
    return Pair(tmp_path, "localhost")


@pytest.fixture
def pool(server, pair):
    return server(LGPQ, settings=pair.settings())


def where(pool, host=HOST):
    return f"{host}:{pool.port('lgpq')}"


@pytest.mark.parametrize("host", [HOST, "localhost"])
def test_there_and_back(client, pool, pair, host):
    (client.files / "up").write_bytes(CONTENT)
    options = ["--tls", f"--cacert={pair.certificate}", where(pool, host)]
    client.run(None, *options, "put", "up")
    assert pool.read("up") == CONTENT
    assert b"up" in client.run(None, *options, "list").stdout
    done = client.run(None, *options, "get", "-o", "down", "up")
    assert b"verified" in done.stdout
    assert (client.files / "down").read_bytes() == CONTENT
    assert pool.total("tls_handshakes") == 3


def test_several_files_over_one_connection(client, pool, pair):
    for name in ("one", "two", "three"):
        (client.files / name).write_bytes(CONTENT)
    options = ["--tls", f"--cacert={pair.certificate}", where(pool)]
    client.run(None, *options, "put", "one", "two", "three")
    client.run(None, *options, "get", "-o", "..", "one", "two", "three")
    assert pool.total("sessions_opened") == 2


def test_who_is_not_trusted_is_told_nothing(client, pool, tmp_path):
    other = Pair(tmp_path, "other")
    for trusted in ([], [f"--cacert={other.certificate}"]):
        done = client.run(None, "--tls", *trusted, where(pool), "list", code=3)
        assert b"the server's certificate is not trusted" in done.stderr
    assert pool.total("requests") == 0


def test_a_certificate_for_another_name_is_not_trusted(client, server, tmp_path):
    elsewhere = Pair(tmp_path, "elsewhere")
    pool = server(LGPQ, settings=elsewhere.settings())
    client.run(None, "--tls", f"--cacert={elsewhere.certificate}", where(pool, HOST), "list")
    done = client.run(None, "--tls", f"--cacert={elsewhere.certificate}", where(pool, "localhost"),
                      "list", code=3)
    assert b"not trusted: hostname mismatch" in done.stderr.lower()


def test_a_server_without_tls_is_not_spoken_to(client, server, pair):
    plain = server("listener lgpq {\n}\n", settings={"idle_timeout": "1s"})
    done = client.run(None, "--tls", f"--cacert={pair.certificate}", "-t", "5", where(plain),
                      "list", code=3)
    assert b"the server does not speak TLS here" in done.stderr


def test_options_that_need_others(client):
    for option in ("--cacert=/dev/null", "--insecure"):
        assert b"--cacert and --insecure go with --tls" in client.run(
            None, option, "host", "list", code=2).stderr
    assert b"either --cacert or --insecure" in client.run(
        None, "--cacert=/dev/null", "--insecure", "ftps://host", "list", code=2).stderr


# ---- whom it trusts if it is told to ----

def test_insecure_trusts_whoever_answers(client, pool, server, pair):
    client.run(None, "--tls", where(pool), "list", code=3)
    client.run(None, "--tls", "--insecure", where(pool), "list")
    ftp = server(FTPS, settings=pair.settings())
    ftp.write("content", CONTENT)
    for option, url in (("-q", f"ftps://{HOST}:{ftp.port('implicit')}"),
                        ("--tls", f"ftp://{HOST}:{ftp.port('explicit')}")):
        assert b"certificate" in client.run(None, option, url, "list", code=3).stderr
        assert b"content" in client.run(None, option, "--insecure", url, "list").stdout


# ---- accounts by TLS, and where the password comes from ----

@pytest.fixture
def house(server, pair, tmp_path):
    """A server of FTP where nothing moves in clear, with an account."""
    users = Users(tmp_path)
    users.add("anna", "--may", "all", "--tls", "all", password="open-Sesame")
    pool = server(FTPS, settings={**pair.settings(), "users": users.path})
    pool.write("content", CONTENT)
    return pool


WAYS = {"explicit": ("ftp", ["--tls"]), "implicit": ("ftps", [])}


@pytest.mark.parametrize("way", WAYS)
def test_the_password_is_asked_for_without_echo(terminal, house, pair, way):
    scheme, options = WAYS[way]
    menu = terminal(None, *options, f"--cacert={pair.certificate}",
                    f"{scheme}://anna@localhost:{house.port(way)}")
    menu.expect("password of anna@localhost: ")
    menu.type("open-Sesame\n")
    menu.expect("ftpool> ")
    menu.type("list\n")
    menu.expect("content")
    menu.type("quit\n")
    assert menu.end() == 0
    assert "Sesame" not in menu.output


@pytest.mark.parametrize("way", WAYS)
def test_the_password_is_in_a_netrc(client, house, pair, way):
    scheme, options = WAYS[way]
    home = pathlib.Path(client.environment["HOME"])
    home.mkdir()
    (home / ".netrc").write_text("machine localhost login anna password open-Sesame\n")
    client.run(None, *options, f"--cacert={pair.certificate}",
               f"{scheme}://anna@localhost:{house.port(way)}", "get", "content")
    assert (client.files / "content").read_bytes() == CONTENT
    (client.files / "up").write_bytes(CONTENT)
    client.run(None, *options, f"--cacert={pair.certificate}",
               f"{scheme}://anna@localhost:{house.port(way)}", "put", "up")
    assert house.read("up") == CONTENT


def test_the_menu_over_tls(terminal, pool, pair, client):
    (client.files / "up").write_bytes(CONTENT)
    menu = terminal(None, "--tls", f"--cacert={pair.certificate}", where(pool))
    menu.expect("put")
    menu.type("put up\n")
    menu.expect("up")
    menu.type("list\n")
    menu.expect("up")
    menu.type("get -o down up\n")
    menu.expect("verified")
    menu.type("quit\n")
    assert menu.end() == 0
    assert (client.files / "down").read_bytes() == CONTENT == pool.read("up")
