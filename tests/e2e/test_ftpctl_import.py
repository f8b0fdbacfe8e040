"""ftpctl import: what others have written becomes ours, and nothing is dropped without a word."""
import re
import stat
import subprocess

import pytest

from conftest import needs_root
from ftp_talk import Control
from ftpool_server import BUILD, HOST, PATIENCE_SECONDS, let_in, run_ftpoold
from tls_talk import Pair

# As Debian's package has it, with what people add to it.
VSFTPD = """\
# Run standalone, for IPv6 too
listen=NO
listen_ipv6=YES

anonymous_enable=YES
anon_root={root}
anon_upload_enable=YES
anon_max_rate=100000
local_enable=YES
write_enable=YES
chmod_enable=NO
local_umask=022
user_sub_token=$USER
local_root={root}/$USER
chroot_local_user=YES
allow_writeable_chroot=YES
dirmessage_enable=YES
xferlog_enable=YES
xferlog_std_format=YES
xferlog_file={root}/xferlog
connect_from_port_20=YES
idle_session_timeout=600
data_connection_timeout=120
ftpd_banner=Welcome to the library.
secure_chroot_dir=/var/run/vsftpd/empty
pam_service_name=vsftpd
pasv_min_port=50000
pasv_max_port=50999
pasv_address=203.0.113.7
max_clients=200
max_per_ip=5
max_login_fails=4
rsa_cert_file={certificate}
rsa_private_key_file={key}
ssl_enable=YES
force_local_data_ssl=NO
require_ssl_reuse=NO
userlist_enable=YES
no_such_option=1
"""

PROFTPD = """\
Include {root}/modules.conf
UseIPv6 on
<IfModule mod_ident.c>
  IdentLookups off
</IfModule>
ServerName "Debian"
ServerType standalone
DeferWelcome off
ServerIdent on "The library is open"
TimeoutNoTransfer 600
TimeoutStalled 300
TimeoutIdle 1200
DenyFilter \\*.*/
DefaultRoot {root}/%u \\
  !staff
Port 2121
PassivePorts 49152 50151
MaxInstances 30
MaxClientsPerHost 5 "Sorry, %m is too many"
User {user}
Umask 022 022
AllowOverwrite on
AuthOrder mod_auth_file.c
AuthUserFile {root}/ftpd.passwd
TransferRate RETR 500
MaxStoreFileSize 10 Mb
<IfModule mod_tls.c>
  TLSEngine on
  TLSRequired auth
  TLSRSACertificateFile {certificate}
  TLSRSACertificateKeyFile {key}
  TLSProtocol TLSv1.3
</IfModule>
<Limit SITE_CHMOD>
  DenyAll
</Limit>
<Anonymous {root}>
  User ftp
  UserAlias anonymous ftp
  MaxClients 10
  <Directory *>
    <Limit WRITE>
      DenyAll
    </Limit>
  </Directory>
  <Directory incoming>
    <Limit READ DIRS>
      DenyAll
    </Limit>
    <Limit STOR>
      AllowAll
    </Limit>
  </Directory>
</Anonymous>
<VirtualHost 192.0.2.1>
  Port 33
</VirtualHost>
"""


# Of the password "secret".
ARGON2ID = ("$argon2id$v=19$m=8192,t=3,p=1$MDEyMzQ1Njc4OWFiY2RlZg$mWuK9WT"
            "TyapC5IfggE3hyJ5Y1XNGw2AGuxDEPUWI0tE")
ARGON2I = ("$argon2i$v=19$m=8192,t=3,p=1$MDEyMzQ1Njc4OWFiY2RlZg$qf9LY0Xg"
           "5utdG68B8mapzVdmhYQ8YWDv6yJxN2RWTwA")


def run_import(*words, status=0):
    done = subprocess.run([BUILD / "ftpctl", "import", *map(str, words)], capture_output=True,
                          text=True, timeout=PATIENCE_SECONDS)
    assert done.returncode == status, (done.stdout, done.stderr)
    return done


def sections(text):
    """{"limits.sessions": "200", …}"""
    found, section = {}, ""
    for line in text.splitlines():
        if match := re.fullmatch(r"(\S+ ?\S*) \{", line):
            section = match[1].replace('"', "") + "."
        elif line == "}":
            section = ""
        elif match := re.fullmatch(r"\t?(\w+) = (.*)", line):
            found[section + match[1]] = match[2].replace('"', "")
    return found


def told(done, source):
    """{line: what}, of what is told of the file's lines."""
    return {int(number): what for number, what in
            re.findall(rf"^{source}:(\d+): (.*)$", done.stderr, re.MULTILINE)}


