"""The logs as others read them: JSON, an analyser of transfer logs, logrotate. None of them is told a
line twice, half, or of a client's own making."""
import collections
import ftplib
import glob
import io
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import threading

import pytest

from ftp_talk import ALL_RIGHTS, FTP
from ftpool_server import HOST, IS_ROOT, NOBODY, PATIENCE_SECONDS, let_in, wait_for
from lgpq_client import LgpqClient

SHIPPED = pathlib.Path(__file__).parents[2] / "etc/logrotate.d/ftpool"
XFERLOG = re.compile(r"\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4} \d+ 127\.0\.0\.1 \d+ /\S* [ab] _ [io] "
                     r"[ar] \S+ (?:ftp|lgpq) 0 \* [ci]")
LOGROTATE = shutil.which("logrotate", path=os.environ["PATH"] + os.pathsep + "/usr/sbin")
EVIL = b'a b"\\c \xc2\x9b\xff.txt'


@pytest.fixture
def logs(tmp_path):
    """Where a service has its logs."""
    place = tmp_path / "logs"
    place.mkdir()
    return place


def logging(server, logs, workers=2, **settings):
    return server(FTP, settings={"log.to": "file", "log.file": logs / "ftpool.log",
                                 "log.xferlog": logs / "xferlog", "workers": workers, **ALL_RIGHTS,
                                 **{name.replace("_", "."): value for name, value in settings.items()}})


def log_in(running):
    client = ftplib.FTP(timeout=PATIENCE_SECONDS, encoding="latin-1")
    client.connect(HOST, running.port("ftp"))
    client.login()
    return client


def lines_of(path):
    return path.read_text(errors="surrogateescape").split("\n")[:-1]


# ---- what is told ----

def test_debug_tells_every_line_and_no_password(server, logs):
    running = logging(server, logs, log_level="debug")
    client = log_in(running)
    client.sendcmd("SYST")
    client.sendcmd("USER anonymous")
    client.sendcmd("PASS hunter2")
    client.quit()
    running.stop()
    told = [line for line in lines_of(logs / "ftpool.log") if "session: line" in line]
    said = [re.sub(r"^.*session=\d+\.\d+ ", "", line) for line in told]
    assert said[1:4] == ['from=client line="USER anonymous"', said[2], 'from=client line="PASS ****"']
    assert 'from=server line="215 UNIX Type: L8"' in said
    assert 'from=client line="QUIT"' in said
    assert not [line for line in lines_of(logs / "ftpool.log") if "hunter2" in line]


# ---- forms ----

def test_json_is_json_whatever_a_client_calls_its_files(server, logs):
    running = logging(server, logs, log_format="json", log_level="debug")
    assert '"event":"master: serving"' in (logs / "ftpool.log").read_text()
    client = log_in(running)
    for _ in range(3):
        client.storbinary(b"STOR " .decode() + EVIL.decode("latin-1"), io.BytesIO(b"12345"))
    client.sendcmd("MKD \"},{\"event\":\"forged")
    client.quit()
    running.stop()
    events = [json.loads(line) for line in lines_of(logs / "ftpool.log")]
    puts = [event for event in events if event["event"] == "ftp: transfer"]
    assert len(puts) == 3
    for put in puts:
        assert put["path"] == "/a b\\x22\\x5cc \\xc2\\x9b\\xff.txt"
        assert put["bytes"] == 5 and put["user"] == "anonymous" and put["reason"] == "complete"
        assert re.fullmatch(r"\d+\.\d+", put["session"])
    assert not [event for event in events if event["event"] == "forged"]
    told_of_sessions = ("session:", "ftp:", "lgpq:", "tls:")
    for event in events:
        assert not event["event"].startswith(told_of_sessions) or "session" in event, event


def test_a_client_adds_no_line_to_the_transfer_log(server, logs):
    running = logging(server, logs)
    client = log_in(running)
    client.storbinary("STOR " + EVIL.decode("latin-1"), io.BytesIO(b"12345"))
    client.retrlines("RETR " + EVIL.decode("latin-1"))
    client.storbinary("STOU", io.BytesIO(b""))
    client.quit()
    running.stop()
    put, get, unique = lines_of(logs / "xferlog")
    for line in (put, get, unique):
        assert XFERLOG.fullmatch(line), line
    assert put.endswith(' 5 /a_b"\\c____.txt b _ i a anonymous ftp 0 * c')
    assert get.endswith(' 5 /a_b"\\c____.txt a _ o a anonymous ftp 0 * c')
    assert unique.endswith(" 0 /upload b _ i a anonymous ftp 0 * c")


def test_lgpq_is_in_the_transfer_log(server, logs):
    running = server(settings={"log.xferlog": logs / "xferlog"})
    with LgpqClient(running.address()) as client:
        client.put("a", b"12345")
        client.get("a")
    wait_for(lambda: len(lines_of(logs / "xferlog")) == 2, "both lines")
    put, get = lines_of(logs / "xferlog")
    assert put.endswith(" 5 /a b _ i a ? lgpq 0 * c")
    assert get.endswith(" 5 /a b _ o a ? lgpq 0 * c")


