"""Starts the real ftpoold on a directory and ports of its own, asks it, and sees it off.

At the end of every server it is checked that it stopped as told, that no sanitizer complained, and
that none of its workers is left.
"""
import errno
import json
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import time

BUILD = pathlib.Path(os.environ.get("FTPOOL_BUILD", "build/release")).resolve()
MODE = os.environ.get("FTPOOL_MODE", "release")
FTPOOLD = BUILD / "ftpoold"
HOST = "127.0.0.1"
IS_ROOT = os.geteuid() == 0
NOBODY = 65534
PATIENCE_SECONDS = 30
LOOK_SECONDS = 0.01  # how often a condition that cannot be waited for is looked at
FIRST_PORT, LAST_PORT = 10000, 32000  # below the range that the kernel gives to clients

READY = "Ctrl-C stops it."
COMPLAINTS = re.compile(r"Sanitizer|runtime error:|Assertion .* failed|stack smashing|"
                        r"buffer overflow")
LISTENERS = """\
listener lgpq {
}
listener echo {
	protocol = echo
}
"""


HANDED_OUT = set()


def is_unused(port):
    """Has nobody any address of that port, IPv4 or IPv6?"""
    try:
        with socket.create_server(("", port)):
            pass
        if socket.has_ipv6:
            with socket.create_server(("::", port), family=socket.AF_INET6):
                pass
        return True
    except OSError as error:
        return error.errno in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)  # IPv6 is switched off


def free_port():
    """A port nobody listens on, that no client's end will be given meanwhile, and that no other test
    takes: those that run at the same time have every 16th port each."""
    own = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 16
    while True:
        port = random.randrange(FIRST_PORT, LAST_PORT, 16) + own
        if port not in HANDED_OUT and is_unused(port):
            HANDED_OUT.add(port)
            return port


def wait_for(condition, what, seconds=PATIENCE_SECONDS):
    """Looks until the condition holds, and returns what it returned; fails at the deadline."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds} s in vain: {what}")
        time.sleep(LOOK_SECONDS)
    return result


def process_start(pid):
    """When the process began, in the kernel's ticks; None when it is gone (or a zombie)."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else fields[19]


def children(pid):
    """The living children of a process."""
    try:
        text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [int(child) for child in text.split()]


def let_in(directory):
    """Gives a directory to the user that the workers become, when that is another one."""
    if IS_ROOT:
        os.chown(directory, NOBODY, NOBODY)


def run_ftpoold(*arguments, **options):
    """Runs ftpoold to its end: a subprocess.CompletedProcess with text."""
    return subprocess.run([FTPOOLD, *map(str, arguments)], capture_output=True, text=True,
                          errors="replace", timeout=PATIENCE_SECONDS, **options)


