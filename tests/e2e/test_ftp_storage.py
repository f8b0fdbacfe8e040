"""What an FTP client is told when the server's storage fails while it lists or sends."""
import pytest

from ftp_talk import ALL_RIGHTS, FTP, Control
from ftpool_server import let_in
from stalling_storage import StallingFs

pytest_plugins = ["stalling_storage"]


@pytest.fixture
def broken(stalling_fs, server):
    """The stalling file system, served, and whatever of it somebody waits for let go at the end."""
    yield server(FTP, root=stalling_fs.root, settings=ALL_RIGHTS)
    if stalling_fs.process.poll() is None:
        stalling_fs.release()


@pytest.fixture
def client(broken):
    control = Control(*broken.address("ftp")).log_in()
    yield control
    control.close()


@pytest.mark.parametrize("command", ["LIST", "MLSD", "LIST -t", "NLST -S"])
def test_a_listing_that_lacks_something_is_not_complete(client, command):
    """What can be told is, and then that there was more."""
    data = client.open_data()
    client.command(f"{command} lost", "150 *")
    assert data.read().count(b"\r\n") >= 4
    client.expect("451 lost: *disk fails")
    client.command("NOOP", "200 *")


def test_a_status_that_lacks_something_says_so(client):
    client.command("STAT lost", "212-*")
    client.expect_after_any("212 Not all of it: *")
    client.command("NOOP", "200 *")


@pytest.mark.parametrize("mode", ["I", "A"])
def test_storage_that_goes_away_in_a_download(stalling_fs, client, mode):
    """Its program dies, and the kernel says what it says of a lost connection as well. The client's
    own stands, and is told."""
    client.command(f"TYPE {mode}", "200 *")
    data = client.open_data()
    client.command("RETR read-it", "150 *")
    stalling_fs.wait_stalled(1)
    stalling_fs.kill()
    client.expect("451 read-it: *storage does not answer")
    data.close()
    for command in ("RETR good", "LIST", "MLSD", "SIZE good", "STOR good", "CWD lost"):
        client.open_data()
        client.command(command, "451 *storage does not answer")
    client.command("NOOP", "200 *")


@pytest.fixture
def resumable(tmp_path, server):
    """A root in which a file `large` stands whose bytes cannot be read: that it is 64 KiB long is
    all that can be learned."""
    root = tmp_path / "site"
    root.mkdir()
    let_in(root)
    mounted = StallingFs(root)
    (root / "large").symlink_to("mounted/broken-it")
    control = Control(*server(FTP, root=root, settings=ALL_RIGHTS).address("ftp")).log_in()
    yield control
    control.close()
    mounted.close()


@pytest.mark.parametrize("line", [b"APPE large", b"REST 60000\r\nSTOR large"],
                         ids=["APPE", "REST"])
def test_what_an_upload_begins_with_is_not_copied_against_the_clients_will(resumable, line):
    """The client is heard before each piece is copied, and what came in one packet before the
    first: had the copy begun, it would have failed."""
    def begin(rest):
        resumable.open_data()
        resumable.send(line + b"\r\n" + rest)
        if line.startswith(b"REST"):
            resumable.expect("350 *")

    begin(b"")
    resumable.expect("451 large: *disk fails")
    begin(b"ABOR\r\n")
    resumable.expect("426 *")
    resumable.expect("226 *")
    begin(b"STAT\r\n")
    resumable.expect("213 *")
    resumable.expect("451 large: *disk fails")