@pytest.mark.skipif(not shutil.which("webalizer"), reason="there is no webalizer here")
def test_webalizer_reads_the_transfer_log(server, logs, tmp_path):
    running = logging(server, logs)
    client = log_in(running)
    for number in range(4):
        client.storbinary(f"STOR a file {number}.txt", io.BytesIO(b"x" * 1024))
        client.retrbinary(f"RETR a file {number}.txt", lambda chunk: None)
    client.quit()
    running.stop()
    pages = tmp_path / "pages"
    pages.mkdir()
    done = subprocess.run(["webalizer", "-F", "ftp", "-n", "test", "-o", pages, logs / "xferlog"],
                          capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    assert re.search(r"^8 records in ", done.stdout, re.MULTILINE), done.stdout + done.stderr
    page = re.sub(r"<[^>]*>|\s+", " ", next(pages.glob("usage_2*.html")).read_text())
    assert re.search(r"Total Hits +8 ", page) and re.search(r"Total kB Files +8 ", page), page
    assert "/a_file_3.txt" in page and "anonymous" in page


# ---- rotation ----

class Load:
    """Threads that put files of names of their own until told to stop."""

    def __init__(self, running, threads=8):
        self.running = running
        self.stopping = threading.Event()
        self.put = [0] * threads
        self.faults = []
        self.threads = [threading.Thread(target=self.run, args=(i,)) for i in range(threads)]
        for thread in self.threads:
            thread.start()

    def run(self, number):
        try:
            client = log_in(self.running)
            while not self.stopping.is_set():
                client.storbinary(f"STOR {number}-{self.put[number]}", io.BytesIO(b"x"))
                self.put[number] += 1
            client.quit()
        except Exception as fault:  # pylint: disable=broad-except
            self.faults.append(fault)

    def wait_for_more(self):
        seen = sum(self.put)
        wait_for(lambda: sum(self.put) > seen + 20 or self.faults, "more puts")

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(PATIENCE_SECONDS)
        assert not self.faults
        return {f"/{number}-{i}" for number, count in enumerate(self.put) for i in range(count)}


def expect_each_once(logs, names):
    """Each name in one whole line of each log, whatever the files are called now."""
    whole = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (?:error|warning|info|debug) +\w+: .*")
    told = collections.Counter()
    for file in glob.glob(f"{logs}/ftpool.log*"):
        for line in lines_of(pathlib.Path(file)):
            assert whole.fullmatch(line), (file, line)
            told.update(re.findall(r'ftp: transfer session=.* path="(.*?)" .*reason="complete"', line))
    assert told == collections.Counter(names)
    told.clear()
    for file in glob.glob(f"{logs}/xferlog*"):
        for line in lines_of(pathlib.Path(file)):
            assert XFERLOG.fullmatch(line), (file, line)
            told[line.split()[8]] += 1
    assert told == collections.Counter(names)


def test_eight_workers_lose_no_line_while_the_logs_are_rotated(server, logs):
    running = logging(server, logs, workers=8, log_level="debug")
    load = Load(running)
    for turn in range(30):
        load.wait_for_more()
        for name in ("ftpool.log", "xferlog"):
            os.rename(logs / name, logs / f"{name}.{turn}")
        running.kill(signal.SIGUSR1)
        wait_for(lambda: (logs / "xferlog").exists() and (logs / "ftpool.log").exists(),
                 "the logs to be there again")
    names = load.stop()
    running.stop()
    expect_each_once(logs, names)
    assert len(glob.glob(f"{logs}/xferlog.*")) == 30


@pytest.mark.skipif(not LOGROTATE, reason="there is no logrotate here")
def test_logrotate_rotates_as_shipped(server, logs, tmp_path):
    running = logging(server, logs, workers=4)
    config = SHIPPED.read_text().replace("/var/log/ftpool", str(logs))
    config = re.sub(r"systemctl kill .*", f"kill -USR1 {running.pid}", config)
    config = re.sub(r"\tsu ftpool ftpool\n", "\tsu nobody nogroup\n" if IS_ROOT else "", config)
    config = config.replace("compress\n", "", 1).replace("\tdelaycompress\n", "")
    if IS_ROOT:
        let_in(logs)
        for file in logs.iterdir():
            os.chown(file, NOBODY, NOBODY)
    (tmp_path / "logrotate").write_text(config)
    (tmp_path / "logrotate").chmod(0o644)
    load = Load(running, 4)
    for turn in range(1, 5):
        load.wait_for_more()
        done = subprocess.run([LOGROTATE, "-f", "-s", tmp_path / "logrotate.state",
                               tmp_path / "logrotate"], capture_output=True, text=True,
                              timeout=PATIENCE_SECONDS)
        assert done.returncode == 0 and not done.stderr, done.stdout + done.stderr
        assert len(glob.glob(f"{logs}/xferlog.*")) == turn
    names = load.stop()
    running.stop()
    expect_each_once(logs, names)
