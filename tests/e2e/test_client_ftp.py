"""ftpool with FTP servers: get and put, verified, resumed, and every refusal and fault in between."""
import ftplib
import os
import re
import signal
import time
import warnings

import pytest

from ftpool_server import wait_for
from scripted_ftp import ScriptedFtp

pytest_plugins = ["client_fixtures"]

BIG = bytes(range(256)) * 8192  # 2 MiB
NAMES = [b"plain", b"two  words", b" blank before", b"#", b"?", b"%", b"%09", b"a;type=i", b"-c",
         b"a\\b", "中文 文件.txt".encode(), b"\xff\xfe", b"x" * 255, b"quote'\"", b"[a]*", b"a@b:c"]


def url(server, directory="", user=""):
    return f"ftp://{user}127.0.0.1:{server.port}{directory}"


def said(done):
    """What it said, without the times of transfers that took long enough to speak of."""
    return re.sub(rb" in [0-9.]+ s \([^)]*\)", b"", done.stdout)


@pytest.fixture
def ftp():
    server = ScriptedFtp()
    yield server
    server.close()


def test_get_brings_bytes_and_time(client, ftp):
    ftp.files = {b"big": BIG, b"empty": b""}
    ftp.times = {b"big": 1234567890}
    done = client.run(None, url(ftp), "get", "big", "empty")
    assert (client.files / "big").read_bytes() == BIG
    assert (client.files / "big").stat().st_mtime == 1234567890
    assert (client.files / "empty").read_bytes() == b""
    assert b"big: received 2.0 MiB" in said(done) and b", verified\n" in said(done)
    assert b"empty: received 0 B, verified\n" in said(done)
    assert client.hidden() == []
    assert ftp.connections == 1
    assert ftp.requests[-1] == b"QUIT"


def test_every_name_goes_both_ways(client, ftp):
    ftp.files = {name: name * 3 for name in NAMES}
    done = client.run(None, url(ftp), "list")
    assert done.stdout.split(b"\n") == sorted(NAMES) + [b""]
    client.run(None, url(ftp), "get", "--", *NAMES)
    for name in NAMES:
        assert open(os.fsencode(client.files) + b"/" + name, "rb").read() == name * 3
    ftp.files = {}
    client.run(None, url(ftp), "put", "--", *NAMES)
    assert ftp.files == {name: name * 3 for name in NAMES}


def test_server_closes_the_data_connection_of_a_put(client, ftp):
    """The client that closes first, with something unread, would lose the end of the file."""
    (client.files / "big").write_bytes(BIG)
    (client.files / "empty").write_bytes(b"")
    client.run(None, url(ftp), "put", "big", "empty")
    assert ftp.files == {b"big": BIG, b"empty": b""}
    assert ftp.resets == 0


def test_names_that_no_command_can_carry(client, ftp):
    ftp.files = {b"a": b"1"}
    for name in (b"a\r\nDELE a", b"tab\t", b"\x7f"):
        done = client.run(None, url(ftp), "get", name, code=1)
        assert b"control characters" in done.stderr
    done = client.run(None, "ftp://127.0.0.1/%0d%0aDELE%20a", "list", code=2)
    assert b"is neither HOST" in done.stderr
    assert b"DELE" not in ftp.verbs()


def test_directories_and_paths(client, ftp):
    ftp.files = {b"top": b"1", b"a b/in": b"22", b"a b/deep/er": b"333", b"a b/%#": b"4444"}
    done = client.run(None, url(ftp, "/a%20b/"), "list", "-l")
    assert done.stdout == b"4\t0\t%#\n-\t0\tdeep/\n2\t0\tin\n"
    client.run(None, url(ftp, "/a%20b"), "get", "in", "deep/er", "%#", "/top")
    assert (client.files / "er").read_bytes() == b"333"
    assert (client.files / "top").read_bytes() == b"1"
    client.run(None, url(ftp, "/a%20b"), "put", "-o", "deep/new", "top")
    assert ftp.files[b"a b/deep/new"] == b"1"
    client.run(None, url(ftp, "//a%20b/deep"), "get", "new")
    client.run(None, url(ftp, "/%2Fa%20b/deep"), "get", "new")
    done = client.run(None, url(ftp), "get", "a b/", code=1)
    assert b"no use for a local file" in done.stderr
    done = client.run(None, url(ftp, "/none"), "list", code=1)
    assert b"the server has no such directory (550 no directory none)" in done.stderr


