"""Uploads are told of: each that got its name exactly once, in order, whatever is killed meanwhile."""
import collections
import ftplib
import hashlib
import io
import json
import os
import signal
import subprocess
import threading
import time

import pytest

from ftp_talk import ALL_RIGHTS, FTP
from ftpool_server import BUILD, HOST, IS_ROOT, PATIENCE_SECONDS, run_ftpoold, wait_for
from lgpq_client import LgpqClient
from old_client import OldClient

FTPCTL = BUILD / "ftpctl"
BOTH = FTP + "listener lgpq {\n}\n"
HOOK = """\
#!/bin/sh
# Fails as often as the file `failures` has lines, and drops one each time.
cd @DIRECTORY@
echo "start $FTPOOL_ID" >>ran
if [ -s failures ]; then
	sed -i 1d failures
	echo "failed $FTPOOL_ID" >>ran
	exit 3
fi
cat >>lines
printf '%s\\n' "$1" >>arguments
echo "done $FTPOOL_ID $(id -u)" >>ran
"""


def telling(server, directory, config=BOTH, **settings):
    """Nobody pulls the plug here: nothing has to wait for the disk."""
    return server(config, settings={"state_directory": directory / "state", "events": "true",
                                    "sync": "none", **ALL_RIGHTS, **settings})


