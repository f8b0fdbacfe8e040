"""Accounts and TLS: what an account requires, and a client's certificate as its login."""
import ssl
import subprocess

import pytest

from ftp_talk import Control
from ftpool_server import PATIENCE_SECONDS
from ftp_matrix import needs
from lgpq_client import LgpqClient
from test_accounts import PASSWORD, Users
from tls_talk import EXPLICIT, Pair, SecureControl, context_for, openssl

LGPQ = """\
listener lgpq {
	account = keeper
}
"""


@pytest.fixture
def pair(tmp_path):
    return Pair(tmp_path, "localhost")


@pytest.fixture
def authority(tmp_path):
    return Pair(tmp_path, "authority")


@pytest.fixture
def users(tmp_path):
    return Users(tmp_path)


@pytest.fixture
def pool(server, pair, authority, users):
    """A server that asks clients for certificates; further words are the config's."""
    def start(config=EXPLICIT, **settings):
        started = server(config, settings={
            "users": users.path, "tls.client_certificates": "optional",
            "tls.ca": authority.certificate, **pair.settings(), **settings})
        started.write("content", b"content")
        return started
    return start


@pytest.fixture
def connect(pair):
    """connect(pool, own) → a control connection by TLS of a client with that certificate."""
    opened = []

    def make(server, own=None, version=None):
        context = context_for(pair, version)
        if own:
            context.load_cert_chain(own.certificate, own.key)
        opened.append(SecureControl(*server.address("ftp"), context))
        return opened[-1].secure()
    yield make
    for control in opened:
        control.close()


# ---- what an account requires ----

def test_an_account_that_logs_in_by_tls_alone(pool, connect, users):
    users.add("anna", "--tls", "login")
    users.add("bert")
    server = pool()
    clear = Control(*server.address("ftp"))
    clear.expect("220 *")
    clear.command("USER anna", "331 *")
    clear.command("PASS wrong", "530 Login incorrect")
    clear.command("USER anna", "331 *")
    clear.command(f"PASS {PASSWORD}", "530 anna logs in by TLS alone*")
    clear.command("PWD", "530 *")
    clear.command("USER bert", "331 *")
    clear.command(f"PASS {PASSWORD}", "230 *")
    clear.close()
    server.wait_log("ftp: login refused without TLS .*user=\"anna\"")
    control = connect(server)
    control.command("USER anna", "331 *")
    control.command(f"PASS {PASSWORD}", "230 *")
    control.open_data()
    control.command("NLST", "150 *")
    assert control.data.read() == b"content\r\n"
    control.expect("226 *")


def test_an_account_whose_data_is_protected(pool, connect, users):
    users.add("anna", "--tls", "all")
    control = connect(pool())
    control.command("PBSZ 0", "200 *")
    control.command("PROT C", "200 *")
    control.command("USER anna", "331 *")
    control.command(f"PASS {PASSWORD}", "230 *")
    control.command("TYPE I", "200 *")
    control.command("EPSV", "229 *")
    control.command("RETR content", "521 *")
    control.command("PROT C", "534 *")
    control.command("CCC", "533 *")
    control.command("PROT P", "200 *")
    assert control.download("content") == b"content"


def test_an_account_requires_no_less_than_its_listener(pool, connect, users):
    users.add("anna", "--tls", "none")
    control = connect(pool(**{"listener.ftp.tls_require": "all"}))
    control.command("USER anna", "331 *")
    control.command(f"PASS {PASSWORD}", "230 *")
    control.command("EPSV", "229 *")
    control.command("RETR content", "521 *")


def test_a_listener_in_clear_does_not_serve_an_account_that_requires_tls(pool, users):
    users.add("keeper", "--tls", "login")
    server = pool(LGPQ)
    with LgpqClient(server.address()) as client:
        client.send(b"L\n")
        assert client.line().startswith(b"ERR denied")
    server.wait_log("it is served by TLS alone")


# ---- a certificate as the login ----

