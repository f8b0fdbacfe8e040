"""Reload: a new config takes an old one's place under load, and whatever is wrong with it changes
nothing."""
import os
import re
import signal
import socket
import subprocess

from ftp_talk import Control
from ftpool_server import BUILD, HOST, PATIENCE_SECONDS, free_port, process_start, wait_for
from lgpq_client import LgpqClient, connect
from process_help import echoes, is_ended, is_free
from transfer_load import CONFIG, TransferLoad

BIG = 64 << 20  # more than all buffers between two ends hold


def ftpctl(server, *words):
    return subprocess.run([BUILD / "ftpctl", "--socket", server.status_path, *words],
                          capture_output=True, text=True, timeout=2 * PATIENCE_SECONDS)


def reload(server, *words):
    """`ftpctl reload`, which has to go well; what it prints."""
    result = ftpctl(server, "reload", *words)
    assert (result.returncode, result.stderr) == (0, ""), result
    return result.stdout


def refused(server):
    """`ftpctl reload`, which has to be refused; why."""
    result = ftpctl(server, "reload")
    assert (result.returncode, result.stdout) == (1, ""), result
    assert result.stderr.endswith("ftpctl: refused; nothing has changed\n")
    return result.stderr


def rewrite(server, old, new):
    text = server.config_path.read_text()
    assert old in text
    server.config_path.write_text(text.replace(old, new))


# ---- under load ----

def test_ten_reloads_lose_no_transfer(server):
    loaded = server(CONFIG + "ftp {\n\tgreeting = \"number 0\"\n\tactive = true\n}\n",
                    settings={"workers": 2})
    with TransferLoad(loaded) as load:
        for number in range(1, 11):
            rewrite(loaded, f"number {number - 1}", f"number {number}")
            rewrite(loaded, f"active = {'true' if number % 2 else 'false'}",
                    f"active = {'false' if number % 2 else 'true'}")
            before = set(loaded.worker_pids())
            if number % 3:
                assert "New workers serve" in reload(loaded)
            else:
                loaded.kill(signal.SIGHUP)
            status = loaded.wait_until(lambda status, wanted=number + 1:
                                       status["generation"] == wanted)
            living = {row["pid"] for row in status["workers"] if row["state"] == "living"}
            assert len(living) == 2 and not living & before
            load.wait(3)
    assert load.wrong == []
    loaded.wait_until(lambda status: status["workers_leaving"] == 0)
    assert loaded.total("uploads") >= 4 * 10
    assert "worker: killed" not in loaded.log()


def test_a_transfer_is_finished_by_the_worker_of_before(server):
    serving = server(CONFIG, settings={"workers": 1})
    serving.write("big", bytes(BIG))
    old, = serving.worker_pids()
    with LgpqClient(serving.address(), receive_buffer=4096) as reader:
        reader.request(b"G", b"big")
        assert int(reader.reply()[0]) == BIG
        rewrite(serving, "list get put", "list get")
        assert "anonymous.may: " in reload(serving)
        rows = {row["pid"]: row["state"] for row in serving.workers()}
        assert rows.pop(old) == "leaving" and list(rows.values()) == ["living"]
        assert [row["command"] for row in serving.sessions()] == ["get"]
        reader.drop(BIG)
        reader.quit()
    wait_for(lambda: process_start(old) is None, "the old worker to leave")
    serving.wait_until(lambda status: status["workers_leaving"] == 0)


def test_an_idle_session_is_told_to_come_again_and_the_worker_leaves(server):
    serving = server(CONFIG, settings={"workers": 1})
    old, = serving.worker_pids()
    client = connect(serving.address("ftp"))
    assert client.recv(1000).startswith(b"220")
    rewrite(serving, "list get put", "list get")
    reload(serving)
    client.sendall(b"NOOP\r\n")
    assert client.recv(1000).startswith(b"200"), "a client that is busy goes on"
    assert client.recv(1000) == b"421 The server is being renewed; please connect again\r\n"
    wait_for(lambda: process_start(old) is None, "the old worker to leave")
    client.close()


# ---- what changes at once ----

