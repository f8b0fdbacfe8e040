"""A world of the benchmark's own, so that nothing outside can disturb or be disturbed: users, mounts, and
a network that no server has used before."""

import ctypes
import fcntl
import os
import socket
import struct
import time
from pathlib import Path

CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1
DRAINED, DRAIN_SECONDS = 500, 65

libc = ctypes.CDLL(None, use_errno=True)


def _checked(result, what):
    if result < 0:
        raise OSError(ctypes.get_errno(), what)


def with_user(name, home, place):
    """Seen from here and from all that is started from here, there is that user: its number is nobody's.
    Servers look up ftp, or say no to anonymous."""
    users = [line for line in Path("/etc/passwd").read_text().splitlines()
             if not line.startswith(f"{name}:")]
    users.append(f"{name}:x:65534:65534::{home}:/usr/sbin/nologin")
    passwd = Path(place) / "passwd"
    passwd.write_text("\n".join(users) + "\n")
    _checked(libc.unshare(CLONE_NEWNS), "a mount namespace, which takes root")
    _checked(libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None), "private mounts")
    _checked(libc.mount(bytes(passwd), b"/etc/passwd", None, MS_BIND, None), "own users")


def _loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        request = struct.pack("16sH14x", b"lo", 0)
        flags, = struct.unpack("16xH14x", fcntl.ioctl(s, SIOCGIFFLAGS, request))
        fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))


def _waiting_ports():
    line = next(x for x in Path("/proc/net/sockstat").read_text().splitlines() if x.startswith("TCP:"))
    words = line.split()
    return int(words[words.index("tw") + 1])


def fresh_network():
    """No port lies in TIME_WAIT afterwards: a new network namespace has none, and where there can't be
    one the old ones are waited for."""
    if libc.unshare(CLONE_NEWNET) == 0:
        _loopback_up()
        return
    end = time.monotonic() + DRAIN_SECONDS
    while _waiting_ports() > DRAINED and time.monotonic() < end:
        time.sleep(0.2)


def raise_limit_of_descriptors():
    import resource
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def shared_memory_or_temporary(needed_bytes):
    """Where files cost no disk, if there is room for them."""
    shm = Path("/dev/shm")
    if shm.is_dir() and os.access(shm, os.W_OK):
        facts = os.statvfs(shm)
        if facts.f_bavail * facts.f_frsize > needed_bytes:
            return shm
    return None