@pytest.fixture
def names(tmp_path):
    """What stands in braces in the files above."""
    pair = Pair(tmp_path, "localhost")
    root = tmp_path / "library"
    root.mkdir()
    let_in(root)
    return {"root": root, "certificate": pair.certificate, "key": pair.key, "user": "nobody"}


def imported(tmp_path, name, text):
    """The file's import, which the server takes: (settings, notes by the text of their line)."""
    source, made = tmp_path / name, tmp_path / "made.conf"
    source.write_text(text)
    done = run_import("--output", made, source)
    checked = run_ftpoold("--check", "-c", made)
    assert checked.returncode == 0, checked.stderr
    lines = text.splitlines()
    return sections(made.read_text()), {lines[number - 1].strip(): what
                                        for number, what in told(done, source).items()}


def test_vsftpd(tmp_path, names):
    ours, notes = imported(tmp_path, "vsftpd.conf", VSFTPD.format(**names))
    root = str(names["root"])
    assert ours == {
        "root": root, "auth": "{pam}", "account_roots": f"{{{root}}}", "idle_timeout": "600",
        "transfer_timeout": "120", "pam.service": "vsftpd", "pam.root": f"{root}/%u",
        "pam.may": "{list, get, put, overwrite, append, resume, rename, delete, mkdir, rmdir, touch}",
        "anonymous.enabled": "true", "anonymous.root": root,
        "anonymous.may": "{list, get, put, resume}", "anonymous.session_download": "100000",
        "anonymous.session_upload": "100000", "ftp.greeting": "Welcome to the library.",
        "passive.ports": "50000-50999", "passive.address": "{203.0.113.7}",
        "limits.sessions": "200", "limits.sessions_per_address": "5",
        "limits.logins_per_session": "4",
        "tls.certificate": f"{{{names['certificate']}}}", "tls.key": f"{{{names['key']}}}",
        "tls.session_reuse": "prefer", "log.xferlog": f"{root}/xferlog",
        **{f"listener {name}.{option}": value
           for name, address in (("ftp", "0.0.0.0"), ("ftp6", "::"))
           for option, value in (("protocol", "ftp"), ("address", address), ("tls", "explicit"),
                                 ("tls_require", "login"))}}
    assert set(notes) == {"local_umask=022", "dirmessage_enable=YES", "connect_from_port_20=YES",
                          "userlist_enable=YES", "local_enable=YES", "no_such_option=1"}
    assert "not known" in notes["no_such_option=1"]


def test_proftpd(tmp_path, names):
    (names["root"] / "modules.conf").write_text("ModulePath /usr/lib/proftpd\nNoSuch thing\n")
    ours, notes = imported(tmp_path, "proftpd.conf", PROFTPD.format(**names))
    root = str(names["root"])
    for option, value in {
            "root": root, "auth": "{file}", "account_roots": f"{{{root}}}", "user": "nobody",
            "pam.root": f"{root}/%u", "transfer_timeout": "300", "idle_timeout": "1200",
            "pam.may": "{list, get, put, overwrite, rename, delete, mkdir, rmdir, touch}",
            "anonymous.enabled": "true", "anonymous.root": root, "anonymous.may": "{list, get}",
            "anonymous.sessions": "10", "directory /incoming.may": "{put, overwrite}",
            "directory /incoming.accounts": "{anonymous}", "listener ftp.port": "2121",
            "listener ftp.tls": "explicit", "listener ftp.tls_require": "login",
            "listener ftp6.address": "::", "passive.ports": "49152-50151",
            "limits.sessions_per_address": "5", "limits.upload_size": "10M",
            "rates.session_download": "500K", "tls.min_version": "1.3",
            "tls.session_reuse": "require", "ftp.greeting": "The library is open"}.items():
        assert ours[option] == value, (option, ours)
    assert "rates.session_upload" not in ours
    assert {"TimeoutNoTransfer 600", "Umask 022 022", "<VirtualHost 192.0.2.1>"} < set(notes)
    assert not any("Port 33" in line for line in notes)


def test_includes_are_followed_and_told(tmp_path, names):
    (names["root"] / "modules.conf").write_text("ModulePath /usr/lib\nNoSuch thing\n")
    source = tmp_path / "proftpd.conf"
    source.write_text("Include {root}/*.conf\nInclude {root}/none\nPort 21\n".format(**names))
    done = run_import("--from", "proftpd", source)
    assert f"{names['root']}/modules.conf:2: NoSuch: is not known" in done.stderr
    assert f"{source}:2: Include {names['root']}/none: cannot be read" in done.stderr
    source.write_text(f"Include {source}\n")
    assert "is not followed" in run_import("--from", "proftpd", source).stderr