def test_values_change_at_once_without_new_workers(server):
    serving = server(CONFIG + "limits {\n\tsessions_per_address = 2\n}\nlog {\n\tlevel = info\n}\n",
                     settings={"workers": 2})
    pids = serving.worker_pids()
    first, second = connect(serving.address("ftp")), connect(serving.address("ftp"))
    assert first.recv(1000).startswith(b"220") and second.recv(1000).startswith(b"220")
    with connect(serving.address("ftp")) as third:
        assert third.recv(1000).startswith(b"421")
    rewrite(serving, "sessions_per_address = 2", "sessions_per_address = 3")
    rewrite(serving, "level = info", "level = debug")
    assert reload(serving).splitlines() == [
        "  limits.sessions_per_address: 2 -> 3  (at once)",
        "  log.level: info -> debug  (at once)",
        "The workers stay, and know of it."]
    # Each worker hears of it for itself.
    def is_let_in():
        nonlocal third
        third = connect(serving.address("ftp"))
        return third.recv(1000).startswith(b"220")
    third = wait_for(is_let_in, "a third client to be let in") and third
    serving.wait_log("debug .*session: opened")
    assert serving.worker_pids() == pids
    for client in (first, second, third):
        client.close()


def test_a_running_session_s_idle_timeout_changes(server):
    serving = server("idle_timeout = 1h\n" + CONFIG, settings={"workers": 1})
    with LgpqClient(serving.address()) as client:
        client.list()
        rewrite(serving, "idle_timeout = 1h", "idle_timeout = 1s")
        assert "idle_timeout: 1h -> 1s  (at once)" in reload(serving)
        assert client.rest() == b""


def test_a_running_session_s_pace_and_patience_change(server):
    serving = server(CONFIG + "limits {\n\tlogins_per_session = 9\n}\n", settings={"workers": 1})
    client = Control(HOST, serving.port("ftp"))
    client.expect("220 *")
    rewrite(serving, "logins_per_session = 9", "logins_per_session = 1\n\tcommands_per_second = 1")
    assert reload(serving).splitlines() == [
        "  limits.logins_per_session: 9 -> 1  (at once)",
        "  limits.commands_per_second: 0 -> 1  (at once)",
        "The workers stay, and know of it."]
    for _ in range(3):
        client.command("NOOP", "200 *")
    serving.wait_log("session: slowed down")
    client.command("USER nobody", "331 *")
    client.command("PASS wrong", "421 *")
    client.close()


# ---- listeners ----

def test_listeners_are_kept_added_and_closed_by_address(server):
    more, other = free_port(), free_port()
    serving = server(f"listener lgpq {{\n}}\nlistener echo {{\n\tprotocol = echo\n"
                     f"\taddress = {HOST}\n\tport = {other}\n}}\n")
    held = connect((HOST, other))
    assert echoes(held)
    rewrite(serving, "listener echo {", f"listener more {{\n\taddress = {HOST}\n\tport = {more}\n"
            f"}}\nlistener echo {{")
    assert f"listener.more: {HOST}:{more}, new  (new workers)" in reload(serving)
    with LgpqClient((HOST, more)) as client, LgpqClient(serving.address()) as kept:
        assert client.names() == kept.names() == []
    rewrite(serving, f"listener more {{\n\taddress = {HOST}\n\tport = {more}\n}}\n", "")
    assert f"listener.more: {HOST}:{more}, gone  (new workers)" in reload(serving)
    wait_for(lambda: is_free(more), "the port to be free")
    with LgpqClient(serving.address()) as kept:
        assert kept.names() == []
    held.close()


# ---- what is refused ----

def test_a_faulty_config_changes_nothing_and_says_why(server):
    serving = server(CONFIG)
    pids = serving.worker_pids()
    good = serving.config_path.read_text()
    serving.config_path.write_text(good + "limits {\n\tsessions = many\n}\nrood = 3\n")
    line = good.count("\n") + 2
    why = refused(serving)
    assert f"{serving.config_path}:{line}: sessions = \"many\" is not a whole number" in why
    assert f"{serving.config_path}:{line + 2}: " in why
    serving.wait_log("reload: refused reason=.*many")
    assert serving.status()["state"] == "serving" and serving.worker_pids() == pids
    serving.config_path.write_text(good)
    assert reload(serving) == "Nothing has changed in the config.\n"
    assert serving.worker_pids() == pids


def test_a_port_that_is_taken_is_refused(server):
    serving = server(CONFIG)
    with connect(serving.address()), socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        rewrite(serving, "listener ftp {", f"listener more {{\n\taddress = {HOST}\n"
                f"\tport = {port}\n}}\nlistener ftp {{")
        assert re.search(rf"listener more: {HOST}:{port} is in use", refused(serving))
        assert serving.status()["generation"] == 1
    assert ", new  (new workers)" in reload(serving)


