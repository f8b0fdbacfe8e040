"""FTP over TLS (RFC 4217): explicit and implicit, what it protects against, and clients that others
have written."""
import ftplib
import io
import os
import shutil
import signal
import socket
import ssl
import struct
import subprocess

import pytest

from ftp_talk import ALL_RIGHTS, Control
from ftpool_server import MODE, PATIENCE_SECONDS, wait_for
from tls_talk import EXPLICIT, Pair, SecureControl, context_for, openssl

IMPLICIT = EXPLICIT.replace("explicit", "implicit")
LGPQ = "listener lgpq {\n\ttls = implicit\n}\n"
CONTENT = bytes(range(256)) * 4000


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    return Pair(tmp_path_factory.mktemp("tls"), "localhost")


@pytest.fixture
def secure_server(server, pair):
    def start(config=EXPLICIT, **settings):
        pool = server(config, settings={**ALL_RIGHTS, **pair.settings(), **settings})
        pool.write("content", CONTENT)
        return pool
    return start


@pytest.fixture
def connect(pair):
    """connect(pool) → a control connection that speaks TLS and has logged in."""
    opened = []

    def make(pool, context=None, name="localhost", implicit=False):
        control = SecureControl(*pool.address("ftp"), context or context_for(pair), name, implicit)
        opened.append(control)
        return control.secure() if not implicit else control
    yield make
    for control in opened:
        control.close()


# ---- the way of it ----

@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
@pytest.mark.parametrize("how", ["EPSV", "PASV", "PORT", "EPRT"])
def test_explicit_with_protected_data(secure_server, connect, pair, version, how):
    pool = secure_server(**{"tls.session_reuse": "require"})
    control = connect(pool, context_for(pair, ssl.TLSVersion[version])).log_in_securely()
    for _ in range(3):
        assert control.download("content", how=how) == CONTENT
    assert pool.total("tls_data_reused") == 3


def test_implicit(secure_server, connect):
    pool = secure_server(IMPLICIT)
    control = connect(pool, implicit=True)
    control.expect("220 *")
    control.log_in_securely()
    assert control.download("content") == CONTENT


def test_implicit_protects_data_unless_told_otherwise(secure_server, connect):
    pool = secure_server(IMPLICIT)
    control = connect(pool, implicit=True).log_in()
    assert control.download("content") == CONTENT
    control.command("PROT C", "200 *")
    control.open_data()
    control.command("RETR content", "150 *")
    assert control.data.read() == CONTENT
    control.expect("226 *")


def test_clear_data_beside_a_protected_control_connection(secure_server, connect):
    control = connect(secure_server())
    control.command("USER anonymous", "331 *")
    control.command("PASS x", "230 *")
    control.command("TYPE I", "200 *")
    control.open_data()
    control.command("RETR content", "150 *")
    assert control.data.read() == CONTENT
    control.expect("226 *")


def upload(control, name, content):
    control.open_data()
    control.command(f"STOR {name}", "150 *")
    data = control.shake_data()
    data.sendall(content)
    return data


def test_uploads_and_listings(secure_server, connect):
    pool = secure_server(**{"tls.session_reuse": "require"})
    control = connect(pool).log_in_securely()
    upload(control, "up", CONTENT).unwrap()
    control.data.close()
    control.expect("226 *")
    assert pool.read("up") == CONTENT
    control.open_data()
    control.command("NLST", "150 *")
    control.shake_data()
    assert set(control.data.read_to_end().split()) == {b"content", b"up"}
    control.expect("226 *")


def test_what_auth_pbsz_and_prot_take(secure_server, pair):
    control = SecureControl(*secure_server().address("ftp"), context_for(pair))
    control.expect("220 *")
    control.command("PBSZ 0", "503 *")
    control.command("PROT P", "503 *")
    control.command("CCC", "530 *")
    control.command("AUTH KERBEROS", "504 *")
    control.command("AUTH TLS", "234 *")
    control.shake()
    control.command("AUTH TLS", "503 *")
    control.command("PROT P", "503 *")
    control.command("PBSZ none", "501 *")
    control.command("PBSZ 16384", "200 PBSZ=0")
    for level, code in {"S": 536, "E": 536, "X": 504, "PP": 504, "C": 200, "P": 200}.items():
        control.command(f"PROT {level}", f"{code} *")
    control.command("FEAT", "211-*")
    features = []
    while not (line := control.line()).startswith("211 "):
        features.append(line.strip())
    assert {"AUTH TLS", "PBSZ", "PROT", "CCC"} <= set(features)
    control.close()


