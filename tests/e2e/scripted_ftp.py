"""An FTP server that does as it is told: for every refusal, fault and malice that ftpool may meet."""
import hashlib
import socket
import threading
import time

FEATURES = [b"MLST type*;size*;modify*;", b"SIZE", b"MDTM", b"REST STREAM", b"EPSV",
            b"HASH SHA-256*;SHA-512"]
SENT_AT_A_TIME = 65536
PATIENCE_SECONDS = 20


class ScriptedFtp:
    """Serves the dict `files` (path → bytes; directories are what stands before a '/')."""

    def __init__(self):
        self.files = {}
        self.times = {}
        self.features = list(FEATURES)  # None: FEAT is unknown
        self.replies = {}  # verb → the reply in its place, bytes or a list of them, used up in turn
        self.listing = {}  # b"MLSD", b"LIST", b"NLST" → the bytes sent in its place
        self.wrong_sums = 0  # so many answers of HASH are wrong
        self.cut_get_at = self.hold_get_at = self.refuse_put_at = None
        self.hold_put_at = None
        self.resets = 0  # puts whose data connection was closed before the server closed it
        self.refusal = b"452 no room is left"
        self.users = {b"anonymous": None}  # → password
        self.requests = []
        self.connections = 0
        self.open = []
        self.release = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.release.set()
        try:
            self.listener.shutdown(socket.SHUT_RDWR)  # wakes who waits in accept
        except OSError:
            pass
        self.listener.close()
        for connection in list(self.open):
            connection.close()

    def verbs(self):
        return [request.partition(b" ")[0] for request in self.requests]

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            self.open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            Session(self, connection).run()
        except OSError:
            pass
        if connection in self.open:
            self.open.remove(connection)
        connection.close()


