"""The old client's traffic, byte for byte and pause for pause. It cannot be changed."""
import time

from lgpq_client import connect

PAUSE_SECONDS = 0.1  # what the old client sleeps before its end mark
OK = b"OK"
MARK = b"##"
EMPTY = "文件库为空".encode()
NOT_FOUND = "文件不存在".encode()
PUT_FAILED = "上传失败".encode()
UNKNOWN = "命令错误".encode()


class Said(Exception):
    """The server answered with a text instead of OK; the old client prints it."""


class OldClient:
    def __init__(self, address, receive_buffer=None):
        self.socket = connect(address, receive_buffer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def ask(self, request):
        """Sends it and reads the first reply as the old client does: one read of up to 128."""
        self.send(request)
        self.expect_ok()

    def expect_ok(self):
        reply = self.socket.recv(128)
        if reply != OK:
            raise Said(reply)

    def list(self):
        """One read of up to 4096 bytes has to bring all names."""
        self.ask(b"L")
        return self.socket.recv(4096)

    def get(self, name, slowness_seconds=0):
        self.ask(b"G " + name)
        return self.read_file(slowness_seconds)

    def read_file(self, slowness_seconds=0):
        """Reads of up to 1024 bytes, until one brings the mark alone."""
        content = bytearray()
        while (chunk := self.socket.recv(1024)) != MARK:
            if not chunk:
                raise EOFError(f"the connection ended behind {len(content)} bytes")
            content += chunk
            if slowness_seconds:
                time.sleep(slowness_seconds)
        return bytes(content)

    def exactly(self, count):
        """So many bytes, however they come."""
        data = bytearray()
        while len(data) < count:
            chunk = self.socket.recv(count - len(data))
            if not chunk:
                raise EOFError(f"the connection ended behind {len(data)} of {count} bytes")
            data += chunk
        return bytes(data)

    def put(self, name, content):
        self.ask(b"P " + name)
        self.send_file(content)

    def send_file(self, content, glued=b""):
        """The content 1024 bytes at a time, the pause, the mark; `glued` is a next request that
        TCP put into the same packet."""
        for start in range(0, len(content), 1024):
            self.send(content[start:start + 1024])
        time.sleep(PAUSE_SECONDS)
        self.send(MARK + glued)

    def quit(self):
        self.send(b"Q")
        return self.socket.recv(128)