@pytest.mark.parametrize("mechanism", ["TLS-P", "SSL"])
def test_older_names_protect_the_data_at_once(secure_server, pair, mechanism):
    control = SecureControl(*secure_server().address("ftp"), context_for(pair))
    control.expect("220 *")
    control.command(f"AUTH {mechanism}", "234 *")
    control.shake()
    control.command("USER anonymous", "331 *")
    control.command("PASS x", "230 *")
    control.command("TYPE I", "200 *")
    assert control.download("content") == CONTENT
    control.close()


def test_without_tls_nothing_is_offered(server):
    control = Control(*server("listener ftp {\n\tprotocol = ftp\n}\n").address("ftp"))
    control.expect("220 *")
    for line in ("AUTH TLS", "PBSZ 0", "PROT P"):
        control.command(line, "502 *")
    control.command("FEAT", "211-*")
    control.expect_after_any("211 End")
    assert not any(b"AUTH" in line and line.startswith(b"S:") for line in control.said)
    control.close()


def test_a_login_in_clear_is_forgotten(secure_server, pair):
    control = SecureControl(*secure_server().address("ftp"), context_for(pair)).log_in()
    control.command("AUTH TLS", "234 *")
    control.shake()
    control.command("PWD", "530 *")
    control.close()


def test_stat_tells_what_is_protected(secure_server, connect):
    control = connect(secure_server())
    control.command("STAT", "211-*")
    control.expect_after_any(" The control connection is TLSv1.*, data connections are clear")
    control.expect_after_any("211 *")
    control.command("PBSZ 0", "200 *")
    control.command("PROT P", "200 *")
    control.command("STAT", "211-*")
    control.expect_after_any(" The control connection is TLSv1.*, data connections are protected")
    control.expect_after_any("211 *")


@pytest.mark.parametrize("polite", [True, False], ids=["says its end", "just goes on"])
def test_ccc(secure_server, connect, polite):
    control = connect(secure_server(**{"tls.session_reuse": "require"})).log_in_securely()
    session = control.socket.session
    control.command("CCC", "200 *")
    if polite:
        control.lines.close()
        control.socket = control.socket.unwrap()
    else:
        assert control.socket.recv(1) == b""  # the server's close_notify
        control.lines.close()
        control.socket = socket.socket(fileno=control.socket.detach())
        control.socket.settimeout(PATIENCE_SECONDS)
    control.lines = control.socket.makefile("rb")
    control.command("PWD", "257 *")
    assert control.download("content", session=session) == CONTENT


# ---- what is required ----

def test_nobody_logs_in_without_tls(secure_server, pair):
    pool = secure_server(**{"listener.ftp.tls_require": "login"})
    control = SecureControl(*pool.address("ftp"), context_for(pair))
    control.expect("220 *")
    control.command("USER anonymous", "530 *")
    control.command("PASS x", "503 *")
    control.command("AUTH TLS", "234 *")
    control.shake()
    control.command("USER anonymous", "331 *")
    control.command("PASS x", "230 *")
    control.open_data()
    control.command("NLST", "150 *")
    control.data.read()
    control.expect("226 *")
    control.close()


def test_no_data_moves_without_tls(secure_server, connect):
    control = connect(secure_server(**{"listener.ftp.tls_require": "all"}))
    control.command("USER anonymous", "331 *")
    control.command("PASS x", "230 *")
    control.command("TYPE I", "200 *")
    control.command("EPSV", "229 *")
    control.command("RETR content", "521 *")
    control.command("PBSZ 0", "200 *")
    control.command("PROT C", "534 *")
    control.command("PROT P", "200 *")
    control.command("CCC", "533 *")
    assert control.download("content") == CONTENT


