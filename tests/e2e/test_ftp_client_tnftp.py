"""tnftp, the BSDs' ftp."""
import os

import pytest

from ftp_matrix import HOST, both_hosts, cannot, content, everywhere, needs, on_wire, read_tree, \
    text, write_tree

pytestmark = needs("tnftp")
SECURE = cannot("it speaks no TLS with FTP")

NAMES = ["plain", "\u6587\u4ef6.txt", "hash#tag", "per%cent%41", "semi;colon", "plus+&", "tilde~",
         "x" * 200]


def tnftp(site, *commands, options=("-p",), host=HOST):
    """The interactive program, logged in, fed from a pipe; what it said."""
    lines = [f"open {host} {site.port_of(host)}", "user anonymous me@", *commands, "quit"]
    done = site.run("tnftp", "-n", "-i", "-v", *options, code=None,
                    stdin="".join(line + "\n" for line in lines).encode())
    return (done.stdout + done.stderr).decode(errors="replace")


@everywhere
@both_hosts
@pytest.mark.parametrize("option", ["-p", "-A"], ids=["passive", "active"])
def test_get_and_put(site, host, option):
    data = site.write("down", content(600_000))
    tnftp(site, "binary", "get down", "put down up", options=[option], host=host)
    assert site.read_here("down") == data == site.read("up")


@pytest.mark.parametrize("command, option, verb", [
    ("epsv4 on", "-p", "EPSV"), ("epsv4 off", "-p", "PASV"),
    ("epsv4 on", "-A", "EPRT"), ("epsv4 off", "-A", "PORT")])
def test_data_connections_are_as_asked(site, tap, command, option, verb):
    data = site.write("file", content(1000))
    tnftp(site, command, "get file", options=[option])
    assert site.read_here("file") == data
    assert verb in tap.verbs()
    assert not {"EPSV", "PASV", "EPRT", "PORT"} - {verb} & set(tap.verbs())


@everywhere
def test_ascii(site):
    lf = site.write("down", text(5000))
    tnftp(site, "ascii", "get down", "put down up", "put down", "get down again")
    assert site.read_here("down") == lf == site.read("up") == site.read_here("again")
    tnftp(site, "binary", "get down raw")
    assert site.read_here("raw") == lf
    site.write_here("dos", on_wire(lf))
    tnftp(site, "ascii", "put dos")
    assert site.read("dos").replace(b"\r", b"") == lf


def test_mget_mput_and_mdelete(site):
    files = site.write_tree({f"file{number}.txt": content(number) for number in range(20)})
    site.write("other", b"")
    tnftp(site, "mget file*.txt")
    assert read_tree(site.here) == files
    os.mkdir(site.root / "new")
    os.chown(site.root / "new", *[(site.root).stat().st_uid] * 2)
    tnftp(site, "cd new", "mput file1*.txt", "mdelete file11.txt file12.txt")
    assert read_tree(site.root / "new") == {
        name: data for name, data in files.items()
        if name.startswith("file1") and name not in ("file11.txt", "file12.txt")}


def test_reget(site):
    data = site.write("file", content(500_000))
    site.write_here("file", data[:123_456])
    tnftp(site, "reget file")
    assert site.read_here("file") == data


def test_restart_of_a_put(site):
    data = site.write_here("file", content(500_000))
    site.write("file", data[:123_456])
    tnftp(site, "restart 123456", "put file")
    assert site.read("file") == data


def test_append(site):
    site.write("file", b"first ")
    site.write_here("more", b"second")
    tnftp(site, "append more file")
    assert site.read("file") == b"first second"


def test_newer(site):
    site.write("file", content(100))
    os.utime(site.root / "file", (1_000_000_000, 1_000_000_000))
    site.write_here("file", b"newer")
    tnftp(site, "newer file")
    assert site.read_here("file") == b"newer"
    os.utime(site.here / "file", (900_000_000, 900_000_000))
    tnftp(site, "newer file")
    assert site.read_here("file") == content(100)
    assert (site.here / "file").stat().st_mtime == 1_000_000_000


def test_unique_names(site):
    site.write("file", b"old")
    data = site.write_here("file", content(1000))
    tnftp(site, "sunique", "put file")
    assert site.read("file") == b"old"
    assert data in read_tree(site.root).values()


def test_directories_and_names(site):
    site.write("file", b"x")
    said = tnftp(site, "mkdir new", "rename file new/moved", "cd new", "pwd", "chmod 600 moved",
                 "size moved", "modtime moved", "cdup", "mkdir gone", "rmdir gone", "idle", "system",
                 "feat", "remotehelp", "rstatus", "umask")
    assert site.names() == ["new", "new/moved"]
    assert (site.root / "new/moved").stat().st_mode & 0o777 == 0o600
    assert '257 "/new"' in said
    assert "215 UNIX" in said
    assert "moved\t1" in said
    assert "REST STREAM" in said


def test_listings(site):
    site.write_tree({"plain": content(1234), "dir/inside": b"", "dir/two": b"22"})
    said = tnftp(site, "ls", "ls dir", "nlist", "mlsd", "mlst plain", "ls -l here", "mls . names")
    assert "1234" in said
    assert "inside" in said
    assert "size=1234" in said.lower()
    tnftp(site, "nlist . names", "dir dir rows")
    assert sorted(site.read_here("names").decode().split()) == ["dir", "plain"]
    assert sorted(row.split()[-1] for row in site.read_here("rows").decode().splitlines()
                  if row.startswith("-")) == ["inside", "two"]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_names(site, name):
    data = site.write(name, content(100))
    tnftp(site, f'get "{name}" local', f'delete "{name}"', f'put local "{name}"')
    assert site.names() == [name]
    assert site.read(name) == data == site.read_here("local")


@everywhere
@both_hosts
def test_urls(site, host):
    data = site.write("deep/file", content(300_000))
    site.run("tnftp", "-V", "-o", "got", site.url("deep/file", host))
    assert site.read_here("got") == data
    site.run("tnftp", "-V", "-u", site.url("deep/up", host), "got")
    assert site.read("deep/up") == data
    site.write_here("part", data[:100_000])
    site.run("tnftp", "-V", "-R", "-o", "part", site.url("deep/file", host))
    assert site.read_here("part") == data
    site.run("tnftp", "-V", "-o", "none", site.url("none", host), code=1)


def test_empty_files(site):
    site.write("down", b"")
    tnftp(site, "get down", "put down up")
    assert site.read_here("down") == b"" == site.read("up")


def test_page_and_pipes(site):
    data = site.write("file", text(10))
    assert data.decode() in tnftp(site, "get file -")
    write_tree(site.here, {"in": content(1000)})
    tnftp(site, 'put "|cat in" up')
    assert site.read("up") == content(1000)
