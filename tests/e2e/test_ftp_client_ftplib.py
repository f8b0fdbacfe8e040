"""Python's ftplib, all of it."""
import contextlib
import ftplib
import io
import os
import socket
import ssl

import pytest

from ftp_matrix import CAN_ALL, CLEAR, HOST, IMPLICIT, RESUMED, both_hosts, content, everywhere, \
    in_clear, on_wire, text
from ftpool_server import PATIENCE_SECONDS

NAMES = ["two words", "\u6587\u4ef6 \u00fc.txt", "hash#tag", "per%cent%41", "semi;colon", "quo\"te'",
         "a\\b", "plus+and&", "que?stion", "-dash", "tilde~", "{brace}", "[bracket]", "x" * 255,
         "\udcfe\udc80 bytes", " blank before"]
FACTS = ["type", "size", "modify", "perm", "unique", "UNIX.mode"]


SECURE = CAN_ALL


class Resuming(ftplib.FTP_TLS):
    """With the few lines that its users write: a data connection resumes the session."""

    def ntransfercmd(self, cmd, rest=None):
        connection, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        return self.context.wrap_socket(connection, server_hostname=self.host,
                                        session=self.sock.session), size


class Implicit(Resuming):
    """And with those for a server that speaks TLS from the first byte on."""

    def __setattr__(self, name, value):
        if name == "sock" and value is not None and not isinstance(value, ssl.SSLSocket):
            value = self.context.wrap_socket(value, server_hostname=self.host)
        super().__setattr__(name, value)


def secure(site):
    kind = {IMPLICIT: Implicit, RESUMED: Resuming}.get(site.security, ftplib.FTP_TLS)
    context = ssl.create_default_context(cafile=site.authority)
    site.new_ftp = lambda **options: kind(context=context, **options)


def new_ftp(site, **options):
    if site.security == CLEAR:
        return ftplib.FTP(**options)
    return site.new_ftp(**options)


@contextlib.contextmanager
def logged_in(site, host=HOST, **options):
    with new_ftp(site, **{"encoding": "utf-8", **options}) as ftp:
        ftp.connect(host, site.port_of(host), PATIENCE_SECONDS)
        ftp.login()
        if site.security != CLEAR:
            ftp.prot_p()
        yield ftp


def retr(ftp, name, **options):
    got = io.BytesIO()
    assert ftp.retrbinary(f"RETR {name}", got.write, **options).startswith("226")
    return got.getvalue()


def stor(ftp, name, data, command="STOR", **options):
    return ftp.storbinary(f"{command} {name}", io.BytesIO(data), **options)


@everywhere
@both_hosts
@pytest.mark.parametrize("passive", [True, False], ids=["passive", "active"])
def test_binary_both_ways(site, host, passive):
    data = site.write("down", content(700_000))
    with logged_in(site, host) as ftp:
        ftp.set_pasv(passive)
        for _ in range(3):
            assert retr(ftp, "down") == data
            assert stor(ftp, "up", data).startswith("226")
            assert site.read("up") == data
        assert sorted(ftp.nlst()) == ["down", "up"]


@everywhere
@both_hosts
def test_lines_both_ways(site, host):
    lf = site.write("down", text(3000))
    with logged_in(site, host) as ftp:
        got = []
        ftp.retrlines("RETR down", got.append)
        assert got == lf.decode().splitlines()
        ftp.storlines("STOR up", io.BytesIO(lf))
        assert site.read("up") == lf
        ftp.storlines("STOR dos", io.BytesIO(on_wire(lf)))
        assert site.read("dos") == lf
        ftp.storlines("STOR last", io.BytesIO(b"no end"))
        assert site.read("last").rstrip(b"\n") == b"no end"


def test_rest_both_ways(site):
    data = site.write("down", content(500_000))
    site.write("up", data[:100_000])
    with logged_in(site) as ftp:
        assert retr(ftp, "down", rest=123_456) == data[123_456:]
        assert retr(ftp, "down", rest=500_000) == b""
        assert retr(ftp, "down") == data, "REST holds for one transfer"
        with pytest.raises(ftplib.error_perm, match="^55"):
            retr(ftp, "down", rest=500_001)
        stor(ftp, "up", data[100_000:], rest=100_000)
        assert site.read("up") == data
        with ftp.transfercmd("RETR down", rest=499_990) as connection:
            assert connection.makefile("rb").read() == data[499_990:]
        assert ftp.voidresp().startswith("226")


