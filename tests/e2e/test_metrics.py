"""What is counted, as OpenMetrics text: for `ftpctl metrics`, and for a Prometheus that scrapes."""
import json
import os
import pathlib
import re
import signal
import socket
import urllib.request

import pytest

from ftp_talk import ALL_RIGHTS, FTP, Control
from ftpool_server import HOST, PATIENCE_SECONDS, free_port, wait_for
from lgpq_client import LgpqClient
from test_ftpctl import REFUSED, WELL, ctl

parser = pytest.importorskip("prometheus_client.openmetrics.parser")

HERE = pathlib.Path(__file__).parents[2]
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


def test_bytes_count_as_they_go(server):
    measured = server(FTP, settings=ALL_RIGHTS)
    measured.write("big", bytes(64 << 20))
    reader, writer = control(measured).log_in(), control(measured).log_in()
    data = reader.open_data()
    reader.command("RETR big", "150 *")
    data.connection().recv(1000)
    data = writer.open_data()
    writer.command("STOR new", "150 *")
    data.connection().sendall(bytes(100000))
    wait_for(lambda: measured.total("bytes_received") == 100000, "the bytes")
    assert 0 < measured.total("bytes_sent") < 64 << 20
    reader.close()
    writer.close()


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


def states(pid):
    """Of its threads, as ps(1) names them."""
    return {stat.read_text().rpartition(")")[2].split()[0]
            for stat in pathlib.Path(f"/proc/{pid}/task").glob("*/stat")}


def test_who_waits_to_be_accepted_is_counted(server):
    measured = server(FTP, settings={"workers": 1, "worker_timeout": "1m",
                                     "listener.ftp.backlog": 50})
    pid = measured.worker_pids()[0]
    assert value(metrics(measured), "ftpool_listener_queue", listener="ftp") == 0
    assert value(metrics(measured), "ftpool_listener_queue_limit", listener="ftp") == 50
    os.kill(pid, signal.SIGSTOP)
    wait_for(lambda: states(pid) == {"T"}, "all its threads to stand still")
    waiting = [socket.create_connection((HOST, measured.port("ftp"))) for _ in range(7)]
    assert value(metrics(measured), "ftpool_listener_queue", listener="ftp") == 7
    os.kill(pid, signal.SIGCONT)
    wait_for(lambda: value(metrics(measured), "ftpool_listener_queue", listener="ftp") == 0,
             "all to be accepted")
    for client in waiting:
        client.close()


# ---- over HTTP ----

def scraped(server, settings=None):
    port = free_port()
    return server(FTP, settings={"status.metrics_port": port, **(settings or {})}), port


def http(port, request=b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", host=HOST):
    with socket.create_connection((host, port), PATIENCE_SECONDS) as client:
        client.settimeout(PATIENCE_SECONDS)
        client.sendall(request)
        answer = b""
        while chunk := client.recv(65536):
            answer += chunk
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.decode(), body.decode()


def test_a_prometheus_can_scrape(server):
    measured, port = scraped(server)
    measured.write("file", b"x" * 12345)
    fetch(control(measured).log_in(), "file")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
        text = answer.read().decode()
    assert set(families(text)) == set(metrics(measured))
    assert value(families(text), "ftpool_bytes_sent", "ftpool_bytes_sent_total") == 12345
    assert "ftpool_listener_queue{" in text
    head, body = http(port, b"HEAD /metrics HTTP/1.1\r\n\r\n")
    assert head.startswith("HTTP/1.1 200 OK\r\n") and body == ""


@pytest.mark.parametrize("request_bytes,status", [
    (b"GET / HTTP/1.1\r\n\r\n", "404"), (b"DELETE /metrics HTTP/1.1\r\n\r\n", "405"),
    (b"\x16\x03\x01\x02\r\n\r\n", "400"), (b"GET " + b"x" * 5000, "431")])
def test_other_requests_are_refused(server, request_bytes, status):
    measured, port = scraped(server)
    head, body = http(port, request_bytes)
    assert head.split()[1] == status and "/metrics" in body
    assert "ftpool_" not in body


def test_who_says_nothing_holds_up_nobody(server):
    measured, port = scraped(server)
    silent = [socket.create_connection((HOST, port)) for _ in range(20)]
    assert measured.status()["state"] == "serving"
    control(measured).log_in().command("NOOP", "200 *")
    # They are given up after some seconds, four at a time; this one waits behind them.
    for client in silent[8:]:
        client.close()
    head, _ = http(port)
    assert head.startswith("HTTP/1.1 200 OK")
    for client in silent[:8]:
        client.close()


@pytest.mark.parametrize("address", ["0.0.0.0", "192.0.2.1", "::", "localhost"])
def test_only_loopback_will_do(server, address):
    refused = server(FTP, wait=False, settings={"status.metrics_port": free_port(),
                                                "status.metrics_address": address})
    refused.expected_exit = None
    assert refused.wait_exit() != 0
    assert "metrics_address" in refused.log()


def test_a_reload_opens_moves_and_closes_it(server):
    measured = server(FTP)
    ports = [free_port(), free_port()]
    text = measured.config_text
    for port in [*ports, 0]:
        measured.config_path.write_text(text + f"status {{ metrics_port = {port} }}\n")
        assert ctl(measured, "reload").returncode == WELL
        if port:
            assert http(port)[0].startswith("HTTP/1.1 200")
        for other in ports:
            if other != port:
                with pytest.raises(ConnectionRefusedError):
                    http(other)


def test_a_reload_is_refused_when_the_port_is_taken(server):
    port = free_port()
    measured = server(FTP)

    def wish_for(number):
        measured.config_path.write_text(
            measured.config_text + f"status {{ metrics_port = {number} }}\n")

    wish_for(port)
    assert ctl(measured, "reload").returncode == WELL
    wish_for(measured.port("ftp"))
    done = ctl(measured, "reload")
    assert done.returncode == REFUSED and "the metrics at 127.0.0.1:" in done.stderr
    assert http(port)[0].startswith("HTTP/1.1 200")
    wish_for(port)
    assert ctl(measured, "reload").stdout == "Nothing has changed in the config.\n"


# ---- the dashboard ----

def test_the_dashboard_asks_for_what_there_is(server):
    """Every name in etc/grafana/ftpool.json is a sample of a server that has TLS and listeners; and
    its labels are those of that sample."""
    measured = server(BOTH)
    samples = {}
    for family in metrics(measured).values():
        for row in family.samples:
            samples.setdefault(row.name, set()).update(row.labels)
    samples["ftpool_certificate_days_left"] = set()
    dashboard = json.loads((HERE / "etc/grafana/ftpool.json").read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    names = {name for expr in asked for name in re.findall(r"\bftpool_[a-z_0-9]+", expr)}
    names.discard("ftpool_state}")
    assert len(names) > 20
    assert names <= set(samples), names - set(samples)
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            name = re.search(r"\bftpool_[a-z_0-9]+", target["expr"])[0]
            told = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            for by in re.findall(r"by \(([^)]*)\)", target["expr"]):
                told |= set(by.split(", "))
            assert told <= samples[name], (panel["title"], told, samples[name])
    places = [(p["gridPos"]["x"], p["gridPos"]["y"]) for p in dashboard["panels"]]
    assert len(set(places)) == len(places)
