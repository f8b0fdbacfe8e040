"""What a scanner finds: the versions and ciphers of TLS that are spoken, all of them and no others; and
what somebody who reads the processes' memory does not."""
import os
import re
import ssl
import struct
import subprocess

import pytest

from conftest import needs_root
from ftpool_server import MODE, PATIENCE_SECONDS
from lgpq_client import connect
from test_accounts import PASSWORD, Users, is_in_memory
from tls_talk import Pair, SecureControl, context_for, openssl

IMPLICIT = """\
listener ftp {
	protocol = ftp
	tls = implicit
}
"""
LGPQ = """\
listener ftp {
	tls = implicit
}
"""
# Of TLS 1.2, for a certificate with that kind of key.
WANTED = {f"ECDHE-{kind}-{cipher}" for kind in ("ECDSA", "RSA")
          for cipher in ("AES256-GCM-SHA384", "AES128-GCM-SHA256", "CHACHA20-POLY1305")}
WANTED_1_3 = {"TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"}
SSL_3, TLS_1_0, TLS_1_1, TLS_1_2 = range(0x0300, 0x0304)
HANDSHAKE, ALERT, SERVER_HELLO = 22, 21, 2


def rsa_pair(directory):
    pair = Pair(directory, "localhost")
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", pair.key, "-out",
            pair.certificate, "-days", 30, "-subj", "/CN=localhost", "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1")
    return pair


@pytest.fixture(params=["ECDSA", "RSA"])
def scanned(request, server, tmp_path):
    """A server with a certificate of that kind."""
    make = rsa_pair if request.param == "RSA" else lambda where: Pair(where, "localhost")
    pair = make(tmp_path)
    pool = server(IMPLICIT, settings=pair.settings())
    return pool, pair, request.param


# ---- by a client that offers everything ----

def cipher_chosen(pool, context):
    """None: the server wants none of those that are offered."""
    with connect(pool.address("ftp")) as raw:
        try:
            with context.wrap_socket(raw, server_hostname="localhost") as client:
                return client.cipher()[0]
        except (ssl.SSLError, ConnectionError):
            return None


def test_ciphers_of_the_older_version(scanned):
    pool, pair, kind = scanned
    said = openssl("ciphers", "-tls1_2", "-s", "ALL:COMPLEMENTOFALL:@SECLEVEL=0").stdout.decode()
    offered = said.strip().split(":")
    assert len(offered) > 50
    found = set()
    while True:
        context = context_for(pair, ssl.TLSVersion.TLSv1_2)
        context.set_ciphers(":".join([*offered, "@SECLEVEL=0"]))
        chosen = cipher_chosen(pool, context)
        if not chosen:
            break
        found.add(chosen)
        offered.remove(chosen)
    assert found == {cipher for cipher in WANTED if f"-{kind}-" in cipher}


def test_ciphers_of_the_newer_version(scanned):
    pool, pair, _ = scanned
    for cipher in sorted(WANTED_1_3 | {"TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256"}):
        done = subprocess.run(
            ["openssl", "s_client", "-connect", "{}:{}".format(*pool.address("ftp")), "-tls1_3",
             "-CAfile", pair.certificate, "-ciphersuites", cipher],
            input=b"", capture_output=True, timeout=PATIENCE_SECONDS)
        assert (f"Cipher is {cipher}".encode() in done.stdout) == (cipher in WANTED_1_3), cipher


# ---- by bytes that no library would send any more ----

def extension(kind, content):
    return struct.pack("!HH", kind, len(content)) + content


def list_of(numbers):
    return struct.pack("!H", 2 * len(numbers)) + struct.pack(f"!{len(numbers)}H", *numbers)


def hello(version, ciphers, compressions=(0,)):
    """A ClientHello (RFC 5246 7.4.1.2) in a record."""
    groups, signatures = [23, 24, 29], [0x0403, 0x0804, 0x0401, 0x0203, 0x0201]
    extensions = (extension(10, list_of(groups)) + extension(11, b"\1\0") +
                  extension(13, list_of(signatures)) + extension(0xff01, b"\0"))
    body = (struct.pack("!H", version) + os.urandom(32) + b"\0" + list_of(ciphers) +
            bytes([len(compressions), *compressions]) +
            struct.pack("!H", len(extensions)) + extensions)
    message = b"\1" + struct.pack("!I", len(body))[1:] + body
    return struct.pack("!BHH", HANDSHAKE, min(version, TLS_1_0), len(message)) + message


