"""wget."""
import os

import pytest

from ftp_matrix import CAN_ALL, IMPLICIT, both_hosts, content, everywhere, in_clear, needs, on_wire, \
    read_tree, text

pytestmark = needs("wget")
SECURE = CAN_ALL


def secure(site):
    site.scheme = "ftps"
    (site.home / ".wgetrc").write_text(
        f"ca_certificate = {site.authority}\nftps_implicit = "
        f"{'on' if site.security == IMPLICIT else 'off'}\n")


# LIST tells no more than the day of a file that is old.
MIDNIGHT = 11574 * 86400
WGET = ["wget", "-nv", "--tries=2", "--restrict-file-names=nocontrol"]


@everywhere
@pytest.mark.parametrize("mode", [[], ["--no-passive-ftp"]], ids=["passive", "active"])
@both_hosts
def test_down(site, host, mode):
    data = site.write("deep/file", content(600_000))
    site.run(*WGET, *mode, site.url("deep/file", host))
    assert site.read_here("file") == data


def test_data_connections_are_as_asked(site, tap):
    site.write("file", b"x")
    for options, verb in (([], "PASV"), (["--no-passive-ftp"], "PORT")):
        site.run(*WGET, *options, "-O", "file", site.url("file"))
        assert verb in tap.verbs()
        assert not {"EPSV", "PASV", "EPRT", "PORT"} - {verb} & set(tap.verbs())
        tap.lines.clear()


@everywhere
@both_hosts
def test_mirror(site, host):
    """Bytes and times; a second time nothing is fetched but what has changed."""
    tree = site.write_tree()
    os.utime(site.root / "deep/one", (MIDNIGHT, MIDNIGHT))
    mirror = [*WGET, "-r", "-N", "--level=inf", "--no-host-directories", site.url("", host)]
    site.run(*mirror)
    assert read_tree(site.here) == tree
    assert (site.here / "deep/one").stat().st_mtime == MIDNIGHT
    tree["deep/er/two"] = site.write("deep/er/two", content(5000, 1))
    untouched = (site.here / "plain").stat().st_ino
    site.run(*mirror)
    assert read_tree(site.here) == tree
    assert (site.here / "plain").stat().st_ino == untouched


def test_mirror_of_a_part(site):
    tree = site.write_tree()
    site.run(*WGET, "--recursive", "--level=2", "--no-parent", "--no-host-directories",
             "--cut-dirs=1", site.url("deep/er/"))
    assert read_tree(site.here) == {name.removeprefix("deep/"): data for name, data in tree.items()
                                    if name.startswith("deep/er/")}


@both_hosts
def test_resumed(site, host):
    data = site.write("file", content(500_000))
    site.write_here("file", data[:123_456])
    site.run(*WGET, "-c", site.url("file", host))
    assert site.read_here("file") == data
    site.run(*WGET, "-c", site.url("file", host))
    assert site.read_here("file") == data


def test_start_position(site):
    data = site.write("file", content(500_000))
    site.run(*WGET, "--start-pos=400000", site.url("file"))
    assert site.read_here("file") == data[400_000:]


def test_globs(site):
    files = {f"file{number}.txt": site.write(f"file{number}.txt", content(number))
             for number in range(20)}
    site.write("other", b"")
    site.run(*WGET, site.url("file*.txt"))
    assert read_tree(site.here) == files


def test_names(site):
    names = ["two words", "\u6587\u4ef6 \u00fc.txt", "hash#tag", "per%zent", "quo\"te'", "plus+&",
             "tilde~", "{brace}", "x" * 200]
    files = {name: site.write(name, content(100, number)) for number, name in enumerate(names)}
    site.run(*WGET, "-r", "-nH", site.url())
    assert read_tree(site.here) == files
    for name in names:
        quoted = "".join(f"%{byte:02X}" for byte in os.fsencode(name))
        site.run(*WGET, "--no-glob", "-O", "one", site.url() + quoted)
        assert site.read_here("one") == files[name]


def test_timestamps(site):
    site.write("file", content(100))
    os.utime(site.root / "file", (MIDNIGHT, MIDNIGHT))
    site.run(*WGET, "-N", site.url("file"))
    assert (site.here / "file").stat().st_mtime == MIDNIGHT
    data = site.write("file", content(100, 1))
    site.run(*WGET, "-N", site.url("file"))
    assert site.read_here("file") == data


def test_ascii(site):
    lf = site.write("file", text(2000))
    site.run(*WGET, "-O", "file", site.url("file;type=a"))
    assert site.read_here("file") == on_wire(lf)


# Its page says ftp:// whatever the server was asked by.
@in_clear
def test_listing_as_a_page(site):
    site.write_tree()
    site.run(*WGET, "-O", "index", site.url())
    page = site.read_here("index").decode()
    assert f'href="{site.url("plain")}">plain</a>  (100000 bytes)' in page
    assert ">deep/</a>" in page


def test_many_files_and_an_empty_one(site):
    files = {f"file{number}": site.write(f"file{number}", content(number * 100))
             for number in range(10)}
    site.run(*WGET, *[site.url(name) for name in files])
    assert read_tree(site.here) == files


def test_what_is_not_there(site):
    site.run(*WGET, site.url("none"), code=8)
    site.run(*WGET, site.url("none/such"), code=8)
    assert read_tree(site.here) == {}
