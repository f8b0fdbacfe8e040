"""FTP transfers that do not go as planned: broken off, asked about, abandoned, killed."""
import os
import signal
import socket
import struct

import pytest

from ftp_talk import ALL_RIGHTS, FTP, Control
from ftpool_server import children, free_port, wait_for

SIZE = 64 << 20  # more than all buffers between the two hold


@pytest.fixture
def pool(server):
    return server(FTP, settings={"workers": 2, **ALL_RIGHTS})


@pytest.fixture
def client(pool):
    control = Control(*pool.address("ftp")).log_in()
    yield control
    control.close()


def partials(pool):
    return [name for name in pool.names() if name.endswith(b".partial")]


def partial_size(pool):
    return sum(os.path.getsize(os.path.join(os.fsencode(pool.root), name))
               for name in partials(pool))


def begin_download(pool, client):
    """A download whose client does not read: it stands still with its buffers full."""
    os.truncate(pool.write("large", b""), SIZE)
    client.open_data()
    client.command("RETR large", "150 *")
    return client.data


def begin_upload(client, content, name="new"):
    data = client.open_data()
    client.command(f"STOR {name}", "150 *")
    data.socket.sendall(content)
    return data


def offered_port(client):
    return int(client.command("EPSV", "229 *").split("|||")[1].split("|")[0])


def reset(connection):
    """Ends it as a crashed machine would."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


# ---- ABOR, STAT, QUIT while a transfer runs ----

@pytest.mark.parametrize("abort", [b"ABOR\r\n", b"\xff\xf4\xff\xf2ABOR\r\n"],
                         ids=["plain", "telnet"])
def test_abor_ends_a_download_that_stands_still(pool, client, abort):
    begin_download(pool, client)
    client.send(abort)
    client.expect("426 *")
    client.expect("226 *")
    client.command("NOOP", "200 *")
    assert pool.total("downloads_broken") == 1


def test_abor_as_urgent_data(pool, client):
    begin_download(pool, client)
    client.socket.sendall(b"\xff\xf4")
    client.socket.send(b"\xff", socket.MSG_OOB)
    client.socket.sendall(b"\xf2ABOR\r\n")
    client.expect("426 *")
    client.expect("226 *")
    client.command("NOOP", "200 *")


def test_abor_before_the_data_connection_is_made(client):
    client.command("EPSV", "229 *")
    client.say(b"LIST")
    client.say(b"ABOR")
    client.expect("426 *")
    client.expect("226 *")


def test_abor_of_an_upload_leaves_the_old_file(pool, client):
    pool.write("new", b"old")
    begin_upload(client, b"x" * 100000)
    client.say(b"ABOR")
    client.expect("426 *")
    client.expect("226 *")
    assert pool.names() == [b"new"] and pool.read("new") == b"old"


def test_stat_tells_how_far_it_is(pool, client):
    data = begin_download(pool, client)
    client.command("STAT", f"213 RETR large: * of {SIZE} bytes so far")
    assert len(data.read()) == SIZE
    client.expect("226 *")


def test_other_commands_wait_in_order(pool, client):
    data = begin_download(pool, client)
    for line in (b"NOOP", b"PWD", b"SIZE large", b"SYST"):
        client.say(line)
    assert len(data.read()) == SIZE
    for pattern in ("226 *", "200 *", "257 *", f"213 {SIZE}", "215 *"):
        client.expect(pattern)


def test_quit_waits_for_the_transfer(pool, client):
    data = begin_download(pool, client)
    client.say(b"QUIT")
    client.socket.shutdown(socket.SHUT_WR)
    assert len(data.read()) == SIZE
    client.expect("226 *")
    client.expect("221 *")
    client.expect_closed()


# ---- what did not arrive whole is not said to be ----

def test_download_whose_client_resets_is_426(pool, client):
    data = begin_download(pool, client)
    reset(data.socket)
    client.expect("426 *")
    client.command("NOOP", "200 *")


def test_download_whose_client_is_gone_already_is_426(pool, client):
    """All of it goes into the kernel's buffers, and none of it arrives."""
    pool.write("small", b"x" * 1000)
    data = client.open_data()
    reset(data.socket)
    client.command("RETR small", "150 *")
    client.expect("426 *")


