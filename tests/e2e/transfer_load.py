"""Clients that transfer all the time, and miss nothing: FTP sessions of one transfer and of many,
LGPQ sessions, uploads and downloads, each byte compared. `wrong` has what went wrong."""
import ftplib
import hashlib
import io
import os
import threading

from ftpool_server import HOST, PATIENCE_SECONDS
from lgpq_client import LgpqClient

SIZES = [0, 700, 50_000, 3_000_000]
CONFIG = """\
listener lgpq {
}
listener ftp {
	protocol = ftp
}
anonymous {
	may = "list get put overwrite append resume rename delete mkdir rmdir"
}
"""


def digest(data):
    return hashlib.sha256(data).hexdigest()


class TransferLoad:
    """In a with statement; `wait(n)` waits until each client has done n transfers more."""

    def __init__(self, server):
        self.server = server
        self.contents = {f"given{size}": os.urandom(size) for size in SIZES}
        for name, content in self.contents.items():
            server.write(name, content)
        self.wrong = []
        self.over = threading.Event()
        self.progress = threading.Condition()
        kinds = [self.ftp_once, self.ftp_often, self.lgpq_once, self.lgpq_often]
        self.done = [0] * len(kinds)
        self.threads = [threading.Thread(target=self._run, args=(number, kind))
                        for number, kind in enumerate(kinds)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def wait(self, count):
        with self.progress:
            goal = [done + count for done in self.done]
            assert self.progress.wait_for(
                lambda: self.wrong or all(d >= g for d, g in zip(self.done, goal)),
                2 * PATIENCE_SECONDS), "the clients stand still"
        assert not self.wrong, self.wrong

    def _run(self, number, kind):
        try:
            while not self.over.is_set():
                kind(number)
        except Exception as error:  # whatever it is, the test has to know
            with self.progress:
                self.wrong.append(f"{kind.__name__}: {error!r}")
                self.progress.notify_all()

    def _note(self, number):
        with self.progress:
            self.done[number] += 1
            self.progress.notify_all()

    # ---- the clients ----

    def _open_ftp(self):
        ftp = ftplib.FTP(timeout=PATIENCE_SECONDS)
        ftp.connect(HOST, self.server.port("ftp"))
        ftp.login()
        return ftp

    def _ftp_round(self, ftp, number, turn):
        name, content = list(self.contents.items())[turn % len(SIZES)]
        got = io.BytesIO()
        ftp.retrbinary(f"RETR {name}", got.write)
        assert digest(got.getvalue()) == digest(content), f"RETR {name}"
        self._note(number)
        own = f"put{number}.{turn % 7}"
        ftp.storbinary(f"STOR {own}", io.BytesIO(content))
        assert digest(self.server.read(own)) == digest(content), f"STOR {own}"
        self._note(number)

    def ftp_once(self, number):
        ftp = self._open_ftp()
        self._ftp_round(ftp, number, self.done[number] // 2)
        ftp.quit()

    def ftp_often(self, number):
        ftp = self._open_ftp()
        for turn in range(40):
            if not self.over.is_set():
                self._ftp_round(ftp, number, turn)
        ftp.quit()

    def _lgpq_round(self, client, number, turn):
        name, content = list(self.contents.items())[turn % len(SIZES)]
        assert digest(client.get(name.encode())) == digest(content), f"G {name}"
        self._note(number)
        own = f"put{number}.{turn % 7}"
        size, _ = client.put(own.encode(), content)
        assert size == len(content) and digest(self.server.read(own)) == digest(content), f"P {own}"
        self._note(number)

    def lgpq_once(self, number):
        with LgpqClient(self.server.address()) as client:
            self._lgpq_round(client, number, self.done[number] // 2)
            client.quit()

    def lgpq_often(self, number):
        with LgpqClient(self.server.address()) as client:
            for turn in range(40):
                if not self.over.is_set():
                    self._lgpq_round(client, number, turn)
            client.quit()
