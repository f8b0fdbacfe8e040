"""The trial of a program before the master becomes it: whatever is no good there changes nothing, and
the trial itself is noticed by nobody."""
import os
import pathlib
import signal
import subprocess
import sys

import pytest

from conftest import needs_root
from ftpool_server import FTPOOLD, MODE, children, process_start, wait_for
from lgpq_client import LgpqClient
from test_reload import ftpctl
from test_upgrade import program, refused, upgrade
from transfer_load import CONFIG, TransferLoad

# Nobody else sleeps so long, nor do the tests that run at the same time.
SLEEP = "86399." + os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]
# What only a worker calls before it is ready: prctl(PR_SET_DUMPABLE).
HINDRANCE = """
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
int prctl(int what, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
	while (what == 4 && getenv("HANG"))
		pause();
	if (what == 4 && getenv("CRASH"))
		abort();
	return (int)syscall(SYS_prctl, what, a, b, c, d);
}
"""
# Changes what is handed over, and goes on as ftpoold.
FORGER = """\
#!{python}
import json, os, sys
before = int(os.environ["FTPOOL_HANDOVER"])
state = json.loads(os.pread(before, 1 << 24, 0))
{change}
after = os.memfd_create("forged", 0)
os.write(after, json.dumps(state).encode())
os.set_inheritable(after, True)
os.environ["FTPOOL_HANDOVER"] = str(after)
os.execv("{ftpoold}", sys.argv)
"""

needs_no_sanitizer = pytest.mark.skipif(
    MODE != "release", reason="a sanitizer has to be the first library")


def script(server, text, name="candidate", mode=0o755):
    path = server.directory / name
    path.write_text(text)
    path.chmod(mode)
    return path


def forger(server, change):
    return script(server, FORGER.format(python=sys.executable, ftpoold=FTPOOLD, change=change))


def hindered(server, how, real=FTPOOLD):
    """The words of a shell that start ftpoold with workers that HANG or CRASH before they are
    ready."""
    library = server.directory / "hindrance.so"
    subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-D_GNU_SOURCE", "-xc", "-",
                    "-o", library], input=HINDRANCE, text=True, check=True)
    return f'exec env {how}=1 LD_PRELOAD={library} {real} "$@"'


def sleepers():
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if words[:2] == [b"sleep", SLEEP.encode()]:
            found.append(path.parent.name)
    return found


def snapshot(server):
    """What a refused upgrade must not change."""
    status = server.status()
    return (server.pid, process_start(server.pid), status["generation"], status["pid"],
            status["restarts"], sorted(children(server.pid)))


@pytest.fixture
def serving(server):
    return server(CONFIG, settings={"upgrade_timeout": "2s", "sandbox": "false"})


def assert_refused(server, candidate, words):
    before, lines = snapshot(server), server.log().count("upgrade: refused")
    why = refused(server, candidate)
    assert words in why and why.endswith("nothing has changed\n"), why
    assert server.log().count("upgrade: refused") == lines + 1
    assert "becoming" not in server.log()
    wait_for(lambda: snapshot(server) == before, "all to be as it was")
    with LgpqClient(server.address()) as client:
        assert client.names() == []


# ---- candidates that are none ----

@pytest.mark.parametrize("path, words", [
    ("/bin/true", "true: is no ftpoold that can take over"),
    ("/bin/false", "false: ended with status 1 in its trial, and said nothing"),
    ("/bin/cat", "cat: ended with status 1 in its trial, saying:"),
    ("/etc", "/etc: Permission denied"),
])
def test_what_is_no_ftpoold_is_refused(serving, path, words):
    assert_refused(serving, path, words)


@pytest.mark.parametrize("text, words", [
    (f"#!/bin/sh\nsleep {SLEEP}\n", "was not ready within upgrade_timeout (2 s)"),
    (f"#!/bin/sh\nexec sleep {SLEEP}\n", "was not ready within upgrade_timeout (2 s)"),
    (f"#!/bin/sh\nsleep {SLEEP} &\nexit 3\n", "ended with status 3 in its trial"),
    ("#!/bin/sh\nkill -SEGV $$\n", "died in its trial, by signal 11 (Segmentation fault)"),
    ("#!/bin/sh\necho something >&2\nkill -ABRT $$\n", "signal 6 (Aborted)\nsomething\n"),
    (f"#!/bin/sh\n{FTPOOLD} \"$@\" >/dev/null\n", "is no ftpoold that can take over"),
    ("#!/no/such/interpreter\n", "No such file or directory"),
    ("\x7fELF but no more", "Exec format error"),
], ids=["sleeps", "becomes-sleep", "leaves-a-child", "segv", "abort", "promises-nothing",
        "no-interpreter", "no-format"])
