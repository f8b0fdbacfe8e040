"""ncftp: ncftpget, ncftpput, ncftpls and the interactive ncftp."""
import os
import re

import pytest

from ftp_matrix import HOST, TREE, cannot, content, everywhere, needs, on_wire, read_tree, text, \
    write_tree

pytestmark = needs("ncftpget")
SECURE = cannot("it speaks no TLS")

WAYS = {"passive": ["-F"], "active": ["-E"]}
# Its names cannot have bytes beyond ASCII everywhere, nor its patterns' signs.
SOME = {name: data for name, data in TREE.items() if name.isascii()}


def get(site, *arguments, **options):
    return site.run("ncftpget", "-V", "-t", "20", "-r", "1", "-P", site.port, *arguments, **options)


def put(site, *arguments, **options):
    return site.run("ncftpput", "-V", "-t", "20", "-r", "1", "-P", site.port, *arguments, **options)


def ncftp(site, *commands):
    """The interactive program, fed from a pipe."""
    lines = [f"open -P {site.port} {HOST}", *commands, "quit"]
    done = site.run("ncftp", stdin="".join(line + "\n" for line in lines).encode())
    return done.stdout.decode(errors="replace")


@everywhere
@pytest.mark.parametrize("way", WAYS)
def test_get_and_put(site, way):
    data = site.write("deep/down", content(600_000))
    get(site, *WAYS[way], HOST, ".", "/deep/down")
    assert site.read_here("down") == data
    put(site, *WAYS[way], HOST, "/deep", "down")
    assert site.read("deep/down") == data
    os.rename(site.here / "down", site.here / "up")
    put(site, *WAYS[way], HOST, "/deep", "up")
    assert site.read("deep/up") == data


@everywhere
def test_recursive_get(site):
    tree = site.write_tree(SOME)
    get(site, "-R", HOST, ".", "/deep")
    assert read_tree(site.here) == {name: data for name, data in tree.items() if "deep/" in name}


@everywhere
def test_recursive_put(site):
    tree = write_tree(site.here, SOME)
    put(site, "-R", HOST, "/", "deep", "plain", "empty")
    assert read_tree(site.root) == {name: data for name, data in tree.items()
                                    if name != "with space.txt"}


def test_a_tree_packed_on_the_way(site):
    """ncftpget asks for DIR.tar, which is not there."""
    site.write_tree(SOME)
    get(site, "-R", "-T", HOST, ".", "/deep/er")
    assert read_tree(site.here / "er") == {name.removeprefix("deep/er/"): data
                                           for name, data in SOME.items() if "deep/er/" in name}


def test_patterns(site):
    files = site.write_tree({f"file{number}.txt": content(number) for number in range(20)})
    site.write("other", b"")
    get(site, HOST, ".", "/file*.txt")
    assert read_tree(site.here) == files


def test_get_resumed(site):
    data = site.write("file", content(500_000))
    site.write_here("file", data[:123_456])
    os.utime(site.here / "file", (1, 1))
    get(site, "-z", HOST, ".", "/file")
    assert site.read_here("file") == data


def test_put_restarted(site):
    """This ncftp asks for REST and then sends the file from its beginning all the same."""
    data = site.write_here("file", content(500_000))
    site.write("file", data[:123_456])
    put(site, "-z", HOST, "/", "file")
    assert site.read("file") in (data, data[:123_456] + data)


def test_appended(site):
    site.write("file", b"first ")
    site.write_here("file", b"second")
    put(site, "-A", HOST, "/", "file")
    assert site.read("file") == b"first second"


def test_put_into_a_new_directory_by_another_name(site):
    data = site.write_here("file", content(1000))
    put(site, "-m", HOST, "/new/deep", "file")
    assert site.read("new/deep/file") == data
    put(site, "-C", HOST, "file", "/new/other")
    assert site.read("new/other") == data
    # Under a passing name first.
    put(site, "-T", "in.", HOST, "/", "file")
    assert site.names() == ["file", "new", "new/deep", "new/deep/file", "new/other"]
    put(site, "-S", ".tmp", HOST, "/", "file")
    assert site.read("file") == data


def test_through_pipes(site):
    data = content(300_000)
    put(site, "-c", HOST, "/file", stdin=data)
    assert site.read("file") == data
    assert get(site, "-c", HOST, "/file").stdout == data


def test_ascii(site):
    lf = site.write("file", text(3000))
    get(site, "-a", HOST, ".", "/file")
    assert site.read_here("file") in (lf, on_wire(lf))
    site.write_here("up", lf)
    put(site, "-a", HOST, "/", "up")
    assert site.read("up") == lf


def test_times_and_modes(site):
    site.write("file", content(10))
    os.utime(site.root / "file", (1_000_000_000, 1_000_000_000))
    get(site, HOST, ".", "/file")
    assert (site.here / "file").stat().st_mtime == 1_000_000_000
    os.rename(site.here / "file", site.here / "up")
    put(site, HOST, "/", "up")
    assert (site.root / "up").stat().st_mtime == 1_000_000_000
    put(site, "-U", "077", HOST, "/", "up", code=None)
    put(site, "-W", "SITE CHMOD 600 file", HOST, "/", "up")
    assert (site.root / "file").stat().st_mode & 0o777 == 0o600


def test_get_and_delete(site):
    data = site.write("file", content(1000))
    get(site, "-DD", HOST, ".", "/file")
    assert site.read_here("file") == data
    assert site.names() == []
    put(site, "-DD", HOST, "/", "file")
    assert site.read("file") == data
    assert read_tree(site.here) == {}


def test_ls(site):
    site.write_tree(SOME)
    top = {name.split("/")[0] for name in SOME}
    listed = site.run("ncftpls", "-1", "-P", site.port, f"ftp://{HOST}/").stdout.decode()
    assert set(listed.splitlines()) == top
    long = site.run("ncftpls", "-l", "-P", site.port, f"ftp://{HOST}/").stdout.decode()
    assert re.search(r"^-rw-r--r--.* 100000 .* plain$", long, re.MULTILINE)


def test_the_interactive_program(site):
    site.write_tree(SOME)
    site.write_here("up", content(1000))
    said = ncftp(site, "cd deep", "pwd", "ls -l", "get one", "put up", "mkdir new", "rename up new/up2",
                 "cd /", "rm plain", "rmdir none", "chmod 600 empty", "cat deep/er/two", "ls -R",
                 "get -R deep")
    assert site.read_here("one") == SOME["deep/one"]
    assert site.read("deep/new/up2") == content(1000)
    assert not (site.root / "plain").exists()
    assert (site.root / "empty").stat().st_mode & 0o777 == 0o600
    assert read_tree(site.here / "deep") == read_tree(site.root / "deep")
    assert "one" in said


def test_what_is_not_there(site):
    get(site, HOST, ".", "/none", code=3)
    site.write_here("file", b"x")
    put(site, HOST, "/none", "file", code=None)
    assert site.names() == []
