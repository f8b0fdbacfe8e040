"""The servers that are compared, each as its own manual would have it tuned for this: no name lookups, no
log of transfers, no delays, no limit of clients, anonymous alone, sendfile, one process a session."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import family
import world

PASSIVE = (10000, 29999)
START_SECONDS = 10


class Place:
    """Where a benchmark's files, configs and programs are."""

    def __init__(self, base, build):
        self.base, self.build = Path(base), Path(build)
        self.files = self.base / "files"
        self.upload = self.files / "upload"
        self.empty = self.base / "empty"
        self.peers = self.build.parent / "peers"
        self.certificate = self.base / "certificate"  # and its key
        self.users = self.base / "users"

    def make_secrets(self):
        """A certificate of P-256, and an account with a password."""
        key = self.base / "key"
        subprocess.run([self.build / "ftpctl", "cert", "self-signed", "localhost", self.certificate, key],
                       check=True, stdout=subprocess.DEVNULL)
        key.write_bytes(key.read_bytes() + self.certificate.read_bytes())
        key.rename(self.certificate)
        subprocess.run([self.build / "ftpctl", "user", "add", "anna", "--stdin", "--file", self.users],
                       input=b"bench@\n", check=True, stdout=subprocess.DEVNULL)


class Server:
    """A server that can be started any number of times; `settings` and `command` come from its kind."""

    mlsd = lists = memory = True
    tls = False  # is it offered?

    def __init__(self, place):
        self.place, self.process = place, None

    def debian(self, package, program):
        self.version = (self.place.peers / package / "version").read_text().strip()
        return self.place.peers / package / "usr/sbin" / program

    def config(self, port):
        path = self.place.base / f"{self.name}.conf"
        path.write_text("".join(f"{line}\n" for line in self.settings(port)))
        return path

    def start(self):
        world.fresh_network()
        self.port = world.free_port()
        self.log = open(self.place.base / f"{self.name}.log", "w+")
        self.process = subprocess.Popen(
            self.command(self.port), stdin=self.log, stdout=self.log, stderr=self.log,
            start_new_session=True)
        end = time.monotonic() + START_SECONDS
        while not self.greets():
            if time.monotonic() > end or self.process.poll() is not None:
                self.log.seek(0)
                said = self.log.read()
                self.stop()
                raise SystemExit(f"bench: {self.name} does not greet; it said:\n{said}")
            time.sleep(0.02)
        family.settle(self.process.pid)

    def greets(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=START_SECONDS) as s:
                return s.recv(3) == b"220"
        except OSError:
            return False

    def stop(self):
        """Sessions may outlive a server's first process: all of them end."""
        for pid, how in [(self.process.pid, signal.SIGTERM)] + [
                (pid, signal.SIGKILL) for pid in family.members(self.process.pid)[1:]]:
            try:
                os.kill(pid, how)
            except ProcessLookupError:
                pass
        try:
            self.process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *unused):
        self.stop()


class Ours(Server):
    name = "ftpool"

    def __init__(self, place):
        super().__init__(place)
        self.program = place.build / "ftpoold"
        self.version = Path("VERSION").read_text().strip()

    def settings(self, port):
        return ["listener.ftp.protocol=ftp", "listener.ftp.address=127.0.0.1", f"listener.ftp.port={port}",
                "workers=0", "user=ftp", "anonymous.may=list,get,put,overwrite", "sync=none",
                "sandbox=true", f"passive.ports={PASSIVE[0]}-{PASSIVE[1]}", "log.level=error",
                f"users={self.place.users}", f"status.path={self.place.base}/status", *self.tls_settings()]

    def tls_settings(self):
        if not self.tls:
            return []
        return ["listener.ftp.tls=explicit", f"tls.certificate={self.place.certificate}"]

    def command(self, port):
        options = [word for line in self.settings(port) for word in ("-o", line)]
        return [self.program, *options, self.place.files]


