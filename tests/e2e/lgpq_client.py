"""A client of LGPQ's framed mode for tests: says exactly what it is told and believes nothing."""
import os
import socket

PATIENCE_SECONDS = 30
ESCAPED = {0: b"%00", 9: b"%09", 10: b"%0A", 37: b"%25"}


def encode(name):
    """A name (text or bytes) as a field."""
    return b"".join(ESCAPED.get(byte, bytes([byte])) for byte in os.fsencode(name))


def decode(field):
    """The bytes that a field stands for."""
    first, *rest = field.split(b"%")
    return first + b"".join(bytes([int(piece[:2], 16)]) + piece[2:] for piece in rest)


class Refused(Exception):
    """The server said ERR."""

    def __init__(self, line):
        super().__init__(line)
        _, self.word, self.text = (line + "  ").split(" ", 2)


def connect(address, receive_buffer=None):
    """A connection; a small receive buffer makes its owner slow."""
    connection = socket.socket()
    if receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.settimeout(PATIENCE_SECONDS)
    connection.connect(address)
    return connection


class LgpqClient:
    def __init__(self, address, receive_buffer=None):
        self.socket = connect(address, receive_buffer)
        self.input = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    # ---- bytes and lines ----

    def send(self, data):
        self.socket.sendall(data)

    def request(self, *fields):
        """Sends one request of fields that are already encoded."""
        self.send(b"\t".join(str(field).encode() if isinstance(field, int) else field
                             for field in fields) + b"\n")

    def _more(self):
        chunk = self.socket.recv(1 << 18)
        if not chunk:
            raise EOFError(f"the server ended the connection; unread: {self.input[:100]}")
        self.input += chunk

    def line(self):
        while b"\n" not in self.input:
            self._more()
        line, _, self.input = self.input.partition(b"\n")
        return line

    def exactly(self, count):
        pieces = [self.input[:count]]
        self.input = self.input[count:]
        left = count - len(pieces[0])
        while left > 0:
            chunk = self.socket.recv(min(left, 1 << 20))
            if not chunk:
                raise EOFError(f"{left} of {count} bytes are missing")
            pieces.append(chunk)
            left -= len(chunk)
        return b"".join(pieces)

    def drop(self, count):
        """Reads so many bytes and forgets them."""
        left = count - len(self.input[:count])
        self.input = self.input[count:]
        waste = bytearray(1 << 20)
        while left > 0:
            got = self.socket.recv_into(waste, min(left, len(waste)))
            if not got:
                raise EOFError(f"{left} of {count} bytes are missing")
            left -= got

    def rest(self):
        """Everything until the server ends the connection."""
        pieces = [self.input]
        while chunk := self.socket.recv(1 << 18):
            pieces.append(chunk)
        return b"".join(pieces)

    def reply(self):
        """The fields behind OK; raises Refused for an ERR."""
        line = self.line()
        if line.startswith(b"ERR "):
            raise Refused(line.decode())
        assert line.startswith(b"OK"), line
        return line[2:].strip(b" ").split(b"\t")

    # ---- requests ----

    def list(self):
        """Rows of (size, mtime, name as bytes)."""
        self.request(b"L")
        return self.listed()

    def listed(self):
        """The reply to an L that was sent before."""
        rows = []
        for _ in range(int(self.reply()[0])):
            size, mtime, name = self.line().split(b"\t")
            rows.append((int(size), int(mtime), decode(name)))
        return rows

    def names(self):
        return [name for _, _, name in self.list()]

    def get(self, name, offset=None):
        self.request(b"G", encode(name), *([] if offset is None else [offset]))
        return self.got()[0]

    def got(self):
        """The reply to a G that was sent before: content and mtime."""
        count, mtime = map(int, self.reply())
        return self.exactly(count), mtime

    def begin_put(self, name, size, offset=None):
        """The offset to send from."""
        self.request(b"P", encode(name), size, *([] if offset is None else [offset]))
        return int(self.reply()[0])

    def end_put(self):
        """Size and checksum of the file that now stands, and the name that a drop box gave it."""
        size, checksum, *name = self.reply()
        return int(size), checksum.decode(), *map(decode, name)

    def put(self, name, content):
        assert self.begin_put(name, len(content)) == 0
        self.send(content)
        return self.end_put()

    def sum(self, name):
        self.request(b"S", encode(name))
        return self.end_put()

    def quit(self):
        self.request(b"Q")
        said = self.rest()
        if not said:
            raise EOFError("the server ended the connection before BYE")
        assert said == b"BYE\n", said