# ---- session reuse ----

@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
@pytest.mark.parametrize("whose", ["nobody's", "another's"])
def test_a_session_that_is_not_the_control_connections_is_refused(
        secure_server, connect, pair, version, whose):
    pool = secure_server(**{"tls.session_reuse": "require", "workers": 1})
    context = context_for(pair, ssl.TLSVersion[version])
    other = connect(pool, context).log_in_securely()
    session = other.socket.session if whose == "another's" else None
    control = connect(pool, context).log_in_securely()
    control.open_data()
    control.command("RETR content", "150 *")
    control.shake_data(session)
    control.expect("522 *session_reuse*")
    assert pool.total("tls_data_reused") == 0


def test_another_session_is_taken_and_told(secure_server, connect):
    pool = secure_server()
    control = connect(pool).log_in_securely()
    assert control.download("content", session=None) == CONTENT
    pool.wait_log(r"verb=RETR .*reused=no")
    assert pool.total("tls_data_not_reused") == 1


def test_without_reuse_no_tickets_are_given(secure_server, connect):
    control = connect(secure_server(**{"tls.session_reuse": "off"})).log_in_securely()
    assert not control.socket.session.has_ticket
    assert control.download("content", session=None) == CONTENT


def test_a_ticket_is_good_with_a_worker_that_did_not_give_it(secure_server, connect, pair):
    pool = secure_server(workers=1)
    context = context_for(pair)
    session = connect(pool, context).log_in_securely().socket.session
    before, = pool.worker_pids()
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: [pid for pid in pool.worker_pids() if pid != before], "another worker")
    pool.wait_until(lambda status: status["workers_living"] == 1)
    raw = socket.create_connection(pool.address("ftp"), PATIENCE_SECONDS)
    assert raw.recv(1000).startswith(b"220 ")
    raw.sendall(b"AUTH TLS\r\n")
    assert raw.recv(1000).startswith(b"234 ")
    with context.wrap_socket(raw, server_hostname="localhost", session=session) as resumed:
        assert resumed.session_reused


# ---- ends ----

def test_an_upload_that_ends_without_close_notify_is_taken_and_told(secure_server, connect):
    pool = secure_server()
    control = connect(pool).log_in_securely()
    data = upload(control, "up", CONTENT)
    raw = socket.socket(fileno=data.detach())
    raw.shutdown(socket.SHUT_WR)
    control.expect("226 *close_notify*")
    raw.close()
    assert pool.read("up") == CONTENT
    pool.wait_log(r"verb=STOR .*end=unclean")


def test_an_upload_that_ends_without_close_notify_is_refused(secure_server, connect):
    pool = secure_server(**{"tls.unclean_end": "refuse"})
    control = connect(pool).log_in_securely()
    data = upload(control, "up", CONTENT)
    raw = socket.socket(fileno=data.detach())
    raw.shutdown(socket.SHUT_WR)
    control.expect("426 *close_notify*")
    raw.close()
    assert b"up" not in pool.names()


def test_an_upload_that_ends_in_a_reset_is_never_whole(secure_server, connect):
    pool = secure_server()
    control = connect(pool).log_in_securely()
    data = upload(control, "up", CONTENT)
    wait_for(lambda: pool.sessions() and pool.sessions()[0]["bytes"] == len(CONTENT), "the bytes")
    raw = socket.socket(fileno=data.detach())
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raw.close()
    control.expect("426 *")
    assert b"up" not in pool.names()


# ---- those who mean it badly ----

def test_what_is_sent_in_clear_before_the_handshake_is_thrown_away(secure_server, pair):
    control = SecureControl(*secure_server().address("ftp"), context_for(pair))
    control.expect("220 *")
    control.send(b"AUTH TLS\r\nUSER anonymous\r\nPASS injected\r\nMKD made\r\n")
    control.expect("234 *")
    control.shake()
    control.command("PWD", "530 *")
    control.command("NOOP", "200 *")
    control.close()


