"""rclone, with a remote made up on the command line."""
import os

from ftp_matrix import EXPLICIT, HOST, HOST6, IMPLICIT, RESUMED, TREE, both_hosts, content, everywhere, \
    needs, read_tree, write_tree

import pytest

pytestmark = needs("rclone")
SECURE = {EXPLICIT: None, IMPLICIT: None,
          RESUMED: "its connections share a store of sessions, and take each other's"}


def secure(site):
    site.environment["RCLONE_FTP_TLS" if site.security == IMPLICIT else "RCLONE_FTP_EXPLICIT_TLS"] = "true"
    site.environment["RCLONE_FTP_NO_CHECK_CERTIFICATE"] = "true"



def remote(site, path="", host=HOST, options=""):
    host_text = f"[{host}]" if ":" in host else host
    return f':ftp,host="{host_text}",port={site.port_of(host)},user=anonymous{options}:{path}'


def rclone(site, *arguments, **options):
    # Its passwords are kept obscured; what is a good one for anonymous never changes.
    return site.run("rclone", "--config", os.devnull, "--retries=1", "--low-level-retries=1",
                    "--contimeout=20s", "--timeout=20s", "--ftp-pass", PASSWORD,
                    "--transfers=4", "--stats=0", *arguments, **options).stdout.decode()


PASSWORD = "ibbTx1t2vqOQ05Mv6KOFBbJTqGTRTA"


@everywhere
@both_hosts
def test_sync_and_check(site, host):
    tree = write_tree(site.here / "local")
    os.utime(site.here / "local/deep/one", (1_000_000_000, 1_000_000_000))
    there = remote(site, "there", host)
    rclone(site, "sync", "local", there)
    assert read_tree(site.root / "there") == tree
    rclone(site, "check", "--download", "local", there)
    assert (site.root / "there/deep/one").stat().st_mtime == 1_000_000_000
    os.remove(site.here / "local/plain")
    del tree["plain"]
    tree.update(write_tree(site.here / "local", {"deep/er/two": content(5000, 1)}))
    rclone(site, "sync", "local", there)
    assert read_tree(site.root / "there") == tree
    rclone(site, "sync", there, "back")
    assert read_tree(site.here / "back") == tree
    site.write("there/deep/er/two", content(5000, 2))
    rclone(site, "check", "--download", "local", there, code=1)


@everywhere
@pytest.mark.parametrize("options", ["", ",disable_epsv=true", ",disable_mlsd=true",
                                     ",disable_utf8=true", ",writing_mdtm=true", ",concurrency=2",
                                     ",force_list_hidden=true"])
def test_copy(site, options):
    tree = write_tree(site.here / "local")
    rclone(site, "copy", "local", remote(site, "there", options=options))
    assert read_tree(site.root / "there") == tree
    rclone(site, "copy", remote(site, "there", options=options), "back")
    assert read_tree(site.here / "back") == tree


def test_moveto_copyto_and_delete(site):
    site.write_tree()
    rclone(site, "moveto", remote(site, "plain"), remote(site, "deep/er/moved"))
    assert site.read("deep/er/moved") == TREE["plain"]
    assert not (site.root / "plain").exists()
    rclone(site, "copyto", remote(site, "deep/one"), remote(site, "deep/copy"))
    assert site.read("deep/copy") == site.read("deep/one")
    rclone(site, "moveto", remote(site, "deep/er"), remote(site, "moved directory"))
    assert site.read("moved directory/two") == TREE["deep/er/two"]
    rclone(site, "deletefile", remote(site, "deep/one"))
    assert not (site.root / "deep/one").exists()
    rclone(site, "purge", remote(site, "moved directory"))
    rclone(site, "delete", "--rmdirs", remote(site, "deep"))
    assert not (site.root / "moved directory").exists()
    assert "deep/copy" not in site.names()


def test_listings(site):
    site.write_tree()
    os.utime(site.root / "plain", (1_000_000_000, 1_000_000_000))
    rows = [row.split(maxsplit=3) for row in rclone(site, "lsl", remote(site)).splitlines()]
    assert {name: int(size) for size, _, _, name in rows} == {
        name: len(data) for name, data in TREE.items()}
    assert ["100000", "2001-09-09", "01:46:40.000000000", "plain"] in rows
    assert set(rclone(site, "lsf", remote(site)).splitlines()) == {
        name.split("/")[0] + ("/" if "/" in name else "") for name in TREE}
    assert len(rclone(site, "lsd", "-R", remote(site)).splitlines()) == 4
    assert '"count":8' in rclone(site, "size", "--json", remote(site))
    assert "three" in rclone(site, "tree", remote(site, "deep"))
    assert rclone(site, "md5sum", "--download", remote(site, "empty")).split() == [
        "d41d8cd98f00b204e9800998ecf8427e", "empty"]


def test_streams(site):
    data = content(300_000)
    rclone(site, "rcat", remote(site, "new/file"), stdin=data)
    assert site.read("new/file") == data
    done = site.run("rclone", "--config", os.devnull, "--ftp-pass", PASSWORD, "cat", "--offset",
                    "1000", "--count", "50", remote(site, "new/file"))
    assert done.stdout == data[1000:1050]


def test_directories(site):
    rclone(site, "mkdir", remote(site, "a/b/c"))
    rclone(site, "mkdir", remote(site, "a/b/c"))
    assert site.names() == ["a", "a/b", "a/b/c"]
    rclone(site, "rmdir", remote(site, "a/b/c"))
    rclone(site, "rmdirs", remote(site, "a"))
    assert site.names() == []
    rclone(site, "lsf", remote(site, "none"), code=3)


def test_names(site):
    names = ["two words", "\u6587\u4ef6 \u00fc.txt", "hash#tag", "per%cent%41", "semi;colon", "quo\"te'",
             "plus+and&", "que?stion", "-dash", "tilde~", "{brace}", "[bracket]", "x" * 240]
    files = write_tree(site.here / "local", {name: content(10, number)
                                             for number, name in enumerate(names)})
    rclone(site, "copy", "local", remote(site))
    assert read_tree(site.root) == files
    rclone(site, "sync", remote(site), "back")
    assert read_tree(site.here / "back") == files


def test_many_small_files(site):
    files = write_tree(site.here / "local", {f"dir{number % 7}/file{number}": content(number)
                                             for number in range(200)})
    rclone(site, "copy", "local", remote(site, "there", HOST6), "--transfers=8", "--checkers=8")
    assert read_tree(site.root / "there") == files
    rclone(site, "check", "--download", "local", remote(site, "there"), "--checkers=8")
