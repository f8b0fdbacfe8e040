"""What the matrix of FTP clients shares: a server that lets anybody do everything, and a directory of
the client's own.

A module test_ftp_client_NAME.py is a row of the matrix (client_matrix.py writes it). Its tests that
are marked `everywhere` also run under the sanitizers, where the others would take too long.

Its SECURE says for each of WAYS_OF_TLS why the client cannot go that way, or None; its secure(site) has
the client go it. The tests marked `everywhere` run so as well; all of them with FTPOOL_MATRIX=whole in
the environment, as `make matrix` has it.
"""
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import threading

import pytest

from client_matrix import WAYS
from ftpool_server import HOST, IS_ROOT, NOBODY, PATIENCE_SECONDS, children, wait_for
from tls_talk import Pair

HOST6 = "::1"
CLEAR, EXPLICIT, IMPLICIT, RESUMED = WAYS
WAYS_OF_TLS = WAYS[1:]
CAN_ALL = dict.fromkeys(WAYS_OF_TLS)
HOSTS = [HOST, HOST6]
CONFIG = """\
listener ftp {
\tprotocol = ftp
}
listener ftp6 {
\tprotocol = ftp
\taddress = "::1"
}
anonymous {
\tmay = {list, get, put, overwrite, append, resume, rename, delete, mkdir, rmdir, chmod, touch}
}
"""

everywhere = pytest.mark.everywhere
# What the client cannot do by TLS, or what has nothing to do with it; a comment says why.
in_clear = pytest.mark.in_clear
both_hosts = pytest.mark.parametrize("host", HOSTS, ids=["IPv4", "IPv6"])


def needs(program, group="clients"):
    """A mark: these tests need that program; it comes with that group of tools/need."""
    return pytest.mark.skipif(shutil.which(program) is None,
                              reason=f"{program} is not installed (tools/need {group})")


def cannot(why):
    """Of a client that speaks no TLS at all."""
    return dict.fromkeys(WAYS_OF_TLS, why)


def pytest_generate_tests(metafunc):
    """Once for each way that the client can go. A tap hears nothing of what goes by TLS."""
    if "security" not in metafunc.fixturenames:
        return
    ways = getattr(metafunc.module, "SECURE", {})
    marks = {mark.name for mark in metafunc.definition.iter_markers()}
    wanted = os.environ.get("FTPOOL_MATRIX") == "whole" or "everywhere" in marks
    more = [way for way in WAYS_OF_TLS if way in ways and ways[way] is None]
    if not wanted or "in_clear" in marks or "tap" in metafunc.fixturenames:
        more = []
    metafunc.parametrize("security", [CLEAR, *more])


def settings_for(security, pair):
    """Of a server that lets nothing move in clear."""
    if security == CLEAR:
        return {}
    tls = "implicit" if security == IMPLICIT else "explicit"
    return {**pair.settings(), "tls.session_reuse": "require" if security == RESUMED else "prefer",
            **{f"listener.{name}.{option}": value for name in ("ftp", "ftp6")
               for option, value in (("tls", tls), ("tls_require", "all"))}}


def content(size, seed=0):
    """Bytes without a pattern, always the same; with every line end there is."""
    return random.Random(size + seed).randbytes(size)


def text(lines):
    """A text as it stands on the disk: lines end in LF."""
    return b"".join(b"line %d of a text\n" % number for number in range(lines))


def on_wire(lf_text):
    """The same as it goes over the wire in TYPE A."""
    return lf_text.replace(b"\n", b"\r\n")


TREE = {
    "plain": content(100_000),
    "empty": b"",
    "with space.txt": content(1),
    "deep/one": content(70_000),
    "deep/er/two": content(12),
    "deep/er/est/three": content(300_000),
    "deep/er/\u00fcml\u00e4ut \u6587\u4ef6": content(5),
    "\u6587\u4ef6\u5939/inside": content(4096),
}


