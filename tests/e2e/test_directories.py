"""Directories with rights of their own, drop boxes, and mounts, as clients meet them; with the
sandbox on, which has to let the workers into what is mounted."""
import os
import subprocess

import pytest

from ftp_talk import Control
from ftpool_server import BUILD, HOST, let_in, run_ftpoold
from lgpq_client import LgpqClient, Refused
from old_client import OldClient
from test_accounts import Users, log_in

CONFIG = """\
listener ftp {
	protocol = ftp
}
listener lgpq {
}
listener box {
	account = box
}
anonymous {
	may = {list, get}
}
directory "/incoming" {
	may = {put}
}
mount "/pub" {
	from = "%(data)s"
}
mount "/deep/down" {
	from = "%(data)s/album"
	may = {list, get, put, rename, rmdir, delete, mkdir}
}
mount "/staff" {
	from = "%(data)s"
	may = {list}
	accounts = {anna}
}
"""


@pytest.fixture
def house(server, tmp_path):
    """A server with all of that."""
    root, data = tmp_path / "library", tmp_path / "data"
    for directory in (root, root / "incoming", data, data / "album"):
        directory.mkdir()
    (root / "file").write_bytes(b"file")
    (data / "music").write_bytes(b"music")
    (data / "album" / "song").write_bytes(b"song")
    for path in (root, data, *root.rglob("*"), *data.rglob("*")):
        let_in(path)
    users = Users(tmp_path)
    users.add("box", "--root", root / "incoming", "--may", "put")
    users.add("anna", "--may", "list,get,rename", "--may", "/incoming=list,get,delete",
              "--may", "/pub=none")
    pool = server(CONFIG % {"data": data}, root=root, settings={"users": users.path})
    pool.data = data
    pool.users = users
    return pool


def anonymous(pool):
    return Control(*pool.address("ftp")).log_in()


def listing(control, command):
    data = control.open_data()
    control.command(command, "150 *")
    lines = data.read().decode().split("\r\n")[:-1]
    control.expect("226 *")
    return lines


def put(control, name, content, begin="150 *", end="226 *"):
    data = control.open_data()
    control.command(f"STOR {name}", begin)
    data.send(content)
    return control.expect(end)


def get(control, name):
    data = control.open_data()
    control.command(f"RETR {name}", "150 *")
    content = data.read()
    control.expect("226 *")
    return content


def perms(control, directory):
    """The perm of each entry by its name."""
    return {line.partition(" ")[2]: line.partition("perm=")[2].partition(";")[0]
            for line in listing(control, f"MLSD {directory}")}


def test_mounts_are_in_every_listing(house):
    control = anonymous(house)
    assert sorted(listing(control, "NLST")) == ["deep", "file", "incoming", "pub"]
    assert sorted(line.split()[-1] for line in listing(control, "LIST /")) == \
        ["deep", "file", "incoming", "pub"]
    assert listing(control, "NLST /deep") == ["/deep/down"]
    assert perms(control, "/") == {".": "el", "deep": "el", "file": "r", "incoming": "ce",
                                   "pub": "el"}
    assert perms(control, "/deep") == {".": "el", "..": "el", "down": "celmp"}
    assert perms(control, "/deep/down") == {".": "celmp", "..": "el", "song": "dfr"}
    tree = listing(control, "LIST -R")
    assert [line for line in tree if line.endswith(":")] == \
        [".:", "./deep:", "./deep/down:", "./pub:", "./pub/album:"]
    assert sum(line.endswith(" song") for line in tree) == 2
    control.command("CWD /deep/down", "250 *")
    assert listing(control, "NLST") == ["song"]
    control.command("CDUP", "250 *")
    control.command("PWD", '257 "/deep" *')


def test_each_mount_has_rights_of_its_own(house):
    control = anonymous(house)
    assert get(control, "/pub/music") == b"music"
    assert get(control, "/deep/down/song") == b"song"
    data = control.open_data()
    control.command("STOR /pub/new", "550 /pub/new: this account may not put in /pub")
    data.close()
    put(control, "/deep/down/new", b"new")
    assert (house.data / "album" / "new").read_bytes() == b"new"
    control.command("DELE /pub/album/new", "550 *may not delete in /pub")
    control.command("DELE /deep/down/new", "250 *")
    control.command("DELE /file", "550 /file: this account may not delete in /")
    with LgpqClient(house.address("lgpq")) as client:
        assert client.get("pub/music") == b"music"
        with pytest.raises(Refused, match="may not put in /pub"):
            client.put("pub/new", b"new")
        assert client.names() == [b"file"]


