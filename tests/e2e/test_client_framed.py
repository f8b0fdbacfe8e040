"""ftpool with a server of framed mode: get and put, verified, resumed, and every fault in between."""
import os
import signal

pytest_plugins = ["client_fixtures"]

BIG = bytes(range(256)) * 8192  # 2 MiB
NAMES = [b"plain", b"two words", b"#", b"%", b"%09", b"tab\there", b"new\nline", b"-c", b"-",
         "中文 文件.txt".encode(), b"\xff\xfe", b"x" * 255, b"a\\b", b"quote'\""]


def test_get_brings_bytes_and_time(client, framed_server):
    framed_server.files = {b"big": BIG, b"empty": b""}
    framed_server.times = {b"big": 1234567890}
    done = client.run(framed_server, "get", "big", "empty")
    assert (client.files / "big").read_bytes() == BIG
    assert (client.files / "big").stat().st_mtime == 1234567890
    assert (client.files / "empty").read_bytes() == b""
    assert b"big: received 2.0 MiB" in done.stdout and b", verified\n" in done.stdout
    assert client.hidden() == []
    assert framed_server.letters() == b"LGSGSQ"


def test_every_name_goes_both_ways(client, framed_server):
    framed_server.files = {name: name * 3 for name in NAMES}
    client.run(framed_server, "get", "--", *NAMES)
    for name in NAMES:
        assert open(os.fsencode(client.files) + b"/" + name, "rb").read() == name * 3
    framed_server.files = {}
    client.run(framed_server, "put", "--", *NAMES)
    assert framed_server.files == {name: name * 3 for name in NAMES}
    assert sorted(os.listdir(os.fsencode(client.files))) == sorted(NAMES)


def test_the_server_cannot_choose_the_directory(client, framed_server):
    for name in (b"../escaped", b"/etc/escaped", b"deep/er/escaped"):
        framed_server.files = {name: b"1"}
        client.run(framed_server, "get", name)
        assert (client.files / "escaped").read_bytes() == b"1"
        (client.files / "escaped").unlink()
    for name in (b"..", b"a/..", b"a/.", b"a/"):
        framed_server.files = {name: b"1"}
        done = client.run(framed_server, "get", name, code=1)
        assert b"no use for a local file" in done.stderr
    assert list(client.files.iterdir()) == []
    assert [path.name for path in client.directory.iterdir()] == ["here"]


def test_get_to_another_place(client, framed_server):
    framed_server.files = {b"a": b"1", b"b": b"22"}
    (client.files / "dir").mkdir()
    client.run(framed_server, "get", "-o", "other", "a")
    client.run(framed_server, "get", "-o", "dir", "a", "b")
    client.run(framed_server, "get", "-o", "dir/c", "a")
    assert (client.files / "other").read_bytes() == b"1"
    assert sorted(path.name for path in (client.files / "dir").iterdir()) == ["a", "b", "c"]
    done = client.run(framed_server, "get", "-o", "missing/", "a", code=1)
    assert b"cannot write missing/.a.part: No such file" in done.stderr


def test_get_to_standard_output(client, framed_server):
    framed_server.files = {b"big": BIG}
    done = client.run(framed_server, "get", "-o", "-", "big")
    assert done.stdout == BIG
    assert b"verified" in done.stderr
    framed_server.wrong_sums = 1
    client.run(framed_server, "get", "-o", "-", "big", code=4)


def test_get_to_a_closed_pipe(client, framed_server):
    framed_server.files = {b"big": BIG}
    process = client.start(framed_server, "get", "-o", "-", "big")
    process.stdout.close()
    assert b"Broken pipe" in process.stderr.read()
    process.stderr.close()
    assert process.wait(20) == 1