def test_a_users_file_and_a_root_that_are_no_good_are_refused(server):
    serving = server(CONFIG)
    rewrite(serving, "listener lgpq {", f'users = "{serving.directory}/users"\nlistener lgpq {{')
    (serving.directory / "users").write_text("")
    (serving.directory / "users").chmod(0o644)
    assert f"{serving.directory}/users: holds password hashes" in refused(serving)
    (serving.directory / "users").chmod(0o600)
    rewrite(serving, "anonymous {", 'anonymous {\n\troot = "/no/such/root"')
    assert "/no/such/root" in refused(serving)


def test_a_root_that_is_gone_is_refused_under_load(server):
    serving = server(CONFIG, settings={"workers": 2})
    pids = serving.worker_pids()
    moved = serving.root.with_name("moved")
    serving.root.rename(moved)
    assert str(serving.root) in refused(serving)
    moved.rename(serving.root)
    assert serving.worker_pids() == pids
    assert serving.status()["generation"] == 1


def test_a_dry_run_only_tells(server):
    serving = server(CONFIG + "limits {\n\tsessions = 100\n}\n")
    pids = serving.worker_pids()
    rewrite(serving, "sessions = 100", "sessions = 200")
    assert reload(serving, "--dry-run").splitlines() == [
        "  limits.sessions: 100 -> 200  (at once)", "The workers would stay."]
    rewrite(serving, "list get put", "list get")
    told = reload(serving, "--dry-run").splitlines()
    assert told[0].startswith("  anonymous.may: list get put")
    assert told[-1] == "New workers would be started, and those of now retired."
    assert serving.worker_pids() == pids and serving.status()["generation"] == 1
    port = free_port()
    rewrite(serving, "listener ftp {", f"listener more {{\n\taddress = {HOST}\n\tport = {port}\n"
            "}\nlistener ftp {")
    assert f"  listener.more: {HOST}:{port}, new  (new workers)" in reload(
        serving, "--dry-run").splitlines()
    assert is_free(port)


# ---- with other things at the same time ----

def test_many_signals_at_once_are_one_or_two_reloads(server):
    serving = server(CONFIG)
    rewrite(serving, "list get put", "list get")
    for _ in range(30):
        serving.kill(signal.SIGHUP)
    serving.wait_until(lambda status: status["generation"] == 2)
    assert serving.status()["state"] == "serving"
    with LgpqClient(serving.address()) as client:
        client.list()


def test_a_stop_ends_a_reload(server):
    for _ in range(5):
        serving = server(CONFIG, settings={"workers": 4})
        rewrite(serving, "list get put", "list get")
        serving.kill(signal.SIGHUP)
        serving.kill(signal.SIGTERM)
        assert serving.wait_exit() == 0
        serving.wait_log("master: stopped")


def test_a_stop_ends_retired_workers_too(server):
    serving = server(CONFIG, settings={"workers": 1, "stop_timeout": "1s"})
    serving.write("big", bytes(BIG))
    old, = serving.worker_pids()
    with LgpqClient(serving.address(), receive_buffer=4096) as reader:
        reader.request(b"G", b"big")
        assert int(reader.reply()[0]) == BIG
        rewrite(serving, "list get put", "list get")
        reload(serving)
        assert process_start(old)
        serving.kill(signal.SIGTERM)
        assert serving.wait_exit() == 0
    assert process_start(old) is None


def test_a_crashed_worker_is_replaced_by_one_with_the_new_config(server):
    serving = server(CONFIG + 'ftp {\n\tgreeting = "the old one"\n}\n', settings={"workers": 1})
    rewrite(serving, "the old one", "the new one")
    assert "(at once)" in reload(serving)
    pid, = serving.worker_pids()
    os.kill(pid, signal.SIGKILL)
    serving.wait_until(lambda status: status["workers"][0]["pid"] not in (0, pid) and
                       status["workers_living"] == 1)
    with connect(serving.address("ftp")) as client:
        assert b"the new one" in client.recv(1000)


def test_idle_echo_clients_do_not_keep_a_retired_worker(server):
    serving = server("listener echo {\n\tprotocol = echo\n}\n", settings={"workers": 1})
    client = connect(serving.address("echo"))
    assert echoes(client)
    old, = serving.worker_pids()
    rewrite(serving, "listener echo {", "limits {\n\tthreads = 99\n}\nlistener echo {")
    reload(serving)
    assert is_ended(client)
    wait_for(lambda: process_start(old) is None, "the old worker to leave")
