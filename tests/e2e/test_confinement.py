"""Nothing outside of the root can be read, written or made, however it is spelt; and inside, only
regular files are files.

Outside lies a directory that everybody may read and write, so that nothing but the confinement can
be what protects it. Each spelling is tried with the workers' sandbox and without: the file names
are confined by themselves.
"""
from concurrent.futures import ThreadPoolExecutor
import os
import shutil
import socket
import stat
import subprocess

import pytest

from conftest import Factory, needs_root, open_directory
from ftpool_server import MODE
from lgpq_client import LgpqClient, Refused
from old_client import NOT_FOUND, PUT_FAILED, UNKNOWN, OldClient, Said

SECRET = b"the secret outside"
INSIDE = b"the file inside"


class House:
    """A server on `library`, with links of all kinds in it, beside the directory `outside`."""

    def __init__(self, factory, directory, sandbox):
        self.outside = directory / "outside"
        self.outside.mkdir()
        self.outside.chmod(0o777)
        (self.outside / "secret").write_bytes(SECRET)
        (self.outside / "secret").chmod(0o666)
        self.server = factory(settings={"sandbox": "true" if sandbox else "false"})
        self.root = self.server.root
        self._furnish()
        self.before = self.look_outside()

    def _furnish(self):
        self.server.write("inside", INSIDE)
        (self.root / "directory").mkdir()
        (self.root / "directory").chmod(0o777)
        up = os.path.relpath(self.outside, self.root)
        for name, target in {
                "absolute": self.outside / "secret", "relative": f"{up}/secret",
                "directory-absolute": self.outside, "directory-relative": up,
                "directory/deep": f"../{up}/secret", "top": "/", "loop": "loop", "loop1": "loop2",
                "loop2": "loop1", "nowhere": "missing", "nowhere-outside": f"{up}/new",
                "magic-root": "/proc/self/root", "magic-cwd": "/proc/self/cwd",
                "magic-descriptor": "/proc/self/fd/0", "good": "inside", "good-absolute": "/inside",
                "directory/good-up": "../../../../../inside"}.items():
            (self.root / name).symlink_to(target)

    def look_outside(self):
        """Everything that a client could have changed there, or in the parent."""
        found = {}
        for path in [self.outside, *self.outside.iterdir(), self.root.parent,
                     self.root.parent.parent]:
            status = path.stat()
            found[path] = (status.st_mode, status.st_size, status.st_mtime_ns, status.st_ino,
                           path.read_bytes() if path.is_file() else sorted(os.listdir(path)))
        return found

    def targets(self, spelling):
        """A spelling with the place's own path in it."""
        return os.fsencode(spelling.format(outside=self.outside,
                                           up=os.path.relpath(self.outside, self.root)))


SANDBOX = [
    pytest.param(True, id="sandbox", marks=pytest.mark.skipif(
        MODE in ("asan", "tsan"), reason="sanitizers do not work in the sandbox")),
    pytest.param(False, id="no-sandbox")]


@pytest.fixture(scope="module", params=SANDBOX)
def house(request):
    directory = open_directory()
    factory = Factory(directory)
    yield House(factory, directory, request.param)
    factory.close()
    shutil.rmtree(directory)


SPELLINGS = [
    "{up}/secret", "/{up}/secret", "//{up}//secret", "./{up}/./secret", "directory/../{up}/secret",
    "directory/../../../../../../../../../../../../../{outside}/secret", "{outside}/secret",
    "/{outside}/secret", "missing/../{up}/secret", "inside/../{up}/secret",
    "../../../../../../../../../../../etc/passwd", "/etc/passwd", "/etc/./passwd", "//etc//passwd",
    "..%2foutside%2fsecret", "..%2f..%2f..%2f..%2fetc%2fpasswd", "..\\..\\outside\\secret",
    "..%c0%af..%c0%afsecret", "....//....//outside/secret", "absolute", "relative",
    "directory/deep", "directory-absolute/secret", "directory-relative/secret",
    "directory-absolute/new", "directory-relative/new", "nowhere-outside", "top/etc/passwd",
    "top/{outside}/secret", "magic-root/etc/passwd", "magic-root/{outside}/secret",
    "magic-cwd/../outside/secret", "magic-descriptor", "/proc/self/environ",
    "/proc/self/root/etc/passwd", "/dev/zero", "loop", "loop/secret", "loop1", "~/secret",
    "file:///etc/passwd", "../library/../outside/secret", "..", "../", "../..", "/..", ".", "/",
    "./", "//", "/.", "directory", "directory/", "directory/..", "directory/.",
]
LONGEST = "../" * 1300 + "etc/passwd"