GUESTS = """\
<Global>
  <Limit SITE_CHMOD>
    DenyAll
  </Limit>
</Global>
<Anonymous /srv/guests>
  User bob
  UserAlias visitor bob
  MaxClients 99
  <Directory secret>
    <Limit STOR>
      AllowAll
    </Limit>
  </Directory>
</Anonymous>
<Anonymous /srv/paying>
  User ftp
  AnonRequirePassword on
</Anonymous>
<Anonymous {root}>
  User ftp
  UserAlias anonymous ftp
  <Directory uploads/*>
    <Limit STOR>
      AllowAll
    </Limit>
    <Limit READ>
      DenyAll
    </Limit>
  </Directory>
  <Limit STOR>
    Order allow,deny
    Allow from 192.0.2.0/24
    Deny from all
  </Limit>
  <Limit WRITE>
    Deny from all
  </Limit>
  <Limit DELE>
    AllowAll
  </Limit>
</Anonymous>
<Anonymous /srv/second>
  UserAlias anonymous ftp
  MaxClients 98
</Anonymous>
"""


def test_what_is_closed_stays_closed(tmp_path, names):
    """Guests with a name or a password do not become everybody, and what depends on who asks is
    nobody's; a command that is named counts more than its class, wherever it stands."""
    ours, notes = imported(tmp_path, "proftpd.conf", GUESTS.format(**names))
    assert ours["anonymous.root"] == str(names["root"]) and "anonymous.sessions" not in ours
    assert ours["anonymous.may"] == "{list, get, delete}"
    assert "chmod" not in ours["pam.may"]
    assert ours["directory /uploads.may"] == "{list, put, delete}"
    assert [option for option in ours if option.startswith("directory")] == [
        "directory /uploads.may", "directory /uploads.accounts"]
    for place in ("guests", "paying", "second"):
        assert "is left out" in notes[f"<Anonymous /srv/{place}>"]
    assert "taken as DenyAll" in notes["<Limit STOR>"]


@pytest.mark.parametrize("limit, auth, anonymous", [
    ("DenyAll", "{}", "false"),
    ("AllowGroup ftpusers\nDenyAll", "{}", "false"),
    ("Order deny,allow\nDeny from .evil.example\nAllow from all", "{}", "false"),
    ("AllowAll", "{pam}", "true"),
    ("Order allow,deny\nAllow from all", "{pam}", "true")])
def test_who_was_not_let_in_is_not(tmp_path, names, limit, auth, anonymous):
    """Of <Limit LOGIN>: what says who may come is no reason to let in all."""
    ours, notes = imported(tmp_path, "proftpd.conf", f"<Limit LOGIN>\n{limit}\n</Limit>\n"
                       f"<Anonymous {names['root']}>\nUser ftp\n</Anonymous>\n")
    assert (ours["auth"], ours["anonymous.enabled"]) == (auth, anonymous)
    depends = "\n" in limit and auth == "{}"
    assert ("pam_listfile" in notes.get("<Limit LOGIN>", "")) == depends


def test_vsftpd_lists_and_guests(tmp_path, names):
    """A list of who may come leaves nobody in; guests may what anonymous may."""
    text = f"local_root={names['root']}\nlisten=YES\nanonymous_enable=NO\nlocal_enable=YES\n"
    ours, notes = imported(tmp_path, "vsftpd.conf", text + "userlist_enable=YES\nuserlist_deny=NO\n")
    assert ours["auth"] == "{}" and "lets nobody in" in notes["userlist_deny=NO"]
    tmp_path.joinpath("made.conf").unlink()
    ours, notes = imported(tmp_path, "vsftpd.conf", text + "write_enable=YES\n  guest_enable=YES\n"
                           "anon_upload_enable=YES\n")
    assert ours["auth"] == "{pam}" and ours["pam.may"] == "{list, get, put, resume}"
    tmp_path.joinpath("made.conf").unlink()
    ours, _ = imported(tmp_path, "vsftpd.conf", text + "write_enable=YES\nguest_enable=YES\n"
                       "virtual_use_local_privs=YES\n")
    assert "delete" in ours["pam.may"]


@pytest.fixture
def hashed():
    """The hash of the password "secret", by SHA-512."""
    return subprocess.run(["openssl", "passwd", "-6", "secret"], check=True, capture_output=True,
                          text=True).stdout.strip()