def answer(pool, sent):
    """The first record that comes back: its type and content; None when the connection is closed."""
    with connect(pool.address("ftp")) as raw:
        raw.sendall(sent)
        lines = raw.makefile("rb")
        try:
            head = lines.read(5)
            if len(head) < 5:
                return None
            kind, _, length = struct.unpack("!BHH", head)
            return kind, lines.read(length)
        except ConnectionError:
            return None


def is_refused(answered):
    return answered is None or answered[0] == ALERT


ALL_CIPHERS = [*range(1, 0x100), *range(0xc001, 0xc0b0), *range(0xcca8, 0xccaf)]


@pytest.mark.parametrize("version", [SSL_3, TLS_1_0, TLS_1_1], ids=["SSL 3", "TLS 1.0", "TLS 1.1"])
def test_old_versions_are_refused(scanned, version):
    assert is_refused(answer(scanned[0], hello(version, ALL_CIPHERS)))


def test_the_version_before_all_of_them_is_refused(scanned):
    """An SSL 2 hello (RFC 5246 E.2), which some servers take for a greeting of newer ones."""
    ciphers = b"".join(struct.pack("!I", number)[1:] for number in (0x010080, 0xc02f, 0xc02b))
    body = b"\1\3\3" + struct.pack("!HHH", len(ciphers), 0, 16) + ciphers + os.urandom(16)
    assert is_refused(answer(scanned[0], struct.pack("!H", 0x8000 | len(body)) + body))


def test_weak_ciphers_are_refused(scanned):
    """Also those that no OpenSSL has any more: NULL, EXPORT, RC4, DES, anonymous, CBC …"""
    modern = {0xc02b, 0xc02c, 0xc02f, 0xc030, 0xcca8, 0xcca9}
    weak = [cipher for cipher in ALL_CIPHERS if cipher not in modern]
    assert is_refused(answer(scanned[0], hello(TLS_1_2, weak)))
    kind, content = answer(scanned[0], hello(TLS_1_2, ALL_CIPHERS))
    assert (kind, content[0]) == (HANDSHAKE, SERVER_HELLO)


def test_nothing_is_compressed(scanned):
    """CRIME needs it."""
    _, content = answer(scanned[0], hello(TLS_1_2, ALL_CIPHERS, compressions=(1, 0)))
    session_length = content[38]
    assert content[4:6] == struct.pack("!H", TLS_1_2)
    assert content[39 + session_length + 2] == 0


def test_nobody_renegotiates(scanned):
    pool, pair, _ = scanned
    client = subprocess.Popen(
        ["openssl", "s_client", "-connect", "{}:{}".format(*pool.address("ftp")), "-tls1_2",
         "-CAfile", pair.certificate], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    for line in client.stdout:
        if line.startswith(b"220 "):
            break
    said = client.communicate(b"R\n", timeout=PATIENCE_SECONDS)[0]
    assert b"RENEGOTIATING" in said and re.search(b"no.renegotiation", said), said


def test_a_listener_of_lgpq_is_no_weaker(server, tmp_path):
    pair = Pair(tmp_path, "localhost")
    pool = server(LGPQ, settings=pair.settings())
    assert is_refused(answer(pool, hello(TLS_1_1, ALL_CIPHERS)))
    context = context_for(pair)
    assert cipher_chosen(pool, context) in WANTED_1_3
    context.set_alpn_protocols(["http/1.1"])
    assert cipher_chosen(pool, context) is None


# ---- by somebody who reads memory ----

@needs_root
@pytest.mark.skipif(MODE in ("asan", "tsan"), reason="their memory is too large to look through")
def test_no_process_holds_what_it_need_not(server, tmp_path):
    """A worker has the private key, since it has to sign, but no file of it: neither its text, nor
    that of the users file, nor a descriptor of either."""
    pair, users = Pair(tmp_path, "localhost"), Users(tmp_path)
    users.add("anna")
    pool = server(IMPLICIT, settings={**pair.settings(), "users": users.path})
    control = SecureControl(*pool.address("ftp"), context_for(pair), implicit=True)
    control.expect("220 *")
    control.command("USER anna", "331 *")
    control.command(f"PASS {PASSWORD}", "230 *")
    text = pair.key.read_text().split("\n")
    secrets = {"key": text[1].encode(), "hash": users.hashes()[0].encode(),
               "password": PASSWORD.rstrip().encode()}
    master, workers = pool.pid, pool.worker_pids()
    for pid in [master, *workers]:
        found = [name for name, secret in secrets.items() if is_in_memory(pid, secret)]
        assert not found, (pid, found)
        opened = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
        assert not {str(pair.key), str(users.path)} & set(opened)
    control.close()