def test_hostile_listing(client, ftp):
    """Names that lead elsewhere, lines without sense or end: none is shown, and the rest is."""
    ftp.listing[b"MLSD"] = (
        b"type=file;size=1; ../../etc/passwd\r\ntype=file;size=1; /etc/passwd\r\n"
        b"type=file;size=1; ..\r\ntype=file;size=1; a/b\r\ntype=file;size=1; \r\nnonsense\r\n"
        b"type=file;size=99999999999999999999;modify=x; odd figures\r\n"
        b"type=file;size=-1; negative\r\n;;;=;=; facts\r\n no facts\r\n"
        b"type=file;size=1; nul\0name\r\n"
        b"type=file;size=1; " + b"x" * 100000 + b"\r\n"
        b"type=file;size=9223372036854775807; most\r\ntype=file;size=9223372036854775807; more\n"
        b"Type=OS.unix=slink:/a b;Size=3; link\r\ntype=file;size=2; no line end")
    done = client.run(None, url(ftp), "list", "-l")
    assert done.stdout.splitlines() == [
        b"-\t-\tfacts", b"3\t-\tlink", b"9223372036854775807\t-\tmore",
        b"9223372036854775807\t-\tmost", b"-\t-\tnegative", b"-\t-\tno facts",
        b"2\t-\tno line end", b"-\t-\todd figures"]


def test_lists_of_servers_without_mlsd(client, ftp):
    ftp.files = {b"a": b"1", b"two  words": b"22", b"dir/x": b""}
    ftp.times = {b"a": 86400}
    ftp.replies[b"MLSD"] = b"500 no"
    for features in (None, [b"SIZE"]):
        ftp.features = features
        ftp.listing = {}
        done = client.run(None, url(ftp), "list", "-l")
        assert done.stdout == b"1\t86400\ta\n-\t0\tdir/\n2\t0\ttwo  words\n"
        ftp.listing[b"LIST"] = b"a  1  in some other way\r\n"
        done = client.run(None, url(ftp), "list", "-l")
        assert done.stdout == b"-\t-\ta\n-\t-\tdir\n-\t-\ttwo  words\n"
        ftp.listing[b"LIST"] = b"11-25-26  04:01PM       12 a b\r\n11-25-26 04:01AM <DIR>    d\r\n"
        done = client.run(None, url(ftp), "list", "-l")
        assert done.stdout == b"12\t1795622460\ta b\n-\t1795579260\td/\n"
    assert b"MLSD" in ftp.verbs()
    ftp.replies[b"NLST"] = b"550 no files"
    ftp.listing[b"LIST"] = b"?\r\n"
    assert client.run(None, url(ftp), "list").stdout == b""


def test_transfers_without_hash_say_so(client, ftp):
    ftp.features = [b"SIZE"]
    ftp.files = {b"a": b"1"}
    done = client.run(None, url(ftp), "get", "a")
    assert said(done) == b"a: received 1 B, size checked\n"
    done = client.run(None, url(ftp), "put", "-o", "b", "a")
    assert said(done) == b"b: sent 1 B, size checked\n"
    ftp.replies[b"SIZE"] = b"500 no"
    done = client.run(None, url(ftp), "get", "a")
    assert said(done) == b"a: received 1 B\n"
    done = client.run(None, url(ftp), "put", "-o", "b", "a")
    assert said(done) == b"b: sent 1 B; this server does not confirm it\n"
    assert b"HASH" not in ftp.verbs()