def test_get_writes_to_a_device_and_not_in_its_place(client, framed_server):
    framed_server.files = {b"a": b"1"}
    os.mkfifo(client.files / "pipe")
    reader = os.open(client.files / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    client.run(framed_server, "get", "-o", "pipe", "a")
    assert os.read(reader, 10) == b"1"
    os.close(reader)


def test_get_keeps_mode_and_symbolic_link(client, framed_server):
    framed_server.files = {b"a": b"new"}
    real = client.files / "real"
    real.write_bytes(b"old")
    real.chmod(0o640)
    (client.files / "a").symlink_to("real")
    client.run(framed_server, "get", "a")
    assert (client.files / "a").is_symlink()
    assert real.read_bytes() == b"new" and real.stat().st_mode & 0o777 == 0o640


def test_get_over_a_directory_is_refused(client, framed_server):
    framed_server.files = {b"a": b"1"}
    (client.files / "a").mkdir()
    assert b"a is a directory" in client.run(framed_server, "get", "a", code=1).stderr


def test_missing_file_leaves_nothing_and_the_next_one_comes(client, framed_server):
    framed_server.files = {b"a": b"1"}
    done = client.run(framed_server, "get", "missing", "a", code=1)
    assert b"missing: the server has no such file" in done.stderr
    assert [path.name for path in client.files.iterdir()] == ["a"]
    assert framed_server.connections == 1


def test_cut_get_harms_nothing_and_is_resumed(client, framed_server):
    framed_server.files = {b"big": BIG, b"next": b"1"}
    framed_server.cut_get_at = 1000000
    (client.files / "big").write_bytes(b"the old one")
    done = client.run(framed_server, "get", "big", "next", code=3)
    assert b"get -c goes on from it" in done.stderr
    assert (client.files / "big").read_bytes() == b"the old one"
    assert (client.files / "next").read_bytes() == b"1"
    assert (client.files / ".big.part").read_bytes() == BIG[:1000000]
    done = client.run(framed_server, "get", "-c", "big")
    assert (client.files / "big").read_bytes() == BIG
    assert b"after the first 976.6 KiB, verified" in done.stdout
    assert b"G\tbig\t1000000" in framed_server.requests
    assert client.hidden() == []


def test_get_without_c_starts_anew(client, framed_server):
    framed_server.files = {b"big": BIG}
    (client.files / ".big.part").write_bytes(BIG[:1000] + b"other bytes" + BIG)
    client.run(framed_server, "get", "big")
    assert (client.files / "big").read_bytes() == BIG
    assert b"G\tbig" in framed_server.requests


def test_resume_from_the_target(client, framed_server):
    framed_server.files = {b"big": BIG}
    (client.files / "big").write_bytes(BIG[:5000])
    client.run(framed_server, "get", "-c", "big")
    assert b"G\tbig\t5000" in framed_server.requests
    assert (client.files / "big").read_bytes() == BIG
    client.run(framed_server, "get", "-c", "big")
    assert b"G\tbig\t%d" % len(BIG) in framed_server.requests
    assert (client.files / "big").read_bytes() == BIG
    assert client.hidden() == []


def test_resume_of_something_else_gets_it_whole(client, framed_server):
    framed_server.files = {b"big": BIG}
    for other in (b"x" * 5000, BIG + b"more", b"y" * len(BIG)):
        (client.files / "big").write_bytes(other)
        done = client.run(framed_server, "get", "-c", "big")
        assert b"getting it again, whole" in done.stdout
        assert (client.files / "big").read_bytes() == BIG
    assert client.hidden() == []


def test_refused_resume_leaves_the_target(client, framed_server):
    (client.files / "a").write_bytes(b"mine")
    client.run(framed_server, "get", "-c", "a", code=1)
    assert (client.files / "a").read_bytes() == b"mine"
    assert client.hidden() == []


def test_wrong_checksum_once_is_mended(client, framed_server):
    framed_server.files = {b"a": b"1"}
    framed_server.wrong_sums = 1
    done = client.run(framed_server, "get", "a")
    assert b"getting it again, whole" in done.stdout
    assert (client.files / "a").read_bytes() == b"1"


def test_wrong_checksum_twice_is_4_and_harms_nothing(client, framed_server):
    framed_server.files = {b"a": b"1"}
    framed_server.wrong_sums = 2
    (client.files / "a").write_bytes(b"the old one")
    done = client.run(framed_server, "get", "a", "missing", code=4)
    assert b"a: what came differs" in done.stderr
    assert (client.files / "a").read_bytes() == b"the old one"
    assert client.hidden() == []


def test_file_gone_before_it_was_verified(client, framed_server):
    framed_server.files = {b"a": b"1"}
    framed_server.after_get = framed_server.files.clear
    done = client.run(framed_server, "get", "a", code=1)
    assert b"could not be verified" in done.stderr
    assert client.hidden() == [".a.part"]


def test_two_gets_of_one_file(client, framed_server):
    framed_server.files = {b"big": BIG}
    framed_server.hold_get_at = 1000
    first = client.start(framed_server, "get", "big")
    assert framed_server.held.wait(20)
    done = client.run(framed_server, "get", "big", code=1)
    assert b"another ftpool" in done.stderr
    framed_server.release.set()
    assert first.wait(20) == 0
    first.communicate()
    assert (client.files / "big").read_bytes() == BIG


def test_full_disk_here(client, framed_server):
    framed_server.files = {b"a": b"1"}
    done = client.run(framed_server, "get", "-o", "/dev/full", "a", code=1)
    assert b"cannot write /dev/full: No space left" in done.stderr


def test_interrupt_ends_the_program_as_a_shell_expects(client, framed_server):
    framed_server.files = {b"big": BIG}
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        framed_server.hold_get_at = 100000
        framed_server.held.clear()
        process = client.start(framed_server, "get", "big")
        assert framed_server.held.wait(20)
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == -number
        assert b"interrupted" in errors
        assert not (client.files / "big").exists()


def test_put(client, framed_server):
    (client.files / "big").write_bytes(BIG)
    (client.files / "empty").write_bytes(b"")
    done = client.run(framed_server, "put", "big", "./empty")
    assert framed_server.files == {b"big": BIG, b"empty": b""}
    assert b"big: sent 2.0 MiB" in done.stdout and b", verified\n" in done.stdout
    client.run(framed_server, "put", "-o", "other", "big")
    assert framed_server.files[b"other"] == BIG


def test_put_of_what_is_no_file(client, framed_server):
    (client.files / "dir").mkdir()
    os.mkfifo(client.files / "pipe")
    (client.files / "a").write_bytes(b"1")
    done = client.run(framed_server, "put", "dir", "pipe", "missing", "a", code=1)
    errors = done.stderr.decode()
    assert "dir: this is a directory" in errors
    assert "pipe: this is not a regular file" in errors
    assert "missing: cannot read: No such file" in errors
    assert framed_server.files == {b"a": b"1"}


def test_put_is_resumed(client, framed_server):
    (client.files / "big").write_bytes(BIG)
    framed_server.cut_put_at = 1000000
    done = client.run(framed_server, "put", "big", code=3)
    assert b"put -c goes on" in done.stderr
    done = client.run(framed_server, "put", "-c", "big")
    assert framed_server.files[b"big"] == BIG
    assert b"after the first 976.6 KiB, verified" in done.stdout
    assert b"P\tbig\t%d\t%d" % (len(BIG), len(BIG)) in framed_server.requests


def test_put_resumed_on_other_bytes_is_sent_whole(client, framed_server):
    (client.files / "big").write_bytes(BIG)
    framed_server.kept[b"big"] = b"something else"
    done = client.run(framed_server, "put", "-c", "big")
    assert b"sending it again, whole" in done.stdout
    assert framed_server.files[b"big"] == BIG


def test_put_with_wrong_checksum(client, framed_server):
    (client.files / "a").write_bytes(b"1")
    framed_server.wrong_sums = 1
    client.run(framed_server, "put", "a")
    framed_server.wrong_sums = 2
    done = client.run(framed_server, "put", "a", code=4)
    assert b"a: what the server stored differs" in done.stderr


def test_put_refused_early_and_late(client, framed_server):
    (client.files / "big").write_bytes(BIG * 8)
    (client.files / "a").write_bytes(b"1")
    framed_server.refuse["P"] = "denied nobody may write here"
    done = client.run(framed_server, "put", "big", code=1)
    assert b"does not allow it (nobody may write here)" in done.stderr
    framed_server.refuse.clear()
    framed_server.refuse_put_at = 100000
    done = client.run(framed_server, "put", "big", "a", code=1)
    assert b"big: the server's disk is full (the disk is full)" in done.stderr
    assert framed_server.files == {b"a": b"1"}


def test_put_of_a_file_that_shrinks(client, framed_server):
    path = client.files / "big"
    path.write_bytes(BIG * 16)
    framed_server.before_put = lambda: os.truncate(path, 10)
    done = client.run(framed_server, "put", "big", code=1)
    assert b"the file has become shorter" in done.stderr
    assert b"big" not in framed_server.files


def test_idle_time_out_is_never_seen(client, framed_server):
    framed_server.files = {b"a": b"1", b"b": b"2"}
    framed_server.close_after_reply = True
    done = client.run(framed_server, stdin=b"get a\nget b\nlist\n")
    assert done.stderr == b""
    assert done.stdout.endswith(b"a\nb\n")


def test_server_gone_for_good_is_3_and_soon(client, framed_server):
    framed_server.files = {b"%d" % i: b"1" for i in range(9)}
    framed_server.close_after_reply = True
    framed_server.after_get = framed_server.listener.close
    done = client.run(framed_server, "get", *sorted(framed_server.files), code=3)
    assert done.stderr.count(b"cannot connect") <= 2


def test_a_name_is_never_an_option_of_the_menu(client, framed_server):
    framed_server.files = {b"-x": b"1"}
    client.run(framed_server, stdin=b"get -- -x\n")
    assert (client.files / "-x").read_bytes() == b"1"


def test_more_than_4_gib(client, framed_server):
    """Only the offset is that large: the numbers must be."""
    size = 5 * 2**30
    with open(client.files / "huge", "wb") as file:
        file.truncate(size)
    framed_server.refuse["P"] = "too-large the library takes files of up to 1 GiB"
    done = client.run(framed_server, "put", "huge", code=1)
    assert b"P\thuge\t%d" % size in framed_server.requests
    assert b"too large" in done.stderr


def test_escapes_in_messages(client, framed_server):
    framed_server.refuse["G"] = "not-found \033[2Jgone"
    done = client.run(framed_server, "get", b"a\x1b]0;b\x07\xe2\x80\xaec", code=1)
    assert b"\033" not in done.stderr and b"\\033[2Jgone" in done.stderr