class Session:
    def __init__(self, server, connection):
        self.server = server
        self.connection = connection
        self.directory = b""
        self.offset = 0
        self.user = b""
        self.passive = self.active = None

    def say(self, *lines):
        self.connection.sendall(b"".join(line + b"\r\n" for line in lines))

    def run(self):
        self.say(b"220 scripted")
        for line in self.connection.makefile("rb"):
            line = line.rstrip(b"\r\n").replace(b"\xff\xff", b"\xff")
            self.server.requests.append(line)
            verb, _, argument = line.partition(b" ")
            scripted = self.server.replies.get(verb)
            if isinstance(scripted, list):
                scripted = scripted.pop(0) if scripted else None
            if scripted is not None:
                if scripted:
                    self.say(scripted)
                if scripted.startswith(b"421"):
                    return
                continue
            handler = getattr(self, "do_" + verb.decode().lower(), None)
            if not handler:
                self.say(b"502 not here")
            elif handler(argument) == "end":
                return

    def path(self, argument):
        whole = argument if argument.startswith(b"/") else self.directory + b"/" + argument
        return whole.strip(b"/")

    # ---- commands without a data connection ----

    def do_user(self, argument):
        self.user = argument
        self.say(b"331 password?")

    def do_pass(self, argument):
        known = self.user in self.server.users
        wanted = self.server.users.get(self.user)
        self.say(b"230 welcome" if known and wanted in (None, argument) else b"530 not you")

    def do_pwd(self, _):
        self.say(b'257 "/" is here')

    def do_cwd(self, argument):
        path = self.path(argument)
        if path and not any(name.startswith(path + b"/") for name in self.server.files):
            self.say(b"550 no directory " + argument)
            return
        self.directory = path
        self.say(b"250 there")

    def do_feat(self, _):
        if self.server.features is None:
            self.say(b"500 what?")
        else:
            self.say(b"211-Features:", *(b" " + name for name in self.server.features), b"211 End")

    def do_type(self, _):
        self.say(b"200 as you like")

    def do_opts(self, _):
        self.say(b"200 so be it")

    def do_size(self, argument):
        content = self.server.files.get(self.path(argument))
        self.say(b"550 no file " + argument if content is None else b"213 %d" % len(content))

    def do_mdtm(self, argument):
        modified = time.gmtime(self.server.times.get(self.path(argument), 0))
        self.say(time.strftime("213 %Y%m%d%H%M%S", modified).encode())

    def do_rest(self, argument):
        self.offset = int(argument)
        self.say(b"350 from there")

    def do_hash(self, argument):
        content = self.server.files.get(self.path(argument))
        if content is None:
            self.say(b"550 no file")
            return
        if self.server.wrong_sums > 0:
            self.server.wrong_sums -= 1
            content += b"!"
        digest = hashlib.sha256(content).hexdigest().upper().encode()
        self.say(b"213 SHA-256 0-%d %s %s" % (len(content), digest, argument))

    def do_quit(self, _):
        self.say(b"221 bye")
        return "end"

    # ---- the data connection ----

    def _listen(self):
        self.passive = socket.create_server(("127.0.0.1", 0))
        return self.passive.getsockname()[1]

    def do_epsv(self, _):
        self.say(b"229 here (|||%d|)" % self._listen())

    def do_pasv(self, _):
        self.say(b"227 here (127,0,0,1,%d,%d)" % divmod(self._listen(), 256))

    def do_eprt(self, argument):
        _, _, host, port, _ = argument.split(argument[:1])
        self.active = host, int(port)
        self.say(b"200 there")

    def _data(self):
        self.say(b"150 here it comes")
        if self.active:
            return socket.create_connection(self.active, PATIENCE_SECONDS)
        connection, _ = self.passive.accept()
        self.passive.close()
        return connection

    def _send(self, content):
        offset, self.offset = self.offset, 0
        sent = content[offset:]
        with self._data() as data:
            at = 0
            while at < len(sent):
                if self.server.hold_get_at is not None and at >= self.server.hold_get_at:
                    self.server.release.wait(PATIENCE_SECONDS)
                if self.server.cut_get_at is not None and at >= self.server.cut_get_at:
                    self.server.cut_get_at = None
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                stops = [stop - at for stop in (self.server.hold_get_at, self.server.cut_get_at)
                         if stop is not None and stop > at]
                size = min([SENT_AT_A_TIME, *stops])
                data.sendall(sent[at:at + size])
                at += size
        self.say(b"226 done")

    def do_retr(self, argument):
        content = self.server.files.get(self.path(argument))
        if content is None:
            self.say(b"550 no file " + argument)
        else:
            self._send(content)

    def _entries(self):
        prefix = self.directory + b"/" if self.directory else b""
        seen = set()
        for path, content in self.server.files.items():
            if not path.startswith(prefix):
                continue
            name, slash, _ = path[len(prefix):].partition(b"/")
            if name not in seen:
                seen.add(name)
                yield name, None if slash else content, self.server.times.get(path, 0)

    def _list(self, verb, lines):
        own = self.server.listing.get(verb)
        self._send(b"".join(line + b"\r\n" for line in lines) if own is None else own)

    def do_mlsd(self, _):
        def facts(name, content, modified):
            stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(modified)).encode()
            kind = b"dir" if content is None else b"file;Size=%d" % len(content)
            return b"Type=%s;Modify=%s; %s" % (kind, stamp, name)
        self._list(b"MLSD", [b"Type=cdir; .", b"Type=pdir; .."] +
                   [facts(*entry) for entry in self._entries()])

    def do_list(self, _):
        def row(name, content, modified):
            stamp = time.strftime("%b %d  %Y", time.gmtime(modified)).encode()
            kind = b"d" if content is None else b"-"
            size = 4096 if content is None else len(content)
            return b"%srwxr-xr-x   2 me us %8d %s %s" % (kind, size, stamp, name)
        self._list(b"LIST", [b"total 7"] + [row(*entry) for entry in self._entries()])

    def do_nlst(self, _):
        self._list(b"NLST", [name for name, _, _ in self._entries()])

    def _receive(self, data):
        try:
            return data.recv(SENT_AT_A_TIME)
        except ConnectionError:
            return b""

    def _speak_late(self, data):
        """As a server's TLS may, when the client has sent all it has."""
        data.sendall(b"late")
        if data.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self.server.resets += 1

    def _store(self, argument, content):
        got = bytearray(content)
        with self._data() as data:
            while chunk := self._receive(data):
                got += chunk
                if self.server.hold_put_at is not None and len(got) >= self.server.hold_put_at:
                    self.server.release.wait(PATIENCE_SECONDS)
                if self.server.refuse_put_at is not None and len(got) >= self.server.refuse_put_at:
                    self.say(self.server.refusal)
                    return
            self._speak_late(data)
        self.server.files[self.path(argument)] = bytes(got)
        self.say(b"226 stored")

    def do_stor(self, argument):
        self._store(argument, b"")

    def do_appe(self, argument):
        self._store(argument, self.server.files.get(self.path(argument), b""))