@needs_root
def test_pureftpd(tmp_path, names, hashed, server):
    """Each account logs in with its old password, where it may."""
    root = names["root"]
    for name in ("anna", "bert", "emil", "fred"):
        (root / name).mkdir()
        let_in(root / name)
    source, users = tmp_path / "pureftpd.passwd", tmp_path / "users"
    source.write_text(f"anna:{hashed}:1001:1001:Anna:{root}/anna/./::::::::::::\n"
                      f"bert:{hashed}:1001:1001::{root}/bert/./in:1024:2048:1:5:3:::::192.0.2.0/24"
                      ",10.0.0.0/8:198.51.100.1:0800-1800\n"
                      f"carl:$argon2id$v=19$m=65536:1:1::{root}::::::::::::\n"
                      f"dora:{hashed}:1:1::{root}::::::::::host.example::\n"
                      "one:two\n"
                      f"emil:{ARGON2ID}:1:1::{root}/emil::::::::::::\n"
                      f"fred:{ARGON2I}:1:1::{root}/fred::::::::::::\n")
    done = run_import("--output", users, source)
    assert stat.S_IMODE(users.stat().st_mode) == 0o600
    lines = [line.split() for line in users.read_text().splitlines()[1:]]
    assert lines[0][0] == "anna" and set(lines[0][1:]) == {f"password={hashed}", f"root={root}/anna",
                                                           "may=all"}
    assert {"session_upload=1K", "session_download=2K", "sessions=3",
            "from=192.0.2.0/24,10.0.0.0/8"} < set(lines[1])
    assert [(line[0], line[-1]) for line in lines[2:4]] == [("carl", "locked"), ("dora", "locked")]
    for number, words in ((2, ["not in /in", "ratio 1", "ratio 5", "198.51.100.1", "0800-1800"]),
                          (3, ["carl"]), (4, ["host.example", "is locked"]),
                          (5, ["number of fields"])):
        said = "\n".join(re.findall(rf":{number}: (.*)", done.stderr))
        assert all(word in said for word in words), (number, done.stderr)
    users.chmod(0o640)
    pool = server("listener ftp {\n\tprotocol = ftp\n}\n", root=root, settings={"users": users})
    for name, reply in (("anna", "230 *"), ("bert", "530 *"), ("carl", "530 *"),
                        ("emil", "230 *"), ("fred", "230 *")):
        control = Control(HOST, pool.port("ftp"))
        control.expect("220 *")
        control.say(f"USER {name}".encode())
        control.expect("331 *")
        control.say(b"PASS secret")
        control.expect(reply)
        control.close()
        control = Control(HOST, pool.port("ftp"))
        control.expect("220 *")
        control.say(f"USER {name}".encode())
        control.expect("331 *")
        control.say(b"PASS Secret")
        control.expect("530 *")
        control.close()


def test_authuserfile(tmp_path, names, hashed):
    source = tmp_path / "ftpd.passwd"
    source.write_text(f"dora:{hashed}:1:1::{names['root']}/dora:/bin/false\n"
                      f"emil:!:1:1::{names['root']}/emil:/bin/sh\n")
    done = run_import(source)
    assert f"dora password={hashed} root={names['root']}/dora may=all\n" in done.stdout
    assert re.search(r"^emil .*locked$", done.stdout, re.MULTILINE)
    assert f"{source}:2: emil: has no password" in done.stderr


def test_values_that_our_rules_refuse_are_told(tmp_path):
    source = tmp_path / "vsftpd.conf"
    source.write_text('idle_session_timeout=0\nftpd_banner=say "hello" ${HOME}\nlisten_port=99999\n')
    done = run_import(source)
    notes = told(done, source)
    assert "out of range" in notes[1] and "by hand" in notes[2]
    assert "99999" in done.stderr
    assert not {"idle_timeout", "ftp.greeting", "listener ftp.port"} & set(sections(done.stdout))


def test_kinds(tmp_path):
    for name, text, words in (("a", "write_enable=YES\n", "root = "), ("b", "Port 21\n", "root = "),
                              ("c", "x:y:1:1::/home/x:/bin/sh\n", "x root=/home/x"),
                              ("d", "x:y:1:1::/home/x/./::::::::::::\n", "x root=/home/x")):
        (tmp_path / name).write_text(text)
        assert words in run_import(tmp_path / name).stdout
    (tmp_path / "f").write_text("ChrootEveryone yes\nNoAnonymous no\nMinUID 1000\nUmask 133:022\n")
    assert "of no kind" in run_import(tmp_path / "f", status=1).stderr
    (tmp_path / "e").write_text("")
    assert "of no kind" in run_import(tmp_path / "e", status=1).stderr
    assert "Usage" in run_import("--from", "other", tmp_path / "a", status=2).stderr
    assert "No such file" in run_import(tmp_path / "none", status=1).stderr
    assert "File exists" in run_import("--output", tmp_path / "b", tmp_path / "a", status=1).stderr
