"""Completion in bash, zsh and fish, each run for itself. What they offer comes from the program's help
and from a running server, so it is held against the table of commands in the source."""
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from ftp_talk import FTP, Control
from ftpool_server import BUILD, HOST, wait_for
from test_ftpctl_orders import name_of
from test_top import Terminal, needs_tmux

HERE = pathlib.Path(__file__).parents[2]
COMPLETION = HERE / "etc/completion"
TABLE = (HERE / "client/ctl_commands.c").read_text()
COMMANDS = set(re.findall(r'^\t\{"([a-z-]+)",', TABLE, re.MULTILINE))
OPTIONS = {"--" + name for name in re.findall(
    r'^\t\t\{"([a-z-]+)", (?:no|required)_argument', (HERE / "client/ctl_main.c").read_text(),
    re.MULTILINE)}
ENVIRONMENT = {**os.environ, "PATH": f"{BUILD}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          check=True, env=ENVIRONMENT)
    return done.stdout.splitlines()


def bash(line):
    words = line.split(" ")
    quoted = " ".join(f"'{word}'" for word in words)
    return set(run("bash", "--norc", "-c",
                   f"source {COMPLETION}/ftpctl.bash; COMP_WORDS=({quoted}); "
                   f"COMP_CWORD={len(words) - 1}; _ftpctl; "
                   'for reply in "${COMPREPLY[@]}"; do echo "$reply"; done'))


def fish(line):
    found = run("fish", "--no-config", "-c",
                f"source {COMPLETION}/ftpctl.fish; complete -C '{line}'")
    return {word.split("\t")[0] for word in found}


SHELLS = [pytest.param(shell, marks=pytest.mark.skipif(
    not shutil.which(shell.__name__), reason="the shell is not there")) for shell in (bash, fish)]


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_is_offered(shell):
    assert len(COMMANDS) > 15
    assert shell("ftpctl ") == COMMANDS
    assert shell("ftpctl se") == {"sessions"}
    assert shell("ftpctl --json sho") == {"show"}
    assert shell("ftpctl none-such ") <= {None}


@pytest.mark.parametrize("shell", SHELLS)
def test_every_option_is_offered(shell):
    assert OPTIONS >= {"--socket", "--json", "--help"}
    assert shell("ftpctl --") == OPTIONS
    assert shell("ftpctl stop --no-") == {"--no-wait"}
    assert {"--root", "--may", "--stdin"} <= shell("ftpctl user add --")


@pytest.mark.parametrize("shell", SHELLS)
def test_words_of_commands_are_offered(shell):
    assert shell("ftpctl log-level ") == {"error", "warning", "info", "debug"}
    assert {"add", "passwd", "lock", "list"} <= shell("ftpctl user ")
    assert shell("ftpctl cert s") == {"self-signed"}


@pytest.mark.parametrize("shell", SHELLS)
def test_checks_of_the_doctor_are_offered_again_and_again(shell):
    assert {"pipe", "roots", "logins"} <= shell("ftpctl doctor ")
    assert shell("ftpctl doctor clock cert") == {"certificates"}


@pytest.mark.parametrize("shell", SHELLS)
def test_files_are_offered_where_one_is_meant_and_nowhere_else(shell, tmp_path):
    found = {f"{tmp_path}/vsftpd.conf"}
    (tmp_path / "vsftpd.conf").touch()
    for command in ("import", "upgrade", "cert check", "--socket", "user --file", "doctor -c"):
        assert shell(f"ftpctl {command} {tmp_path}/v") == found, command
    for command in ("kick anna", "ban --time", "workers", "user add", "log-level info"):
        assert not shell(f"ftpctl {command} {tmp_path}/v"), command


@pytest.mark.parametrize("shell", SHELLS)
def test_sessions_users_and_addresses_are_those_of_the_server(server, shell):
    running = server(FTP)
    clients = [Control(HOST, running.port("ftp")).log_in() for _ in range(2)]
    names = {name_of(running, client.socket) for client in clients}
    asked = f"ftpctl --socket {running.status_path}"
    assert shell(f"{asked} show ") == names
    assert shell(f"{asked} kick ") == names | {"anonymous", "127.0.0.1"}
    assert shell(f"{asked} trace an") == {"anonymous"}
    assert shell(f"{asked} ban ") == {"127.0.0.1"}
    assert shell(f"{asked} quota --recount ") == {"all"}
    assert shell(f"{asked} drain ") == {"0", "1"}
    running.stop()
    assert shell(f"{asked} kick ") == set()


@needs_tmux
@pytest.mark.skipif(not shutil.which("zsh"), reason="the shell is not there")
def test_zsh(server, tmp_path):
    """Only a shell at a terminal completes."""
    running = server(FTP)
    client = Control(HOST, running.port("ftp")).log_in()
    name = name_of(running, client.socket)
    start = tmp_path / ".zshrc"
    start.write_text(f"PS1='zsh: '\nPATH={BUILD}:$PATH\nfpath=({COMPLETION} $fpath)\n"
                     f"autoload -U compinit\ncompinit -u -d {tmp_path}/dump\n"
                     "setopt no_beep list_ambiguous\nLISTMAX=1000\n")
    window = Terminal.__new__(Terminal)
    window.socket = str(running.directory / "tmux")
    window.tmux("-f", "/dev/null", "new-session", "-d", "-x", 120, "-y", 50,
                f"ZDOTDIR={tmp_path} LC_ALL=C.UTF-8 zsh -i")
    try:
        window.wait("^zsh:")
        window.keys("ftpctl sess", "Tab")
        window.wait("^zsh: ftpctl sessions")
        window.keys("C-u", f"ftpctl --socket {running.status_path} show ", "Tab")
        window.wait(rf"show {re.escape(name)}")
        window.keys("C-u", f"ftpctl --socket {running.status_path} kick an", "Tab")
        window.wait("kick anonymous")
        window.keys("C-u", "ftpctl log-level de", "Tab")
        window.wait("log-level debug")
        window.keys("C-u", "ftpctl doctor clock pip", "Tab")
        window.wait("doctor clock pipe")
        window.keys("C-u", f"ftpctl import {tmp_path}/.zsh", "Tab")
        window.wait(rf"import {tmp_path}/.zshrc")
        window.keys("C-u", "ftpctl --js", "Tab")
        window.wait("ftpctl --json")
        window.keys("C-u", "ftpctl ", "Tab")
        for command in COMMANDS:
            wait_for(lambda: re.search(rf"^{command} +-- ", "\n".join(window.screen()), re.M),
                     f"the command {command}")
    finally:
        window.close()
    client.close()
