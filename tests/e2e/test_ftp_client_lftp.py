"""lftp."""
import os
import re

import pytest

from ftp_matrix import CAN_ALL, HOST, HOST6, TREE, both_hosts, content, everywhere, in_clear, needs, \
    on_wire, read_tree, text, write_tree
from ftpool_server import PATIENCE_SECONDS, wait_for

pytestmark = needs("lftp")
SECURE = CAN_ALL


def secure(site):
    site.settings = [f"ssl:ca-file {site.authority}", "ftp:ssl-force true", "ftp:ssl-allow-anonymous true",
                     "ftp:ssl-protect-data true", "ftp:ssl-protect-list true"]


MEBIBYTE = 1 << 20
SETTINGS = ["cmd:fail-exit true", "net:timeout 20", "net:max-retries 1", "xfer:log false",
            "net:persist-retries 0", "cmd:interactive false", "xfer:use-temp-file false"]
WAYS = {
    "EPSV": (HOST, ["ftp:prefer-epsv true"]),
    "PASV": (HOST, ["ftp:prefer-epsv false"]),
    "PORT": (HOST, ["ftp:passive-mode false"]),
    "EPSV-6": (HOST6, []),
    "EPRT-6": (HOST6, ["ftp:passive-mode false"]),
}
NAMES = ["two words", "\u6587\u4ef6 \u00fc.txt", "hash#tag", "per%cent%41", "semi;colon", "quo\"te'",
         "a\\b", "plus+and&", "que?stion", "-dash", "tilde~", "{brace}", "[bracket]", "x" * 240, "~"]


def script(site, commands, settings=(), host=HOST):
    settings = [*SETTINGS, *site.settings, *settings]
    lines = [*(f"set {setting}" for setting in settings), f"open {site.url('', host)}", *commands]
    return "; ".join(lines)


def lftp(site, *commands, settings=(), host=HOST, code=0, seconds=PATIENCE_SECONDS):
    """Runs these commands, and stops at the first that fails."""
    return site.run("lftp", "--norc", "-c", script(site, commands, settings, host),
                    code=code, seconds=seconds).stdout.decode(errors="surrogateescape")


def said(site):
    return (site.here.parent / "said").read_text(errors="replace")


@everywhere
@pytest.mark.parametrize("way", WAYS)
def test_get_and_put(site, way):
    host, settings = WAYS[way]
    data = site.write("down", content(700_000))
    lftp(site, "get down", "put down -o up", host=host, settings=settings)
    assert site.read_here("down") == data == site.read("up")


def test_data_connections_are_as_asked(site, tap):
    site.write("down", b"x")
    for way, (host, settings) in WAYS.items():
        if host == HOST:
            lftp(site, "cat down", settings=settings)
            assert way in tap.verbs()
            tap.lines.clear()


# ---- mirror ----

@everywhere
@both_hosts
def test_mirror_down(site, host):
    tree = site.write_tree()
    site.make_directory("nothing/in here")
    os.utime(site.root / "deep/one", (1_000_000_000, 1_000_000_000))
    mirror = "mirror --parallel=4 --verbose / copy"
    lftp(site, mirror, host=host)
    assert read_tree(site.here / "copy") == tree
    assert (site.here / "copy/nothing/in here").is_dir()
    assert (site.here / "copy/deep/one").stat().st_mtime == 1_000_000_000
    assert "Transferring" not in lftp(site, mirror, host=host), "nothing has changed"
    tree["deep/er/two"] = site.write("deep/er/two", content(5000, 1))
    os.remove(site.root / "plain")
    del tree["plain"]
    again = lftp(site, mirror + " --delete", host=host)
    assert re.findall("Transferring file `([^']*)", again) == ["deep/er/two"]
    assert read_tree(site.here / "copy") == tree


@everywhere
@both_hosts
def test_mirror_up(site, host):
    tree = write_tree(site.here / "copy")
    (site.here / "copy/nothing").mkdir()
    os.utime(site.here / "copy/deep/one", (1_000_000_000, 1_000_000_000))
    mirror = "mirror --reverse --parallel=4 --verbose copy /there"
    lftp(site, mirror, host=host)
    assert read_tree(site.root / "there") == tree
    assert (site.root / "there/nothing").is_dir()
    assert (site.root / "there/deep/one").stat().st_mtime == 1_000_000_000
    assert "Transferring" not in lftp(site, mirror, host=host), "nothing has changed"
    tree.update(write_tree(site.here / "copy", {"deep/er/two": content(5000, 1)}))
    os.remove(site.here / "copy/plain")
    del tree["plain"]
    again = lftp(site, mirror + " --delete", host=host)
    assert re.findall("Transferring file `([^']*)", again) == ["deep/er/two"]
    assert read_tree(site.root / "there") == tree