def test_what_is_no_good_is_refused_and_nothing_of_it_is_left(serving, text, words):
    assert_refused(serving, script(serving, text), words)
    wait_for(lambda: not sleepers(), "what the candidate began to be ended")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_trial_ends_with_the_master(server, how):
    serving = server(CONFIG, settings={"upgrade_timeout": "1h"})
    candidate = script(serving, f"#!/bin/sh\nsleep {SLEEP}\n")
    assert ftpctl(serving, "upgrade", "--no-wait", candidate).returncode == 0
    wait_for(sleepers, "the trial to begin")
    serving.expected_exit = None
    serving.stop(how)
    wait_for(lambda: not sleepers(), "the trial to end")


@needs_root
def test_a_file_that_may_not_be_run_is_refused(serving):
    assert_refused(serving, script(serving, "#!/bin/sh\n", mode=0o600), "Permission denied")


# ---- other versions ----

def test_a_version_that_hands_over_otherwise_is_refused_with_words(serving):
    assert_refused(serving, forger(serving, "state['format'] += 1"),
                   "hands over in a way that this version does not know; restart instead")


def test_a_version_with_another_board_takes_over_with_the_sums(serving):
    serving.write("file", b"x" * 1000)
    with LgpqClient(serving.address()) as client:
        client.get(b"file")
        client.quit()
    before = serving.wait_until(lambda status: status["totals"]["bytes_sent"] >= 1000)["totals"]
    upgrade(serving, forger(serving, "state['board']['layout'] ^= 1"))
    after = serving.status()["totals"]
    for name in ("sessions_opened", "requests", "bytes_sent"):
        assert after[name] == before[name], name


# ---- candidates that are an ftpoold ----

def test_a_config_that_fails_is_told_line_by_line(serving):
    lines = serving.config_path.read_text().count("\n")
    with open(serving.config_path, "a", encoding="ascii") as config:
        config.write("limits {\n\tsessions = many\n}\n")
    assert_refused(serving, FTPOOLD, f"{serving.config_path}:{lines + 2}: ")


@needs_no_sanitizer
def test_one_whose_worker_crashes_is_refused(serving):
    assert_refused(serving, script(serving, "#!/bin/sh\n" + hindered(serving, "CRASH")),
                   "a worker did not get ready: Aborted")


@needs_no_sanitizer
def test_one_whose_worker_hangs_is_refused_and_takes_no_client_meanwhile(serving):
    hanging = script(serving, "#!/bin/sh\n" + hindered(serving, "HANG"))
    assert ftpctl(serving, "upgrade", "--no-wait", hanging).returncode == 0
    opened, asked = serving.total("sessions_opened"), 0
    while serving.ask("reload-outcome")["phase"] != "done":
        with LgpqClient(serving.address()) as client:
            assert client.names() == []
            client.quit()
        asked += 1
    assert "within upgrade_timeout" in str(serving.ask("reload-outcome")["refused"])
    assert asked > 10
    serving.wait_until(lambda status: status["totals"]["sessions_opened"] == opened + asked)


@needs_root
@needs_no_sanitizer
def test_workers_that_do_not_get_ready_after_the_leap_lead_back(server):
    """The trial goes well, and what becomes of the leap does not: upgrade_timeout."""
    loaded = server(CONFIG, settings={"upgrade_timeout": "2s", "sandbox": "false"})
    before = snapshot(loaded)[:2]
    hanging = program(loaded, "hanging", hindered(loaded, "HANG"))
    with TransferLoad(loaded) as load:
        load.wait(2)
        assert "its workers were not ready within upgrade_timeout" in refused(loaded, hanging)
        load.wait(2)
    assert load.wrong == []
    assert snapshot(loaded)[:2] == before
    assert os.readlink(f"/proc/{loaded.pid}/exe") == str(FTPOOLD)
    loaded.wait_until(lambda status: status["state"] == "serving")
