"""The config is checked whole before anything is bound: every fault is told, with its line and with
what would be right."""
import os
import re
import socket

import pytest

from conftest import one_thread
from ftpool_server import HOST, PATIENCE_SECONDS, children, let_in, run_ftpoold

pytestmark = one_thread
TOLD = re.compile(r"^(?P<file>.*?):(?P<line>\d+): (?P<text>.*)$")
LIBRARY = "@LIBRARY@"  # in a config: a directory that can be served
FINE = f'root = "{LIBRARY}"\nlistener one {{\n\taddress = 127.0.0.1\n\tport = 10007\n}}\n'


@pytest.fixture
def check(tmp_path):
    """check(text, …) → exit status and what was told, as (line, text); line 0: none."""
    library = tmp_path / "library"
    library.mkdir()
    let_in(library)
    config = tmp_path / "ftpool.conf"

    def check(text, *arguments, status=2):
        config.write_bytes(text.replace(LIBRARY, str(library)).encode("utf-8", "surrogateescape"))
        done = run_ftpoold("--check", "-c", config, *arguments)
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        told = []
        for line in done.stderr.splitlines():
            match = TOLD.match(line)
            if match and match["file"] == str(config):
                told.append((int(match["line"]), match["text"]))
            else:
                told.append((0, line.removeprefix(f"{config}: ")))
        return told
    return check


def listener(text, name="two"):
    return f"{FINE}listener {name} {{\n{text}\n}}\n"  # the text begins on line 7


# ---- one fault at a time: the text, its line, and words that must be told ----

