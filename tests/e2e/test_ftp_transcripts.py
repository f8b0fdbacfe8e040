"""The golden conversations in tests/transcripts: each is held with a live server, over IPv4 and IPv6.

A transcript reads like the RFC's examples. Its lines:

    # a comment
    file NAME "CONTENT"     the library has this file (made before the conversation begins)
    folder NAME             and this directory
    may WORD WORD ...       what anonymous may do in it; all rights if it does not say
    only 4                  (or 6) held over that version of IP alone
    login                   USER anonymous, PASS, and the replies to them
    C: TEXT                 the client sends this line
    C| TEXT                 the client sends these bytes, no line end added
    S: CODE TEXT            the server replies with this line; * stands for anything
    S: ...                  the server sends any lines, up to the one that comes next here
    S: closed               the server has closed the control connection
    D: PASV                 (EPSV, PORT, EPRT) says that, takes the reply, and has a data connection ready
    D< "BYTES"              the data connection brings exactly this, and ends
    D~ REGEXP               each line that it brings fits, and there is at least one
    D> "BYTES"              the client sends this and ends the data connection
    D: drop                 the client closes the data connection
    has NAME "CONTENT"      the library has this file with this content by now
    lacks NAME              and nothing of that name

Texts may hold escapes as in Python: \\r \\n \\xff.
"""
import os
import pathlib
import re

import pytest

from ftp_talk import RIGHTS, Control, Data
from ftpool_server import IS_ROOT, NOBODY, let_in

FOLDER = pathlib.Path(__file__).parent.parent / "transcripts"
HOSTS = {"4": "127.0.0.1", "6": "::1"}
CONFIG = """\
listener four {
	protocol = ftp
	address = "127.0.0.1"
}
listener six {
	protocol = ftp
	address = "::1"
}
"""


def unescape(text):
    """Bytes of a text with Python's escapes; what is not ASCII is UTF-8."""
    return text.encode().decode("unicode_escape").encode("latin-1") if "\\" in text else text.encode()


class Transcript:
    def __init__(self, path):
        self.lines = [line for line in path.read_text().splitlines()
                      if line.strip() and not line.startswith("#")]
        self.rights = RIGHTS
        self.versions = "46"
        for line in self.lines:
            word, _, rest = line.partition(" ")
            if word == "may":
                self.rights = rest.split()
            elif word == "only":
                self.versions = rest.strip()

    def prepare(self, root):
        for line in self.lines:
            word, _, rest = line.partition(" ")
            if word == "folder":
                os.makedirs(root / rest, exist_ok=True)
                let_in(root / rest)
            elif word == "file":
                name, _, content = rest.partition(' "')
                path = os.fsencode(root) + b"/" + unescape(name)
                with open(path, "wb") as file:
                    file.write(unescape(content[:-1]))
                if IS_ROOT:
                    os.chown(path, NOBODY, NOBODY)

    def hold(self, control, root):
        control.expect("220 *")
        any_lines = False
        for line in self.lines:
            word, _, rest = line.partition(" ")
            if word == "S:" and rest == "...":
                any_lines = True
            elif word == "S:" and any_lines:
                control.expect_after_any(rest.encode().decode("latin-1"))
                any_lines = False
            elif word not in ("file", "folder", "may", "only"):
                self.step(control, root, word, rest)

    @staticmethod
    def step(control, root, word, rest):
        if word == "login":
            control.say(b"USER anonymous")
            control.expect("331 *")
            control.say(b"PASS someone@example.org")
            control.expect("230 *")
        elif word == "C:":
            control.say(unescape(rest))
        elif word == "C|":
            control.send(unescape(rest))
        elif word == "S:" and rest == "closed":
            control.expect_closed()
        elif word == "S:":
            control.expect(rest.encode().decode("latin-1"))
        elif word == "D:" and rest == "drop":
            control.data.connection()
            control.data.close()
        elif word == "D:":
            control.data = Data(control.host, rest, control)
        elif word == "D<":
            assert control.data.read() == unescape(rest[1:-1]), control.said
        elif word == "D~":
            lines = control.data.read().decode("latin-1").split("\r\n")
            assert len(lines) > 1 and lines.pop() == "", (lines, control.said)
            assert all(re.fullmatch(rest, line) for line in lines), (lines, control.said)
        elif word == "D>":
            control.data.send(unescape(rest[1:-1]))
        elif word == "has":
            name, _, content = rest.partition(' "')
            path = os.fsencode(root) + b"/" + unescape(name)
            with open(path, "rb") as file:
                assert file.read() == unescape(content[:-1])
        elif word == "lacks":
            assert not os.path.lexists(os.fsencode(root) + b"/" + unescape(rest))
        else:
            raise ValueError(f"not a line of a transcript: {word} {rest}")


TRANSCRIPTS = sorted(FOLDER.glob("*.txt"))


@pytest.mark.parametrize("version", "46")
@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_conversation(server, path, version):
    transcript = Transcript(path)
    if version not in transcript.versions:
        pytest.skip("this one is about the other version of IP")
    pool = server(CONFIG, settings={"workers": 1, "anonymous.may": ",".join(transcript.rights)})
    transcript.prepare(pool.root)
    control = Control(HOSTS[version], pool.port("four" if version == "4" else "six"))
    try:
        transcript.hold(control, pool.root)
    finally:
        control.close()


def test_there_are_transcripts():
    assert len(TRANSCRIPTS) > 20
