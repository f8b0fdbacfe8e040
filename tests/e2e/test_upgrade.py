"""Upgrade: the master becomes another program under the same process id while clients transfer, and
becomes the one of before again when the other one is no good."""
import os
import pathlib
import signal
import stat

import pytest

from conftest import needs_root
from ftpool_server import FTPOOLD, process_start, wait_for
from lgpq_client import LgpqClient
from process_help import descriptors
from test_reload import BIG, ftpctl, rewrite
from transfer_load import CONFIG, TransferLoad


def program(server, name, real):
    """A program that is ftpoold in its trial, and otherwise does what `real` says."""
    path = server.directory / name
    path.write_text(f'#!/bin/sh\nif mkdir "$0.tried" 2>/dev/null; then exec {FTPOOLD} "$@"; fi\n'
                    f'{real}\n')
    path.chmod(0o755)
    return path


def upgrade(server, *words):
    """`ftpctl upgrade`, which has to go well."""
    generation = server.status()["generation"]
    result = ftpctl(server, "upgrade", *words)
    assert (result.returncode, result.stderr) == (0, ""), result
    assert "serves" in result.stdout
    assert server.status()["generation"] > generation


def refused(server, *words):
    """`ftpctl upgrade`, which has to be refused; why."""
    result = ftpctl(server, "upgrade", *words)
    assert (result.returncode, result.stdout) == (1, ""), result
    return result.stderr


def memories(server):
    """What is shared with workers: name → inode."""
    found = {}
    for number, what in descriptors(server.pid).items():
        if what.startswith("/memfd:ftpool-"):
            found[what] = os.stat(f"/proc/{server.pid}/fd/{number}").st_ino
    return found


def program_of(server):
    return os.readlink(f"/proc/{server.pid}/exe")


# ---- under load ----

@needs_root
def test_upgrades_good_and_bad_lose_no_transfer(server):
    """Two that go well, one to a program that is none, one whose workers do not get ready, one with
    a config that fails, and one whose config fails only after the leap."""
    loaded = server(CONFIG, settings={"workers": 2})
    pid, start = loaded.pid, process_start(loaded.pid)
    good = loaded.config_path.read_text()
    with TransferLoad(loaded) as load:
        load.wait(2)
        upgrade(loaded)
        load.wait(3)
        assert "can take over" in refused(loaded, "/bin/true")
        load.wait(2)
        # Threads of the workers' user are more than one already.
        stuck = program(loaded, "stuck", f'exec prlimit --nproc=1: {FTPOOLD} "$@"')
        assert "threads: " in refused(loaded, stuck)
        loaded.wait_until(lambda status: status["state"] == "serving")
        load.wait(3)
        loaded.config_path.write_text(good + "limits {\n\tsessions = many\n}\n")
        assert f"{loaded.config_path}:{good.count(chr(10)) + 2}: " in refused(loaded)
        loaded.config_path.write_text(good)
        load.wait(2)
        late = program(loaded, "late", f'exec {FTPOOLD} "$@" -o sync=what')
        assert "-o sync=what: " in refused(loaded, late)
        load.wait(3)
        copy = loaded.directory / "copy"
        copy.write_bytes(pathlib.Path(FTPOOLD).read_bytes())
        copy.chmod(0o755)
        upgrade(loaded, copy)
        assert program_of(loaded) == str(copy)
        load.wait(3)
    assert load.wrong == []
    assert (loaded.pid, process_start(pid)) == (pid, start)
    loaded.wait_until(lambda status: status["state"] == "serving" and
                      status["workers_leaving"] == 0)


def test_the_signal_does_it_too(server):
    serving = server(CONFIG)
    serving.kill(signal.SIGUSR2)
    status = serving.wait_until(lambda status: status["generation"] == 2)
    assert status["workers_living"] == 2
    serving.wait_log("upgrade: took over")
    with LgpqClient(serving.address()) as client:
        assert client.names() == []


# ---- what crosses ----

