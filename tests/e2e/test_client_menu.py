"""ftpool on a terminal: the menu, the line, TAB, the progress bar and ctrl-C."""
import re
import signal

pytest_plugins = ["client_fixtures"]

BIG = bytes(range(256)) * 8192  # 2 MiB
PROMPT = "ftpool> "


def test_menu_takes_numbers_words_and_letters(terminal, client, framed_server):
    framed_server.files = {b"a": b"1", b"b": b"2", b"c": b"3"}
    menu = terminal(framed_server)
    menu.expect("Connected to 127.0.0.1, port [0-9]+: framed mode")
    menu.expect(r"1\) list.*\n.*2\) get FILE.*\n.*3\) put FILE.*\n.*4\) quit")
    for line in ("1", "list", "L"):
        menu.expect(PROMPT)
        menu.type(line + "\n")
        menu.expect(r"1 B  1970-01-01 00:00  a\r\n(.*\n)*3 files, 3 B")
    for line, name in (("2 a", "a"), ("get b", "b"), ("G c", "c")):
        menu.expect(PROMPT)
        menu.type(line + "\n")
        menu.expect(f"{name}: received 1 B.*, verified")
    menu.expect(PROMPT)
    menu.type("3\n")
    menu.expect("file to put: ")
    menu.type("a\n")
    menu.expect("a: sent 1 B.*, verified")
    menu.expect(PROMPT)
    menu.type("help\n")
    menu.expect("ctrl-D or quit ends the program")
    menu.type("4\n")
    assert menu.end() == 0
    assert framed_server.letters()[-1:] == b"Q"
    assert (client.files / "b").read_bytes() == b"2"


def test_menu_with_an_old_server(terminal, old_server):
    (old_server.library / "a").write_bytes(b"1")
    menu = terminal(old_server)
    menu.expect("an old server")
    menu.expect(PROMPT)
    menu.type("get a\n")
    menu.expect("a: received 1 B")
    menu.type("list\n")
    menu.expect("a\r\n1 file\r\n")
    menu.type("q\n")
    assert menu.end() == 0


def test_menu_in_chinese(terminal, framed_server):
    menu = terminal(framed_server, LANG="zh_CN.UTF-8")
    menu.expect("已连接到")
    menu.expect("列出服务器上的文件")
    menu.expect(PROMPT)
    menu.type("get 没有\n")
    menu.expect("没有：服务器上没有这个文件")
    menu.expect(PROMPT)
    menu.type("\x04")
    assert menu.end() == 0


def test_failures_on_a_terminal_are_not_the_exit_code(terminal, framed_server):
    menu = terminal(framed_server)
    menu.expect(PROMPT)
    menu.type("get nothing\n")
    menu.expect("nothing: the server has no such file")
    menu.expect(PROMPT)
    menu.type("\x04")
    assert menu.end() == 0


def test_tab_completes_commands_remote_and_local_names(terminal, client, framed_server):
    framed_server.files = {"中文 文件".encode(): b"1", b"other": b"2", b"over": b"3",
                           b"new\nline": b"4"}
    (client.files / "directory").mkdir()
    (client.files / "directory" / "local file").write_bytes(b"5")
    menu = terminal(framed_server)
    menu.expect(PROMPT)
    menu.type("ge\t中\t\n")
    menu.expect(r"文\\ 文件 ")
    menu.expect("中文 文件: received 1 B")
    menu.expect(PROMPT)
    menu.type("get o\t")
    menu.expect("other +over")
    menu.expect("get o")
    menu.type("v\t\n")
    menu.expect("over: received 1 B")
    menu.expect(PROMPT)
    menu.type("get new\t\n")
    menu.expect(r"new\\nline: received 1 B")
    menu.type("put d\tl\t\n")
    menu.expect("local file: sent 1 B")
    menu.expect(PROMPT)
    menu.type("2\n")
    menu.expect("file to get: ")
    menu.type("oth\t\n")
    menu.expect("other: received 1 B")
    assert (client.files / "new\nline").read_bytes() == b"4"
    assert framed_server.files[b"local file"] == b"5"


