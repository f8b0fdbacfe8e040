"""aria2: a file in several pieces at a time."""
import os

import pytest

from ftp_matrix import both_hosts, cannot, content, everywhere, needs, read_tree

pytestmark = needs("aria2c")
SECURE = cannot("it speaks no TLS with FTP")

ARIA2 = ["aria2c", "--no-conf", "--quiet", "--allow-overwrite=true", "--disable-ipv6=false",
         "--file-allocation=none", "--max-tries=2", "--enable-dht=false", "--retry-wait=0",
         "--async-dns=false"]
SPLIT = ["--split=5", "--max-connection-per-server=5", "--min-split-size=1M"]
MEBIBYTE = 1 << 20


@everywhere
@both_hosts
@pytest.mark.parametrize("passive", ["true", "false"], ids=["passive", "active"])
def test_split(site, host, passive):
    data = site.write("deep/file", content(8 * MEBIBYTE))
    site.run(*ARIA2, *SPLIT, f"--ftp-pasv={passive}", site.url("deep/file", host))
    assert read_tree(site.here) == {"file": data}


def test_pieces_come_from_several_connections(site, tap):
    data = site.write("file", content(8 * MEBIBYTE))
    # At full speed the first connection may be through before there is a second.
    site.run(*ARIA2, *SPLIT, "--max-download-limit=8M", site.url("file"))
    assert read_tree(site.here) == {"file": data}
    assert tap.verbs().count("USER") > 1
    assert "REST" in tap.verbs()


def test_whole(site):
    data = site.write("file", content(3 * MEBIBYTE))
    site.run(*ARIA2, "--split=1", "--out=local", site.url("file"))
    assert read_tree(site.here) == {"local": data}


def test_resumed(site):
    data = site.write("file", content(3 * MEBIBYTE))
    site.write_here("file", data[:MEBIBYTE + 1])
    site.run(*ARIA2, "--continue=true", "--allow-overwrite=false", site.url("file"))
    assert read_tree(site.here) == {"file": data}


def test_many_files(site):
    files = {f"file{number}": site.write(f"file{number}", content(number * 1000))
             for number in range(1, 12)}
    listed = "".join(site.url(name) + "\n" for name in files)
    site.run(*ARIA2, "--max-concurrent-downloads=5", "--input-file=-", stdin=listed.encode())
    assert read_tree(site.here) == files


def test_ascii(site):
    site.write("file", b"1\n2\n")
    site.run(*ARIA2, "--ftp-type=ascii", "--split=1", site.url("file"))
    assert site.read_here("file") == b"1\r\n2\r\n"


def test_times_are_taken_over(site):
    site.write("file", content(1000))
    os.utime(site.root / "file", (1_000_000_000, 1_000_000_000))
    site.run(*ARIA2, "--remote-time=true", site.url("file"))
    assert (site.here / "file").stat().st_mtime == 1_000_000_000


def test_names(site):
    for number, name in enumerate(["two words", "\u6587\u4ef6 \u00fc.txt", "hash#tag", "per%cent%41"]):
        data = site.write(name, content(100, number))
        quoted = "".join(f"%{byte:02X}" for byte in os.fsencode(name))
        site.run(*ARIA2, "--out=local", site.url() + quoted)
        assert site.read_here("local") == data


def test_what_is_not_there(site):
    site.run(*ARIA2, site.url("none"), code=3)