def test_ntransfercmd(site):
    data = site.write("down", content(1000))
    with logged_in(site) as ftp:
        ftp.voidcmd("TYPE I")
        connection, size = ftp.ntransfercmd("RETR down")
        with connection:
            assert size in (None, 1000)
            assert connection.makefile("rb").read() == data
        ftp.voidresp()
        connection, _ = ftp.ntransfercmd("STOR up")
        with connection:
            connection.sendall(data)
        ftp.voidresp()
        assert site.read("up") == data


def test_append(site):
    with logged_in(site) as ftp:
        stor(ftp, "file", b"first ", "APPE")
        stor(ftp, "file", b"second", "APPE")
    assert site.read("file") == b"first second"


def test_store_unique(site):
    site.write("file", b"old")
    with logged_in(site) as ftp:
        said = stor(ftp, "file", b"new", "STOU")
        assert said.startswith(("226", "250"))
    assert site.read("file") == b"old"
    assert b"new" in [site.read(name) for name in site.names()]


def test_abort(site):
    """Out of band and in, in the middle of a transfer; the connection goes on."""
    data = site.write("file", content(8_000_000))
    with logged_in(site) as ftp:
        for _ in range(3):
            ftp.voidcmd("TYPE I")
            with ftp.transfercmd("RETR file") as connection:
                connection.recv(1000)
                said = ftp.abort()
            assert said[:3] in ("426", "226", "225")
            if said.startswith("426"):
                assert ftp.voidresp().startswith("226")
        assert retr(ftp, "file") == data
        assert ftp.abort()[:3] in ("225", "226"), "when there is nothing to abort"


def test_abort_of_an_upload(site):
    site.write("file", b"old")
    with logged_in(site) as ftp:
        ftp.voidcmd("TYPE I")
        with ftp.transfercmd("STOR file") as connection:
            connection.sendall(bytes(100_000))
            said = ftp.abort()
        assert said.startswith("426")
        assert ftp.voidresp().startswith("226")
        assert site.read("file") == b"old"
        stor(ftp, "file", b"new")
    assert site.read("file") == b"new"


def test_status_during_a_transfer(site):
    site.write("file", content(8_000_000))
    with logged_in(site) as ftp:
        ftp.voidcmd("TYPE I")
        with ftp.transfercmd("RETR file") as connection:
            connection.recv(1000)
            ftp.putcmd("STAT")
            assert ftp.getmultiline().startswith("213")
            ftp.putcmd("NOOP")
            assert len(connection.makefile("rb").read()) == 7_999_000
        assert ftp.voidresp().startswith("226")
        assert ftp.voidresp().startswith("200"), "NOOP waited for its turn"


@everywhere
@both_hosts
def test_listings(site, host):
    site.write_tree({"plain": content(1234), "dir/inside": b"1", "dir/deep/er": b""})
    os.utime(site.root / "plain", (1_000_000_000, 1_000_000_000))
    with logged_in(site, host) as ftp:
        facts = dict(ftp.mlsd(facts=FACTS))
        assert facts["plain"]["type"] == "file" and facts["dir"]["type"] == "dir"
        assert facts["plain"]["size"] == "1234"
        assert facts["plain"]["modify"] == "20010909014640"
        assert facts["plain"]["unix.mode"].endswith("644")
        assert "r" in facts["plain"]["perm"] and "e" in facts["dir"]["perm"]
        assert facts["plain"]["unique"] != facts["dir"]["unique"]
        assert {name for name, fact in ftp.mlsd("dir", ["type"])
                if fact["type"] in ("file", "dir")} == {"inside", "deep"}
        assert all(set(fact) == {"type"} for _, fact in ftp.mlsd("dir", ["type"]))
        rows = []
        ftp.dir("dir", rows.append)
        assert [row.split()[-1] for row in rows if row.startswith("-")] == ["inside"]
        rows.clear()
        ftp.retrlines("LIST", rows.append)
        assert any("Sep 09  2001" in row or "Sep  9  2001" in row for row in rows)
        assert sorted(ftp.nlst()) == ["dir", "plain"]
        assert sorted(ftp.nlst("dir")) in (["dir/deep", "dir/inside"], ["deep", "inside"])
        with pytest.raises(ftplib.error_perm):
            list(ftp.mlsd("none"))