def test_history_outlives_the_program(terminal, client, framed_server):
    for line in ("get first", "get second"):
        menu = terminal(framed_server)
        menu.expect(PROMPT)
        menu.type(line + "\n")
        menu.expect("no such file")
        menu.expect(PROMPT)
        menu.type("\x04")
        assert menu.end() == 0
    menu = terminal(framed_server)
    menu.expect(PROMPT)
    menu.type("\x1b[A\x1b[A\n")
    menu.expect("first: the server has no such file")
    history = client.directory / "home/.local/state/ftpool/history"
    assert history.stat().st_mode & 0o777 == 0o600


def test_history_goes_where_xdg_says(terminal, client, framed_server):
    menu = terminal(framed_server, XDG_STATE_HOME=str(client.directory / "state"))
    menu.expect(PROMPT)
    menu.type("list\nquit\n")
    menu.end()
    assert (client.directory / "state/ftpool/history").exists()
    assert not (client.directory / "home").exists()


def test_ctrl_c_clears_the_line_and_ctrl_d_ends(terminal, framed_server):
    menu = terminal(framed_server)
    menu.expect(PROMPT)
    menu.type("get not-this")
    menu.expect("not-this")
    menu.type("\x03")
    menu.expect(PROMPT)
    menu.type("2\n")
    menu.expect("file to get: ")
    menu.type("\x03")
    menu.expect(PROMPT)
    menu.type("\x04")
    assert menu.end() == 0
    assert b"G" not in framed_server.letters()


def test_ctrl_c_ends_the_transfer_and_not_the_program(terminal, client, framed_server):
    framed_server.files = {b"big": BIG, b"next": b"1", b"small": b"2"}
    framed_server.hold_get_at = 500000
    menu = terminal(framed_server)
    menu.expect(PROMPT)
    menu.type("get big next\n")
    menu.expect(r"big +23% \[")
    framed_server.hold_get_at = None
    menu.type("\x03")
    menu.expect("big: interrupted; what came is kept, get -c goes on from it")
    menu.expect(PROMPT)
    menu.type("get -c big small\n")
    menu.expect("big: received 1.5 MiB after the first .*, verified")
    menu.expect("small: received 1 B.*, verified")
    menu.type("q\n")
    assert menu.end() == 0
    assert (client.files / "big").read_bytes() == BIG
    assert not (client.files / "next").exists()


def test_keys_do_not_stand_in_the_progress(terminal, framed_server):
    """What is typed meanwhile is kept for the prompt, and shown there."""
    framed_server.files = {b"big": BIG}
    framed_server.hold_get_at = 500000
    menu = terminal(framed_server)
    menu.expect(PROMPT)
    menu.type("get big\n")
    menu.expect(r"big +23% \[")
    menu.type("list\n")
    drawn = menu.seen
    menu.expect(r"big +23% \[.*big +23% \[")
    assert "list" not in menu.output[drawn:menu.seen]
    framed_server.release.set()
    menu.expect("big: received .*, verified")
    menu.expect("1 file")
    menu.type("q\n")
    assert menu.end() == 0


def test_progress_follows_the_width(terminal, framed_server):
    name = "很长的名字" * 6
    framed_server.files = {name.encode(): BIG}
    framed_server.hold_get_at = 1000000
    menu = terminal(framed_server, columns=100)
    menu.expect(PROMPT)
    menu.type(f"get {name}\n")
    menu.expect(r"很长的名字.*… +47% \[=+> +\] +976\.6 KiB .*/s")
    menu.resize(50)
    line = menu.expect(r"\r([^\r\n]*… +47% +976\.6 KiB[^\r\n]*)\x1b\[K")[1]
    assert sum(2 if ord(c) > 0x2fff else 1 for c in line) <= 49
    framed_server.release.set()
    menu.expect(r"received 2.0 MiB in [0-9.]+ s \(.*/s\), verified")


