"""What the design's choices buy for the file library: about half a minute in all."""

import json
import os
import socket
import subprocess
import tempfile
from pathlib import Path

import world

SECONDS = 2
IDLE = 4000
SIZE = 1024


class Server:
    def __init__(self, build, place, workers):
        self.build, self.place = build, place
        self.port, self.echo = world.free_port(), world.free_port()
        self.process = subprocess.Popen(
            [build / "ftpoold", "-o", f"workers={workers}", "-o", f"listener.lgpq.port={self.port}",
             "-o", f"listener.echo.port={self.echo}", "-o", f"status.path={place}/status",
             "-o", "log.level=error", f"{place}/files"],
            stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            if line.startswith("Ctrl-C"):
                break

    def workers(self):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(f"{self.place}/status")
            s.sendall(b"workers\n")
            return json.load(s.makefile())["workers"]

    def pss_bytes(self):
        def of(pid):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    return int(line.split()[1]) * 1024
        return sum(of(w["pid"]) for w in self.workers())

    def gets(self, connections, *more):
        return float(subprocess.run(
            [self.build / "bench/lgpq_load", str(self.port), str(connections), str(SECONDS), "small", str(SIZE),
             *more], check=True, stdout=subprocess.PIPE, text=True).stdout)

    def idle(self, count):
        kept = []
        for _ in range(count):
            s = socket.create_connection(("127.0.0.1", self.echo))
            s.sendall(b"x")
            s.recv(1)
            kept.append(s)
        return kept

    def stop(self):
        self.process.terminate()
        self.process.wait()


def with_server(build, place, workers, measure):
    server = Server(build, place, workers)
    try:
        measure(server)
    finally:
        server.stop()


def spread(server):
    kept = server.idle(1000)
    counts = sorted(w["sessions"] for w in server.workers())
    print(f"spread      1000 connections over 4 workers: {counts}, most/least "
          f"{counts[-1] / max(counts[0], 1):.2f}")
    for s in kept:
        s.close()


def idle_sessions(server):
    alone = server.gets(50)
    before = server.pss_bytes()
    kept = server.idle(IDLE)
    after = server.pss_bytes()
    crowded = server.gets(50)
    print(f"memory      {(after - before) / IDLE:.0f} bytes of worker memory for an idle session")
    print(f"idle crowd  {SIZE}-byte gets: {alone:.0f}/s alone, {crowded:.0f}/s beside {IDLE} idle "
          f"sessions, ratio {crowded / alone:.2f}")
    print(f"reconnect   {server.gets(50, 'reconnect'):.0f} connections a second, each with one get")
    del kept


def run(build):
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        files = Path(place) / "files"
        files.mkdir()
        files.chmod(0o777)
        (files / "small").write_bytes(os.urandom(SIZE))
        with_server(build, place, 4, spread)
        with_server(build, place, 0, idle_sessions)