def fingerprint(own):
    said = openssl("x509", "-in", own.certificate, "-noout", "-fingerprint", "-sha256").stdout
    return "sha256:" + said.decode().strip().partition("=")[2]


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_a_certificate_is_the_login(pool, connect, users, authority, tmp_path, version):
    own = Pair(tmp_path, "scanner.example.org", authority)
    users.ctl("add", "scanner", "--certificate", "dns:scanner.example.org", "--no-password")
    users.add("anna", "--certificate", "cn:Anna")
    server = pool()
    control = connect(server, own, ssl.TLSVersion[version])
    control.command("USER scanner", "232 *scanner")
    control.command("PASS whatever", "202 *")
    control.command("TYPE I", "200 *")
    control.command("PBSZ 0", "200 *")
    control.command("PROT P", "200 *")
    assert control.download("content") == b"content"
    server.wait_log("ftp: logged in .*user=\"scanner\"")
    # Nobody else, unless the password is right.
    control.command("USER anna", "331 *")
    control.command("PWD", "530 *")
    control.command("PASS wrong", "530 *")
    control.command("USER anna", "331 *")
    control.command(f"PASS {PASSWORD}", "230 *")


@pytest.mark.parametrize("kind", ["cn", "sha256"])
def test_other_names_of_a_certificate(pool, connect, users, authority, tmp_path, kind):
    own = Pair(tmp_path, "anna", authority, subject="Anna Archer")
    name = "cn:Anna Archer" if kind == "cn" else fingerprint(own)
    users.ctl("add", "anna", "--certificate", name, "--no-password")
    connect(pool(), own).command("USER anna", "232 *")


def test_a_certificate_of_the_wrong_name_logs_nobody_in(pool, connect, users, authority, tmp_path):
    own = Pair(tmp_path, "other.example.org", authority)
    users.ctl("add", "scanner", "--certificate", "dns:scanner.example.org", "--no-password")
    control = connect(pool(), own)
    for name in ("scanner", "nobody"):
        control.command(f"USER {name}", f"331 *{name}")
    control.command("PASS x", "530 *")


def test_no_certificate_logs_a_locked_account_in(pool, connect, users, authority, tmp_path):
    own = Pair(tmp_path, "scanner.example.org", authority)
    users.ctl("add", "scanner", "--certificate", "dns:scanner.example.org", "--no-password")
    users.ctl("lock", "scanner")
    connect(pool(), own).command("USER scanner", "331 *")


def test_a_session_that_is_resumed_is_the_same_client(pool, connect, users, pair, authority, tmp_path):
    own = Pair(tmp_path, "scanner.example.org", authority)
    users.ctl("add", "scanner", "--certificate", "dns:scanner.example.org", "--no-password")
    server = pool()
    first = connect(server, own)
    first.command("USER scanner", "232 *")
    again = SecureControl(*server.address("ftp"), first.context)
    again.expect("220 *")
    again.command("AUTH TLS", "234 *")
    again.lines.close()
    again.socket = first.context.wrap_socket(
        again.socket, server_hostname="localhost", session=first.socket.session)
    again.lines = again.socket.makefile("rb")
    assert again.socket.session_reused
    again.command("USER scanner", "232 *")
    again.close()


@needs("curl")
def test_curl_logs_in_by_certificate(pool, users, authority, pair, tmp_path):
    own = Pair(tmp_path, "scanner.example.org", authority)
    users.ctl("add", "scanner", "--certificate", "dns:scanner.example.org", "--no-password")
    port = pool(**{"tls.session_reuse": "require"}).port("ftp")
    done = subprocess.run(
        ["curl", "-sS", "--ipv4", "--ssl-reqd", "--cacert", pair.certificate, "--cert",
         own.certificate, "--key", own.key, f"ftp://scanner:@localhost:{port}/content"],
        check=True, capture_output=True, timeout=PATIENCE_SECONDS)
    assert done.stdout == b"content"


@needs("lftp")
def test_lftp_logs_in_by_certificate(pool, users, authority, pair, tmp_path):
    own = Pair(tmp_path, "scanner.example.org", authority)
    users.ctl("add", "scanner", "--certificate", "dns:scanner.example.org", "--no-password")
    port = pool().port("ftp")
    done = subprocess.run(["lftp", "--norc", "-c", f"""
        set net:max-retries 1; set ssl:ca-file {pair.certificate}; set ftp:ssl-force true
        set ssl:cert-file {own.certificate}; set ssl:key-file {own.key}
        set ftp:ssl-protect-data true; set dns:order inet
        open -u scanner,unneeded ftp://localhost:{port}; cat content
        """], check=True, capture_output=True, timeout=PATIENCE_SECONDS)
    assert done.stdout == b"content"


def test_what_is_no_certificate_is_not_written(users):
    said = users.ctl("add", "anna", "--certificate", "anna", "--no-password", status=1)
    assert "cn:NAME" in said
    assert not users.path.exists()
