"""What is measured, and what is to be reached against the best of the peers."""

import crypt
import json
import os
import subprocess
import time
from dataclasses import dataclass, field

import family

KIB, GIB = 1024, 1 << 30
NAMES = 10000
LOGIN_AT_ONCE_MS = 100
HASHES = 30


@dataclass
class Metric:
    """A figure of an item. Its target is a ratio to the best peer's, or with `absolute` a bound."""

    name: str
    unit: str
    of: object
    higher_is_better: bool = False
    target: float = None
    absolute: bool = False

    def best(self, figures):
        return (max if self.higher_is_better else min)(figures)

    def met(self, figure, best):
        if self.target is None:
            return None
        reached = figure if self.absolute else figure / best
        return reached >= self.target if self.higher_is_better else reached <= self.target

    def target_text(self):
        if self.target is None:
            return ""
        sign = ">=" if self.higher_is_better else "<="
        return f"{sign} {self.target:g} {self.unit if self.absolute else 'x'}"


@dataclass
class Item:
    name: str
    title: str
    work: str
    sessions: int
    metrics: list
    file: str = ""
    size: int = 0
    able: object = field(default=lambda server: True)
    tls: bool = False


def rate(target=None):
    return Metric("rate", "/s", lambda s: s["operations"] / s["seconds"], True, target)


def cpu(target=None):
    return Metric("server CPU each", "us", lambda s: s["cpu"] / s["operations"] * 1e6, False, target)


def generator():
    return Metric("generator CPU each", "us", lambda s: s["load_cpu_seconds"] / s["operations"] * 1e6)


def speed(target=None):
    return Metric("speed", "GB/s", lambda s: s["bytes"] / s["seconds"] / 1e9, True, target)


def cpu_per_gb(target=None):
    return Metric("server CPU a GB", "ms", lambda s: s["cpu"] / s["bytes"] * 1e12, False, target)


def transfers(name, title, sessions, big_bytes):
    return Item(name, title, "put" if name == "upload" else "get", sessions, [speed(1.0), cpu_per_gb(1.0)],
                "upload/big" if name == "upload" else "big", big_bytes)


def all_items(big_bytes, idle):
    """The items for files of so many bytes and a crowd of so many sessions."""
    return [
        Item("logins", "logins, 16 at once", "login", 16, [rate(8), cpu(0.1), generator()]),
        Item("downloads", "1 KiB downloads, 16 sessions", "get", 16, [rate(1.2), cpu(0.6), generator()],
             "small", KIB),
        Item("uploads", "1 KiB uploads, 16 sessions", "put", 16, [rate(1.2), cpu(0.6), generator()],
             "upload/small", KIB),
        transfers("download", "one big download", 1, big_bytes),
        transfers("parallel", "four big downloads at once", 4, big_bytes),
        transfers("upload", "one big upload", 1, big_bytes),
        Item("list", f"LIST of {NAMES} names, 2 sessions", "list", 2, [rate(1.5), cpu()],
             "names", NAMES, lambda server: server.lists),
        Item("mlsd", f"MLSD of {NAMES} names, 2 sessions", "mlsd", 2, [rate(1.5), cpu()],
             "names", NAMES, lambda server: server.mlsd),
        Item("memory", f"{idle} idle sessions", "idle", idle,
             [Metric("memory of a session", "KiB", lambda s: s["pss"] / idle / KIB, False, 1 / 20)],
             able=lambda server: server.memory),
        Item("storm", "connections dropped at the greeting, 16 at once", "storm", 16,
             [rate(10), cpu(),
              Metric("login after 500 more", "ms", lambda s: s["login_after_seconds"] * 1e3, False,
                     LOGIN_AT_ONCE_MS, absolute=True)]),
        *tls_items(big_bytes, idle),
    ]


def ours(server):
    return server.name == "ftpool"


def hash_seconds(text="$y$j9T$ftpoolftpool$"):
    """What one hash of the kind that ftpctl makes costs, by itself."""
    began = time.process_time()
    for _ in range(HASHES):
        crypt.crypt("bench@", text)
    return (time.process_time() - began) / HASHES


def tls_items(big_bytes, idle):
    """The same over TLS 1.3 with AES-256-GCM and a certificate of P-256; data connections resume the
    control connection's session. And logins with a password, which are as costly as its hash."""
    one_hash = hash_seconds()
    return [
        Item("tls-logins", "full handshakes and logins, 16 at once", "login", 16, [rate(2), cpu(0.4), generator()],
             tls=True),
        Item("tls-downloads", "1 KiB downloads by TLS, 16 sessions", "get", 16, [rate(1.3), cpu(), generator()],
             "small", KIB, tls=True),
        Item("tls-download", "one big download by TLS", "get", 1, [speed(1.1), cpu_per_gb(0.9)], "big", big_bytes,
             tls=True),
        Item("tls-upload", "one big upload by TLS", "put", 1, [speed(1.2), cpu_per_gb()], "upload/big", big_bytes,
             tls=True),
        Item("tls-memory", f"{idle} idle sessions by TLS", "idle", idle,
             [Metric("memory of a session", "KiB", lambda s: s["pss"] / idle / KIB, False, 1 / 8)],
             able=lambda server: server.memory, tls=True),
        Item("passwords", "logins with a password (yescrypt), 16 at once", "login", 16,
             [Metric("rate of the hash's", "x",
                     lambda s: s["operations"] / s["seconds"] * one_hash / os.cpu_count(), True, 0.85, absolute=True),
              Metric("CPU of a hash's", "x", lambda s: s["cpu"] / s["operations"] / one_hash, False, 1.15,
                     absolute=True)],
             "anna", able=ours),
    ]


class Load:
    """The generator, step by step: logged in, at work, let go."""

    def __init__(self, program, server, item, seconds):
        self.process = subprocess.Popen(
            [program, str(server.port), item.work, str(item.sessions), str(seconds), item.file,
             str(item.size), *(["tls"] if item.tls else [])], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._line()

    def _line(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"bench: the generator ended with status {self.process.wait()}")
        return line

    def work(self):
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        return json.loads(self._line())

    def let_go(self):
        self.process.stdin.close()
        self.process.wait()


def _measure_work(load, pid):
    family.settle(pid)
    before = family.cpu_seconds(pid)
    sample = load.work()
    family.settle(pid)
    sample["cpu"] = family.cpu_seconds(pid) - before
    return sample


def measure(program, server, item, seconds):
    """One sample: the server is started for it, on a network that is new to it, and ended."""
    server.tls = item.tls
    with server:
        pid = server.process.pid
        alone = family.pss_bytes(pid) if item.work == "idle" else 0
        load = Load(program, server, item, seconds)
        if item.work == "idle":
            family.settle(pid)
            sample = {"pss": family.pss_bytes(pid) - alone}
        else:
            sample = _measure_work(load, pid)
        load.let_go()
    for name in server.place.upload.iterdir():
        name.unlink()
    return sample
