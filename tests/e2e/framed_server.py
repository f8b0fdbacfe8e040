"""A small server of LGPQ's framed mode whose faults a test chooses: what a good server never shows,
the client must bear all the same. Files live in memory.

As a program: framed_server.py DIRECTORY [PORT] serves copies of the directory's files.
"""
import hashlib
import os
import re
import socket
import sys
import threading
import time


def encode(name: bytes) -> bytes:
    return re.sub(rb"[\t\n%]", lambda match: b"%%%02X" % match[0][0], name)


def decode(field: bytes) -> bytes:
    return re.sub(rb"%(..)", lambda match: bytes([int(match[1], 16)]), field)


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest().encode()


class Cut(Exception):
    """The connection ends here."""


class FramedServer:
    """Faults are attributes; None, 0 or False is none. `requests` is what came, in order."""

    def __init__(self, port=0):
        self.files = {}           # name -> bytes
        self.times = {}           # name -> unix seconds
        self.kept = {}            # name -> bytes of a put that broke off
        self.requests = []
        self.connections = 0
        self.wrong_sums = 0       # how many checksums yet are wrong
        self.cut_get_at = None    # the next get ends the connection after so many bytes
        self.cut_put_at = None    # the next put, as well; what came is kept
        self.refuse_put_at = None  # the next put is answered ERR no-space after so many bytes
        self.refuse = {}          # letter -> the ERR line's rest
        self.hold_get_at = None   # gets wait for `release` after so many bytes
        self.pause_in_get = 0     # seconds in the middle of each get
        self.release = threading.Event()
        self.held = threading.Event()
        self.close_after_reply = False
        self.full = False
        self.silent = False
        self.dribble = False      # replies come byte by byte
        self.after_get = None     # called after each get
        self.before_put = None    # called before each put is answered
        self.listener = socket.create_server(("127.0.0.1", port))
        self.port = self.listener.getsockname()[1]
        self.open = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.release.set()
        self.listener.close()
        for connection in list(self.open):
            connection.close()

    def letters(self):
        return b"".join(request[:1] for request in self.requests)

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        stream = connection.makefile("rb")
        try:
            if self.full:
                connection.sendall(b"ERR busy too many sessions\n")
                return
            while line := stream.readline():
                self.requests.append(line[:-1])
                if self.silent:
                    continue
                if line[:1] == b"Q":
                    connection.sendall(b"BYE\n")
                    return
                self._answer(connection, stream, line[:-1].split(b"\t"))
                if self.close_after_reply:
                    return
        except (Cut, OSError, ValueError):
            pass
        finally:
            self.open.discard(connection)
            stream.close()
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            connection.close()

    def _send(self, connection, data):
        if self.dribble:
            for i in range(len(data)):
                connection.sendall(data[i:i + 1])
        else:
            connection.sendall(data)

    def _answer(self, connection, stream, fields):
        letter = fields[0].decode()
        if letter in self.refuse:
            self._send(connection, b"ERR " + self.refuse[letter].encode() + b"\n")
        elif letter == "L":
            self._list(connection)
        elif letter in "GS" and decode(fields[1]) not in self.files:
            self._send(connection, b"ERR not-found there is no such file\n")
        elif letter == "G":
            self._get(connection, decode(fields[1]), int(fields[2]) if fields[2:] else 0)
        elif letter == "S":
            data = self.files[decode(fields[1])]
            self._send(connection, b"OK %d\t%s\n" % (len(data), self._sum(data)))
        elif letter == "P":
            self._put(connection, stream, decode(fields[1]), int(fields[2]),
                      int(fields[3]) if fields[3:] else 0)
        else:
            self._send(connection, b"ERR bad-request what is this\n")

    def _sum(self, data):
        if self.wrong_sums:
            self.wrong_sums -= 1
            return sha256(data + b"spoilt")
        return sha256(data)

    def _list(self, connection):
        lines = [b"%d\t%d\t%s\n" % (len(data), self.times.get(name, 0), encode(name))
                 for name, data in sorted(self.files.items())]
        self._send(connection, b"OK %d\n" % len(lines) + b"".join(lines))

    def _get(self, connection, name, offset):
        data = self.files[name]
        if offset > len(data):
            self._send(connection, b"ERR bad-offset the file is shorter\n")
            return
        rest = data[offset:]
        self._send(connection, b"OK %d\t%d\n" % (len(rest), self.times.get(name, 0)))
        if self.cut_get_at is not None:
            cut, self.cut_get_at = self.cut_get_at, None
            self._send(connection, rest[:cut])
            raise Cut
        if self.hold_get_at is not None:
            self._send(connection, rest[:self.hold_get_at])
            rest = rest[self.hold_get_at:]
            self.held.set()
            self.release.wait()
        self._send(connection, rest[:1])
        time.sleep(self.pause_in_get)
        self._send(connection, rest[1:])
        if self.after_get:
            self.after_get()

    def _put(self, connection, stream, name, size, asked):
        if self.before_put:
            self.before_put()
        start = min(asked, len(self.kept.get(name, b"")))
        data = self.kept.pop(name, b"")[:start]
        self._send(connection, b"OK %d\n" % start)
        cut, self.cut_put_at = self.cut_put_at, None
        refuse, self.refuse_put_at = self.refuse_put_at, None
        for end in (cut, refuse):
            if end is not None:
                self.kept[name] = data + stream.read(end)
        if cut is not None:
            raise Cut
        if refuse is not None:
            self._send(connection, b"ERR no-space the disk is full\n")
            # The frame is broken: nothing that comes can be told from the file's bytes.
            while stream.read(65536):
                pass
            raise Cut
        data += stream.read(size - start)
        if len(data) < size:
            self.kept[name] = data
            raise Cut
        self.files[name] = data
        self._send(connection, b"OK %d\t%s\n" % (len(data), self._sum(data)))


if __name__ == "__main__":
    server = FramedServer(int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    for entry in os.scandir(os.fsencode(sys.argv[1])):
        if entry.is_file():
            with open(entry.path, "rb") as file:
                server.files[entry.name] = file.read()
            server.times[entry.name] = int(entry.stat().st_mtime)
    print(server.port, flush=True)
    threading.Event().wait()