@pytest.mark.parametrize("config,greeting", [(EXPLICIT, b"220 "), (IMPLICIT, b"")],
                         ids=["explicit", "implicit"])
def test_dribbled_handshakes_hold_no_thread(secure_server, connect, pair, config, greeting):
    pool = secure_server(config, workers=1)
    dribblers = []
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context_for(pair).wrap_bio(incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    hello = outgoing.read()
    for _ in range(60):
        dribbler = socket.create_connection(pool.address("ftp"), PATIENCE_SECONDS)
        if greeting:
            assert dribbler.recv(1000).startswith(greeting)
            dribbler.sendall(b"AUTH TLS\r\n")
            assert dribbler.recv(1000).startswith(b"234 ")
        dribbler.sendall(hello[:50])
        dribblers.append(dribbler)
    for dribbler in dribblers:
        dribbler.sendall(hello[50:100])
    pool.wait_until(lambda status: status["sessions"] == 60)
    worker, = pool.workers()
    assert worker["threads"] < 20
    control = connect(pool, implicit=not greeting)
    if not greeting:
        control.expect("220 *")
    control.log_in_securely()
    for dribbler in dribblers:
        dribbler.close()


def test_a_handshake_that_never_ends_is_ended(secure_server):
    pool = secure_server(IMPLICIT, **{"ftp.login_timeout": "1s"})
    with socket.create_connection(pool.address("ftp"), PATIENCE_SECONDS) as silent:
        assert silent.recv(1) == b""
    assert pool.total("sessions_timed_out") == 1


def test_what_is_no_tls_is_refused(secure_server):
    pool = secure_server(IMPLICIT)
    with socket.create_connection(pool.address("ftp"), PATIENCE_SECONDS) as talker:
        talker.sendall(b"USER anonymous\r\n" * 100)
        try:
            while talker.recv(1000):
                pass
        except ConnectionError:
            pass
    assert pool.total("tls_handshakes_failed") == 1
    pool.wait_log("tls: handshake failed")


@pytest.mark.parametrize("names,fine", [(["ftp"], True), (["h2", "ftp"], True),
                                        (["http/1.1"], False), (["imap", "smtp"], False)])
def test_a_client_that_wants_another_protocol_is_refused(secure_server, connect, pair, names, fine):
    context = context_for(pair)
    context.set_alpn_protocols(names)
    pool = secure_server()
    if fine:
        assert connect(pool, context).socket.selected_alpn_protocol() == "ftp"
    else:
        with pytest.raises(ssl.SSLError, match="NO_APPLICATION_PROTOCOL|no application protocol"):
            connect(pool, context)


# ---- certificates ----

def test_the_certificate_of_the_name_that_is_asked_for(server, tmp_path):
    one, other = Pair(tmp_path, "one.example"), Pair(tmp_path, "other.example")
    pool = server(EXPLICIT, settings={
        "tls.certificate": f"{one.certificate},{other.certificate}",
        "tls.key": f"{one.key},{other.key}", **ALL_RIGHTS})
    pool.write("content", CONTENT)
    for pair, name in ((one, "one.example"), (other, "other.example"), (one, "127.0.0.1")):
        control = SecureControl(*pool.address("ftp"), context_for(pair), name).secure()
        assert control.log_in_securely().download("content") == CONTENT
        control.close()
    assert pool.total("tls_data_reused") == 3


@pytest.fixture
def authority(tmp_path):
    return Pair(tmp_path, "authority")


def client_context(pair, own=None):
    context = context_for(pair)
    if own:
        context.load_cert_chain(own.certificate, own.key)
    return context


def login_works(pool, context):
    """TLS 1.3 tells a client only after its handshake that its certificate was refused."""
    control = SecureControl(*pool.address("ftp"), context)
    try:
        control.secure().log_in_securely()
        return control.download("content") == CONTENT
    except (ssl.SSLError, ConnectionError, AssertionError):
        return False
    finally:
        control.close()


@pytest.mark.parametrize("asked,without", [("optional", True), ("required", False)])
def test_client_certificates(secure_server, pair, authority, tmp_path, asked, without):
    pool = secure_server(**{"tls.client_certificates": asked, "tls.ca": authority.certificate})
    good, bad = Pair(tmp_path, "good", authority), Pair(tmp_path, "bad")
    assert login_works(pool, client_context(pair, good))
    assert login_works(pool, client_context(pair)) == without
    assert not login_works(pool, client_context(pair, bad))


def revocation_list(directory, authority, revoked):
    config = directory / "ca.conf"
    config.write_text(f"[ca]\ndefault_ca = it\n[it]\ndatabase = {directory}/index\n"
                      "default_md = sha256\ndefault_crl_days = 30\n")
    (directory / "index").write_text("")
    crl = directory / "crl.pem"
    for what in (["-revoke", revoked.certificate], ["-gencrl", "-out", crl]):
        openssl("ca", "-config", config, "-cert", authority.certificate, "-keyfile", authority.key,
                *what)
    return crl


def test_a_revoked_client_certificate(secure_server, pair, authority, tmp_path):
    good, gone = Pair(tmp_path, "good", authority), Pair(tmp_path, "gone", authority)
    crl = revocation_list(tmp_path, authority, gone)
    pool = secure_server(**{"tls.client_certificates": "required", "tls.crl": crl,
                            "tls.ca": authority.certificate})
    assert login_works(pool, client_context(pair, good))
    assert not login_works(pool, client_context(pair, gone))


@pytest.mark.parametrize("least,refused", [("1.2", ["-tls1_1"]), ("1.3", ["-tls1_1", "-tls1_2"])])
def test_old_versions_and_weak_ciphers_are_refused(secure_server, least, refused):
    pool = secure_server(**{"tls.min_version": least})
    where = "{}:{}".format(*pool.address("ftp"))

    def attempt(*arguments):
        done = subprocess.run(["openssl", "s_client", "-starttls", "ftp", "-connect", where,
                               *arguments], input=b"", capture_output=True,
                              timeout=PATIENCE_SECONDS)
        return b"Cipher is (NONE)" not in done.stdout and done.returncode == 0
    assert attempt("-tls1_3")
    for version in refused:
        assert not attempt(version, "-cipher", "ALL:@SECLEVEL=0")
    if least == "1.2":
        assert attempt("-tls1_2")
        for weak in ("AES128-SHA", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-SHA"):
            assert not attempt("-tls1_2", "-cipher", f"{weak}:@SECLEVEL=0")


# ---- clients of others ----

@pytest.mark.parametrize("flags", [[], ["--tls-max", "1.2"], ["--ftp-ssl-ccc"], ["--disable-epsv"]])
def test_curl(secure_server, pair, tmp_path, flags):
    if not shutil.which("curl"):
        pytest.skip("there is no curl")
    passive_ccc = "--ftp-ssl-ccc" in flags and "active" not in flags
    pool = secure_server(**{"tls.session_reuse": "prefer" if passive_ccc else "require"})
    url = f"ftp://localhost:{pool.port('ftp')}"
    subprocess.run(["curl", "-sS", "--ipv4", "--ssl-reqd", "--cacert", pair.certificate, *flags,
                    f"{url}/content", "-o", tmp_path / "1", f"{url}/content", "-o", tmp_path / "2"],
                   check=True, timeout=PATIENCE_SECONDS)
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes() == CONTENT
    subprocess.run(["curl", "-sS", "--ipv4", "--ssl-reqd", "--cacert", pair.certificate, *flags,
                    "-T", tmp_path / "1", f"{url}/up"], check=True, timeout=PATIENCE_SECONDS)
    assert pool.read("up") == CONTENT


@pytest.mark.parametrize("scheme", ["ftp", "ftps"])
@pytest.mark.parametrize("passive", ["true", "false"])
def test_lftp(secure_server, pair, tmp_path, scheme, passive):
    if not shutil.which("lftp"):
        pytest.skip("there is no lftp")
    pool = secure_server(EXPLICIT if scheme == "ftp" else IMPLICIT,
                         **{"tls.session_reuse": "require"})
    subprocess.run(["lftp", "--norc", "-c", f"""
        set net:max-retries 1; set ssl:ca-file {pair.certificate}; set ftp:ssl-force true
        set ftp:ssl-protect-data true; set ftp:passive-mode {passive}; set dns:order inet
        open {scheme}://localhost:{pool.port('ftp')}
        get content -o {tmp_path}/got; put {tmp_path}/got -o up; ls; get up -o {tmp_path}/again
        """], check=True, timeout=PATIENCE_SECONDS)
    assert (tmp_path / "again").read_bytes() == CONTENT == pool.read("up")


class Resuming(ftplib.FTP_TLS):
    """ftplib with the few lines that its users write, so that it passes such servers."""

    def ntransfercmd(self, cmd, rest=None):
        connection, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        return self.context.wrap_socket(connection, server_hostname=self.host,
                                        session=self.sock.session), size


@pytest.mark.parametrize("kind,reuse", [(ftplib.FTP_TLS, "prefer"), (Resuming, "require")])
def test_ftplib(secure_server, pair, kind, reuse):
    pool = secure_server(**{"tls.session_reuse": reuse})
    client = kind(context=context_for(pair), timeout=PATIENCE_SECONDS)
    client.connect("localhost", pool.port("ftp"))
    client.login()
    client.prot_p()
    client.storbinary("STOR up", io.BytesIO(CONTENT))
    for _ in range(3):
        got = io.BytesIO()
        client.retrbinary("RETR up", got.write)
        assert got.getvalue() == CONTENT
    assert sorted(client.nlst()) == ["content", "up"]
    client.ccc()
    assert client.pwd() == "/"
    client.quit()


# ---- the rest ----

def test_lgpq(secure_server, pair):
    pool = secure_server(LGPQ)
    raw = socket.create_connection(pool.address("lgpq"), PATIENCE_SECONDS)
    with context_for(pair).wrap_socket(raw, server_hostname="localhost") as client:
        client.sendall(b"G\tcontent\n")
        lines = client.makefile("rb")
        assert lines.readline().startswith(b"OK %d\t" % len(CONTENT))
        assert lines.read(len(CONTENT)) == CONTENT
        # More requests in one record than the server's buffer takes at once.
        client.sendall(b"S\tcontent\n" * 2000)
        for _ in range(2000):
            assert lines.readline().startswith(b"OK ")
        client.sendall(b"P\tup\t%d\n" % len(CONTENT) + CONTENT)
        lines.readline()
        assert lines.readline().startswith(b"OK ")
    assert pool.read("up") == CONTENT


def test_many_commands_in_one_record(secure_server, connect):
    control = connect(secure_server())
    control.send(b"NOOP\r\n" * 2700)
    for _ in range(2700):
        control.expect("200 *")


def test_abor_and_stat_during_a_transfer(secure_server, connect):
    pool = secure_server()
    os.truncate(pool.write("large", b""), 64 << 20)
    control = connect(pool).log_in_securely()
    control.open_data()
    control.command("RETR large", "150 *")
    control.shake_data()
    control.command("STAT", "213 *")
    control.command("ABOR", "426 *")
    control.expect("226 *")
    control.data.close()
    control.command("NOOP", "200 *")


@pytest.mark.slow
@pytest.mark.skipif(MODE in ("asan", "tsan"), reason="sanitizers keep memory of their own")
def test_idle_sessions_are_small(secure_server, pair):
    pool = secure_server(IMPLICIT, workers=1)
    pid, = pool.worker_pids()
    context = context_for(pair)

    def resident():
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file
                        if line.startswith("Private_Dirty:"))

    def session():
        control = SecureControl(*pool.address("ftp"), context, implicit=True)
        control.expect("220 *")
        return control
    idle = [session() for _ in range(50)]
    before = resident()
    idle += [session() for _ in range(1000)]
    each = (resident() - before) / 1000
    for control in idle:
        control.close()
    print(f"{each:.1f} KiB for each idle session")
    assert each < 50  # an eighth of the smallest process a session that others have
