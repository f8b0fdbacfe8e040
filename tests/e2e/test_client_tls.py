"""ftpool speaks LGPQ over TLS, and trusts no certificate but a good one."""
import pytest

from ftpool_server import HOST
from tls_talk import Pair

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
    assert b"TLS" in done.stderr


def test_options_that_need_others(client):
    assert b"--cacert goes with --tls" in client.run(
        None, "--cacert=/dev/null", "host", "list", code=2).stderr
