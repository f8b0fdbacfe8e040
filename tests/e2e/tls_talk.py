"""Certificates made for a test, and an FTP client that speaks TLS and does only what it is told."""
import pathlib
import ssl
import subprocess

from ftp_talk import Control
from ftpool_server import PATIENCE_SECONDS

EXPLICIT = """\
listener ftp {
	protocol = ftp
	tls = explicit
}
"""


def openssl(*arguments, **options):
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True,
                          timeout=PATIENCE_SECONDS, **options)


class Pair:
    """A certificate and its key, signed by itself or by an issuer."""

    def __init__(self, directory, name, issuer=None, days=30, subject=None):
        self.certificate = pathlib.Path(directory) / f"{name}.pem"
        self.key = pathlib.Path(directory) / f"{name}.key"
        signed = ["-CA", issuer.certificate, "-CAkey", issuer.key] if issuer else []
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", self.key, "-out", self.certificate, "-days", days,
                "-subj", f"/CN={subject or name}", *signed,
                "-addext", f"subjectAltName=DNS:{subject or name},IP:127.0.0.1,IP:::1")
        self.key.chmod(0o600)

    def settings(self):
        return {"tls.certificate": self.certificate, "tls.key": self.key}


def context_for(pair, version=None):
    """A client's context that trusts that certificate, and speaks one version if that is said."""
    context = ssl.create_default_context(cafile=pair.certificate)
    if version:
        context.minimum_version = context.maximum_version = version
    return context


class SecureControl(Control):
    """A control connection that can turn to TLS; its data connections then resume its session, or
    the one that they are told to."""

    def __init__(self, host, port, context, name="localhost", implicit=False):
        super().__init__(host, port)
        self.context, self.name = context, name
        if implicit:
            self.shake()

    def shake(self):
        self.lines.close()
        self.socket = self.context.wrap_socket(self.socket, server_hostname=self.name)
        self.lines = self.socket.makefile("rb")

    def secure(self):
        self.expect("220 *")
        self.command("AUTH TLS", "234 *")
        self.shake()
        return self

    def log_in_securely(self):
        self.command("USER anonymous", "331 *")
        self.command("PASS someone@example.org", "230 *")
        self.command("TYPE I", "200 *")
        self.command("PBSZ 0", "200 *")
        self.command("PROT P", "200 *")
        return self

    def shake_data(self, session="own"):
        """TLS on the data connection, as its client."""
        self.data.socket = self.context.wrap_socket(
            self.data.connection(), server_hostname=self.name,
            session=self.socket.session if session == "own" else session)
        return self.data.socket

    def download(self, name, session="own", how="EPSV"):
        self.open_data(how)
        self.command(f"RETR {name}", "150 *")
        self.shake_data(session)
        content = self.data.read_to_end()
        self.expect("226 *")
        return content
