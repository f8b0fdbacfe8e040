"""curl."""
import os
import time

import pytest

from ftp_matrix import CAN_ALL, CLEAR, HOST, HOST6, RESUMED, TREE, both_hosts, content, everywhere, \
    needs, on_wire, text, write_tree

pytestmark = needs("curl")
SECURE = CAN_ALL


def secure(site):
    (site.home / ".curlrc").write_text(f'ssl-reqd\ncacert = "{site.authority}"\n')


WAYS = {
    "EPSV": (HOST, []),
    "PASV": (HOST, ["--disable-epsv"]),
    "EPRT": (HOST, ["-P", HOST]),
    "PORT": (HOST, ["-P", HOST, "--disable-eprt"]),
    "EPSV-6": (HOST6, []),
    "EPRT-6": (HOST6, ["-P", HOST6]),
}
NAMES = ["two words", "\u6587\u4ef6 \u00fc.txt", "hash#tag", "per%cent%41", "semi;colon", "quo\"te'",
         "a\\b", "plus+and&", "que?stion", "-dash", "tilde~", "{brace}", "[bracket]", "x" * 255]
CURL = ["curl", "-sS", "--fail-early"]


def quoted(name):
    return "".join(f"%{byte:02X}" for byte in os.fsencode(name))


@everywhere
@pytest.mark.parametrize("way", WAYS)
def test_down_and_up(site, way):
    host, options = WAYS[way]
    if "-P" in options and site.security != CLEAR:
        pytest.skip("curl 7.88 begins no TLS on a connection that it has accepted")
    data = site.write("down", content(700_000))
    site.write_here("up", data)
    site.run(*CURL, *options, "-o", "down", site.url("down", host))
    site.run(*CURL, *options, "-T", "up", site.url("up", host))
    assert site.read_here("down") == data == site.read("up")


def test_data_connections_are_as_asked(site, tap):
    site.write("down", b"x")
    for options, verb in (([], "EPSV"), (["--disable-epsv"], "PASV"), (["-P", HOST], "EPRT"),
                          (["-P", HOST, "--disable-eprt"], "PORT")):
        said = site.run(*CURL, "-v", *options, site.url("down"))
        assert said.stdout == b"x"
        assert verb in tap.verbs()
        assert not {"EPSV", "PASV", "EPRT", "PORT"} - {verb} & set(tap.verbs())
        tap.lines.clear()


@both_hosts
def test_ranges(site, host):
    data = site.write("file", content(100_000))
    for asked, wanted in (("100-199", data[100:200]), ("0-0", data[:1]), ("99000-", data[99000:]),
                          ("-500", data[-500:]), ("99999-99999", data[-1:]),
                          ("10-99998", data[10:99999])):
        assert site.run(*CURL, "-r", asked, site.url("file", host)).stdout == wanted, asked


@everywhere
def test_resumed_down(site):
    data = site.write("file", content(500_000))
    site.write_here("file", data[:123_456])
    site.run(*CURL, "-C", "-", "-o", "file", site.url("file"))
    assert site.read_here("file") == data
    site.run(*CURL, "-C", "-", "-o", "file", site.url("file"))
    assert site.read_here("file") == data


def test_resumed_past_the_end_fails(site):
    site.write("file", content(10))
    site.write_here("file", content(20))
    site.run(*CURL, "-C", "-", "-o", "file", site.url("file"), code=36)


@everywhere
def test_resumed_up(site):
    data = site.write_here("file", content(500_000))
    site.write("file", data[:123_456])
    site.run(*CURL, "-C", "-", "-T", "file", site.url("file"))
    assert site.read("file") == data


def test_appended(site):
    site.write("file", b"first ")
    site.write_here("file", b"second")
    site.run(*CURL, "-a", "-T", "file", site.url("file"))
    assert site.read("file") == b"first second"
    site.run(*CURL, "-a", "-T", "file", site.url("new"))
    assert site.read("new") == b"second"


@pytest.mark.parametrize("method", ["multicwd", "nocwd", "singlecwd"])
def test_ftp_method(site, method):
    data = site.write("deep/er/est \u6587/file", content(1000))
    site.write_here("up", data)
    url = site.url("deep/er/" + quoted("est \u6587") + "/")
    assert site.run(*CURL, "--ftp-method", method, url + "file").stdout == data
    site.run(*CURL, "--ftp-method", method, "-T", "up", url)
    assert site.read("deep/er/est \u6587/up") == data
    # // is the root of the server.
    assert site.run(*CURL, "--ftp-method", method, site.url("/deep/er/") + quoted("est \u6587") +
                    "/file").stdout == data


def test_upload_from_a_pipe(site):
    data = content(300_000)
    site.run(*CURL, "-T", "-", site.url("file"), stdin=data)
    assert site.read("file") == data
    site.run(*CURL, "-T", ".", site.url("file2"), stdin=data)
    assert site.read("file2") == data


@pytest.mark.parametrize("method, where", [("multicwd", "new/deep er/dir/"), ("singlecwd", "new/")])
def test_ftp_create_dirs(site, method, where):
    data = site.write_here("file", content(1000))
    for _ in range(2):
        site.run(*CURL, "--ftp-create-dirs", "--ftp-method", method, "-T", "file",
                 site.url(where.replace(" ", "%20")))
    assert site.read(where + "file") == data
    site.run(*CURL, "--ftp-method", method, "-T", "file", site.url("none/file"), code=9)


