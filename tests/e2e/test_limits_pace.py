"""Commands per second: a session that is over it is slowed down, and neither refused nor cut, and
holds no thread meanwhile. And how often a session may try to log in."""
from concurrent.futures import ThreadPoolExecutor
import socket
import time

from ftp_talk import Control, FTP
from ftpool_server import PATIENCE_SECONDS
from lgpq_client import connect

CLIENTS = 16
RATE = 20
BOTH = FTP + "listener box {\n}\n"


def pipeline(server, count):
    """So many NOOPs at once, and the end of the stream behind them: how long the replies took."""
    control = Control(*server.address("ftp")).log_in()
    start = time.monotonic()
    control.send(b"NOOP\r\n" * count + b"QUIT\r\n")
    control.socket.shutdown(socket.SHUT_WR)
    for _ in range(count):
        control.expect("200 *")
    control.expect("221 *")
    took = time.monotonic() - start
    control.expect_closed()
    control.close()
    return took


def test_who_is_over_it_is_slowed_down(server):
    """With a second's worth at once, the rest can be no faster than the rate; all of it comes."""
    slow = server(settings={"workers": 4, "limits.commands_per_second": RATE}, config_text=FTP)
    with ThreadPoolExecutor(CLIENTS) as pool:
        tasks = [pool.submit(pipeline, slow, 3 * RATE) for _ in range(CLIENTS)]
        slow.wait_until(lambda status: status["totals"]["requests_delayed"] >= CLIENTS)
        assert all(worker["threads"] < CLIENTS for worker in slow.workers())
        for task in tasks:
            assert task.result() > 2 - 0.1
    assert slow.log().count("session: slowed down") == CLIENTS
    slow.wait_log(r'session: slowed down session=\S+ peer=127.0.0.1 user="anonymous" '
                  "limit=commands_per_second")


def test_who_is_within_it_notices_nothing(server):
    slow = server(settings={"limits.commands_per_second": RATE}, config_text=FTP)
    for _ in range(3):
        pipeline(slow, RATE - 5)  # and what the login takes
    assert slow.total("requests_delayed") == 0
    assert pipeline(server(config_text=FTP), 1000) < PATIENCE_SECONDS


def test_lgpq_as_well(server):
    slow = server(settings={"limits.commands_per_second": RATE}, config_text=BOTH)
    with connect(slow.address("box")) as client:
        start = time.monotonic()
        client.sendall(b"L\n" * 2 * RATE)
        lines = client.makefile("rb")
        assert [lines.readline() for _ in range(2 * RATE)] == [b"OK 0\n"] * 2 * RATE
        assert time.monotonic() - start > 1 - 0.1
    assert slow.total("requests_delayed") > 0


def test_a_session_that_waits_can_be_stopped(server):
    slow = server(settings={"limits.commands_per_second": 1}, config_text=FTP)
    control = Control(*slow.address("ftp"))
    control.expect("220 *")
    control.send(b"NOOP\r\n" * 50)
    control.expect("200 *")
    slow.wait_until(lambda status: status["totals"]["requests_delayed"] > 0)
    slow.kill()
    control.expect_after_any("421 The server is stopping*")
    assert slow.wait_exit() == 0


def test_so_many_logins_a_session(server, tmp_path):
    users = tmp_path / "users"
    users.write_text("anna\n")
    users.chmod(0o600)
    guarded = server(settings={"users": users, "limits.logins_per_session": 2}, config_text=FTP)
    control = Control(*guarded.address("ftp"))
    control.expect("220 *")
    for reply in ("530 Login incorrect", "421 Login incorrect, too often*"):
        control.command("USER anna", "331 *")
        control.command("PASS x", reply)
    control.expect_closed()