def events_of(running, *arguments):
    done = subprocess.run([FTPCTL, "--socket", running.status_path, "events", *arguments],
                          capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def wait_for_events(running, count):
    wait_for(lambda: len(events_of(running)) >= count, f"{count} events")
    events = events_of(running)
    assert [event["id"] for event in events] == list(range(1, count + 1)), events
    return events


def log_in(running):
    client = ftplib.FTP(timeout=PATIENCE_SECONDS, encoding="latin-1")
    client.connect(HOST, running.port("ftp"))
    client.login()
    return client


# ---- what is told ----

def test_each_way_to_put_a_file_is_told_of(server, tmp_path):
    running = telling(server, tmp_path, sync="full")
    client = log_in(running)
    client.mkd("in")
    client.cwd("in")
    client.storbinary("STOR a b", io.BytesIO(b"12345"))
    client.storbinary("APPE a b", io.BytesIO(b"67"))
    unique = client.storbinary("STOU", io.BytesIO(b"1"))
    client.sendcmd("SITE CPFR a b")
    client.sendcmd("SITE CPTO c")
    with pytest.raises(ftplib.error_perm):
        client.storbinary("STOR no/such/directory", io.BytesIO(b"1"))
    client.delete("c")
    client.quit()
    with LgpqClient(running.address("lgpq")) as framed:
        framed.put("framed", b"12345")
    bare = OldClient(running.address("lgpq"))
    bare.put(b"bare", b"123")
    bare.quit()
    put, appended, stou, copied, lgpq, old = wait_for_events(running, 6)
    root = str(running.root)
    assert unique.startswith("226")
    assert (put["path"], put["file"], put["bytes"]) == ("/in/a b", f"{root}/in/a b", 5)
    assert (put["user"], put["protocol"], put["sha256"]) == ("anonymous", "ftp", None)
    assert put["peer"].startswith("127.0.0.1:") and put["duration"] >= 0 and "." in put["session"]
    assert (appended["path"], appended["bytes"]) == ("/in/a b", 7)
    assert (stou["path"], stou["bytes"]) == ("/in/upload", 1)
    assert (copied["path"], copied["bytes"]) == ("/in/c", 7)
    assert (lgpq["path"], lgpq["protocol"], lgpq["user"]) == ("/framed", "lgpq", "")
    assert lgpq["sha256"] == hashlib.sha256(b"12345").hexdigest()
    assert (old["path"], old["bytes"]) == ("/bare", 3)


def test_any_bytes_make_good_json_and_the_name_can_be_had(server, tmp_path):
    running = telling(server, tmp_path)
    client = log_in(running)
    name = b'a"\\b\xfe\xc2\x9b'
    client.storbinary("STOR " + name.decode("latin-1"), io.BytesIO(b""))
    client.quit()
    event, = wait_for_events(running, 1)
    assert event["path"] == '/a"\\b\ufffd\x9b'
    assert bytes.fromhex(event["file_hex"]) == os.fsencode(running.root) + b"/" + name


def test_without_anybody_who_wants_to_know_nothing_is_kept(server, tmp_path):
    running = server(FTP, settings={"state_directory": tmp_path / "state", **ALL_RIGHTS})
    client = log_in(running)
    client.storbinary("STOR a", io.BytesIO(b""))
    client.quit()
    assert os.listdir(tmp_path / "state") == ["lock"]
    done = subprocess.run([FTPCTL, "--socket", running.status_path, "events"], capture_output=True,
                          text=True, timeout=PATIENCE_SECONDS)
    assert done.returncode == 1 and "set events = true" in done.stderr


@pytest.mark.parametrize("setting, words", [
    ("events=true", "events needs a place for the journal; set state_directory"),
    ("on_upload=bin/true", '"bin/true" is not absolute'),
    ("on_upload=/no/such", '"/no/such": No such file'),
    ("on_upload=/etc/passwd", "is no program"),
])
def test_faults_of_the_config(tmp_path, setting, words):
    done = run_ftpoold("--check", "-o", setting, tmp_path)
    assert done.returncode == 2 and words in done.stderr, done.stderr


# ---- order, and nothing twice ----

class Clients:
    """Threads that put files, each of a name of its own, until all are there; whatever breaks in
    between is begun anew, under a new name if the file stands, since then nobody knows."""

    def __init__(self, running, threads, each):
        self.running = running
        self.each = each
        self.done = collections.defaultdict(list)  # by thread: paths, in the order of their 226
        self.threads = [threading.Thread(target=self.run, args=(i,)) for i in range(threads)]
        for thread in self.threads:
            thread.start()

    def run(self, number):
        tries = 0
        client = None
        while len(self.done[number]) < self.each:
            tries += 1
            name = f"{number}-{tries}"
            try:
                if client is None:
                    client = log_in(self.running)
                client.storbinary(f"STOR {name}", io.BytesIO(name.encode() * 50))
                self.done[number].append("/" + name)
            except (OSError, EOFError, ftplib.Error):
                if client is not None:
                    client.close()
                client = None
                time.sleep(0.02)

    def count(self):
        return sum(map(len, self.done.values()))

    def are_busy(self):
        return any(thread.is_alive() for thread in self.threads)

    def join(self):
        for thread in self.threads:
            thread.join(4 * PATIENCE_SECONDS)
        assert not self.are_busy()


def standing(running):
    return sorted("/" + os.fsdecode(name) for name in running.names()
                  if not name.startswith(b"."))


def expect_events_of_files(running, clients):
    """One event for each file that stands, no other; a client's in the order that it did things."""
    files = standing(running)
    wait_for(lambda: len(events_of(running)) >= len(files), "all events")
    events = events_of(running)
    assert sorted(event["path"] for event in events) == files
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    places = {event["path"]: event["id"] for event in events}
    for paths in clients.done.values():
        ids = [places[path] for path in paths]
        assert ids == sorted(ids)
    for event in events:
        assert event["bytes"] == os.path.getsize(event["file"])


def test_eight_workers_tell_in_the_order_of_each_client(server, tmp_path):
    running = telling(server, tmp_path, workers=8)
    clients = Clients(running, 12, 40)
    clients.join()
    expect_events_of_files(running, clients)
    assert clients.count() == len(standing(running))


def test_workers_and_the_herald_are_killed_all_the_time(server, tmp_path):
    running = telling(server, tmp_path, workers=4)
    clients = Clients(running, 8, 60)
    turn = 0
    while clients.are_busy():
        seen = clients.count()
        wait_for(lambda: clients.count() >= seen + 5 or not clients.are_busy(), "more uploads")
        victims = running.worker_pids() if turn % 2 else herald_of(running)
        for pid in victims[:2]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        turn += 1
    clients.join()
    expect_events_of_files(running, clients)
    assert turn > 4


def herald_of(running):
    """The children that are the herald."""
    found = []
    for entry in os.listdir("/proc"):
        try:
            if entry.isdigit() and open(f"/proc/{entry}/comm").read() == "ftpool herald\n":
                stat = open(f"/proc/{entry}/stat").read().rpartition(")")[2].split()
                if int(stat[1]) == running.pid:
                    found.append(int(entry))
        except (FileNotFoundError, ProcessLookupError):
            pass
    return found


def test_the_master_is_killed_during_uploads(server, tmp_path):
    running = telling(server, tmp_path, workers=4, stop_timeout="2s")
    clients = Clients(running, 8, 50)
    for _ in range(4):
        seen = clients.count()
        wait_for(lambda: clients.count() >= seen + 30 or not clients.are_busy(), "more uploads")
        running._note_children()  # pylint: disable=protected-access
        running.kill(signal.SIGKILL)
        running.wait_exit()

        def serves():
            running.start(wait=False)
            try:
                running.wait_ready()
            except RuntimeError:  # the old workers still have the ports
                return False
            return True
        wait_for(serves, "a new master")
    clients.join()
    expect_events_of_files(running, clients)


def test_upgrades_and_reloads_tell_of_each_upload_too(server, tmp_path):
    running = telling(server, tmp_path, workers=3)
    clients = Clients(running, 8, 40)
    for order in ("upgrade", "reload", "upgrade"):
        seen = clients.count()
        wait_for(lambda: clients.count() >= seen + 10 or not clients.are_busy(), "more uploads")
        done = subprocess.run([FTPCTL, "--socket", running.status_path, order], capture_output=True,
                              text=True, timeout=PATIENCE_SECONDS)
        assert done.returncode == 0, done.stdout + done.stderr
    clients.join()
    expect_events_of_files(running, clients)
    assert len(herald_of(running)) == 1


# ---- readers ----

def test_a_reader_follows_while_segments_come_and_go(server, tmp_path):
    running = telling(server, tmp_path, **{"events_size": "131072"})
    with subprocess.Popen([FTPCTL, "--socket", running.status_path, "events", "--follow"],
                          stdout=subprocess.PIPE, text=True) as follower:
        lines = []
        with LgpqClient(running.address("lgpq")) as client:
            for number in range(1500):
                client.put("same", b"%d" % number)
                if number % 20 == 0:  # never far behind
                    lines.append(json.loads(follower.stdout.readline()))
                    while lines[-1]["id"] <= number:
                        lines.append(json.loads(follower.stdout.readline()))
        while len(lines) < 1500:
            lines.append(json.loads(follower.stdout.readline()))
        follower.terminate()
    assert [line["id"] for line in lines] == list(range(1, 1501))
    kept = events_of(running)
    assert kept[0]["id"] > 100 and kept[-1]["id"] == 1500
    assert [event["id"] for event in events_of(running, "--since", "1498")] == [1499, 1500]
    done = subprocess.run([FTPCTL, "--socket", running.status_path, "events", "--since", "1"],
                          capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    assert f"events 2 to {kept[0]['id'] - 1} are not kept any more" in done.stderr
    done = subprocess.run([FTPCTL, "events", "--since", "x"], capture_output=True, text=True,
                          timeout=PATIENCE_SECONDS)
    assert done.returncode == 2


# ---- on_upload ----

@pytest.fixture
def hook(tmp_path):
    """A program for on_upload, and the directory where it says what it did."""
    place = tmp_path / "hook"
    place.mkdir()
    place.chmod(0o777)
    (place / "program").write_text(HOOK.replace("@DIRECTORY@", str(place)))
    (place / "program").chmod(0o755)
    return place


def lines_of(path):
    return path.read_text().splitlines() if path.exists() else []


def test_on_upload_runs_for_each_in_order_and_again_until_it_succeeds(server, tmp_path, hook):
    running = telling(server, tmp_path, events="false", on_upload=f"{hook}/program, %file")
    (hook / "failures").write_text("1\n2\n")
    (hook / "failures").chmod(0o666)
    with LgpqClient(running.address("lgpq")) as client:
        for name in ("a b", "-rf", "c"):
            client.put(name, b"12345")
    wait_for(lambda: len(lines_of(hook / "lines")) == 3, "three runs that succeed")
    user = 65534 if IS_ROOT else os.geteuid()
    wait_for(lambda: len(lines_of(hook / "ran")) == 10, "all to be told")
    assert lines_of(hook / "ran") == ["start 1", "failed 1", "start 1", "failed 1", "start 1",
                                      f"done 1 {user}", "start 2", f"done 2 {user}", "start 3",
                                      f"done 3 {user}"]
    assert [json.loads(line)["path"] for line in lines_of(hook / "lines")] == ["/a b", "/-rf", "/c"]
    assert lines_of(hook / "arguments") == [f"{running.root}/{name}" for name in ("a b", "-rf", "c")]
    running.wait_log(r"on_upload failed id=1 status=3 failures=1 again_in=1")
    running.wait_log(r"on_upload failed id=1 status=3 failures=2 again_in=2")
    running.stop()
    running.start()
    with LgpqClient(running.address("lgpq")) as client:
        client.put("d", b"")
    wait_for(lambda: len(lines_of(hook / "lines")) == 4, "the run after a new start")
    assert lines_of(hook / "ran")[10] == "start 4"


def test_a_reload_turns_events_and_the_program_on(server, tmp_path, hook):
    """The herald of before has left before the next one begins; no upload is told of twice."""
    config = BOTH + f"state_directory = \"{tmp_path}/state\"\nsync = none\n"
    running = server(config, settings=ALL_RIGHTS)

    def reload(more):
        running.config_path.write_text(config + more)
        done = subprocess.run([FTPCTL, "--socket", running.status_path, "reload"],
                              capture_output=True, text=True, timeout=PATIENCE_SECONDS)
        assert done.returncode == 0, done.stdout + done.stderr

    def put(*names):
        with LgpqClient(running.address("lgpq")) as client:
            for name in names:
                client.put(name, b"1")

    put("untold")
    reload("events = true\n")
    put("a", "b")
    wait_for_events(running, 2)
    reload(f'events = true\non_upload = {{"{hook}/program", "%path"}}\n')
    put("c")
    wait_for(lambda: lines_of(hook / "arguments") == ["/c"], "the program to be run")
    reload(f'events = true\nevents_keep = 1d\non_upload = {{"{hook}/program", "%path"}}\n')
    put("d")
    wait_for(lambda: lines_of(hook / "arguments") == ["/c", "/d"], "the program to be run again")
    assert [event["path"] for event in wait_for_events(running, 4)] == ["/a", "/b", "/c", "/d"]
    assert "herald: " not in running.log()


def test_a_program_that_hangs_is_ended_and_holds_up_no_client(server, tmp_path, hook):
    (hook / "program").write_text(f"#!/bin/sh\necho $FTPOOL_ID >>{hook}/ran\nexec sleep 1000\n")
    running = telling(server, tmp_path, on_upload=f"{hook}/program", on_upload_timeout="1s")
    with LgpqClient(running.address("lgpq")) as client:
        for number in range(20):
            client.put(f"{number}", b"")
    running.wait_log(r"on_upload failed id=1 signal=15 failures=1")
    wait_for(lambda: len(lines_of(hook / "ran")) == 2, "a second run")
    assert lines_of(hook / "ran") == ["1", "1"]
    wait_for_events(running, 20)