def test_hash_is_selected_where_it_is_another(client, ftp):
    ftp.features = [b"HASH SHA-1*;SHA-256;MD5"]
    ftp.files = {b"a": b"1"}
    assert b"verified" in client.run(None, url(ftp), "get", "a").stdout
    assert b"OPTS HASH SHA-256" in ftp.requests
    ftp.features = [b"HASH SHA-1*;SHA-256X;MD5"]
    assert b"size checked" in client.run(None, url(ftp), "get", "a").stdout


def test_refused_hash_is_no_failure(client, ftp):
    ftp.files = {b"a": b"1"}
    ftp.replies[b"HASH"] = b"504 not today"
    assert b"size checked" in client.run(None, url(ftp), "get", "a").stdout


def test_wrong_size_after_put_is_told(client, ftp):
    ftp.features = []
    (client.files / "a").write_bytes(b"12345")
    ftp.replies[b"SIZE"] = b"213 4"
    done = client.run(None, url(ftp), "put", "a", code=4)
    assert b"sending it again, whole" in done.stdout
    assert b"a: what the server stored differs from the file here (its size)" in done.stderr


def test_wrong_checksum(client, ftp):
    ftp.files = {b"a": b"1"}
    ftp.wrong_sums = 1
    done = client.run(None, url(ftp), "get", "a")
    assert b"getting it again, whole" in done.stdout
    ftp.wrong_sums = 2
    (client.files / "a").write_bytes(b"the old one")
    done = client.run(None, url(ftp), "get", "a", code=4)
    assert b"a: what came differs" in done.stderr
    assert (client.files / "a").read_bytes() == b"the old one"
    ftp.wrong_sums = 1
    assert b"sending it again" in client.run(None, url(ftp), "put", "a").stdout
    assert ftp.files[b"a"] == b"the old one"


def test_cut_get_harms_nothing_and_is_resumed(client, ftp):
    ftp.files = {b"big": BIG, b"next": b"1"}
    ftp.cut_get_at = 1000000
    (client.files / "big").write_bytes(b"the old one")
    done = client.run(None, url(ftp), "get", "big", "next", code=3)
    assert b"get -c goes on from it" in done.stderr
    assert (client.files / "big").read_bytes() == b"the old one"
    assert (client.files / "next").read_bytes() == b"1"
    assert (client.files / ".big.part").read_bytes() == BIG[:1000000]
    done = client.run(None, url(ftp), "get", "-c", "big")
    assert (client.files / "big").read_bytes() == BIG
    assert b"after the first 976.6 KiB, verified" in said(done)
    assert b"REST 1000000" in ftp.requests
    assert client.hidden() == []


def test_resume_of_what_is_whole_longer_or_something_else(client, ftp):
    ftp.files = {b"big": BIG}
    (client.files / "big").write_bytes(BIG)
    done = client.run(None, url(ftp), "get", "-c", "big")
    assert b"received 0 B after the first 2.0 MiB, verified" in said(done)
    assert b"RETR" not in ftp.verbs()
    for other in (b"x" * 5000, BIG + b"more", b"y" * len(BIG)):
        (client.files / "big").write_bytes(other)
        done = client.run(None, url(ftp), "get", "-c", "big")
        assert b"getting it again, whole" in done.stdout
        assert (client.files / "big").read_bytes() == BIG
    ftp.replies[b"REST"] = b"502 no"
    (client.files / "big").write_bytes(BIG[:100])
    client.run(None, url(ftp), "get", "-c", "big")
    assert (client.files / "big").read_bytes() == BIG