FAULTS = {
    "unknown option": ("workerz = 4\n" + FINE, 1, ['no option "workerz"', 'did you mean "workers"?']),
    "unknown and near nothing": ("zzzzzzzz = 4\n" + FINE, 1, ['no option "zzzzzzzz"', "ftpool.conf(5)"]),
    "unknown in a listener": (listener("prot = 21"), 7,
                              ['no option "prot" in listener', 'did you mean "port"?']),
    "unknown in limits": (FINE + "limits {\n\tsession = 5\n}\n", 7, ['did you mean "sessions"?']),
    "option of another section": (FINE + "sessions = 5\n", 6, ['no option "sessions"']),
    "unknown section": (FINE + "limit {\n}\n", 6, ['no section "limit"', 'did you mean "limits"?']),
    "not a number": ("workers = many\n" + FINE, 1, ["workers = ", "many", "a whole number"]),
    "a negative number": ("workers = -1\n" + FINE, 1, ["-1", "a whole number"]),
    "half a number": ("workers = 4x\n" + FINE, 1, ["4x", "a whole number"]),
    "a fraction": ("workers = 1.5\n" + FINE, 1, ["1.5", "a whole number"]),
    "no value": ("workers = \"\"\n" + FINE, 1, ["a whole number"]),
    "too large a number": ("workers = 1025\n" + FINE, 1, ["out of range", "from 0 to 1024"]),
    "beyond all numbers": ("workers = 99999999999999999999999\n" + FINE, 1, ["99999999999999999999999"]),
    "port above the range": (listener("port = 65536"), 7, ["65536", "from 0 to 65535"]),
    "port below the range": (listener("port = -1"), 7, ["-1", "a whole number"]),
    "port by name": (listener("port = http"), 7, ["http", "a whole number"]),
    "no time": ("idle_timeout = soon\n" + FINE, 1, ["soon", "30s, 5m or 2h"]),
    "a time out of range": ("worker_timeout = 1s\n" + FINE, 1, ["out of range", "from 2 to 3600"]),
    "no size": (FINE + "limits {\n\tupload_size = big\n}\n", 7, ["big", "500K, 10M or 2G"]),
    "no switch": ("sandbox = maybe\n" + FINE, 1, ["maybe", "neither true nor false"]),
    "no choice": ("sync = sometimes\n" + FINE, 1, ["sometimes", "none data full"]),
    "no protocol": (listener("protocol = http"), 7, ["http", "lgpq echo ftp"]),
    "no right": (FINE + "anonymous {\n\tmay = {list, gett}\n}\n", 7, ['"gett"', "list get put"]),
    "no rights at all": (FINE + 'anonymous {\n\tmay = "all"\n}\n', 7, ['"all"']),
    "a broken list": (FINE + "anonymous {\n\tmay = {list get}\n}\n", 7, ["may is no list", "{ first, second }"]),
    "a list never closed": (FINE + "anonymous {\n\tmay = {list, get\n}\n", 6, ["never closed"]),
    "a list for one value": (FINE + "anonymous {\n\troot = {list, get}\n}\n", 7, ["one value, not a list"]),
    "no ports": (FINE + "passive {\n\tports = many\n}\n", 7, ["many", "50000-50999"]),
    "half a range of ports": (FINE + "passive {\n\tports = 50000-\n}\n", 7, ["50000-", "50000-50999"]),
    "ports in the wrong order": (FINE + "passive {\n\tports = 50999-50000\n}\n", 7, ["from 1024 to 65535", "order"]),
    "ports of the system's": (FINE + "passive {\n\tports = 20-21\n}\n", 7, ["from 1024 to 65535"]),
    "anonymous root is missing": (FINE + 'anonymous {\n\troot = "/no/such/place"\n}\n', 7,
                                  ["/no/such/place", "No such file", "create it"]),
    "anonymous root is a file": (FINE + 'anonymous {\n\troot = "/etc/passwd"\n}\n', 7, ["no directory"]),
    "a relative anonymous root": (FINE + 'anonymous {\n\troot = "pub"\n}\n', 7, ["pub", "not absolute"]),
    "an address nobody can connect to": (FINE + "passive {\n\taddress = 0.0.0.0\n}\n", 7,
                                         ["0.0.0.0", "reached by"]),
    "half a passive address": (FINE + "passive {\n\taddress = 192.0.2\n}\n", 7, ["192.0.2", "192.0.2.1"]),
    "an IPv6 passive address": (FINE + 'passive {\n\taddress = "::1"\n}\n', 7, ["PASV cannot tell"]),
    "no network": (FINE + 'passive {\n\taddress = {"10.0.0.1/8=192.0.2.1"}\n}\n', 7, ["10.0.0.0/8"]),
    "two addresses for all": (FINE + 'passive {\n\taddress = {192.0.2.1, ftp.example.org}\n}\n', 7,
                              ["second one for the same clients"]),
    "no permissions": (FINE + "status {\n\tmode = 0999\n}\n", 7, ["0999", "octal"]),
    "too many permissions": (FINE + "status {\n\tmode = 07777\n}\n", 7, ["out of range", "0777"]),
    "relative path": ('root = "library"\n' + FINE.partition("\n")[2], 1, ["library", "not absolute"]),
    "root is missing": ('root = "/no/such/place"\n' + FINE.partition("\n")[2], 1,
                        ["/no/such/place", "No such file", "create it"]),
    "root is a file": ('root = "/etc/passwd"\n' + FINE.partition("\n")[2], 1,
                       ["/etc/passwd", "no directory"]),
    "no such user": ("user = nobodythere\n" + FINE, 1, ['no user "nobodythere"', "useradd"]),
    "no such group": ("group = nobodythere\n" + FINE, 1, ['no group "nobodythere"', "groupadd"]),
    "no such status group": (FINE + "status {\n\tgroup = nobodythere\n}\n", 7,
                             ['no group "nobodythere"', "groupadd"]),
    "status path too long": (FINE + f'status {{\n\tpath = "/{"x" * 108}"\n}}\n', 7, ["109", "at most 107"]),
    "log file without a name": (FINE + "log {\n\tto = file\n}\n", 7, ["file's name", "for example"]),
    "no address": (listener('address = "localhost"'), 7, ["localhost", "in digits", "127.0.0.1"]),
    "half an address": (listener('address = "127.0.0"'), 7, ["127.0.0", "in digits"]),
    "address with port": (listener('address = "127.0.0.1:80"'), 7, ["in digits"]),
    "reply on lgpq": (listener('reply = "hello"'), 7, ["protocol = echo", "listener two speaks lgpq"]),
    "same address twice": (listener("address = 127.0.0.1\nport = 10007"), 8,
                           ["listeners one and two both want 127.0.0.1:10007", "another port"]),
    "wildcard over specific": (listener("address = 0.0.0.0\nport = 10007"), 8, ["one and two both want"]),
    "specific under wildcard": (listener("port = 10007\naddress = \"0.0.0.0\"\n}\nlistener three {\n"
                                         "port = 10007\naddress = 127.0.0.3").replace(
                                             "10007\n}\nlistener two", "10008\n}\nlistener two"), 11,
                                ["two and three both want 127.0.0.3:10007"]),
    "same standard port": (listener("}\nlistener three {"), 0, ["two and three both want 0.0.0.0:8888"]),
    "same IPv6 address": (listener('address = "::1"\nport = 9\n}\nlistener three {\n'
                                   'address = "0:0::1"\nport = 9'), 12, ["both want [::1]:9"]),
    "no listener": (f'root = "{LIBRARY}"\n', 0, ["no listener", "listener lgpq { port = 8888 }"]),
    "a listener without a name": (FINE + "listener {\n}\n", 6, ["needs a name", "listener NAME {"]),
    "a section with a name": (FINE + "limits tight {\n}\n", 6, ["takes no name"]),
    "repeated option": ("workers = 1\n" + FINE + "workers = 2\n", 7, ["stands on line 1 already"]),
    "repeated in a listener": (listener("port = 1024\nport = 1025"), 8, ["stands on line 7 already"]),
    "repeated listener": (listener("port = 1024", name="one"), 6,
                          ["listener one stands on line 2 already", "another name"]),
    "repeated section": (FINE + "log {\n}\nlog {\n}\n", 8, ["stands on line 6 already", "one section"]),
    "unclosed section": (FINE + "limits {\n\tsessions = 5\n", 6, ["limits", "never closed", "}"]),
    "unclosed listener": (FINE + "listener two {\n\tport = 5555\n", 6, ["listener", "never closed"]),
    "a stray brace": (FINE + "}\n", 6, []),
    "unclosed string": (FINE + 'user = "nobody\n', 6, ["never closed"]),
    "unclosed root": ('root = "/srv\n' + FINE.partition("\n")[2], 1, ["never closed"]),
    "unclosed name": (FINE + 'listener "two {\n\tport = 10008\n}\n', 6, ["never closed"]),
    "unclosed in a section": (FINE + "log {\n\tfile = '/x }\n", 7, ["never closed"]),
    "unclosed in a list": (FINE + 'anonymous {\n\tmay = { "list }\n}\n', 7, ["never closed"]),
    "unclosed comment above all": ("/* and so on\n" + FINE, 1, ["comment is never closed"]),
    "root without a value": ("root =\n" + FINE.partition("\n")[2], 1, ["no value"]),
    "unclosed comment": (FINE + "/* and so on\n", 6, ["never closed"]),
    "no equals": ("workers 4\n" + FINE, 1, []),
    "no value at all": (FINE + "workers =\n", 6, []),
    "a bare word": (FINE + "\n\nworkers\n", 8, []),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_its_line(check, name):
    text, line, words = FAULTS[name]
    told = check(text)
    assert len(told) == 1, told
    assert told[0][0] == line, told
    for word in words:
        assert word in told[0][1], told


# ---- many at a time ----

MANY = f"""\
# a comment, which the parser's own count of lines trips over
# and another
workerz = 4
/* one that goes
   over several
   lines */
sync = sometimes      # behind a value
// of the other kind

root = "{LIBRARY}"
user = nobodythere

listener one {{ # here too
\tport = 65536
\tprot = 7
\t# address = 1
\tprotocol = gopher
\treply = "several\\
\t\tlines # that are no comment\\
\t\t/* nor is this */ long"
}}

limits {{
\tsessions = none
\tsessions = 5
}}

limits {{
\tthreads = 1
}}

listener one {{
}}

log {{
\tlevel = loud
\tfile = "relative"
}}

what {{
\tever = 1
\tinner {{
\t\tmore = 2
\t}}
}}
idle_timeout = 0
status {{
\tmode = rw-rw----
"""
MANY_TOLD = {3: '"workers"?', 7: "none data full", 11: 'no user "nobodythere"', 14: "65535",
             15: '"port"?', 17: "lgpq echo ftp", 18: "reply belongs to protocol = echo",
             24: "a whole number", 25: "line 24 already", 28: "line 23 already",
             32: "listener one stands on line 13", 36: "error warning info debug", 37: "not absolute",
             40: 'no section "what"', 46: "from 1 to 604800", 47: "never closed", 48: "octal"}


def test_all_faults_are_told_in_one_run(check):
    number = {words: line for line, words in enumerate(MANY.splitlines(), 1)}
    assert number["workerz = 4"] == 3 and number["idle_timeout = 0"] == 46, "the table is off"
    told = check(MANY)
    assert sorted(line for line, _ in told) == sorted(MANY_TOLD), told
    for line, text in told:
        assert MANY_TOLD[line] in text, (line, text)


@pytest.mark.parametrize("before", [
    "# one\n", "#\n#\n#\n" * 20, "// other\n" * 7, "/* a\nb\nc */\n", "/* # // */\n", "\n\n\n", "\r\n",
    'user = "nobody" # that\n', 'group = "two\\nlines"\n', "# \"open\n", "/* \"open */\n", "# {\n",
    "log {\n\tlevel = info # {\n}\n"])
def test_the_line_is_right_whatever_stands_before(check, before):
    for line, text in check(before + "workerz = 4\n" + FINE):
        if "workerz" in text:
            assert line == before.count("\n") + 1
            return
    raise AssertionError("it is not told")


# ---- what is fine ----

GOOD = {
    "as it is": FINE,
    "spaces or none": 'root="@LIBRARY@"listener one{port=10007}\n',
    "quotes of both kinds": FINE + "sync = 'full'\nuser = \"nobody\"\n",
    "comments everywhere": "# a\n" + FINE.replace(" {", " { # b\n/* c */") + "// d",
    "units": FINE + "idle_timeout = 2h\nlimits {\n\tupload_size = 2G\n}\n",
    "both families": FINE + 'listener two {\n\taddress = "::1"\n\tport = 10007\n}\n',
    "both wildcards": 'root = "@LIBRARY@"\nlistener a {\n}\nlistener b {\n\taddress = "::"\n}\n',
    "two addresses, one port": FINE + "listener two {\n\taddress = 127.0.0.2\n\tport = 10007\n}\n",
    "lists": FINE + 'anonymous {\n\tmay = {list, "get",\n\t\tput} # or so\n}\n',
    "a list of nothing": FINE + "anonymous {\n\tmay = {}\n}\n",
    "a list in quotes": FINE + 'anonymous {\n\tmay = "list get, put"\n}\n',
    "a list of one word": FINE + "anonymous {\n\tmay = list\n}\n",
    "passive addresses": FINE + 'passive {\n\taddress = {ftp.example.org, "10.0.0.0/8=10.1.2.3"}\n}\n',
    "ports": FINE + "passive {\n\tports = 50000-50999\n}\n",
    "FTP": FINE + "listener ftp {\n\tprotocol = ftp\n}\nftp {\n\tactive = no\n\tgreeting = 'come in'\n}\n",
    "an anonymous root": FINE + 'anonymous {\n\troot = "@LIBRARY@"\n}\n',
    "a reply in Chinese": FINE + 'listener two {\n\tprotocol = echo\n\treply = "你好, \\"{#}\\""\n}\n',
    "carriage returns": FINE.replace("\n", "\r\n"),
    "no newline at the end": FINE.rstrip("\n"),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_is_fine_is_taken(check, name):
    assert check(GOOD[name], status=0) == []


ADVICE = {
    "few ports": ("50000-50098", ["few passive ports", "ports=99", "100 or more"]),
    "one port": ("50000", ["few passive ports", "ports=1 "]),
    "a listener among them": ("10000-10999", ["among the passive ones", "listener=one port=10007"]),
    "a listener at the end": ("9000-10007", ["among the passive ones"]),
    "enough and apart": ("50000-50099", None),
    "any": ("", None),
}


@pytest.mark.parametrize("name", ADVICE)
def test_a_check_gives_advice(check, name):
    ports, words = ADVICE[name]
    told = check(FINE + f'passive {{\n\tports = "{ports}"\n}}\n', status=0)
    assert len(told) == (words is not None), told
    for word in words or ():
        assert word in told[0][1], told
    assert words is None or 'ftpool.conf:7"' in told[0][1], told


def test_a_check_binds_nothing_and_starts_nothing(server, check):
    """So that it can be run beside the server that is running."""
    running = server()
    done = run_ftpoold(*running.command()[1:], "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "ftpoold: the config is fine\n", "")
    assert running.status()["state"] == "serving"
    assert children(running.pid) == running.worker_pids()
    running.stop()
    assert run_ftpoold(*running.command()[1:], "--check").returncode == 0
    assert not running.status_path.exists()


# ---- the file itself ----

def test_a_file_that_cannot_be_read(tmp_path):
    missing = run_ftpoold("--check", "-c", tmp_path / "none")
    assert missing.returncode == 2
    assert missing.stderr == f"{tmp_path}/none: cannot be opened: No such file or directory\n"
    directory = run_ftpoold("--check", "-c", tmp_path)
    assert directory.returncode == 2
    assert "Is a directory" in directory.stderr
    (tmp_path / "binary").write_bytes(b"workers = 1\0\n")
    binary = run_ftpoold("--check", "-c", tmp_path / "binary")
    assert (binary.returncode, "NUL" in binary.stderr) == (2, True)
    (tmp_path / "empty").write_bytes(b"")
    empty = run_ftpoold("--check", "-c", tmp_path / "empty")
    assert (empty.returncode, "there is no listener" in empty.stderr) == (2, True)


@pytest.mark.parametrize("text, line", [
    pytest.param('log {\n\tto = file\n\tfile = "/no/such/place/log"\n}\n', 8, id="log"),
    pytest.param('status {\n\tpath = "/no/such/place/status"\n}\n', 7, id="status")])
def test_missing_directories_are_told_by_a_check(check, text, line):
    told = check(FINE + text)
    assert [where for where, _ in told] == [line]
    assert "/no/such/place" in told[0][1]


# ---- the command line ----

SETTINGS = {
    "workers=many": ["-o workers=many: ", "a whole number"],
    "workerz=4": ["-o workerz=4: ", 'did you mean "workers"?'],
    "workers": ["-o workers: ", "OPTION=VALUE"],
    "=4": ["-o =4: ", "no option"],
    "limits.session=5": ["-o limits.session=5: ", 'did you mean "sessions"?'],
    "anonymous.may=list,gett": ["-o anonymous.may=list,gett: ", '"gett"'],
    "passive.ports=x": ["-o passive.ports=x: ", "50000-50999"],
    "limits.sessions=0": ["from 1 to 1000000"],
    "listener.one.port=99999": ["-o listener.one.port=99999: ", "from 0 to 65535"],
    "listener.one.prot=9": ["-o listener.one.prot=9: ", "no such option"],
    "listener.port=9": ["-o listener.port=9: ", "listener.NAME.OPTION=VALUE"],
    "listener.one.reply=x": ["protocol = echo"],
    "root=/no/such/place": ["-o root=/no/such/place: ", "create it"],
    "user=nobodythere": ["-o user=nobodythere: ", "useradd"],
}


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_bad_override_is_told(check, setting):
    told = check(FINE, "-o", setting)
    assert len(told) == 1, told
    for word in SETTINGS[setting]:
        assert word in told[0][1], told


def test_all_bad_overrides_are_told_with_those_of_the_file(check):
    told = check("sync = x\n" + FINE, "-o", "workers=x", "-o", "limits.threads=1", "-o", "y=1")
    assert len(told) == 4, told


def test_an_unknown_section_in_an_override_is_named(check):
    ((_, text),) = check(FINE, "-o", "limit.sessions=5")
    assert 'section "limit"' in text and 'did you mean "limits"?' in text


def test_an_override_for_a_listener_that_is_not_there_is_told(check):
    ((_, text),) = check(FINE, "-o", "listener.oen.port=9000")
    assert 'no listener "oen"' in text


def test_an_override_outweighs_the_config_and_the_last_one_counts(server):
    changed = server("workers = 7\nlistener echo {\n\tprotocol = echo\n\treply = \"no\"\n}\n",
                     settings={"listener.echo.reply": "yes"}, arguments=["-o", "workers=4", "-o", "workers=3"])
    assert changed.status()["workers_wanted"] == 3
    with socket.create_connection((HOST, changed.port("echo")), PATIENCE_SECONDS) as client:
        client.sendall(b"?")
        assert client.recv(10) == b"yes"


USAGE = [["--no-such"], ["-x"], ["/tmp", "/tmp"], ["-c"], ["-o"], ["--config"],
         ["-o", "workers=1"] * 101, ["/no/such/place"]]


@pytest.mark.parametrize("arguments", USAGE, ids=lambda arguments: " ".join(arguments)[:20])
def test_a_wrong_command_line_is_explained(arguments, tmp_path):
    done = run_ftpoold(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr and not done.stdout
    assert os.listdir(tmp_path) == []


def test_an_unknown_form_of_the_printed_config_is_explained():
    done = run_ftpoold("--print-config=html")
    assert done.returncode == 2 and "html" in done.stderr


def test_help_and_version_are_answers_and_no_faults():
    for argument in ("--help", "-h", "--version", "-V"):
        done = run_ftpoold(argument)
        assert done.returncode == 0 and done.stdout and not done.stderr
    assert re.fullmatch(r"ftpoold \d+\.\d+\.\d+\n", run_ftpoold("--version").stdout)
    for option in ("--config", "--option", "--check", "--foreground", "--service", "--print-config"):
        assert option in run_ftpoold("--help").stdout


def test_the_service_reads_its_own_config():
    done = run_ftpoold("--service", "--check", "-c", "/no/such/file")
    assert done.returncode == 2 and "/no/such/file" in done.stderr
