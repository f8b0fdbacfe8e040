"""ftpctl cert makes a certificate that a server and its clients take, and looks at others."""
import os
import re
import stat
import subprocess

import pytest

from ftpool_server import BUILD, PATIENCE_SECONDS
from tls_talk import EXPLICIT, Pair, SecureControl, context_for


def cert(*words, code=0):
    done = subprocess.run([BUILD / "ftpctl", "cert", *words], capture_output=True, text=True,
                          timeout=PATIENCE_SECONDS)
    assert done.returncode == code, (done.stdout, done.stderr)
    return done.stdout + done.stderr


class Made(Pair):
    """A pair that ftpctl has made."""

    def __init__(self, directory, name):  # pylint: disable=super-init-not-called
        self.certificate, self.key = directory / "made.pem", directory / "made.key"
        cert("self-signed", name, self.certificate, self.key)


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_what_is_made_is_trusted_for_its_name(server, tmp_path, name):
    pair = Made(tmp_path, name)
    assert stat.S_IMODE(os.stat(pair.key).st_mode) == 0o600
    pool = server(EXPLICIT, settings=pair.settings())
    SecureControl(*pool.address("ftp"), context_for(pair), name).secure().close()
    told = cert("check", pair.certificate, pair.key)
    assert name in told and re.search("good for   36[45] days", told) and "key        fits" in told


def test_nothing_that_is_there_is_written_over(tmp_path):
    pair = Made(tmp_path, "localhost")
    before = pair.key.read_bytes()
    assert "File exists" in cert("self-signed", "other", tmp_path / "new", pair.key, code=1)
    assert not (tmp_path / "new").exists()
    assert pair.key.read_bytes() == before


def test_what_is_wrong_is_told(tmp_path):
    pair, other = Pair(tmp_path, "one"), Pair(tmp_path, "other")
    assert "does not fit" in cert("check", pair.certificate, other.key, code=1)
    assert "no certificate" in cert("check", pair.key, code=1)
    assert "No such file" in cert("check", tmp_path / "none", code=1)
    assert "no private key" in cert("check", pair.certificate, pair.certificate, code=1)
    assert "is no name" in cert("self-signed", "a b", tmp_path / "a", tmp_path / "b", code=1)
    assert "Usage" in cert("self-signed", "localhost", code=2)
    assert "Usage" in cert("--help")