def test_put_is_resumed(client, ftp):
    (client.files / "big").write_bytes(BIG)
    ftp.files = {b"big": BIG[:700000]}
    done = client.run(None, url(ftp), "put", "-c", "big")
    assert ftp.files[b"big"] == BIG
    assert said(done) == b"big: sent 1.3 MiB after the first 683.6 KiB, verified\n"
    assert b"APPE" in ftp.verbs() and b"STOR" not in ftp.verbs()
    done = client.run(None, url(ftp), "put", "-c", "big")
    assert b"sent 0 B after the first 2.0 MiB, verified" in said(done)
    ftp.files = {}
    done = client.run(None, url(ftp), "put", "-c", "big")
    assert b"big: sent 2.0 MiB" in said(done) and b"after" not in said(done)
    ftp.files = {b"big": b"x" * 1000}
    done = client.run(None, url(ftp), "put", "-c", "big")
    assert b"sending it again, whole" in done.stdout
    assert ftp.files[b"big"] == BIG
    ftp.files = {b"big": BIG + b"more"}
    client.run(None, url(ftp), "put", "-c", "big")
    assert ftp.files[b"big"] == BIG


@pytest.mark.parametrize("reply, words, code", [
    (b"550 out of bounds", b"the server does not allow it (550 out of bounds)", 1),
    (b"452 full", b"the server's disk is full (452 full)", 1),
    (b"552 quota", b"the file is too large for the server (552 quota)", 1),
    (b"553 bad", b"the server does not accept this name (553 bad)", 1),
    (b"450 later", b"the server is busy (450 later)", 1),
    (b"599 odd", b"the server refuses (599 odd)", 1),
    (b"421 closing", b"the server is full or closes down (421 closing)", 3),
])
def test_refused_put(client, ftp, reply, words, code):
    (client.files / "a").write_bytes(b"1")
    ftp.replies[b"STOR"] = reply
    done = client.run(None, url(ftp), "put", "a", code=code)
    assert b"a: " + words in done.stderr


@pytest.mark.parametrize("refusal, words", [
    (b"452 no room is left", b"the server's disk is full (452 no room is left)"),
    (b"552 over the limit", b"the file is too large for the server (552 over the limit)"),
])
def test_put_refused_in_the_middle(client, ftp, refusal, words):
    (client.files / "a").write_bytes(BIG * 8)
    (client.files / "b").write_bytes(b"1")
    ftp.refuse_put_at = 100000
    ftp.refusal = refusal
    done = client.run(None, url(ftp), "put", "a", "b", code=1)
    assert b"a: " + words in done.stderr
    assert ftp.files == {b"b": b"1"}


def test_refused_get(client, ftp):
    ftp.files = {b"a": b"1"}
    done = client.run(None, url(ftp), "get", "missing", "a", code=1)
    assert b"missing: the server has no such file (550 no file missing)" in done.stderr
    assert (client.files / "a").read_bytes() == b"1"
    assert client.hidden() == []
    assert ftp.connections == 1
    ftp.replies[b"RETR"] = b"451 broken"
    done = client.run(None, url(ftp), "get", "a", code=1)
    assert b"a: the server has failed (451 broken)" in done.stderr


def test_login(client, ftp):
    ftp.users = {b"ann b": b"p@:/ %"}
    ftp.files = {b"a": b"1"}
    done = client.run(None, url(ftp, user="ann%20b:p%40%3a%2f%20%25@"), "list")
    assert done.stdout == b"a\n"
    done = client.run(None, url(ftp, user="ann%20b:no@"), "list", code=1)
    assert b"wrong user or password (530 not you)" in done.stderr
    done = client.run(None, url(ftp, user="ann@"), "list", code=1)
    assert b"no password of ann is in ~/.netrc, and there is no terminal" in done.stderr
    done = client.run(None, url(ftp), "list", code=1)
    assert b"the server wants a user: ftp://USER@" in done.stderr


def test_password_on_the_command_line_is_hidden(client, ftp):
    ftp.users = {b"ann": b"secret"}
    ftp.files = {b"big": BIG}
    ftp.hold_get_at = 1000
    process = client.start(None, url(ftp, user="ann:secret@"), "get", "big")
    deadline = time.monotonic() + 20
    while b"RETR" not in ftp.verbs() and time.monotonic() < deadline:
        time.sleep(0.01)
    with open(f"/proc/{process.pid}/cmdline", "rb") as file:
        words = file.read()
    ftp.release.set()
    process.communicate(timeout=20)
    assert b"ann:******@" in words and b"secret" not in words


