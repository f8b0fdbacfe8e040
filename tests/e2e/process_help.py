"""What the tests of processes, limits and the status pipe need beside the server itself: a look into
/proc, clients in great numbers, and ftpoold as another user or with fewer descriptors."""
import contextlib
import os
import pathlib
import select
import socket
import struct
import subprocess

from ftpool_server import HOST, NOBODY, PATIENCE_SECONDS, Server, let_in

AS_NOBODY = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
STRANGER = 12345  # a user that is neither root nor the service's
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close sends a reset


# ---- ftpoold, started otherwise ----

class Prefixed(Server):
    """An ftpoold behind a command such as setpriv or prlimit, which becomes ftpoold itself."""

    prefix = ()

    def command(self):
        return [*self.prefix, *super().command()]


def launch(factory, prefix, *arguments, wait=True, **options):
    """Like factory(…), but by that command; with AS_NOBODY its directory is nobody's."""
    server = Prefixed(factory.directory / f"server{len(factory.servers)}", *arguments, **options)
    server.prefix = prefix
    if prefix == AS_NOBODY:
        let_in(server.directory)
    factory.servers.append(server)
    server.start(wait)
    return server


@contextlib.contextmanager
def being(uid, gid):
    """With another effective user, whom the kernel names to whoever is asked meanwhile."""
    os.setegid(gid)
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


# ---- processes ----

def proc_status(pid):
    """/proc/PID/status as a dictionary of texts."""
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def descriptors(pid):
    """Number → what it is, for every open descriptor of a process."""
    found = {}
    for name in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            found[int(name)] = os.readlink(f"/proc/{pid}/fd/{name}")
    return found


def cpu_seconds(pid):
    """Time on a processor that a process has used."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def private_bytes(pid):
    """Memory that a process has for itself alone."""
    return int(proc_status(pid)["RssAnon"].split()[0]) * 1024


def is_free(port, host=HOST):
    """Could a server be started on that port now?"""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
            return True
        except OSError:
            return False


def run(*command, **options):
    """Runs a command to its end: a subprocess.CompletedProcess with text."""
    return subprocess.run([*map(str, command)], capture_output=True, text=True, errors="replace",
                          timeout=PATIENCE_SECONDS, **options)


# ---- clients ----

def connect_from(source, address):
    """A connection from a loopback address of the caller's choice."""
    connection = socket.socket()
    connection.settimeout(PATIENCE_SECONDS)
    connection.bind((source, 0))
    connection.connect(address)
    return connection


def reset(connection):
    """Ends a connection with a reset, which leaves nothing waiting in the kernel either."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    connection.close()


def reset_all(connections):
    for connection in connections:
        reset(connection)
    connections.clear()


def echoes(connection):
    """Does an echo session live? False when the server has ended it."""
    try:
        connection.sendall(b"?")
        return connection.recv(1) == b"?"
    except (ConnectionResetError, BrokenPipeError):
        return False


def is_ended(connection):
    """Has the server ended it, without a word unread?"""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def first_words(connections, count=None):
    """Waits until so many of the connections (all of them) have brought something or ended; a
    dictionary connection → first bytes, b"" for an end."""
    waiting = select.poll()
    by_number = {connection.fileno(): connection for connection in connections}
    said = {}
    for number in by_number:
        waiting.register(number, select.POLLIN)
    wanted = len(connections) if count is None else count
    while len(said) < wanted:
        ready = waiting.poll(PATIENCE_SECONDS * 1000)
        assert ready, f"{len(said)} of {wanted} connections have heard something"
        for number, _ in ready:
            waiting.unregister(number)
            try:
                said[by_number[number]] = by_number[number].recv(4096)
            except ConnectionResetError:
                said[by_number[number]] = b""
    return said