def test_progress_without_a_length(terminal, old_server):
    """Sent slowly enough to be drawn: the bar has no end to show, but size, rate and time."""
    (old_server.library / "a").write_bytes(b"1")
    old_server.pause_in_get = 0.7
    menu = terminal(old_server)
    menu.expect(PROMPT)
    menu.type("get a\n")
    menu.expect(r"a +1 B +[0-9]+ B/s +0:00")
    menu.expect("a: received 1 B in")


def test_no_progress_but_on_a_terminal(client, framed_server):
    framed_server.files = {b"big": BIG}
    framed_server.pause_in_get = 0.7
    done = client.run(framed_server, "get", "big")
    assert re.fullmatch(rb"big: received 2\.0 MiB in [0-9.]+ s \([0-9.]+ [KM]iB/s\), verified\n",
                        done.stdout)
    assert done.stderr == b""


def test_names_cannot_play_with_the_terminal(terminal, framed_server):
    framed_server.files = {b"\x1b[2Jevil": b"1", b"bell\x07": b"2", "‮txt.exe".encode(): b"3",
                           b"\xff": b"4"}
    menu = terminal(framed_server, "list")
    assert menu.end() == 0
    assert "\x1b" not in menu.output and "\x07" not in menu.output
    for shown in (r"\033[2Jevil", r"bell\007", r"\342\200\256txt.exe", r"\377"):
        assert shown in menu.output


def test_long_list_on_a_terminal_counts_bytes(terminal, framed_server):
    framed_server.files = {b"big": BIG}
    menu = terminal(framed_server, "list", "-l")
    menu.expect(f" {len(BIG)}  1970-01-01 00:00  big")
    assert menu.end() == 0


def test_connection_made_again_without_a_word(terminal, framed_server):
    framed_server.files = {b"a": b"1"}
    menu = terminal(framed_server)
    menu.expect(PROMPT)
    for connection in list(framed_server.open):
        connection.shutdown(2)
    menu.type("get a\n")
    menu.expect(r"get a\r\n(\x1b\[[0-9?]*[a-z])*a: received 1 B.*, verified")
    assert framed_server.connections == 2


def test_last_words_of_an_idle_connection_are_no_answer(terminal, framed_server):
    framed_server.files = {b"a": b"1"}
    menu = terminal(framed_server)
    menu.expect(PROMPT)
    for connection in list(framed_server.open):
        connection.sendall(b"ERR busy idle for too long\n")
    menu.type("get a\n")
    menu.expect("a: received 1 B.*, verified")
    assert "idle for too long" not in menu.output


def test_server_gone_and_back(terminal, framed_server):
    menu = terminal(framed_server, "-t", "1")
    menu.expect(PROMPT)
    framed_server.full = True
    for connection in list(framed_server.open):
        connection.shutdown(2)
    menu.type("list\n")
    menu.expect("the server is full")
    framed_server.full = False
    menu.type("list\n")
    menu.expect("The library is empty")


def test_hang_up_keeps_the_history_and_ends(terminal, client, framed_server):
    menu = terminal(framed_server)
    menu.expect(PROMPT)
    menu.type("list\n")
    menu.expect("The library is empty")
    menu.expect(PROMPT)
    menu.signal(signal.SIGHUP)
    assert menu.end() == -signal.SIGHUP
    assert "list" in (client.directory / "home/.local/state/ftpool/history").read_text()


def test_window_change_at_the_prompt(terminal, framed_server):
    menu = terminal(framed_server)
    menu.expect(PROMPT)
    menu.type("li")
    menu.expect("li")
    menu.resize(60)
    menu.expect(PROMPT + "li")
    menu.type("st\n")
    menu.expect("The library is empty")