def test_counters_memories_and_bans_cross_over(server):
    serving = server(CONFIG)
    serving.write("file", b"x" * 1000)
    assert ftpctl(serving, "ban", "192.0.2.7").returncode == 0
    with LgpqClient(serving.address()) as client:
        for _ in range(3):
            client.get(b"file")
        client.quit()
    before = serving.wait_until(lambda status: status["totals"]["bytes_sent"] >= 3000)
    shared = memories(serving)
    assert set(shared) == {f"/memfd:ftpool-{name} (deleted)"
                           for name in ("board", "tickets", "buckets", "bans", "ledger")}
    upgrade(serving)
    after = serving.status()
    for name in ("sessions_opened", "requests", "bytes_sent"):
        assert after["totals"][name] == before["totals"][name], name
    assert after["since_unix"] == before["since_unix"]
    assert after["uptime_seconds"] >= before["uptime_seconds"]
    assert {name: inode for name, inode in memories(serving).items() if "bans" not in name} == {
        name: inode for name, inode in shared.items() if "bans" not in name}
    assert "192.0.2.7" in ftpctl(serving, "bans").stdout
    upgrade(serving)
    assert serving.status()["totals"]["requests"] == before["totals"]["requests"]


def test_a_transfer_goes_on_through_two_upgrades_and_a_reload(server):
    serving = server(CONFIG, settings={"workers": 1})
    serving.write("big", bytes(BIG))
    old, = serving.worker_pids()
    with LgpqClient(serving.address(), receive_buffer=4096) as reader:
        reader.request(b"G", b"big")
        assert int(reader.reply()[0]) == BIG
        upgrade(serving)
        rewrite(serving, "list get put", "list get")
        assert ftpctl(serving, "reload").returncode == 0
        upgrade(serving)
        serving.wait_until(lambda status: status["workers_leaving"] == 1)
        rows = {row["pid"]: row["state"] for row in serving.workers()}
        assert rows[old] == "leaving" and len(rows) == 2
        assert [row["command"] for row in serving.sessions()] == ["get"]
        reader.drop(BIG)
        reader.quit()
    wait_for(lambda: process_start(old) is None, "the old worker to leave")
    serving.wait_until(lambda status: status["workers_leaving"] == 0)


def test_descriptors_do_not_pile_up(server):
    serving = server(CONFIG)
    upgrade(serving)
    serving.wait_until(lambda status: status["workers_leaving"] == 0)
    count = len(descriptors(serving.pid))
    for _ in range(3):
        upgrade(serving)
        refused(serving, "/bin/true")
    serving.wait_until(lambda status: status["workers_leaving"] == 0)
    wait_for(lambda: len(descriptors(serving.pid)) <= count, "the descriptors to be as few")


def test_accounts_can_log_in_after_an_upgrade(server):
    serving = server(f'users = "{{users}}"\n{CONFIG}'.replace("{users}", "/tmp/none"), wait=False)
    serving.expected_exit = None
    serving.stop()
    users = serving.directory / "users"
    users.write_text("")
    users.chmod(0o600)
    rewrite(serving, "/tmp/none", str(users))
    serving.start()
    before = serving.status()["authenticator"]["pid"]
    upgrade(serving)
    after = serving.status()["authenticator"]["pid"]
    assert after not in (0, before) and process_start(after)
    wait_for(lambda: process_start(before) is None, "the authenticator of before to end")
    serving.expected_exit = 0


# ---- with other things at the same time ----

def test_a_stop_ends_everything_after_an_upgrade(server):
    serving = server(CONFIG, settings={"workers": 2, "stop_timeout": "1s"})
    upgrade(serving)
    pids = serving.worker_pids()
    serving.kill(signal.SIGTERM)
    assert serving.wait_exit() == 0
    assert all(process_start(pid) is None for pid in pids)
    assert not serving.status_path.exists()


def test_one_at_a_time(server):
    serving = server(CONFIG)
    assert ftpctl(serving, "upgrade", "--no-wait").returncode == 0
    result = ftpctl(serving, "reload")
    assert result.returncode in (0, 1)
    if result.returncode == 1:
        assert "a reload or an upgrade is under way" in result.stderr
    serving.wait_until(lambda status: status["generation"] == 2)


@pytest.mark.parametrize("mode", [0o644, 0o755])
def test_a_file_that_is_no_program_is_refused(server, mode):
    serving = server(CONFIG)
    path = serving.directory / "nothing"
    path.write_text("nothing\n")
    path.chmod(mode)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert str(path) in refused(serving, path)
    assert serving.status()["state"] == "serving"
