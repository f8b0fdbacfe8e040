"""What crosses over in an upgrade, as clients and Prometheus see it: nothing that is counted goes back,
TLS sessions are resumed, and failed logins go on counting."""
import contextlib
import json
import os
import re
import signal
import socket
import ssl
import urllib.request

import pytest

from conftest import needs_root
from ftpool_server import FTPOOLD, HOST, free_port, process_start
from lgpq_client import LgpqClient
from test_ftpctl import ctl
from test_upgrade import program, refused, upgrade
from test_upgrade_trial import forger
from tls_talk import EXPLICIT, Pair, SecureControl, context_for
from transfer_load import CONFIG, TransferLoad


def counted(server):
    """What Prometheus sees of the listeners, without what goes up and down: line → number."""
    text = ctl(server, "metrics").stdout
    lines = re.findall(r'^ftpool_(\S*\{listener="[^"]*".*\}) ([0-9.e+-]+)$', text, re.MULTILINE)
    return {name: float(number) for name, number in lines
            if re.match(r"\w+_(total|bucket|count|sum)\{", name)}


def get_some(server):
    with LgpqClient(server.address()) as client:
        for _ in range(3):
            client.get(b"file")
        client.names()
        client.quit()


def lose_a_worker(server):
    victim = server.worker_pids()[0]
    os.kill(victim, signal.SIGKILL)
    server.wait_until(lambda status: status["workers_living"] == 2 and
                      victim not in server.worker_pids())


@pytest.mark.parametrize("change", [None, "state['board']['layout'] ^= 1"],
                         ids=["same-board", "other-board"])
def test_what_a_listener_has_done_is_not_forgotten(server, change):
    serving = server(CONFIG, settings={"workers": 2})
    serving.write("file", b"x" * 1000)
    get_some(serving)
    serving.wait_until(lambda status: status["totals"]["bytes_sent"] >= 3000)
    before = counted(serving)
    assert before['listener_bytes_total{listener="lgpq",protocol="lgpq",direction="sent"}'] >= 3000
    assert before['transfer_seconds_count{listener="lgpq",protocol="lgpq"}'] == 3
    lose_a_worker(serving)
    upgrade(serving)
    serving.wait_until(lambda status: status["workers_leaving"] == 0)
    assert counted(serving) == before
    upgrade(serving, *([forger(serving, change)] if change else []))
    serving.wait_until(lambda status: status["workers_leaving"] == 0)
    assert counted(serving) == before
    get_some(serving)
    serving.wait_until(lambda status: status["totals"]["bytes_sent"] >= 6000)
    assert counted(serving)['transfer_seconds_count{listener="lgpq",protocol="lgpq"}'] == 6


def test_a_tls_session_is_resumed_by_the_next_program(server, tmp_path):
    pair = Pair(tmp_path, "localhost")
    serving = server(EXPLICIT, settings={**pair.settings(), "workers": 1})
    context = context_for(pair, ssl.TLSVersion.TLSv1_2)
    with contextlib.closing(SecureControl(HOST, serving.port("ftp"), context)) as control:
        control.secure()
        assert not control.socket.session_reused
        session = control.socket.session
        control.command("QUIT", "221 *")
    upgrade(serving)
    with contextlib.closing(SecureControl(HOST, serving.port("ftp"), context)) as control:
        control.expect("220 *")
        control.command("AUTH TLS", "234 *")
        control.socket = context.wrap_socket(control.socket, server_hostname="localhost",
                                             session=session)
        assert control.socket.session_reused


def test_crashes_are_remembered(server):
    """`status --crashes` tells of the night before."""
    serving = server(CONFIG, settings={"workers": 2})
    victim = serving.worker_pids()[0]
    os.kill(victim, signal.SIGSEGV)
    serving.wait_until(lambda status: status["workers_living"] == 2 and
                       victim not in serving.worker_pids())
    before = ctl(serving, "--json", "status", "--crashes").stdout
    crash, = json.loads(before)["crashes"]
    assert (crash["pid"], crash["signal"]) == (victim, signal.SIGSEGV)
    upgrade(serving)
    assert "died" in refused(serving, program(serving, "candidate", "exit 1"))
    serving.expected_exit = None
    assert ctl(serving, "--json", "status", "--crashes").stdout == before
    assert ctl(serving, "stop").returncode == 0


def test_what_one_server_alone_can_have_is_no_hindrance_to_a_trial(server, tmp_path):
    """The port that is scraped, and the lock of the state directory."""
    port = free_port()
    serving = server(CONFIG, settings={"status.metrics_port": port, "events": "true",
                                       "state_directory": tmp_path / "state"})
    for _ in range(2):
        upgrade(serving)
        with urllib.request.urlopen(f"http://{HOST}:{port}/metrics", timeout=10) as answer:
            assert answer.read().endswith(b"# EOF\n")
    taken = free_port()
    with socket.create_server((HOST, taken)):
        candidate = program(serving, "elsewhere", "exit 1")
        candidate.write_text(f'#!/bin/sh\nexec {FTPOOLD} "$@" -o status.metrics_port={taken}\n')
        assert "Address already in use" in refused(serving, candidate)
    assert serving.status()["generation"] == 3


@needs_root
def test_five_in_a_row_lose_no_transfer_and_nothing_counted_goes_back(server):
    """Good ones, with one between them that leads back, and each transfer compared."""
    loaded = server(CONFIG, settings={"workers": 2, "upgrade_timeout": "5s"})
    pid, start = loaded.pid, process_start(loaded.pid)
    before = {}
    with TransferLoad(loaded) as load:
        for number in range(5):
            load.wait(1)
            if number == 2:
                assert "-o sync=what: " in refused(loaded, program(
                    loaded, "late", 'exec ' + os.readlink(f"/proc/{pid}/exe") +
                    ' "$@" -o sync=what'))
            upgrade(loaded)
            now = counted(loaded)
            assert all(now[name] >= before[name] for name in before), (before, now)
            before = now
        load.wait(1)
    assert load.wrong == []
    assert (loaded.pid, process_start(pid)) == (pid, start)
    loaded.wait_until(lambda status: status["state"] == "serving" and
                      status["workers_leaving"] == 0)
    totals = loaded.status()["totals"]
    assert totals["uploads"] >= sum(load.done) // 2 - 4
