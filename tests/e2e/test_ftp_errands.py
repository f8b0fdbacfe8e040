"""Commands that take long without a data connection: the client is heard meanwhile."""
import os

import pytest

from ftp_talk import FTP, Control
from ftpool_server import wait_for

TEBIBYTE = 1 << 40
LONG = ["HASH huge", "XSHA512 huge", "XCRC huge"]


@pytest.fixture
def running(server):
    """A server with a file whose sum takes minutes."""
    started = server(FTP)
    with open(started.root / "huge", "wb") as file:
        os.ftruncate(file.fileno(), TEBIBYTE)
    return started


def at_work(running):
    return any(row["command"] for row in running.sessions())


@pytest.mark.parametrize("command", LONG)
def test_abor_ends_it(running, command):
    control = Control(*running.address("ftp")).log_in()
    control.say(command.encode())
    wait_for(lambda: at_work(running), "the sum has begun")
    control.say(b"ABOR")
    control.expect("426 huge: aborted")
    control.expect("226 *")
    control.command("NOOP", "200 *")


@pytest.mark.parametrize("command", LONG)
def test_a_client_that_goes_away_ends_it(running, command):
    control = Control(*running.address("ftp")).log_in()
    control.say(command.encode())
    wait_for(lambda: at_work(running), "the sum has begun")
    control.close()
    running.wait_until(lambda status: status["sessions"] == status["transfers"] == 0)


def test_other_commands_wait_for_their_turn(running):
    (running.root / "huge").write_bytes(b"not so huge")
    control = Control(*running.address("ftp")).log_in()
    control.send(b"XCRC huge\r\nNOOP\r\nABOR\r\nSTAT\r\nQUIT\r\n")
    control.expect("250 *")
    control.expect("200 *")
    control.expect("226 *")
    control.expect_after_any("211 *")
    control.expect("221 *")
    control.expect_closed()
