"""What is counted, as OpenMetrics text: for `ftpctl metrics`, and for a Prometheus that scrapes."""
import os
import re
import signal
import socket
import subprocess

import pytest

from ftp_talk import ALL_RIGHTS, FTP, Control
from ftpool_server import HOST, free_port, wait_for
from lgpq_client import LgpqClient
from test_ftpctl import WELL, ctl

parser = pytest.importorskip("prometheus_client.openmetrics.parser")

BOTH = FTP + """\
listener lgpq {
	protocol = lgpq
}
"""


def families(text):
    """Name → family, by Prometheus's own parser, which refuses what is not well formed."""
    return {family.name: family for family in parser.text_string_to_metric_families(text)}


def metrics(server):
    done = ctl(server, "metrics")
    assert (done.returncode, done.stderr) == (WELL, "")
    assert done.stdout.endswith("# EOF\n")
    return families(done.stdout)


def value(found, family, sample=None, **labels):
    """The sample of that name that has these labels (and maybe others)."""
    fitting = [row.value for row in found[family].samples
               if row.name == (sample or family) and labels.items() <= row.labels.items()]
    assert len(fitting) == 1, (family, labels, fitting)
    return fitting[0]


def control(server):
    return Control(HOST, server.port("ftp"))


def fetch(client, name):
    data = client.open_data()
    client.command(f"RETR {name}", "150 *")
    content = data.read()
    client.expect("226 *")
    return content


def test_it_is_openmetrics(server):
    measured = server(BOTH)
    found = metrics(measured)
    assert value(found, "ftpool_state", ftpool_state="serving") == 1
    assert value(found, "ftpool_state", ftpool_state="degraded") == 0
    assert value(found, "ftpool_workers_living") == 2
    assert {row.labels["listener"] for row in found["ftpool_listener_sessions"].samples} == {
        "ftp", "lgpq"}
    for counter in measured.status()["totals"]:
        assert value(found, f"ftpool_{counter}", f"ftpool_{counter}_total") >= 0
        assert found[f"ftpool_{counter}"].documentation


def test_sessions_logins_replies_and_bytes(server):
    measured = server(BOTH, settings=ALL_RIGHTS)
    measured.write("file", b"x" * 12345)
    measured.wait_until(lambda status: status["state"] == "serving")
    client = control(measured).log_in()
    assert len(fetch(client, "file")) == 12345
    client.command("RETR none", "550 *")
    data = client.open_data()
    client.command("STOR new", "150 *")
    data.send(b"y" * 777)
    client.expect("226 *")
    wrong = control(measured)
    wrong.expect("220 *")
    wrong.command("PASS x", "503 *")
    with LgpqClient(measured.address()) as reader:
        reader.request(b"G", b"file")
        reader.reply()
        reader.drop(12345)
        found = metrics(measured)
    of_ftp = {"listener": "ftp", "protocol": "ftp"}
    assert value(found, "ftpool_sessions") == 3
    assert value(found, "ftpool_listener_sessions", **of_ftp) == 2
    assert value(found, "ftpool_listener_sessions", listener="lgpq") == 1

    def total(family, **labels):
        return value(found, f"ftpool_{family}", f"ftpool_{family}_total", **labels)
    assert total("listener_connections", result="accepted", **of_ftp) == 2
    assert total("listener_logins", result="granted", **of_ftp) == 1
    assert total("listener_replies", code="1xx", **of_ftp) == 2
    assert total("listener_replies", code="3xx", **of_ftp) == 1
    # 220 230 200 229 226 229 226, and 220 to the other one.
    assert total("listener_replies", code="2xx", **of_ftp) == 8
    assert total("listener_replies", code="5xx", **of_ftp) == 2
    assert total("listener_bytes", direction="sent", **of_ftp) == 12345
    assert total("listener_bytes", direction="received", **of_ftp) == 777
    assert total("listener_bytes", direction="sent", listener="lgpq") == 12345
    assert total("bytes_sent") == 2 * 12345
    assert total("listener_downloads", result="whole", **of_ftp) == 1
    assert total("listener_uploads", result="whole", **of_ftp) == 1
    assert value(found, "ftpool_passive_ports_used") == 1
    client.close()
    wrong.close()
    wait_for(lambda: value(metrics(measured), "ftpool_passive_ports_used") == 0, "ports given back")
    assert value(metrics(measured), "ftpool_listener_sessions", **of_ftp) == 0


def test_latencies_are_histograms(server):
    measured = server(FTP)
    measured.write("file", b"x" * 1000)
    client = control(measured).log_in()
    for _ in range(3):
        fetch(client, "file")
    client.command("NOOP", "200 *")
    found = metrics(measured)
    for family, count in (("login", 1), ("first_byte", 3), ("transfer", 3)):
        name = f"ftpool_{family}_seconds"
        assert found[name].type == "histogram" and found[name].unit == "seconds"
        assert value(found, name, f"{name}_count", listener="ftp") == count
        buckets = [row for row in found[name].samples if row.name == f"{name}_bucket"]
        assert [row.value for row in buckets] == sorted(row.value for row in buckets)
        assert buckets[-1].labels["le"] == "+Inf" and buckets[-1].value == count
        assert 0 < value(found, name, f"{name}_sum", listener="ftp") < 60
    # USER, PASS, TYPE, NOOP and an EPSV before each RETR.
    assert value(found, "ftpool_command_seconds", "ftpool_command_seconds_count",
                 listener="ftp") >= 7


def test_what_a_dead_worker_did_stays_counted(server):
    measured = server(FTP, settings={"workers": 1})
    measured.write("file", b"x" * 1000)
    fetch(control(measured).log_in(), "file")
    before = metrics(measured)
    pid = measured.worker_pids()[0]
    os.kill(pid, signal.SIGKILL)
    measured.wait_until(lambda status: status["workers"][0]["pid"] not in (0, pid)
                        and status["state"] == "serving")
    after = metrics(measured)
    for family in ("listener_bytes", "listener_logins", "transfer_seconds"):
        assert [(row.labels, row.value) for row in after[f"ftpool_{family}"].samples] == [
            (row.labels, row.value) for row in before[f"ftpool_{family}"].samples]
    assert value(after, "ftpool_worker_restarts", "ftpool_worker_restarts_total", worker="0") == 1
    assert value(after, "ftpool_listener_sessions", listener="ftp") == 0


def test_who_waits_to_be_accepted_is_counted(server):
    measured = server(FTP, settings={"workers": 1, "worker_timeout": "1m",
                                     "listener.ftp.backlog": 50})
    pid = measured.worker_pids()[0]
    assert value(metrics(measured), "ftpool_listener_queue", listener="ftp") == 0
    assert value(metrics(measured), "ftpool_listener_queue_limit", listener="ftp") == 50
    os.kill(pid, signal.SIGSTOP)
    waiting = [socket.create_connection((HOST, measured.port("ftp"))) for _ in range(7)]
    assert value(metrics(measured), "ftpool_listener_queue", listener="ftp") == 7
    os.kill(pid, signal.SIGCONT)
    wait_for(lambda: value(metrics(measured), "ftpool_listener_queue", listener="ftp") == 0,
             "all to be accepted")
    for client in waiting:
        client.close()