def test_password_is_asked_for_without_echo(terminal, ftp):
    ftp.users = {b"ann": b"secret"}
    ftp.files = {b"a": b"1"}
    menu = terminal(None, url(ftp, user="ann@"), "list")
    menu.expect("password of ann@127.0.0.1: ")
    menu.type("secret\n")
    menu.expect("1 B .* a")
    assert menu.end() == 0
    assert "secret" not in menu.output
    menu = terminal(None, url(ftp, user="ann@"), "list")
    menu.expect("password of ann@127.0.0.1: ")
    menu.type("\x03")
    assert menu.end() == -signal.SIGINT


def test_password_from_netrc(client, terminal, ftp):
    ftp.users = {b"ann": b"secret", b"bob": b"other"}
    ftp.files = {b"a": b"1"}
    home = client.directory / "home"
    home.mkdir()
    (home / ".netrc").write_text("machine 127.0.0.1 login ann password secret\n")
    assert client.run(None, url(ftp, user="ann@"), "list").stdout == b"a\n"
    assert client.run(None, url(ftp), "list").stdout == b"a\n"
    menu = terminal(None, url(ftp, user="bob@"), "list")
    menu.expect("password of bob@127.0.0.1: ")
    menu.type("other\n")
    menu.expect("1 B .* a")
    assert menu.end() == 0


def test_epsv_then_pasv_or_active(client, ftp):
    ftp.files = {b"a": b"1"}
    ftp.replies[b"EPSV"] = b"500 no"
    client.run(None, url(ftp), "get", "a")
    assert b"PASV" in ftp.verbs()
    ftp.requests.clear()
    client.run(None, "--active", url(ftp), "get", "a")
    assert b"EPRT" in ftp.verbs() and b"PASV" not in ftp.verbs()
    ftp.replies[b"PASV"] = b"425 none left"
    done = client.run(None, url(ftp), "get", "a", code=3)
    assert b"no data connection could be made" in done.stderr


def test_no_connection(client, ftp):
    ftp.close()
    done = client.run(None, url(ftp), "list", code=3)
    assert b"127.0.0.1: cannot connect: Connection refused" in done.stderr
    done = client.run(None, "ftp://no.such.host.invalid", "list", code=3)
    assert b"cannot find the host no.such.host.invalid" in done.stderr


def test_silent_server(client, ftp):
    ftp.files = {b"a": b"1"}
    ftp.replies[b"RETR"] = b""
    done = client.run(None, "-t", "1", url(ftp), "get", "a", code=3)
    assert b"a: the server has been silent for 1 second" in done.stderr
    ftp.replies[b"USER"] = b""
    done = client.run(None, "-t", "1", url(ftp), "list", code=3)
    assert b"silent for 1 second" in done.stderr


def test_silent_at_goodbye(client, ftp):
    ftp.replies[b"QUIT"] = b""
    client.run(None, url(ftp), "list")


def test_full_server(client, ftp):
    ftp.replies[b"USER"] = b"421 too many"
    done = client.run(None, url(ftp), "list", code=3)
    assert b"the server is full or closes down (421 too many)" in done.stderr


@pytest.mark.parametrize("last_words", [b"", b"421 idle for too long\r\n"])
def test_connection_made_again_without_a_word(terminal, ftp, last_words):
    ftp.files = {b"a": b"1"}
    menu = terminal(None, url(ftp))
    menu.expect("Connected to 127.0.0.1, port [0-9]+: FTP: transfers are verified")
    menu.expect("ftpool> ")
    for connection in list(ftp.open):
        if last_words:
            connection.sendall(last_words)
        connection.shutdown(2)
    menu.type("get a\n")
    menu.expect("a: received 1 B, verified")
    assert "idle" not in menu.output
    assert ftp.connections == 2