def test_quoted_commands(site):
    """Before and after a transfer."""
    site.write("file", b"content")
    site.write("gone", b"")
    site.run(*CURL, site.url(), "-l", "-Q", "MKD new", "-Q", "RNFR file", "-Q", "RNTO new/file",
             "-Q", "*DELE none", "-Q", "-DELE gone", "-Q", "-MKD after")
    assert site.names() == ["after", "new", "new/file"]
    site.run(*CURL, site.url(), "-Q", "DELE none", code=21)
    site.run(*CURL, site.url(), "-Q", "SITE CHMOD 600 new/file", "-Q", "-RNFR after", "-Q",
             "-RNTO before")
    assert (site.root / "new/file").stat().st_mode & 0o777 == 0o600
    site.run(*CURL, site.url(), "-Q", "DELE new/file", "-Q", "RMD new", "-Q", "RMD before")
    assert site.names() == []


def test_many_files_on_one_connection(site, tap):
    files = write_tree(site.here, {f"up{number}": content(number * 1000) for number in range(20)})
    site.run(*CURL, "-T", "up{" + ",".join(str(number) for number in range(20)) + "}", site.url())
    assert {name: site.read(name) for name in site.names()} == files
    site.run(*CURL, site.url() + "up[0-19]", "-o", "down#1")
    assert [site.read_here(f"down{number}") for number in range(20)] == list(files.values())
    assert tap.verbs().count("USER") == 2
    assert tap.verbs().count("STOR") == tap.verbs().count("RETR") == 20


def test_parallel(site):
    if site.security == RESUMED:
        pytest.skip("its connections share a store of sessions, and take each other's")
    files = {f"file{number}": site.write(f"file{number}", content(50_000, number))
             for number in range(30)}
    site.run(*CURL, "--parallel", "--parallel-max", "10", site.url("file[0-29]"), "-o", "file#1")
    assert {name: site.read_here(name) for name in files} == files


@both_hosts
def test_listings(site, host):
    site.write_tree()
    top = sorted({name.split("/")[0] for name in TREE})
    names = site.run(*CURL, "-l", site.url("", host)).stdout.decode()
    assert sorted(names.splitlines()) == top
    rows = site.run(*CURL, site.url("", host)).stdout.decode().splitlines()
    assert sorted(row.split(maxsplit=8)[8] for row in rows) == top
    assert site.run(*CURL, "-l", site.url("deep/er/est/", host)).stdout == b"three\n"
    site.make_directory("nothing")
    assert site.run(*CURL, "-l", site.url("nothing/", host)).stdout == b""
    assert site.run(*CURL, site.url("nothing/", host)).stdout.strip() in (b"", b"total 0")


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_names(site, name):
    data = site.write_here("local", content(100))
    url = site.url() + quoted(name)
    for options in ([], ["--ftp-method", "nocwd"]):
        site.run(*CURL, "--globoff", *options, "-T", "local", url)
        assert site.names() == [name]
        assert site.read(name) == data
        assert site.run(*CURL, "--globoff", *options, url).stdout == data
    assert site.run(*CURL, "-l", site.url()).stdout.decode() == name + "\n"


@everywhere
@both_hosts
def test_ascii(site, host):
    """Once curl has made the lines' ends its own again."""
    lf = site.write("file", text(20_000))
    assert site.run(*CURL, "--use-ascii", site.url("file", host)).stdout == lf
    assert site.run(*CURL, site.url("file;type=a", host)).stdout == lf
    assert site.run(*CURL, site.url("file;type=i", host)).stdout == lf
    site.write_here("up", lf)
    site.run(*CURL, "--use-ascii", "-T", "up", site.url("up", host))
    assert site.read("up") == lf
    site.run(*CURL, "--crlf", "-T", "up", site.url("binary", host))
    assert site.read("binary") == on_wire(lf)


def test_empty_files(site):
    site.write_here("up", b"")
    site.write("down", b"")
    site.run(*CURL, "-T", "up", site.url("up"))
    assert site.read("up") == b""
    assert site.run(*CURL, site.url("down")).stdout == b""


def test_heads_and_times(site):
    site.write("file", content(1234))
    os.utime(site.root / "file", (1_000_000_000, 1_000_000_000))
    head = site.run(*CURL, "-I", site.url("file")).stdout
    assert b"Content-Length: 1234\r\n" in head
    assert b"Last-Modified: Sun, 09 Sep 2001 01:46:40 GMT\r\n" in head
    site.run(*CURL, "-R", "-o", "file", site.url("file"))
    assert (site.here / "file").stat().st_mtime == 1_000_000_000
    assert site.run(*CURL, "-z", "10 Sep 2001", site.url("file")).stdout == b""
    assert site.run(*CURL, "-z", "8 Sep 2001", site.url("file")).stdout == content(1234)
    now = time.time()
    site.run(*CURL, "-T", "file", site.url("new"))
    assert abs((site.root / "new").stat().st_mtime - now) < 100


def test_what_is_not_there(site):
    site.run(*CURL, site.url("none"), code=78)
    site.run(*CURL, site.url("none/such"), code=9)
    site.write("file", b"x")
    site.run(*CURL, site.url("file/"), code=9)
    site.run(*CURL, "--max-filesize", "10", site.url("file"), code=0)


def test_an_upload_replaces(site):
    site.write("file", content(5000))
    data = site.write_here("file", content(300))
    site.run(*CURL, "-T", "file", site.url("file"))
    assert site.read("file") == data