class Vsftpd(Server):
    name, mlsd = "vsftpd", False

    def __init__(self, place):
        super().__init__(place)
        self.program = self.debian("vsftpd", "vsftpd")

    def settings(self, port):
        return [
            "listen=YES", "listen_address=127.0.0.1", f"listen_port={port}", "background=NO",
            "anonymous_enable=YES", "local_enable=NO", f"anon_root={self.place.files}", "write_enable=YES",
            "anon_upload_enable=YES", "one_process_model=YES", "use_sendfile=YES", "isolate=NO",
            "isolate_network=NO", "seccomp_sandbox=NO", "tcp_wrappers=NO",
            "xferlog_enable=NO", "setproctitle_enable=NO", "session_support=NO", "max_clients=0",
            "max_per_ip=0", f"secure_chroot_dir={self.place.empty}", "nopriv_user=nobody",
            f"pasv_min_port={PASSIVE[0]}", f"pasv_max_port={PASSIVE[1]}", *self.tls_settings()]

    def tls_settings(self):
        if not self.tls:
            return []
        return ["ssl_enable=YES", "allow_anon_ssl=YES", f"rsa_cert_file={self.place.certificate}",
                "ssl_ciphers=HIGH", "ssl_tlsv1=YES", "require_ssl_reuse=NO"]

    def command(self, port):
        return [self.program, self.config(port)]


class PureFtpd(Server):
    name = "pure-ftpd"

    def __init__(self, place):
        super().__init__(place)
        self.program = self.debian("pure-ftpd", "pure-ftpd")

    def settings(self, port):
        return [f"--bind=127.0.0.1,{port}", "--ipv4only", "--anonymousonly", "--dontresolve",
                "--maxclientsnumber=20000", "--maxclientsperip=20000", "--limitrecursion=100000:5",
                f"--passiveportrange={PASSIVE[0]}:{PASSIVE[1]}", "--syslogfacility=none",
                *(["--tls=1", f"--certfile={self.place.certificate}"] if self.tls else ["--tls=0"]),
                "--maxdiskusagepct=100", f"--pidfile={self.place.base}/pure-ftpd.pid"]

    def command(self, port):
        return [self.program, *self.settings(port)]


class Proftpd(Server):
    name = "proftpd"

    def __init__(self, place):
        super().__init__(place)
        self.program = self.debian("proftpd-core", "proftpd")

    def settings(self, port):
        return [
            "ServerName bench", "ServerType standalone", "DefaultAddress 127.0.0.1", f"Port {port}",
            "UseIPv6 off", "User ftp", "Group nogroup", "MaxInstances none", "TCPBacklog 255",
            "UseReverseDNS off", "DelayEngine off", "WtmpLog off", "TransferLog none", "SystemLog none",
            "ScoreboardFile none", f"PidFile {self.place.base}/proftpd.pid", "AuthPAM off",
            "AuthOrder mod_auth_unix.c", "UseSendfile on", "ControlsEngine off", "AllowOverwrite on",
            'ListOptions "" maxfiles 100000', f"PassivePorts {PASSIVE[0]} {PASSIVE[1]}",
            f"<Anonymous {self.place.files}>", "User ftp", "Group nogroup", "UserAlias anonymous ftp",
            "RequireValidShell off", "</Anonymous>", *self.tls_settings()]

    def tls_settings(self):
        if not self.tls:
            return []
        certificate = self.place.certificate
        return [f"ModulePath {self.program.parents[1]}/lib/proftpd", "LoadModule mod_tls.c", "TLSEngine on",
                "TLSProtocol TLSv1.3", f"TLSECCertificateFile {certificate}",
                f"TLSECCertificateKeyFile {certificate}", "TLSLog none", "TLSRequired off",
                "TLSOptions NoSessionReuseRequired"]

    def command(self, port):
        return [self.program, "--nodaemon", "--quiet", "--config", self.config(port)]


class Limit(Server):
    """Not a server: the share of the kernel and OpenSSL, see ftp_limit.c."""

    name, memory, version = "limit", False, "-"

    def settings(self, port):
        return ["the fewest system calls; no server"]

    def command(self, port):
        certificate = [self.place.certificate] if self.tls else []
        return [self.place.build / "bench/ftp_limit", str(port), self.place.files, *certificate]


PEERS = [Vsftpd, PureFtpd, Proftpd]
ALL = [Ours, *PEERS, Limit]