def test_upload_that_is_reset_is_426_and_can_be_resumed(pool, client):
    data = begin_upload(client, b"a" * 100000)
    wait_for(lambda: partial_size(pool) == 100000, "all of it on the disk")
    reset(data.socket)
    client.expect("426 *")
    assert pool.names() == [b".new.partial"]
    client.command("SIZE new", "213 100000")
    client.command("REST 100000", "350 *")
    client.open_data()
    client.command("STOR new", "150 *")
    client.data.send(b"b" * 5)
    client.expect("226 *")
    assert pool.read("new") == b"a" * 100000 + b"b" * 5
    assert not partials(pool)


def test_upload_goes_on_by_appe(pool, client):
    data = begin_upload(client, b"a" * 1000)
    wait_for(lambda: partial_size(pool) == 1000, "all of it on the disk")
    client.say(b"ABOR")
    client.expect("426 *")
    client.expect("226 *")
    data.close()
    client.command("SIZE new", "213 1000")
    client.open_data()
    client.command("APPE new", "150 *")
    client.data.send(b"b")
    client.expect("226 *")
    assert pool.read("new") == b"a" * 1000 + b"b"


def test_an_upload_that_would_be_425_takes_nothing_first(pool, client):
    """Nor is there a partial of it in the way of the next one."""
    pool.write("old", b"old")
    client.command("APPE old", "425 Use PASV*")
    client.command("REST 2", "350 *")
    client.command("STOR old", "425 Use PASV*")
    assert not partials(pool)
    assert pool.read("old") == b"old"


def test_upload_of_a_client_that_was_killed_is_not_whole(pool, client):
    """The kernel ends all connections of a killed client in good order: the data connection's end
    looks as if all had been sent, but nobody is there any more to mean it."""
    pool.write("new", b"old")
    data = begin_upload(client, b"half")
    client.socket.shutdown(socket.SHUT_RDWR)
    data.close()
    pool.wait_until(lambda status: status["totals"]["uploads_broken"] == 1)
    assert pool.read("new") == b"old"
    assert pool.total("uploads") == 0


def test_worker_that_is_killed_leaves_the_old_file_and_a_partial(pool, client):
    pool.write("new", b"old")
    begin_upload(client, b"x" * 1000)
    wait_for(lambda: partials(pool), "the partial")
    for pid in children(pool.pid):
        os.kill(pid, signal.SIGKILL)
    assert client.is_closed()
    assert pool.read("new") == b"old"
    pool.wait_until(lambda status: status["state"] == "serving")
    another = Control(*pool.address("ftp")).log_in()
    another.open_data()
    another.command("STOR new", "150 *")
    another.data.send(b"new")
    another.expect("226 *")
    another.close()
    assert pool.read("new") == b"new"


def test_two_writers_of_one_name_never_mix(pool, client):
    other = Control(*pool.address("ftp")).log_in()
    first = begin_upload(client, b"a" * 1000)
    second = begin_upload(other, b"b" * 1000)
    first.socket.sendall(b"a" * 1000)
    second.socket.sendall(b"b" * 500)
    second.close()
    other.expect("226 *")
    assert pool.read("new") == b"b" * 1500
    first.close()
    client.expect("226 *")
    assert pool.read("new") == b"a" * 2000
    other.close()


def test_going_on_with_what_somebody_else_sends_is_busy(pool, client):
    other = Control(*pool.address("ftp")).log_in()
    begin_upload(client, b"a" * 1000)
    wait_for(lambda: partials(pool), "the partial")
    other.open_data()
    other.command("APPE new", "450 *")
    other.close()


# ---- the data connection ----

def test_strangers_are_not_let_in(pool, client):
    """Only the client's own address: RFC 2577."""
    pool.write("small", b"mine")
    address = ("127.0.0.1", offered_port(client))
    with socket.create_connection(address, source_address=("127.0.0.2", 0)) as stranger:
        client.say(b"RETR small")
        assert stranger.recv(10) == b""
        with socket.create_connection(address) as mine:
            client.expect("150 *")
            assert mine.recv(10) == b"mine"
    client.expect("226 *")
    assert pool.total("data_strangers") == 1


