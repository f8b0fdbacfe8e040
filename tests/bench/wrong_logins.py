#!/usr/bin/python3
"""wrong_logins.py BUILD [SECONDS]: how long small downloads take while nobody, and while 50 clients
at once, try wrong passwords of an account with a yescrypt hash. Prints the median and the 99th
percentile of both, and how many wrong logins were answered meanwhile."""
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

DOWNLOADERS, GUESSERS = 4, 50
CONFIG = """\
root = "{root}"
users = "{users}"
workers = 2
listener ftp {{ protocol = ftp address = 127.0.0.1 port = {port} }}
status {{ path = "{status}" }}
log {{ level = error }}
"""


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.lines = self.socket.makefile("rb")
        self.reply()

    def reply(self):
        return self.lines.readline().decode()

    def ask(self, line):
        self.socket.sendall(line.encode() + b"\r\n")
        return self.reply()

    def get(self, name):
        port = int(re.search(r"\|\|\|(\d+)\|", self.ask("EPSV"))[1])
        with socket.create_connection(("127.0.0.1", port)) as data:
            self.ask("RETR " + name)
            while data.recv(65536):
                pass
        assert self.reply().startswith("226")

    def close(self):
        self.lines.close()
        self.socket.close()


def download(port, until, took):
    client = Client(port)
    client.ask("USER anonymous")
    client.ask("PASS x")
    client.ask("TYPE I")
    while time.monotonic() < until:
        start = time.monotonic()
        client.get("small")
        took.append(time.monotonic() - start)
    client.close()


def guess(port, until, answered):
    while time.monotonic() < until:
        client = Client(port)
        for _ in range(3):
            client.ask("USER anna")
            answered.append(client.ask("PASS wrong")[:3])
        client.close()


def measure(port, seconds, guessers):
    took, answered = [], []
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=download, args=(port, until, took))
               for _ in range(DOWNLOADERS)]
    threads += [threading.Thread(target=guess, args=(port, until, answered))
                for _ in range(guessers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    percentiles = statistics.quantiles(took, n=100)
    print(f"{guessers:3} wrong logins at once: {len(took):6} downloads, median "
          f"{percentiles[49] * 1000:6.2f} ms, p99 {percentiles[98] * 1000:6.2f} ms; "
          f"{len(answered):4} wrong logins answered", flush=True)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 10
    with tempfile.TemporaryDirectory() as name, socket.socket() as probe:
        place = pathlib.Path(name)
        place.chmod(0o755)
        (place / "root").mkdir()
        (place / "root/small").write_bytes(b"x" * 1024)
        subprocess.run([build / "ftpctl", "user", "add", "anna", "--stdin", "--file",
                        place / "users"], input=b"right\n", check=True)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        (place / "conf").write_text(CONFIG.format(root=place / "root", users=place / "users",
                                                  port=port, status=place / "status"))
        probe.close()
        server = subprocess.Popen([build / "ftpoold", "-c", place / "conf"],
                                  stdout=subprocess.PIPE, text=True)
        while "Ctrl-C" not in server.stdout.readline():
            pass
        for guessers in (0, GUESSERS, 0, GUESSERS):
            measure(port, seconds, guessers)
        server.terminate()
        server.wait()


main()
