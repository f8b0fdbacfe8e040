"""What the tests of the client share: the program, its two test servers, and a terminal for it."""
import fcntl
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import pytest

from framed_server import FramedServer
from old_server import OldServer

BUILD = pathlib.Path(os.environ.get("FTPOOL_BUILD", "build/release")).resolve()
FTPOOL = BUILD / "ftpool"
PATIENCE_SECONDS = 60


class Client:
    """The program in a directory of its own."""

    def __init__(self, directory):
        self.directory = directory
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(directory / "home"),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "TERM": "xterm",
            "FTPOOL_LOCALEDIR": str(BUILD / "locale"),
        }
        self.files = directory / "here"
        self.files.mkdir()

    def command(self, server, arguments):
        where = [] if server is None else ["127.0.0.1", str(server.port)]
        return [str(FTPOOL), *where, *arguments]

    def run(self, server, *arguments, code=0, stdin=subprocess.DEVNULL, **environment):
        """Runs to the end; the exit code must be the given one."""
        done = subprocess.run(
            self.command(server, arguments), cwd=self.files, capture_output=True,
            env={**self.environment, **environment}, timeout=PATIENCE_SECONDS,
            **({"input": stdin} if isinstance(stdin, bytes) else {"stdin": stdin}))
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        return done

    def start(self, server, *arguments):
        return subprocess.Popen(self.command(server, arguments), cwd=self.files,
                                env=self.environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def terminal(self, server, *arguments, columns=80, **environment):
        return Terminal(self.command(server, arguments), self.files,
                        {**self.environment, **environment}, columns)

    def hidden(self):
        return sorted(path.name for path in self.files.iterdir() if path.name.startswith("."))


class Terminal:
    """A program on a terminal; `output` is all that it has shown."""

    def __init__(self, command, directory, environment, columns):
        self.child, self.master = pty.fork()
        if self.child == 0:
            os.chdir(directory)
            os.execve(command[0], command, environment)
        self.output = ""
        self.raw = b""
        self.seen = 0
        self.resize(columns)

    def resize(self, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def _read(self, deadline):
        left = max(0, deadline - time.monotonic())
        if not select.select([self.master], [], [], left)[0]:
            raise TimeoutError(self.output)
        try:
            chunk = os.read(self.master, 65536)
        except OSError:
            chunk = b""
        self.raw += chunk
        self.output = self.raw.decode(errors="replace")
        return chunk

    def expect(self, pattern):
        """Waits for the pattern behind what was expected last."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (found := re.compile(pattern).search(self.output, self.seen)):
            if not self._read(deadline):
                raise EOFError(self.output)
        self.seen = found.end()
        return found

    def type(self, text):
        os.write(self.master, text.encode() if isinstance(text, str) else text)

    def signal(self, number):
        os.kill(self.child, number)

    def end(self):
        """Waits for the end; the exit code, or minus the signal."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._read(deadline):
            pass
        child, self.child = self.child, None
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status)

    def close(self):
        if self.child:
            os.kill(self.child, signal.SIGKILL)
            os.waitpid(self.child, 0)
        os.close(self.master)


@pytest.fixture
def client(tmp_path):
    return Client(tmp_path)


@pytest.fixture
def terminal(client):
    """Starts the client on a terminal, and sees to its end."""
    started = []

    def start(server, *arguments, **options):
        started.append(client.terminal(server, *arguments, **options))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def framed_server():
    server = FramedServer()
    yield server
    server.close()


@pytest.fixture
def old_server(tmp_path):
    library = tmp_path / "library"
    library.mkdir()
    server = OldServer(library)
    server.library = library
    yield server
    server.close()