def framed_get(house, name):
    with LgpqClient(house.server.address()) as client:
        client.list()
        return client.get(name)


def framed_sum(house, name):
    with LgpqClient(house.server.address()) as client:
        client.list()
        return client.sum(name)


def bare_get(house, name):
    with OldClient(house.server.address()) as client:
        return client.get(name)


@pytest.mark.parametrize("spelling", [*SPELLINGS, LONGEST], ids=lambda name: name[:40])
def test_nothing_outside_is_read(house, spelling):
    name = house.targets(spelling)
    for look in (framed_get, framed_sum):
        with pytest.raises(Refused) as refused:
            look(house, name)
        assert refused.value.word in ("not-found", "denied", "bad-name")
    with pytest.raises(Said) as said:
        bare_get(house, name)
    assert said.value.args == (NOT_FOUND,)


# What a put takes, and as which file of the library: a link is replaced, ".." stays at the top.
LITERAL = ["..%2foutside%2fsecret", "..%2f..%2f..%2f..%2fetc%2fpasswd", "..%c0%af..%c0%afsecret",
           "..\\..\\outside\\secret", "absolute", "relative", "directory/deep", "nowhere-outside",
           "loop", "loop1", "magic-descriptor", "directory-absolute", "directory-relative"]
TAKEN = {**{spelling: spelling for spelling in LITERAL}, "../above": "above",
         "/../../above2": "above2", "directory/../../above3": "above3", "/above4": "above4"}


def framed_put(house, name, content):
    with LgpqClient(house.server.address()) as client:
        client.list()
        client.put(name, content)


def bare_put(house, name, content):
    with OldClient(house.server.address()) as client:
        client.put(name, content)
        client.list()  # answered when the upload is over


@pytest.mark.parametrize("sandbox", SANDBOX)
@pytest.mark.parametrize("put", [framed_put, bare_put])
def test_nothing_outside_is_written(server, tmp_path, put, sandbox):
    house = House(server, tmp_path, sandbox)

    def attempt(spelling):
        try:
            put(house, house.targets(spelling), b"put as " + spelling.encode())
            return None
        except Said as said:
            return said.args == (PUT_FAILED,)
        except Refused as refused:
            return refused.word in ("not-found", "denied", "bad-name", "exists")

    spellings = [spelling for spelling in SPELLINGS if spelling not in TAKEN]
    with ThreadPoolExecutor(8) as crowd:
        outcomes = dict(zip(spellings, crowd.map(attempt, spellings)))
    assert house.look_outside() == house.before
    assert [spelling for spelling, refused in outcomes.items() if not refused] == []
    with ThreadPoolExecutor(8) as crowd:
        assert set(crowd.map(attempt, TAKEN)) == {None}
    for spelling, name in TAKEN.items():
        path = house.root / name
        assert not path.is_symlink(), spelling
        assert path.read_bytes() == b"put as " + spelling.encode()
    assert house.look_outside() == house.before
    assert house.server.read("inside") == INSIDE
    assert not [name for name in house.server.names() if name.endswith(b".partial")]


@pytest.mark.parametrize("spelling", [
    "inside", "/inside", "../inside", "/../../inside", "directory/../inside", "./inside",
    "//inside", "good", "good-absolute", "directory/good-up", "top/inside", "top/top/../inside"])
def test_what_is_inside_is_served(house, spelling):
    """The root is the top of the tree for the client's path and for links alike."""
    assert framed_get(house, spelling) == INSIDE


def test_what_is_inside_is_served_to_the_old_client(house):
    with OldClient(house.server.address()) as client:
        for spelling in (b"../inside", b"good-absolute"):
            assert client.get(spelling) == INSIDE


def test_a_list_tells_nothing_of_what_is_outside(house):
    """A link is listed as the file it leads to inside, or not at all."""
    with LgpqClient(house.server.address()) as client:
        assert [(size, name) for size, _, name in client.list()] == [
            (len(INSIDE), name) for name in (b"good", b"good-absolute", b"inside")]


def test_an_empty_name_is_none(house):
    for request in (b"G\t", b"S\t", b"P\t\t1"):
        with LgpqClient(house.server.address()) as client:
            client.send(request + b"\n")
            with pytest.raises(Refused, match="bad-name"):
                client.reply()
    for request in (b"G ", b"P "):
        with OldClient(house.server.address()) as client, pytest.raises(Said) as said:
            client.ask(request)
        assert said.value.args == (UNKNOWN,)


