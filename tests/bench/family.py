"""What a server and all its processes have used: CPU to the nanosecond for those that live, in clock ticks
for those that were reaped, and memory."""

import os
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
CPUCLOCK_SCHED = 2


def _stat(pid):
    """What /proc/PID/stat says behind the name: the state is [0], the parent [1]."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def members(pid):
    """The process and its living descendants."""
    children = {}
    for other in filter(str.isdigit, os.listdir("/proc")):
        try:
            children.setdefault(int(_stat(other)[1]), []).append(int(other))
        except (FileNotFoundError, ProcessLookupError):
            pass
    found = [pid]
    for member in found:
        found += children.get(member, [])
    return found


def _own_seconds(pid):
    return time.clock_gettime((~pid << 3) | CPUCLOCK_SCHED)


def _reaped_seconds(pid):
    fields = _stat(pid)
    return (int(fields[13]) + int(fields[14])) / TICK


def cpu_seconds(pid):
    """Only exact while no member is born or dies; see `settle`."""
    total = 0.0
    for member in members(pid):
        try:
            total += _own_seconds(member) + _reaped_seconds(member)
        except (FileNotFoundError, ProcessLookupError, OSError):
            pass
    return total


def settle(pid, patience_seconds=2.0):
    """Waits until no member is born or dies and next to no CPU is used."""
    end = time.monotonic() + patience_seconds
    before = members(pid), cpu_seconds(pid)
    while time.monotonic() < end:
        time.sleep(0.03)
        now = members(pid), cpu_seconds(pid)
        if now[0] == before[0] and now[1] - before[1] < 0.0015:
            return
        before = now


def pss_bytes(pid):
    total = 0
    for member in members(pid):
        for line in Path(f"/proc/{member}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
    return total