def test_who_connected_before_the_port_was_offered_again_is_gone(pool, client):
    pool.write("small", b"mine")
    port = offered_port(client)
    early = socket.create_connection(("127.0.0.1", port))
    data = client.open_data()
    assert data.socket.getpeername()[1] == port  # the session keeps its port
    assert early.recv(1) == b""
    client.command("RETR small", "150 *")
    assert data.read() == b"mine"
    client.expect("226 *")
    early.close()


@pytest.mark.parametrize("line", ["EPSV", "QUIT", "REIN"])
def test_who_sent_for_a_refused_command_is_not_reset(client, line):
    """Some clients send without waiting for 150. Their connection is ended as all others are."""
    data = client.open_data()
    client.command("STOR nowhere/new", "550 *")
    data.socket.sendall(b"sent too early")
    client.command(line, "2*")
    assert data.read() == b""


def test_ports_come_from_the_range_and_none_is_425(server):
    port = free_port()
    pool = server(FTP, settings={"passive.ports": f"{port}-{port}", **ALL_RIGHTS})
    clients = [Control(*pool.address("ftp")).log_in() for _ in range(2)]
    assert offered_port(clients[0]) == port
    clients[1].command("EPSV", "425 *")
    assert pool.total("passive_ports_exhausted") == 1
    clients[0].close()
    pool.wait_until(lambda status: status["sessions"] == 1)
    assert offered_port(clients[1]) == port
    clients[1].close()


def test_scarce_ports_are_given_back_after_a_transfer(server):
    """Who idles with a port of his own must not keep it from those who transfer."""
    port = free_port()
    pool = server(FTP, settings={"passive.ports": f"{port}-{port}", **ALL_RIGHTS})
    pool.write("small", b"x")
    clients = [Control(*pool.address("ftp")).log_in() for _ in range(5)]
    for client in clients * 2:
        data = client.open_data()
        assert data.socket.getpeername()[1] == port
        client.command("RETR small", "150 *")
        assert data.read() == b"x"
        client.expect("226 *")
    for client in clients:
        client.close()


def test_data_connection_that_is_never_made_is_425(server):
    pool = server(FTP, settings={"ftp.data_timeout": "1s", **ALL_RIGHTS})
    client = Control(*pool.address("ftp")).log_in()
    client.command("EPSV", "229 *")
    client.command("LIST", "425 *")
    client.command("NOOP", "200 *")
    client.close()


def test_transfer_that_stands_still_is_given_up(server):
    pool = server(FTP, settings={"transfer_timeout": "1s", **ALL_RIGHTS})
    client = Control(*pool.address("ftp")).log_in()
    begin_download(pool, client)
    client.expect("426 *")
    client.open_data()
    client.command("STOR new", "150 *")
    client.expect("426 *")
    client.command("NOOP", "200 *")
    client.close()


def test_active_can_be_switched_off(server):
    pool = server(FTP, settings={"ftp.active": "false", **ALL_RIGHTS})
    client = Control(*pool.address("ftp")).log_in()
    client.command("PORT 127,0,0,1,200,1", "502 *")
    client.command("EPRT |1|127.0.0.1|51201|", "502 *")
    client.command("FEAT", "211-*")
    features = list(iter(client.line, "211 End"))
    assert " EPSV" in features and " EPRT" not in features
    client.open_data()
    client.command("NLST", "150 *")
    assert client.data.read() == b""
    client.expect("226 *")
    client.close()


def test_transfers_that_stand_still_leave_threads_for_others(server):
    """limits.threads bounds them: one too many is told so, and whoever asks is answered."""
    pool = server(FTP, settings={"workers": 1, "limits.threads": 5, **ALL_RIGHTS})
    os.truncate(pool.write("large", b""), SIZE)
    running = []
    for _ in range(5):
        client = Control(*pool.address("ftp")).log_in()
        client.open_data()
        client.say(b"RETR large")
        if client.line().startswith("425 The server runs as many transfers"):
            break
        running.append(client)
    assert len(running) == 3
    client.data.close()
    client.command("NOOP", "200 *")
    pool.write("small", b"x")
    client.command("SIZE small", "213 1")
    running.pop().close()
    pool.wait_until(lambda status: status["sessions"] == 3)
    client.open_data()
    client.command("RETR small", "150 *")
    assert client.data.read() == b"x"
    client.expect("226 *")
    for other in (client, *running):
        other.close()


