"""The first file server of this kind, as its traffic is written down for LGPQ's bare mode: its pauses,
its end mark, its crash on an empty library, its silence after an upload.

As a program: old_server.py DIRECTORY [PORT] serves until it is ended, and prints its port.
"""
import os
import socket
import sys
import threading
import time

PAUSE = 0.1
NOT_FOUND = "文件不存在".encode()
CANNOT_WRITE = "上传失败".encode()


class OldServer:
    """Serves a directory on a loopback port of its own; `requests` is what came, in order."""

    def __init__(self, directory, port=0):
        self.directory = os.fsencode(directory)
        self.requests = []
        self.connections = 0
        self.pause_in_get = 0  # seconds more before the end mark
        self.listener = socket.create_server(("127.0.0.1", port))
        self.port = self.listener.getsockname()[1]
        self.open = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.close()
        for connection in list(self.open):
            connection.close()

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
        try:
            while True:
                request = connection.recv(128)
                if not request:
                    return
                self.requests.append(request)
                if not self._answer(connection, request):
                    return
        except OSError:
            pass
        finally:
            self.open.discard(connection)
            connection.close()

    def _answer(self, connection, request):
        """False ends the connection: by a Q, or by the crash."""
        letter, name = request[:1], request[2:]
        if letter == b"L":
            return self._list(connection)
        if letter == b"G":
            self._get(connection, name)
        elif letter == b"P":
            return self._put(connection, name)
        return letter != b"Q"

    def _list(self, connection):
        names = [entry.name for entry in os.scandir(self.directory)
                 if entry.is_file() and not entry.name.startswith(b".")]
        if not names:
            return False
        connection.sendall(b"OK")
        time.sleep(PAUSE)
        connection.sendall(b"".join(name + b"#" for name in names))
        return True

    def _get(self, connection, name):
        try:
            file = open(self.directory + b"/" + name, "rb")
        except (OSError, ValueError):
            connection.sendall(NOT_FOUND)
            return
        with file:
            connection.sendall(b"OK")
            time.sleep(PAUSE)
            while chunk := file.read(1024):
                connection.sendall(chunk)
        time.sleep(PAUSE + self.pause_in_get)
        connection.sendall(b"##")

    def _put(self, connection, name):
        try:
            file = open(self.directory + b"/" + name, "wb")
        except (OSError, ValueError):
            connection.sendall(CANNOT_WRITE)
            return True
        with file:
            connection.sendall(b"OK")
            while True:
                chunk = connection.recv(1024)
                if not chunk:
                    return False
                if chunk == b"##":
                    return True
                file.write(chunk)


if __name__ == "__main__":
    server = OldServer(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    print(server.port, flush=True)
    threading.Event().wait()