def test_idle_connection_that_dies_of_the_request(terminal, ftp):
    ftp.files = {b"a": b"1"}
    ftp.replies[b"MDTM"] = [b"421 idle for too long"]
    menu = terminal(None, url(ftp))
    menu.expect("ftpool> ")
    menu.type("get a\n")
    menu.expect("a: received 1 B, verified")
    assert "idle" not in menu.output


def test_ctrl_c_ends_the_transfer_and_not_the_program(terminal, client, ftp):
    ftp.files = {b"big": BIG, b"next": b"1", b"small": b"2"}
    ftp.hold_get_at = 500000
    menu = terminal(None, url(ftp))
    menu.expect("ftpool> ")
    menu.type("get big next\n")
    menu.expect(r"big +23% \[")
    ftp.hold_get_at = None
    menu.type("\x03")
    menu.expect("big: interrupted; what came is kept, get -c goes on from it")
    menu.expect("ftpool> ")
    menu.type("get -c big small\n")
    menu.expect("big: received 1.5 MiB after the first .*, verified")
    menu.expect("small: received 1 B, verified")
    menu.type("q\n")
    assert menu.end() == 0
    assert (client.files / "big").read_bytes() == BIG
    assert not (client.files / "next").exists()


def test_ctrl_c_ends_a_put_that_is_resumed(terminal, client, ftp):
    (client.files / "big").write_bytes(BIG * 16)
    ftp.hold_put_at = 1000000
    menu = terminal(None, url(ftp))
    menu.expect("ftpool> ")
    menu.type("put big\n")
    menu.expect(r"big +[0-9]+% \[")
    menu.type("\x03")
    menu.expect("big: interrupted; put -c goes on from what the server has kept")
    menu.expect("ftpool> ")
    ftp.hold_put_at = None
    ftp.release.set()
    wait_for(lambda: b"big" in ftp.files, "the server to see the end")
    assert len(ftp.files[b"big"]) < len(BIG) * 16
    menu.type("put -c big\n")
    menu.expect("big: sent .* after the first .*, verified")
    menu.type("q\n")
    assert menu.end() == 0
    assert ftp.files[b"big"] == BIG * 16


def test_menu_completion_and_words_in_chinese(terminal, client, ftp):
    ftp.files = {"中文 文件".encode(): b"1", b"other": b"2", b"dir/x": b"3"}
    menu = terminal(None, url(ftp), LANG="zh_CN.UTF-8")
    menu.expect("已连接到 127.0.0.1，端口 [0-9]+：FTP：传输经过校验")
    menu.expect("ftpool> ")
    menu.type("ge\t中\t\n")
    menu.expect("中文 文件：已接收 1 B，校验无误")
    menu.expect("ftpool> ")
    menu.type("list\n")
    menu.expect(r"- .* dir/\r\n +1 B .*other\r\n.*中文 文件\r\n2 个文件")
    menu.expect("ftpool> ")
    menu.type("get nothing\n")
    menu.expect("nothing：服务器上没有这个文件")
    menu.type("put ot\t\n")
    menu.expect("ftpool> ")
    menu.type("quit\n")
    menu.end()


def test_other_schemes_and_options_are_refused(client):
    for word in ("http://host", "sftp://host", "lgpq://host"):
        done = client.run(None, word, "list", code=2)
        assert f"{word}: only ftp:// and ftps://".encode() in done.stderr
        assert b"usage: ftpool" in done.stderr
    for word in ("ftp://", "ftp://@host", "ftp://host:0", "ftp://host?x", "ftp://h%zz"):
        assert b"is neither HOST" in client.run(None, word, "list", code=2).stderr
    assert b"two ports" in client.run(None, "ftp://host:21", "22", "list", code=2).stderr
    for verb in ("POST", "HEAD", "DELETE"):
        assert b"is neither" in client.run(None, "ftp://host", verb, "x", code=2).stderr
    assert b"--active goes with ftp://" in client.run(None, "--active", "host", "list", code=2).stderr
    done = client.run(None, "--cacert", "/none", "ftp://host", "list", code=2)
    assert b"cannot read /none" in done.stderr