def test_pasv_without_an_address_to_tell_offers_nothing(server):
    pool = server(FTP + 'passive {\n\taddress = "127.0.0.0/8=nowhere.invalid"\n}\n')
    client = Control(*pool.address("ftp")).log_in()
    client.command("PASV", "425 *")
    client.command("NLST", "425 Use PASV*")
    client.close()


# ---- sessions ----

def test_a_login_that_does_not_come_is_not_waited_for(server):
    pool = server(FTP, settings={"ftp.login_timeout": "1s"})
    client = Control(*pool.address("ftp"))
    client.expect("220 *")
    client.expect("421 *not logged in*")
    client.expect_closed()


def test_a_login_is_not_waited_for_longer_by_asking_something(server):
    pool = server(FTP, settings={"ftp.login_timeout": "2s"})
    client = Control(*pool.address("ftp"))
    client.expect("220 *")

    def is_closed():
        try:
            client.say(b"NOOP")
            return client.lines.readline() != b"200 Here\r\n"
        except ConnectionError:
            return True
    wait_for(is_closed, "the end of the session")
    client.close()


def test_a_server_that_stops_says_421_and_lets_transfers_finish(pool, client):
    data = begin_download(pool, client)
    idle = Control(*pool.address("ftp")).log_in()
    pool.kill(signal.SIGTERM)
    idle.expect("421 *")
    assert len(data.read()) == SIZE
    client.expect("226 *")
    client.expect("421 *")
    assert pool.wait_exit() == 0
    idle.close()


def test_site_who_tells_nothing_of_another_user(pool, client):
    same = Control(*pool.address("ftp")).log_in()
    other = Control(*pool.address("ftp"))
    other.expect("220 *")
    other.command("USER somebody", "331 *")
    client.command("SITE WHO", "200-*")
    lines = [client.line() for _ in range(3)]
    assert lines.pop().startswith("200 ")
    assert all(" anonymous " in line for line in lines)
    same.close()
    other.close()


def test_the_log_tells_who_changed_what(pool, client):
    pool.write("a", b"x")
    for line, code in (("SITE MKDIR d/e", "200"), ("SITE SYMLINK a l", "200"),
                       ("SITE CPFR a", "350"), ("SITE CPTO b", "250"),
                       ("SITE CHMOD 600 b", "200"), ("SITE RMDIR d", "200"),
                       ("RNFR b", "350"), ("RNTO c", "250"), ("DELE c", "250")):
        client.command(line, f"{code} *")
    said = [words.split(" path=") for words in pool.log().split("verb=")
            if words.partition(" ")[2].startswith('path="')]
    assert [(verb, path.splitlines()[0]) for verb, path in said] == [
        ("MKDIR", '"/d/e"'), ("SYMLINK", '"/l"'), ("CPTO", '"/b"'), ("CHMOD", '"/b"'),
        ("RMDIR", '"/d"'), ("RNFR", '"/b"'), ("RNTO", '"/c"'), ("DELE", '"/c"')]


def test_the_board_tells_what_a_session_does(pool, client):
    begin_download(pool, client)
    session, = pool.sessions()
    assert session["protocol"] == "ftp" and session["user"] == "anonymous"
    assert session["command"] == "RETR" and session["path"] == "/large"


@pytest.mark.parametrize("argument, path", [("", "/folder"), (" -la", "/folder"), (" -la ..", "/"),
                                            (" a*", "/folder/a*")])
def test_the_board_tells_what_is_listed(pool, client, argument, path):
    """By its whole path, without the options."""
    client.command("MKD folder", "257 *")
    pool.write("folder/a", b"")
    client.command("CWD folder", "250 *")
    offered_port(client)
    client.say(b"LIST" + argument.encode())
    wait_for(lambda: [session["path"] for session in pool.sessions()] == [path], "the listing")