def write_tree(directory, files=None, owner=None):
    """Puts files into a directory; returns what it put, as read_tree does."""
    files = TREE if files is None else files
    for name, data in files.items():
        path = pathlib.Path(directory, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    if owner is not None and IS_ROOT:
        for path in [pathlib.Path(directory), *pathlib.Path(directory).rglob("*")]:
            os.chown(path, owner, owner)
    return dict(files)


def read_tree(directory):
    """Every file below a directory: path → bytes."""
    directory = pathlib.Path(directory)
    return {str(path.relative_to(directory)): path.read_bytes()
            for path in directory.rglob("*") if path.is_file()}


class Site:
    """The server, and where the client is."""

    def __init__(self, server, here, security, authority):
        self.server = server
        self.here = here
        self.root = pathlib.Path(server.root)
        self.port = server.port("ftp")
        self.environment = {**os.environ, "HOME": str(here.parent / "home"), "LANG": "C.UTF-8",
                            "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        self.home = pathlib.Path(self.environment["HOME"])
        self.home.mkdir()
        self.security = security
        self.settings = []  # what a client's `secure` has to hand to its tests
        self.authority = authority  # who vouches for the server: a file
        self.scheme = "ftps" if security == IMPLICIT else "ftp"

    def port_of(self, host):
        return self.server.port("ftp6") if host == HOST6 else self.port

    def url(self, path="", host=HOST):
        shown = f"[{host}]" if ":" in host else host
        return f"{self.scheme}://{shown}:{self.port_of(host)}/{path}"

    def run(self, *command, code=0, stdin=b"", seconds=PATIENCE_SECONDS):
        """Runs a client in its directory to its end. code: its exit status; None: any."""
        done = subprocess.run([*map(os.fspath, map(_word, command))], cwd=self.here, input=stdin,
                              env=self.environment, capture_output=True, timeout=seconds)
        if code is not None:
            assert done.returncode == code, (
                f"{command[0]} ended with {done.returncode} instead of {code}\n"
                f"{done.stdout.decode(errors='replace')[-6000:]}\n"
                f"{done.stderr.decode(errors='replace')[-6000:]}")
        return done

    def start(self, *command):
        """Starts a client, with its output in the files `said` and `complained`."""
        with open(self.here.parent / "said", "wb") as said:
            return subprocess.Popen([*map(_word, command)], cwd=self.here, env=self.environment,
                                    stdin=subprocess.DEVNULL, stdout=said, stderr=said)

    def kill(self, client):
        """Kills a client. Its kernel ends its connections one after the other, and in between a
        server cannot know that nobody is there any more; so the workers look when both have
        ended."""
        workers = children(self.server.pid)
        for pid in workers:
            os.kill(pid, signal.SIGSTOP)
        client.kill()
        client.wait()
        for pid in workers:
            os.kill(pid, signal.SIGCONT)

    # ---- the library ----

    def write(self, name, data):
        """A file in the library, with the directories above it."""
        write_tree(self.root, {name: data}, NOBODY)
        return data

    def write_tree(self, files=None):
        return write_tree(self.root, files, NOBODY)

    def make_directory(self, name):
        (self.root / name).mkdir(parents=True)
        write_tree(self.root, {}, NOBODY)

    def read(self, name):
        return (self.root / name).read_bytes()

    def names(self):
        return sorted(str(path.relative_to(self.root)) for path in self.root.rglob("*"))

    # ---- the client's directory ----

    def write_here(self, name, data):
        write_tree(self.here, {name: data})
        return data

    def read_here(self, name):
        return (self.here / name).read_bytes()

    def wait_quiet(self):
        """Until the client is gone, and has left nothing behind."""
        self.server.wait_until(lambda status: status["sessions"] == status["transfers"] == 0)


def _word(word):
    return word if isinstance(word, (str, bytes, os.PathLike)) else str(word)


@pytest.fixture(scope="session")
def matrix_pair(tmp_path_factory):
    return Pair(tmp_path_factory.mktemp("matrix"), "localhost")


@pytest.fixture
def site(request, server, tmp_path, security, matrix_pair):
    """A server, and a client's directory beside it. At the end nobody is left, and no partial file."""
    here = tmp_path / "here"
    here.mkdir()
    started = Site(server(CONFIG, settings=settings_for(security, matrix_pair)), here, security,
                   matrix_pair.certificate)
    if security != CLEAR:
        request.module.secure(started)
    yield started
    refused = started.server.total("tls_data_not_reused") if security == RESUMED else 0
    started.wait_quiet()
    left = [name for name in started.names() if name.rpartition("/")[2].startswith(".")]
    assert not left, f"left behind: {left}"
    assert not refused, f"{refused} data connections were refused"


class Tap:
    """A relay before the control connection that keeps what both sides say; it ends with its client.

    lines      what went through: (b"C" or b"S", the line)
    """

    def __init__(self, target):
        self.target = target
        self.lines = []
        self.listener = socket.create_server((HOST, 0))
        self.port = self.listener.getsockname()[1]
        self.threads = [threading.Thread(target=self._accept, daemon=True)]
        self.threads[0].start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.target)
            for side, source, sink in ((b"C", client, server), (b"S", server, client)):
                thread = threading.Thread(target=self._relay, args=(side, source, sink), daemon=True)
                self.threads.append(thread)
                thread.start()

    def _relay(self, side, source, sink):
        held = b""
        try:
            while chunk := source.recv(65536):
                held += chunk
                *lines, held = held.split(b"\n")
                self.lines += [(side, line.rstrip(b"\r")) for line in lines]
                sink.sendall(chunk)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def said(self, side=b"C"):
        """What a side said, as one text."""
        return b"\n".join(line for who, line in self.lines if who == side).decode(errors="replace")

    def verbs(self):
        """The client's commands, without their arguments, in capitals."""
        return [re.split(rb"\s", line)[0].upper().decode(errors="replace")
                for who, line in self.lines if who == b"C"]

    def wait_said(self, pattern, side=b"C"):
        return wait_for(lambda: re.search(pattern, self.said(side), re.MULTILINE),
                        f"{side!r} to say {pattern}")

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@pytest.fixture
def tap(site):
    """A Tap before the site's server, through which all clients go over IPv4."""
    tapping = Tap((HOST, site.port))
    site.port = tapping.port
    yield tapping
    tapping.close()