# ---- partials ----

def test_partials_cannot_be_reached(house):
    name = ".coming.partial"
    house.server.write(name, b"half")
    for spelling in (name, f"/{name}", f"directory/../{name}", f"directory/{name}"):
        for look in (framed_get, framed_sum):
            with pytest.raises(Refused, match="not-found"):
                look(house, spelling)
        with pytest.raises(Refused, match="bad-name"):
            framed_put(house, spelling, b"evil")
        for request, text in ((b"G ", NOT_FOUND), (b"P ", PUT_FAILED)):
            with OldClient(house.server.address()) as client, pytest.raises(Said) as said:
                client.ask(request + spelling.encode())
            assert said.value.args == (text,)
    assert house.server.read(name) == b"half"


def test_a_partial_that_is_a_link_is_not_written_through(house):
    (house.root / ".planted.partial").symlink_to(house.outside / "secret")
    (house.root / ".planted2.partial").symlink_to("inside")
    for name in (b"planted", b"planted2"):
        with pytest.raises(Refused):
            framed_put(house, name, b"evil")
        with OldClient(house.server.address()) as client, pytest.raises(Said) as said:
            client.ask(b"P " + name)
        assert said.value.args == (PUT_FAILED,)
    assert house.look_outside() == house.before
    assert house.server.read("inside") == INSIDE


# ---- what is no file ----

def check_not_served(house, name):
    """It is refused in every way, and stays what it is."""
    before = os.lstat(house.root / name)
    for look in (framed_get, framed_sum):
        with pytest.raises(Refused, match="denied"):
            look(house, name)
    with pytest.raises(Refused, match="exists"):
        framed_put(house, name, b"evil")
    for request, text in ((b"G ", NOT_FOUND), (b"P ", PUT_FAILED)):
        with OldClient(house.server.address()) as client, pytest.raises(Said) as said:
            client.ask(request + name.encode())
        assert said.value.args == (text,)
    with LgpqClient(house.server.address()) as client:
        assert name.encode() not in client.names()
    after = os.lstat(house.root / name)
    assert (before.st_ino, before.st_mode) == (after.st_ino, after.st_mode)


def test_a_pipe_is_not_served_and_nobody_waits_for_it(house):
    os.mkfifo(house.root / "fifo")
    (house.root / "fifo").chmod(0o666)
    check_not_served(house, "fifo")
    os.mkfifo(house.root / ".piped.partial")
    (house.root / ".piped.partial").chmod(0o666)
    with pytest.raises(Refused):
        framed_put(house, "piped", b"evil")
    with OldClient(house.server.address()) as client, pytest.raises(Said) as said:
        client.ask(b"P piped")
    assert said.value.args == (PUT_FAILED,)
    house.server.wait_until(lambda status: status["transfers"] == 0)


def test_a_socket_is_not_served(house):
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(house.root / "socket"))
        listening.listen()
        (house.root / "socket").chmod(0o666)
        check_not_served(house, "socket")


@needs_root
@pytest.mark.parametrize("name, kind, major, minor", [
    ("zero", stat.S_IFCHR, 1, 5), ("null", stat.S_IFCHR, 1, 3), ("loop0", stat.S_IFBLK, 7, 0)])
def test_a_device_is_not_served(house, name, kind, major, minor):
    if not (house.root / name).exists():
        os.mknod(house.root / name, kind | 0o666, os.makedev(major, minor))
        (house.root / name).chmod(0o666)
    check_not_served(house, name)


@needs_root
def test_the_links_of_proc_lead_nowhere(house):
    """Magic links do not go by names, so no rule about names holds them."""
    (house.root / "proc").mkdir()
    if subprocess.run(["mount", "-t", "proc", "proc", house.root / "proc"]).returncode != 0:
        pytest.skip("proc cannot be mounted here")
    try:
        for name in ("proc/self/root/etc/passwd", "proc/self/cwd/etc/passwd", "proc/self/exe",
                     "proc/self/fd/0", f"proc/self/root/{house.outside}/secret"):
            with pytest.raises(Refused) as refused:
                framed_get(house, name)
            assert refused.value.word in ("denied", "not-found")
            with pytest.raises(Refused):
                framed_put(house, f"{name}/new", b"evil")
            with pytest.raises(Said):
                bare_get(house, name.encode())
    finally:
        subprocess.run(["umount", house.root / "proc"], check=True)
    assert house.look_outside() == house.before