def test_mounts_stay_where_they_are(house):
    control = anonymous(house)
    for path in ("/deep/down", "/deep"):
        control.command(f"RMD {path}", "550 *")
        control.command(f"SITE RMDIR {path}", "550 *")
    control.command("RMD /deep/down",
                    "550 /deep/down: the server's configuration has put that there, and it stays")
    control.command("RNFR /deep/down", "350 *")
    control.command("RNTO /deep/down/other", "550 *it stays")
    control.command("DELE /deep/down", "550 *: that is a directory")
    control.command("MKD /deep/down", "550 *: exists already")
    assert (house.data / "album" / "song").read_bytes() == b"song"


def test_nothing_leads_out_of_a_mount(house):
    os.symlink("../../library/file", house.data / "out")
    os.symlink("/music", house.data / "within")
    os.symlink("../incoming/taken", house.root / "into")
    (house.root / "incoming" / "taken").write_bytes(b"secret")
    control = anonymous(house)
    control.command("MLST /pub/out", "550 *")
    assert get(control, "/pub/within") == b"music"
    data = control.open_data()
    control.command("RETR /into", "550 /into: this account may not get in /incoming")
    data.close()
    assert "into" not in perms(control, "/")


def test_a_drop_box_takes_everything_and_shows_nothing(house):
    box = house.root / "incoming"
    control = anonymous(house)
    put(control, "/incoming/scan", b"first")
    assert put(control, "/incoming/scan", b"second", "150 FILE: scan.1").endswith("FILE: scan.1")
    data = control.open_data()
    for command in ("NLST /incoming", "RETR /incoming/scan", "DELE /incoming/scan",
                    "SIZE /incoming/scan"):
        control.command(command, "550 * this account may not * in /incoming")
    data.close()
    with LgpqClient(house.address("lgpq")) as client:
        assert client.put("incoming/scan", b"third")[2] == b"scan.2"
    (house.directory / "scan").write_bytes(b"fourth")
    done = subprocess.run([BUILD / "ftpool", f"{HOST}:{house.port('box')}", "put",
                           house.directory / "scan"],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done
    assert "scan: the name was taken; there it is called scan.3" in done.stdout
    assert {path.name: path.read_bytes() for path in box.iterdir()} == {
        "scan": b"first", "scan.1": b"second", "scan.2": b"third", "scan.3": b"fourth"}
    house.wait_log('path="/incoming/scan.1"')


def test_a_drop_box_of_the_old_programs(house):
    for content in (b"first", b"second"):
        with OldClient(house.address("box")) as client:
            client.put(b"scan", content)
            client.quit()
    house.wait_log('lgpq: put .* path="/scan.1" .* reason="complete"')
    with OldClient(house.address("box")) as client:
        client.send(b"G scan")
        assert client.exactly(len("文件不存在".encode())).decode() == "文件不存在"
    box = house.root / "incoming"
    assert {path.name: path.read_bytes() for path in box.iterdir()} == {
        "scan": b"first", "scan.1": b"second"}


def test_an_account_has_words_of_its_own(house):
    (house.root / "incoming" / "scan").write_bytes(b"scan")
    let_in(house.root / "incoming" / "scan")
    anna = log_in(house, "anna")
    assert perms(anna, "/")["incoming"] == "elp"
    assert perms(anna, "/")["pub"] == "e"
    assert perms(anna, "/staff") == {".": "el", "..": "el", "album": "el", "music": ""}
    assert get(anna, "/incoming/scan") == b"scan"
    anna.command("DELE /incoming/scan", "250 *")
    anna.command("MLSD /pub", "550 *may not list in /pub")
    anna.command("RNFR /incoming", "550 *may not rename in /incoming")
    # From the next login on.
    house.users.ctl("set", "anna", "--may", "/pub=all", "--may", "/incoming=")
    again = log_in(house, "anna")
    assert get(again, "/pub/music") == b"music"
    assert perms(again, "/")["incoming"] == "ce"
    control = anonymous(house)
    control.command("CWD /staff", "550 *")


def test_renames_cross_mounts_where_the_disk_can(house):
    anna = log_in(house, "anna")
    anna.command("RNFR /file", "350 *")
    anna.command("RNTO /deep/down/file", "250 *")
    assert (house.data / "album" / "file").read_bytes() == b"file"
    anna.command("RNFR /deep/down/file", "350 *")
    anna.command("RNTO /staff/file", "550 *may not rename in /staff")


def test_what_is_mounted_has_to_be_there(tmp_path):
    config = tmp_path / "ftpool.conf"
    config.write_text(CONFIG % {"data": tmp_path / "none"} + 'users = "/dev/null"\n')
    done = run_ftpoold("--check", "-c", config, tmp_path)
    assert done.returncode == 2
    assert f'from = "{tmp_path / "none"}": No such file or directory' in done.stderr