def test_directories_names_and_times(site):
    site.write("file", b"x" * 77)
    with logged_in(site) as ftp:
        assert ftp.mkd("new") == "/new"
        assert ftp.mkd('quo"te') == '/quo"te'
        ftp.rename("file", "new/moved")
        assert ftp.cwd("new").startswith("250")
        assert ftp.pwd() == "/new"
        ftp.voidcmd("TYPE I")
        assert ftp.size("moved") == 77
        os.utime(site.root / "new/moved", (1_000_000_000, 1_000_000_000))
        assert ftp.sendcmd("MDTM moved") == "213 20010909014640"
        assert ftp.sendcmd("MFMT 20020202020202 moved").startswith("213")
        assert (site.root / "new/moved").stat().st_mtime == 1_012_615_322
        assert ftp.sendcmd("SITE CHMOD 600 moved").startswith("200")
        assert (site.root / "new/moved").stat().st_mode & 0o777 == 0o600
        ftp.cwd("..")
        assert ftp.pwd() == "/"
        ftp.cwd('quo"te')
        assert ftp.pwd() == '/quo"te'
        ftp.cwd("/")
        ftp.delete("new/moved")
        for directory in ("new", 'quo"te'):
            assert ftp.rmd(directory).startswith("250")
        for fails in (lambda: ftp.rmd("new"), lambda: ftp.delete("none"), lambda: ftp.cwd("none"),
                      lambda: ftp.size("none"), lambda: ftp.rename("none", "some"),
                      lambda: ftp.mkd("none/such"), lambda: retr(ftp, "none")):
            with pytest.raises(ftplib.error_perm, match="^550 .*no"):
                fails()
    assert site.names() == []


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_names(site, name):
    raw = os.fsencode(name).decode("latin-1")
    with logged_in(site, encoding="latin-1") as ftp:
        stor(ftp, raw, b"abc")
        assert site.names() == [name]
        assert ftp.nlst() == [raw]
        assert retr(ftp, raw) == b"abc"
        assert ftp.size(raw) == 3
        assert raw in dict(ftp.mlsd())
        ftp.rename(raw, "other")
        ftp.rename("other", raw)
        ftp.delete(raw)
        ftp.mkd(raw)
        ftp.cwd(raw)
        assert ftp.pwd() == "/" + raw
        ftp.cwd("..")
        ftp.rmd(raw)
    assert site.names() == []


def test_empty_files(site):
    site.write("down", b"")
    with logged_in(site) as ftp:
        assert retr(ftp, "down") == b""
        stor(ftp, "up", b"")
        got = []
        ftp.retrlines("RETR down", got.append)
        assert got == []
    assert site.read("up") == b""


def test_hundreds_of_transfers_on_one_connection(site):
    with logged_in(site) as ftp:
        for number in range(300):
            data = content(number * 10, 3)
            stor(ftp, f"file{number % 10}", data)
            assert retr(ftp, f"file{number % 10}") == data


# What it makes by itself is no FTP_TLS.
@in_clear
def test_welcome_user_and_quit(site):
    with ftplib.FTP() as ftp:
        ftp.connect(HOST, site.port, PATIENCE_SECONDS)
        assert ftp.getwelcome().startswith("220")
        assert ftp.login("ftp", "me@").startswith("230")
        ftp.set_debuglevel(0)
        assert ftp.voidcmd("NOOP").startswith("200")
        assert "UTF8" in ftp.sendcmd("FEAT")
        assert ftp.quit().startswith("221")


# Likewise.
@in_clear
def test_source_address_and_other_ports(site):
    data = site.write("down", content(1000))
    with logged_in(site, source_address=(HOST, 0)) as ftp:
        assert retr(ftp, "down", blocksize=1) == data
        # makeport and sendport, as an active client of its own would use them.
        ftp.voidcmd("TYPE I")
        with socket.create_server((HOST, 0)) as listener:
            ftp.sendport(HOST, listener.getsockname()[1])
            ftp.sendcmd("RETR down")
            with listener.accept()[0] as connection:
                assert connection.makefile("rb").read() == data
            ftp.voidresp()
        with socket.create_server((HOST, 0)) as listener:
            ftp.sendeprt(HOST, listener.getsockname()[1])
            ftp.sendcmd("RETR down")
            with listener.accept()[0] as connection:
                assert connection.makefile("rb").read() == data
            ftp.voidresp()