@pytest.mark.parametrize("settings", [["ftp:use-mlsd true"], ["ftp:use-mlsd false"],
                                      ["ftp:use-mlsd false", "ftp:list-options -a"],
                                      ["ftp:use-mode-z true"], ["ftp:sync-mode true"],
                                      ["ftp:sync-mode false"], ["ftp:prefer-epsv true"],
                                      ["ftp:use-allo false", "ftp:use-mdtm false"],
                                      ["ftp:use-stat-for-list true", "ftp:use-mlsd false"]],
                         ids=lambda settings: ",".join(settings).replace(" ", "="))
def test_mirror_with(site, settings):
    tree = site.write_tree()
    lftp(site, "mirror --parallel=3 / copy", "mirror -R --parallel=3 copy again", settings=settings)
    assert read_tree(site.here / "copy") == tree == read_tree(site.root / "again")


def test_mirror_of_links_and_modes(site):
    """A link that stays inside is followed; modes go both ways."""
    site.write("dir/file", content(10))
    (site.root / "dir/link").symlink_to("file")
    (site.root / "dir/file").chmod(0o640)
    lftp(site, "mirror --dereference dir", "mirror -R dir again")
    assert site.read_here("dir/link") == content(10)
    assert (site.here / "dir/file").stat().st_mode & 0o777 == 0o640
    assert (site.root / "again/file").stat().st_mode & 0o777 == 0o640


def test_mirror_of_many_small_files(site):
    tree = site.write_tree({f"dir{number % 10}/file{number}": content(number, 7)
                            for number in range(300)})
    lftp(site, "mirror --parallel=8 / copy", "mirror -R --parallel=8 copy again")
    assert read_tree(site.here / "copy") == tree == read_tree(site.root / "again")


# ---- parts ----

@everywhere
@both_hosts
def test_pget(site, host):
    data = site.write("file", content(8 * MEBIBYTE))
    lftp(site, "pget -n 5 file", host=host, settings=["pget:min-chunk-size 65536"])
    assert read_tree(site.here) == {"file": data}


def test_mirror_with_pget(site):
    data = site.write("dir/file", content(8 * MEBIBYTE))
    lftp(site, "mirror --use-pget-n=4 dir", settings=["pget:min-chunk-size 65536"])
    assert read_tree(site.here) == {"dir/file": data}


def test_get_resumed(site):
    data = site.write("file", content(MEBIBYTE))
    site.write_here("file", data[:400_001])
    lftp(site, "get -c file")
    assert site.read_here("file") == data


@everywhere
def test_put_resumed(site):
    data = site.write_here("file", content(MEBIBYTE))
    site.write("file", data[:400_001])
    lftp(site, "put -c file")
    assert site.read("file") == data


def test_interrupted_get_is_resumed(site):
    data = site.write("file", content(4 * MEBIBYTE))
    slow = site.start("lftp", "--norc", "-c",
                      script(site, ["get file"], ["net:limit-rate 500000"]))
    local = site.here / "file"
    wait_for(lambda: local.exists() and local.stat().st_size > 100_000, "some of it")
    site.kill(slow)
    assert local.stat().st_size < len(data)
    lftp(site, "get -c file")
    assert site.read_here("file") == data


def test_interrupted_put_is_resumed(site):
    data = site.write_here("file", content(4 * MEBIBYTE))
    slow = site.start("lftp", "--norc", "-c",
                      script(site, ["put file"], ["net:limit-rate 500000"]))
    partial = site.root / ".file.partial"
    wait_for(lambda: partial.exists() and partial.stat().st_size > 100_000, "some of it")
    site.kill(slow)
    site.wait_quiet()
    assert not (site.root / "file").exists()
    assert data.startswith(site.read(".file.partial"))
    lftp(site, "put -c file")
    assert site.read("file") == data
    assert site.names() == ["file"]


# ---- the rest of its commands ----

def test_mode_z(site, tap):
    data = site.write("file", b"0123456789" * 100_000)
    lftp(site, "get file", "put file -o up", "cls -1", settings=["ftp:use-mode-z true"])
    assert site.read_here("file") == data == site.read("up")
    assert "MODE Z" in tap.said()


def test_ascii(site):
    lf = site.write("file", text(5000))
    lftp(site, "get -a file", "put -a file -o up")
    assert site.read_here("file") == lf or site.read_here("file") == on_wire(lf)
    assert site.read("up").replace(b"\r", b"") == lf


