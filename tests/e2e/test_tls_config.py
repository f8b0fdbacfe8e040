"""What is wrong with a config's TLS is told before anything is bound, with its line."""
import os
import signal
import ssl

import pytest

from ftpool_server import let_in, run_ftpoold, wait_for
from tls_talk import EXPLICIT, Pair, SecureControl, context_for

HEAD = 'root = "{library}"\nlistener ftp {{ protocol = ftp port = 10021 {listener} }}\n'


@pytest.fixture
def check(tmp_path):
    """check(of the listener, of the section tls) → what was told of line 3, or of the listener's."""
    library = tmp_path / "library"
    library.mkdir()
    let_in(library)
    pair = Pair(tmp_path, "localhost")
    config = tmp_path / "ftpool.conf"
    files = f'certificate = "{pair.certificate}" key = "{pair.key}" '

    def check(listener, tls, line=3, with_files=True):
        text = HEAD.format(library=library, listener=listener)
        config.write_text(f"{text}tls {{ {files if with_files else ''}{tls} }}\n")
        done = run_ftpoold("--check", "-c", config)
        told = done.stderr.splitlines()
        if done.returncode == 0:
            return ""
        assert done.returncode == 2 and len(told) == 1, told
        assert told[0].startswith(f"{config}:{line}: "), told
        return told[0]
    check.directory = tmp_path
    return check


def test_what_is_fine(check):
    assert check("tls = explicit tls_require = all", "min_version = 1.3") == ""
    assert check("", "") == ""


@pytest.mark.parametrize("listener,tls,line,words", [
    ("tls_require = login", "", 2, "tls_require goes with"),
    ("tls = sometimes", "", 2, "off explicit implicit"),
    ("tls = explicit", "client_certificates = required", 3, "needs to know who may vouch"),
    ("tls = explicit", "ca = /etc/hostname", 3, "client_certificates = optional"),
    ("tls = explicit", "ciphers = NONSENSE", 3, "openssl-ciphers(1)"),
    ("tls = explicit", "min_version = 1.1", 3, "1.2 1.3"),
])
def test_one_fault(check, listener, tls, line, words):
    assert words in check(listener, tls, line)


def test_no_certificate(check):
    assert "tls needs a certificate" in check("tls = explicit", "", 2, with_files=False)


def test_explicit_is_ftps_alone(check):
    told = run_ftpoold("--check", "-o", "listener.lgpq.tls=explicit", check.directory / "library")
    assert "with protocol lgpq, implicit is right" in told.stderr


def test_files_that_do_not_fit(check):
    first, other = Pair(check.directory, "first"), Pair(check.directory, "other")
    told = check("tls = explicit", f'certificate = "{first.certificate}" key = "{other.key}"',
                 with_files=False)
    assert "does not fit its certificate" in told
    first.key.chmod(0o644)
    told = check("tls = explicit", f'certificate = "{first.certificate}" key = "{first.key}"',
                 with_files=False)
    assert "open to others; chmod 600" in told
    first.key.chmod(0o640)
    told = check("tls = explicit", f'certificate = "{first.key}" key = "{first.key}"',
                 with_files=False)
    assert "holds no certificate" in told


def test_status_tells_of_the_certificate_and_no_worker_can_read_the_key(server, tmp_path):
    pair = Pair(tmp_path, "localhost", days=20)
    pool = server(EXPLICIT, settings={**pair.settings(), "workers": 1})
    assert pool.status()["tls"]["certificate_days_left"] in (19, 20)
    pid, = pool.worker_pids()
    opened = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
    assert not [name for name in opened if str(tmp_path / "localhost") in name]
    control = SecureControl(*pool.address("ftp"), context_for(pair))
    control.secure().close()


def test_a_certificate_that_runs_out_is_told(server, tmp_path):
    pool = server(EXPLICIT, settings=Pair(tmp_path, "localhost", days=3).settings())
    pool.wait_log(r"tls: a certificate runs out .*days_left=[23]")


def shown(pool, pair):
    """The certificate that a client is shown; it trusts that pair's alone. None: another's."""
    control = SecureControl(*pool.address("ftp"), context_for(pair))
    try:
        return control.secure().socket.getpeercert()["serialNumber"]
    except ssl.SSLCertVerificationError:
        return None
    finally:
        control.close()


def replace(pair, other):
    """As those who renew certificates do it: at one stroke each."""
    os.replace(other.certificate, pair.certificate)
    os.replace(other.key, pair.key)


@pytest.mark.parametrize("told", [True, False], ids=["on SIGHUP", "by themselves"])
def test_new_certificates_are_taken_while_old_sessions_go_on(server, tmp_path, told):
    pair = Pair(tmp_path, "localhost")
    pool = server(EXPLICIT, settings={**pair.settings(), "workers": 2})
    idle = SecureControl(*pool.address("ftp"), context_for(pair)).secure()
    before = shown(pool, pair)
    workers = pool.worker_pids()
    replace(pair, Pair(tmp_path, "new", subject="localhost"))
    if told:
        pool.kill(signal.SIGHUP)
    pool.wait_log("tls: new certificates")
    wait_for(lambda: all(shown(pool, pair) not in (None, before) for _ in range(8)), "the new one")
    idle.command("NOOP", "200 *")
    os.kill(workers[0], signal.SIGKILL)
    wait_for(lambda: workers[0] not in pool.worker_pids(), "another worker")
    pool.wait_until(lambda status: status["workers_living"] == 2)
    assert all(shown(pool, pair) not in (None, before) for _ in range(8))
    idle.close()


def test_new_certificates_that_are_no_good_are_not_taken(server, tmp_path):
    pair = Pair(tmp_path, "localhost")
    pool = server(EXPLICIT, settings={**pair.settings(), "workers": 1})
    before = shown(pool, pair)
    kept = pair.certificate.read_bytes()
    pair.certificate.write_text("half of it")
    pool.kill(signal.SIGHUP)
    pool.wait_log("tls: the new certificates are no good .*holds no certificate.*the old ones stay")
    pair.certificate.write_bytes(kept)
    assert shown(pool, pair) == before