# ---- another server, as others have written it ----

@pytest.fixture
def foreign(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what Python will take away from pyftpdlib
        from foreign_ftp import ForeignFtp
    servers = []

    def start(**options):
        directory = tmp_path / "library"
        directory.mkdir(exist_ok=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of anonymous who may write
            servers.append(ForeignFtp(directory, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def test_foreign_server(client, foreign):
    server = foreign()
    (client.files / "big").write_bytes(BIG)
    done = client.run(None, url(server), "put", "big")
    assert b"size checked" in said(done)
    (client.files / "big").write_bytes(BIG[:100000])
    done = client.run(None, url(server), "get", "-c", "big")
    assert b"after the first 97.7 KiB, size checked" in said(done)
    assert (client.files / "big").read_bytes() == BIG
    os.truncate(server.directory / "big", 5000)
    client.run(None, url(server), "put", "-c", "big")
    assert (server.directory / "big").read_bytes() == BIG
    names = [name for name in NAMES if name != b"\xff\xfe"]
    for name in names:
        with open(os.fsencode(client.files) + b"/" + name, "wb") as file:
            file.write(name * 3)
    client.run(None, "--active", url(server), "put", "--", *names)
    assert sorted(os.listdir(os.fsencode(server.directory))) == sorted([b"big", *names])
    done = client.run(None, url(server), "list")
    assert done.stdout.split(b"\n") == sorted([b"big", *names]) + [b""]
    done = client.run(None, url(server, user="ann:wrong@"), "list", code=1)
    assert b"wrong user or password" in done.stderr


@pytest.mark.parametrize("implicit", [False, True])
def test_tls(client, foreign, implicit):
    server = foreign(tls=True, implicit=implicit)
    (client.files / "big").write_bytes(BIG)
    where = url(server).replace("ftp:", "ftps:" if implicit else "ftp:")
    options = [] if implicit else ["--tls"]
    trusted = [*options, "--cacert", str(server.certificate)]
    client.run(None, *trusted, where, "put", "big", "big")
    client.run(None, *trusted, where, "get", "-o", "copy", "big")
    assert (client.files / "copy").read_bytes() == BIG
    done = client.run(None, *trusted, where, "list")
    assert done.stdout == b"big\n"
    done = client.run(None, *options, where, "list", code=3)
    assert b"the server's certificate is not trusted" in done.stderr


def test_tls_is_not_done_without(client, foreign):
    server = foreign()
    done = client.run(None, "--tls", url(server), "list", code=3)
    assert b"the server does not offer TLS" in done.stderr


# ---- ftpoold, the pair as it is used ----

LISTENER = """\
listener ftp {
	protocol = ftp
}
"""
RIGHTS = "list,get,put,overwrite,append,resume"


class Place:
    def __init__(self, server):
        self.port = server.port("ftp")


@pytest.fixture
def real(server):
    started = server(LISTENER, settings={"anonymous.may": RIGHTS})
    started.place = Place(started)
    return started


def test_pair_round_trip_of_every_name(client, real):
    for name in NAMES:
        with open(os.fsencode(client.files) + b"/" + name, "wb") as file:
            file.write(name * 5)
    done = client.run(None, url(real.place), "put", "--", *NAMES)
    assert said(done).count(b", verified\n") == len(NAMES)
    for name in NAMES:
        assert real.read(name) == name * 5
        os.unlink(os.fsencode(client.files) + b"/" + name)
    done = client.run(None, url(real.place), "list")
    assert done.stdout.split(b"\n") == sorted(NAMES) + [b""]
    done = client.run(None, url(real.place), "get", "--", *NAMES)
    assert said(done).count(b", verified\n") == len(NAMES)
    for name in NAMES:
        with open(os.fsencode(client.files) + b"/" + name, "rb") as file:
            assert file.read() == name * 5


def test_pair_get(client, real):
    os.utime(real.write("big", BIG), (86400, 86400))
    real.write("empty", b"")
    done = client.run(None, url(real.place), "list", "-l")
    assert done.stdout.startswith(b"%d\t86400\tbig\n0\t" % len(BIG))
    for options in ([], ["--active"]):
        done = client.run(None, *options, url(real.place), "get", "big", "empty")
        assert said(done) == b"big: received 2.0 MiB, verified\nempty: received 0 B, verified\n"
        assert (client.files / "big").read_bytes() == BIG
        assert (client.files / "big").stat().st_mtime == 86400
        (client.files / "big").write_bytes(BIG[:100000])
    done = client.run(None, url(real.place), "get", "-c", "big")
    assert said(done) == b"big: received 1.9 MiB after the first 97.7 KiB, verified\n"
    (client.files / "big").write_bytes(b"x" * 1000)
    done = client.run(None, url(real.place), "get", "-c", "big")
    assert b"getting it again, whole" in done.stdout
    assert (client.files / "big").read_bytes() == BIG
    done = client.run(None, url(real.place), "get", "missing", "../../etc/passwd", code=1)
    assert b"missing: the server has no such file (550 " in done.stderr
    assert b"passwd: the server has no such directory (550 " in done.stderr


def test_pair_partial_upload_goes_on(client, real):
    """A partial that another client left: SIZE tells it, APPE goes on from it."""
    with ftplib.FTP() as other:
        other.connect(*real.address("ftp"))
        other.login()
        other.voidcmd("TYPE I")
        with other.transfercmd("STOR big") as data:
            data.sendall(BIG[:300000])
            wait_for(lambda: any(row.get("bytes") == 300000 for row in real.sessions()),
                     "the bytes to arrive")
            other.sock.shutdown(2)
    real.wait_until(lambda status: not real.sessions())
    (client.files / "big").write_bytes(BIG)
    done = client.run(None, url(real.place), "put", "-c", "big")
    assert said(done) == b"big: sent 1.7 MiB after the first 293.0 KiB, verified\n"
    assert real.read("big") == BIG
    assert real.names() == [b"big"]


def test_pair_what_an_account_may_not(client, server):
    place = Place(server(LISTENER, settings={"anonymous.may": "list,get"}))
    (client.files / "a").write_bytes(b"1")
    done = client.run(None, url(place), "put", "a", code=1)
    assert b"a: the server does not allow it (550 " in done.stderr


def test_pair_limits(client, server):
    started = server(LISTENER, settings={"anonymous.may": RIGHTS, "limits.upload_size": 1000000})
    (client.files / "big").write_bytes(BIG)
    (client.files / "a").write_bytes(b"1")
    done = client.run(None, url(Place(started)), "put", "big", "a", code=1)
    assert b"big: the file is too large for the server (552 " in done.stderr
    assert started.read("a") == b"1"


def test_pair_idle_session_that_was_ended(terminal, server):
    started = server(LISTENER, settings={"idle_timeout": "1s"})
    started.write("a", b"1")
    menu = terminal(None, url(Place(started)))
    menu.expect("ftpool> ")
    wait_for(lambda: not started.sessions(), "the session to be ended")
    menu.type("get a\n")
    menu.expect("a: received 1 B, verified")
    assert "421" not in menu.output


def test_pair_over_ipv6(client, server):
    started = server(LISTENER, settings={"listener.ftp.address": "::1"})
    started.write("a", b"1")
    where = f"ftp://[::1]:{started.port('ftp')}/"
    for options in ([], ["--active"]):
        done = client.run(None, *options, where, "get", "a")
        assert said(done) == b"a: received 1 B, verified\n"