class Server:
    """One ftpoold; `start` starts it.

    directory     where its config, log and status socket are
    config_text   None: a listener `lgpq` and a listener `echo`. A listener without a port gets a
                  free one, one without an address 127.0.0.1.
    root          None: the config's, else directory/library, created and given to the workers' user
    settings      given as -o; they come after the ones that the harness needs
    arguments     further arguments of the command line
    environment   further variables
    """

    def __init__(self, directory, config_text=None, root=None, settings=None, arguments=(),
                 environment=None):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(exist_ok=True)
        self.config_text = LISTENERS if config_text is None else config_text
        self.root = self._find_root(root)
        self.status_path = self.directory / "status"
        self.log_path = self.directory / "log"
        self.config_path = self.directory / "ftpool.conf"
        self.config_path.write_text(self.config_text)
        self.expected_exit = 0  # None: any
        self.processes = {}  # the workers seen so far: pid → when it began
        self.ports = {}
        self.settings = self._settings(settings or {})
        self.environment = {**os.environ, **(environment or {})}
        self.environment.pop("JOURNAL_STREAM", None)
        self.arguments = [str(argument) for argument in arguments]
        self.process = None

    def _find_root(self, root):
        written = re.search(r'^\s*root\s*=\s*"?([^"\n]+)', self.config_text, re.MULTILINE)
        if root is not None:
            return pathlib.Path(root)
        if written:
            return pathlib.Path(written[1])
        root = self.directory / "library"
        root.mkdir(exist_ok=True)
        let_in(root)
        return root

    def _settings(self, wished):
        settings = {"workers": 2, "stop_timeout": "5s", "root": self.root,
                    "status.path": self.status_path}
        if IS_ROOT and not re.search(r"^\s*user\s*=", self.config_text, re.MULTILINE):
            settings["user"] = "nobody"
        if MODE in ("asan", "tsan"):
            settings["sandbox"] = "false"
        for name, block in re.findall(r"^listener (\S+) \{(.*?)^\}", self.config_text,
                                      re.MULTILINE | re.DOTALL):
            written = re.search(r"^\s*port\s*=\s*(\d+)", block, re.MULTILINE)
            self.ports[name] = int(written[1]) if written else free_port()
            if not written:
                settings[f"listener.{name}.port"] = self.ports[name]
            if not re.search(r"^\s*address\s*=", block, re.MULTILINE):
                settings[f"listener.{name}.address"] = HOST
        settings.update(wished)
        for name in self.ports:
            self.ports[name] = int(settings.get(f"listener.{name}.port", self.ports[name]))
        return settings

    def command(self):
        options = []
        for name, value in self.settings.items():
            options += ["-o", f"{name}={value}"]
        return [str(FTPOOLD), "-c", str(self.config_path), *options, *self.arguments]

    # ---- its life ----

    def start(self, wait=True):
        """Starts it (again), and waits until it serves with all workers; without `wait`, takes
        what comes."""
        self.log_start = self.log_path.stat().st_size if self.log_path.exists() else 0
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self.command(), env=self.environment,
                                            cwd=self.directory, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log)
        if wait:
            self.wait_ready()

    def wait_ready(self):
        def is_ready():
            if self.process.poll() is not None:
                raise RuntimeError(f"ftpoold ended with {self.process.returncode}:\n{self.log()}")
            return READY in self.log()[self.log_start:]
        wait_for(is_ready, "the server to get ready")
        self.wait_until(lambda status: status["workers_living"] == status["workers_wanted"])

    @property
    def pid(self):
        return self.process.pid

    def is_running(self):
        return self.process.poll() is None

    def kill(self, number=signal.SIGTERM):
        """Sends the master a signal."""
        os.kill(self.pid, number)

    def wait_exit(self, seconds=PATIENCE_SECONDS):
        """Waits for its end; the exit status, or minus the signal."""
        return self.process.wait(seconds)

    def stop(self, number=signal.SIGTERM):
        """Tells it to stop and waits; the exit status."""
        if self.is_running():
            self._note_children()
            self.kill(number)
        return self.wait_exit()

    def close(self):
        """Sees it off; returns what was not as it should be, as a list of texts."""
        wrong = []
        self._note_children()
        try:
            status = self.stop()
            if self.expected_exit not in (None, status):
                wrong.append(f"exit status {status} instead of {self.expected_exit}")
        except subprocess.TimeoutExpired:
            wrong.append("it did not stop in time")
            self._note_children()
            self.process.kill()
            self.process.wait()
        wrong += self.end_orphans()
        complaint = COMPLAINTS.search(self.log())
        if complaint:
            wrong.append(f"the log has: {complaint[0]}")
        return wrong

    def _note_children(self):
        for pid in children(self.pid):
            start = process_start(pid)
            if start:
                self.processes.setdefault(pid, start)

    def end_orphans(self):
        """No worker may outlive the master for long: they leave when its channel closes."""
        def living():
            return [pid for pid, start in self.processes.items() if process_start(pid) == start]
        try:
            wait_for(lambda: not living(), "workers to end", 10)
            return []
        except TimeoutError:
            left = living()
            for pid in left:
                os.kill(pid, signal.SIGKILL)
            return [f"workers {left} were left behind"]

    # ---- what it shows ----

    def port(self, listener="lgpq"):
        return self.ports[listener]

    def address(self, listener="lgpq"):
        return HOST, self.ports[listener]

    def ask(self, question):
        """One question to the status pipe; the answer, read from JSON."""
        with socket.socket(socket.AF_UNIX) as pipe:
            pipe.settimeout(PATIENCE_SECONDS)
            pipe.connect(str(self.status_path))
            pipe.sendall(question.encode() + b"\n")
            answer = b""
            while chunk := pipe.recv(65536):
                answer += chunk
        answer = json.loads(answer)
        for worker in answer.get("workers", []):
            if worker["pid"] > 0 and (start := process_start(worker["pid"])):
                self.processes.setdefault(worker["pid"], start)
        return answer

    def status(self):
        return self.ask("status")

    def workers(self):
        """Rows of {worker, pid, state, sessions, transfers, …}."""
        return self.ask("workers")["workers"]

    def worker_pids(self):
        return [worker["pid"] for worker in self.workers() if worker["pid"] > 0]

    def sessions(self):
        """Rows of {session, peer, command, path, bytes, …}."""
        return self.ask("sessions")["sessions"]

    def total(self, counter):
        return self.status()["totals"][counter]

    def log(self):
        """What it has said so far, on both outputs."""
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def wait_until(self, predicate, timeout=PATIENCE_SECONDS):
        """Until the predicate is true of the status; returns that status. A server that is not
        there (yet) counts as false."""
        def look():
            try:
                status = self.status()
            except (ConnectionError, FileNotFoundError):
                return None
            return status if predicate(status) else None
        return wait_for(look, "a status", timeout)

    def wait_log(self, pattern, timeout=PATIENCE_SECONDS):
        """Until the log matches the pattern; returns the match."""
        return wait_for(lambda: re.search(pattern, self.log(), re.MULTILINE),
                        f"the log to match {pattern}", timeout)

    # ---- its library ----

    def write(self, name, content, mode=None):
        """Puts a file into the library, as its owner would; returns its path."""
        path = os.path.join(os.fsencode(self.root), os.fsencode(name))
        with open(path, "wb") as file:
            file.write(content)
        if mode is not None:
            os.chmod(path, mode)
        if IS_ROOT:
            os.chown(path, NOBODY, NOBODY)
        return path

    def read(self, name):
        with open(os.path.join(os.fsencode(self.root), os.fsencode(name)), "rb") as file:
            return file.read()

    def names(self):
        """Everything in the library's directory, partials too, as bytes, sorted."""
        return sorted(os.listdir(os.fsencode(self.root)))
