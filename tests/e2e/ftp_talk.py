"""An FTP client that does what the tests tell it and nothing else: lines of the control connection,
and the client's end of data connections."""
import fnmatch
import re
import socket

from ftpool_server import PATIENCE_SECONDS

RIGHTS = "list get put overwrite append resume rename delete mkdir rmdir chmod touch".split()
FTP = """\
listener ftp {
	protocol = ftp
}
"""
ALL_RIGHTS = {"anonymous.may": ",".join(RIGHTS)}


class Data:
    """The client's end of the data connection that comes next."""

    def __init__(self, host, how, control):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.listener = self.socket = None
        if how in ("PORT", "EPRT"):
            self.listener = socket.create_server((host, 0), family=family)
            self.listener.settimeout(PATIENCE_SECONDS)
            port = self.listener.getsockname()[1]
            if how == "PORT":
                control.say(f"PORT {host.replace('.', ',')},{port >> 8},{port & 255}".encode())
            else:
                control.say(f"EPRT |{'2' if ':' in host else '1'}|{host}|{port}|".encode())
            control.expect("200 *")
        else:
            control.say(how.encode())
            reply = control.expect("22[79] *")
            if how == "PASV":
                numbers = re.search(r"\((\d+),(\d+),(\d+),(\d+),(\d+),(\d+)\)", reply).groups()
                assert ".".join(numbers[:4]) == host
                port = int(numbers[4]) * 256 + int(numbers[5])
            else:
                port = int(re.search(r"\(\|\|\|(\d+)\|\)", reply)[1])
            self.socket = socket.create_connection((host, port), PATIENCE_SECONDS)

    def connection(self):
        if self.socket is None:
            self.socket, _ = self.listener.accept()
            self.socket.settimeout(PATIENCE_SECONDS)
        return self.socket

    def read(self):
        received = bytearray()
        while chunk := self.connection().recv(1 << 20):
            received += chunk
        self.close()
        return bytes(received)

    def read_to_end(self):
        """By TLS: up to close_notify; without it this raises."""
        received = bytearray()
        while chunk := self.socket.recv(1 << 20):
            received += chunk
        self.socket.unwrap()
        self.close()
        return bytes(received)

    def send(self, content):
        self.connection().sendall(content)
        self.close()

    def close(self):
        for end in (self.socket, self.listener):
            if end is not None:
                end.close()


class Control:
    """A control connection, and all that was said over it."""

    def __init__(self, host, port):
        self.host = host
        self.socket = socket.create_connection((host, port), PATIENCE_SECONDS)
        self.lines = self.socket.makefile("rb")
        self.data = None
        self.said = []

    def say(self, line):
        self.said.append(b"C: " + line)
        self.socket.sendall(line + b"\r\n")

    def send(self, content):
        self.said.append(b"C| " + content)
        self.socket.sendall(content)

    def line(self):
        line = self.lines.readline()
        self.said.append(b"S: " + line)
        assert line.endswith(b"\r\n"), self.said
        return line[:-2].decode("latin-1")

    def expect(self, pattern):
        line = self.line()
        assert fnmatch.fnmatchcase(line, pattern), (pattern, self.said)
        return line

    def expect_after_any(self, pattern):
        while not fnmatch.fnmatchcase(self.line(), pattern):
            pass

    def expect_closed(self):
        assert self.lines.read() == b"", self.said

    def is_closed(self):
        """The server has ended the connection, in whatever way."""
        try:
            return self.lines.read(1) == b""
        except ConnectionError:
            return True

    def close(self):
        if self.data:
            self.data.close()
        self.lines.close()
        self.socket.close()

    # ---- what most tests begin with ----

    def command(self, line, pattern):
        """Says a line and takes its reply, which must fit."""
        self.say(line.encode() if isinstance(line, str) else line)
        return self.expect(pattern)

    def log_in(self, mode="I"):
        self.expect("220 *")
        self.command("USER anonymous", "331 *")
        self.command("PASS someone@example.org", "230 *")
        self.command(f"TYPE {mode}", "200 *")
        return self

    def open_data(self, how="EPSV"):
        self.data = Data(self.host, how, self)
        return self.data
