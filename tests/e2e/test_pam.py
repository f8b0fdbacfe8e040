"""Accounts of the system, by PAM as `make install` configures it, with pam_unix behind it: the server
runs in a mount namespace with an /etc/passwd and an /etc/pam.d of its own."""
import pathlib
import shutil
import subprocess

import pytest

from conftest import needs_root
from ftp_talk import FTP
from ftpool_server import MODE, Server, let_in
from test_accounts import PASSWORD, Users, cheap_hash, log_in, names

PAM_FILE = pathlib.Path(__file__).parents[2] / "etc/pam.d/ftpool"
# The delay is one that nobody would wait for.
MODULES = {"common-auth": "auth optional pam_faildelay.so delay=300000000\n"
                          "auth required pam_unix.so\n",
           "common-account": "account required pam_unix.so\n"}
LONG_AGO = 18000  # days since 1970
MOUNT = ('for name in passwd shadow group pam.d; do mount --bind "$0/$name" "/etc/$name" || exit 1; '
         'done; exec "$@"')

pytestmark = [needs_root, pytest.mark.skipif(
    subprocess.run(["unshare", "-m", "true"], stderr=subprocess.DEVNULL).returncode != 0,
    reason="no mount namespace can be made here")]


class InItsOwnEtc(Server):
    """Its /etc/passwd knows two people, one of whom has expired, and a system user."""

    def command(self):
        etc = self.directory / "etc"
        home = self.directory.parent / "homes"
        if not etc.exists():
            (etc / "pam.d").mkdir(parents=True)
            shutil.copy(PAM_FILE, etc / "pam.d/ftpool")
            for name, text in MODULES.items():
                (etc / "pam.d" / name).write_text(text)
            secret = cheap_hash(PASSWORD)
            passwd, shadow = pathlib.Path("/etc/passwd").read_text(), ""
            for name, uid, expires in (("pam-anna", 4711, ""), ("pam-bert", 4712, LONG_AGO),
                                       ("pam-daemon", 711, "")):
                passwd += f"{name}:x:{uid}:{uid}::{home}/{name}:/bin/sh\n"
                shadow += f"{name}:{secret}:{LONG_AGO}:0:99999:7::{expires}:\n"
            (etc / "passwd").write_text(passwd)
            (etc / "shadow").write_text(shadow)
            (etc / "shadow").chmod(0o600)
            shutil.copy("/etc/group", etc / "group")
        return ["unshare", "-m", "--propagation", "private", "sh", "-c", MOUNT, str(etc),
                *super().command()]


@pytest.fixture
def house(tmp_path):
    started = []

    def start(settings=None):
        for name in ("pam-anna", "pam-bert", "pam-daemon"):
            home = tmp_path / "homes" / name
            home.mkdir(parents=True)
            (home / f"file of {name}").touch()
            let_in(home)
        server = InItsOwnEtc(tmp_path / "server", FTP, settings={
            "auth": "file,pam", "account_roots": tmp_path / "homes", **(settings or {})})
        started.append(server)
        server.start()
        return server
    yield start
    for server in started:
        wrong = server.close()
        print(server.log())
        assert not wrong, wrong


@pytest.mark.skipif(MODE in ("asan", "tsan"), reason="PAM's modules are not made for sanitizers")
def test_people_of_the_system_are_let_in_to_their_homes(house):
    server = house()
    anna = log_in(server, "pam-anna")
    assert names(anna) == ["file of pam-anna"]
    anna.command("MKD new", "257 *")
    for name, password in (("pam-anna", "wrong"), ("pam-bert", PASSWORD),
                           ("pam-daemon", PASSWORD), ("pam-nobody", PASSWORD), ("root", "")):
        log_in(server, name, password, "530 *").close()
    assert "authenticator: login refused" in server.log()
    assert PASSWORD.strip() not in server.log()


@pytest.mark.skipif(MODE in ("asan", "tsan"), reason="PAM's modules are not made for sanitizers")
def test_who_is_in_the_users_file_is_not_asked_of_pam(house, tmp_path):
    users = Users(tmp_path)
    users.add("pam-anna", password="another")
    server = house({"users": users.path, "pam.may": "list"})
    log_in(server, "pam-anna", reply="530 *").close()
    log_in(server, "pam-anna", "another").close()
    text = users.path.read_text()
    users.path.write_text(text.replace("pam-anna ", "pam-anna lokced "))
    log_in(server, "pam-anna", reply="530 *").close()
    server.wait_log('reason="a fault in the users file"')
    users.path.write_text(text)
    users.ctl("del", "pam-anna")
    anna = log_in(server, "pam-anna")
    assert names(anna) == ["file of pam-anna"]
    anna.command("MKD new", "550 *may not mkdir in /")