def test_mput_mget_and_mrm(site):
    files = write_tree(site.here, {f"file{number}.txt": content(number) for number in range(20)})
    site.write_here("other", b"")
    lftp(site, "mput file*.txt", "mkdir new", "mput -O new file1*.txt")
    assert read_tree(site.root) == {**files, **{f"new/{name}": data for name, data in files.items()
                                                if name.startswith("file1")}}
    os.mkdir(site.here / "again")
    lftp(site, "lcd again", "mget file*.txt")
    assert read_tree(site.here / "again") == files
    lftp(site, "mrm file*.txt", "rm -r new")
    assert site.names() == []


def test_directories_and_modes(site):
    site.write("file", b"x")
    lftp(site, "mkdir -p a/b/c", "chmod 600 file", "mv file a/b/moved",
         "mv a/b/c a/b/d")
    assert site.names() == ["a", "a/b", "a/b/d", "a/b/moved"]
    assert (site.root / "a/b/moved").stat().st_mode & 0o777 == 0o600
    lftp(site, "rmdir a/b/d", "rm a/b/moved", "rm -r a")
    assert site.names() == []
    lftp(site, "rmdir none", code=1)
    lftp(site, "rm none", code=1)
    lftp(site, "cd none", code=1)


def test_find_and_du(site):
    site.write_tree()
    directories = {f"{name.rpartition('/')[0]}/" for name in TREE if "/" in name} | {"", "deep/"}
    found = lftp(site, "find")
    assert set(found.splitlines()) == {f"./{name}" for name in directories | set(TREE)}
    assert lftp(site, "du -s -b deep").split()[0] == str(
        sum(len(data) for name, data in TREE.items() if name.startswith("deep/")))


@pytest.mark.parametrize("mlsd", ["true", "false"])
def test_listings(site, mlsd):
    site.write_tree()
    os.utime(site.root / "plain", (1_000_000_000, 1_000_000_000))
    settings = [f"ftp:use-mlsd {mlsd}"]
    top = {name.split("/")[0] + ("/" if "/" in name else "") for name in TREE}
    assert set(lftp(site, "cls -1", settings=settings).splitlines()) == top
    assert set(lftp(site, "nlist", settings=settings).split("\n")[:-1]) >= {"plain", "empty"}
    long = lftp(site, "ls", settings=settings).splitlines()
    assert any(re.match(r"-rw-r--r--.* 100000 .*2001.* plain$", row) for row in long), long
    sized = lftp(site, "cls -l --block-size=1 plain", settings=settings)
    assert re.search(r"100000 Sep +9 +2001 plain", sized)
    # With a pattern and with a path.
    assert lftp(site, "cls -1 deep/er/t*", settings=settings) == "deep/er/two\n"
    assert lftp(site, "glob -f echo deep/er/est/*", settings=settings) == "deep/er/est/three\n"


def test_aborted_transfers(site, tap):
    """lftp gives up a file that is far from its end with ABOR, and uses the connection again."""
    data = site.write("file", content(32 * MEBIBYTE))
    assert lftp(site, "cat file | head -c 100000 >got", "cls -1") == "file\n"
    assert site.read_here("got") == data[:100_000]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_names(site, name):
    data = site.write_here("local", content(100))
    quoted = "'" + name.replace("\\", "\\\\").replace("'", "'\\''") + "'"
    lftp(site, f"put local -o ./{quoted}", f"get ./{quoted} -o again")
    assert site.names() == [name]
    assert site.read(name) == data == site.read_here("again")
    lftp(site, "mirror / copy", "mirror -R copy there")
    assert read_tree(site.here / "copy") == {name: data} == read_tree(site.root / "there")
    lftp(site, f"mv ./{quoted} moved", "rm moved", "rm -r there")
    assert site.names() == []


def test_quoted_commands(site):
    site.write("file", b"abc")
    answers = lftp(site, "quote SIZE file", "site CHMOD 600 file", "quote NOOP", "quote SYST")
    assert "213 3" in answers and "215 UNIX" in answers
    assert (site.root / "file").stat().st_mode & 0o777 == 0o600


def test_many_in_one_queue(site):
    files = site.write_tree({f"file{number}": content(50_000, number) for number in range(10)})
    lftp(site, *[f"get file{number} &" for number in range(10)], "wait all", "cls -1")
    assert read_tree(site.here) == files


# Both servers would be TLS's server, and neither the client (there is no SSCN here).
@in_clear
def test_between_two_servers(site):
    """FXP is refused (RFC 2577), and lftp copies by itself."""
    data = site.write("file", content(200_000))
    lftp(site, f"get -c file -o {site.url('copy')}",
         settings=["ftp:use-fxp true", "ftp:fxp-passive-source true"], seconds=60)
    assert site.read("copy") == data
