"""pyftpdlib as a server for the client's tests: an FTP server that is none of ours."""
import logging
import subprocess
import threading

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler, TLS_DTPHandler, TLS_FTPHandler
from pyftpdlib.ioloop import IOLoop
from pyftpdlib.servers import FTPServer

RIGHTS = "elradfmwMT"
LOOK_SECONDS = 0.05


class TlsData(TLS_DTPHandler):
    """pyftpdlib 1.5 takes a handshake that comes before the transfer's reply for a lost connection;
    that is when libcurl makes it."""

    def readable(self):
        return self._ssl_accepting or self.receive


class ImplicitTls(TLS_FTPHandler):
    """In TLS from the first byte on."""

    def handle(self):
        self.secure_connection(self.ssl_context)

    def handle_ssl_established(self):
        TLS_FTPHandler.handle(self)


def make_certificate(path):
    """A certificate for 127.0.0.1 that only who knows the file trusts, with its key."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=test",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", path, "-out",
                    f"{path}.pem"], check=True, capture_output=True)
    with open(path, "ab") as file, open(f"{path}.pem", "rb") as certificate:
        file.write(certificate.read())


class ForeignFtp:
    def __init__(self, directory, tls=False, implicit=False):
        logging.getLogger("pyftpdlib").setLevel(logging.ERROR)
        self.directory = directory
        self.certificate = directory.parent / "certificate"
        authorizer = DummyAuthorizer()
        authorizer.add_anonymous(str(directory), perm=RIGHTS)
        authorizer.add_user("ann", "secret", str(directory), perm=RIGHTS)
        base = ImplicitTls if implicit else TLS_FTPHandler if tls else FTPHandler
        handler = type("Handler", (base,), {"authorizer": authorizer, "auth_failed_timeout": 0})
        if tls:
            make_certificate(self.certificate)
            handler.dtp_handler = TlsData
            handler.certfile = str(self.certificate)
            handler.ssl_context = handler.get_ssl_context()
        self.server = FTPServer(("127.0.0.1", 0), handler, ioloop=IOLoop())
        self.port = self.server.address[1]
        self.ending = False
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while not self.ending:
            self.server.serve_forever(timeout=LOOK_SECONDS, blocking=False)
        self.server.close_all()

    def close(self):
        self.ending = True
        self.thread.join()
