"""What all end-to-end tests share. `server` starts ftpoold; ftpool_server.py says what it can."""
import os
import pathlib
import resource
import shutil
import tempfile

import pytest

from client_matrix import ClientMatrix
from ftpool_server import BUILD, IS_ROOT, MODE, Server

needs_root = pytest.mark.skipif(not IS_ROOT, reason="only root can set this up")
one_thread = pytest.mark.skipif(MODE == "tsan", reason="a thread alone races with nobody")


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes longer than all others")
    config.addinivalue_line("markers", "everywhere: of the FTP clients' tests, also under sanitizers")
    config.addinivalue_line("markers", "in_clear: of the FTP clients' tests, not by TLS")
    config.pluginmanager.import_plugin("ftp_matrix")
    config.pluginmanager.register(ClientMatrix(BUILD.parent / "client-matrix.txt"))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def open_directory():
    """A directory that the workers' user can reach: pytest's own are closed to all but its user,
    and every start of pytest closes them again. Short, since socket paths are."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix="ftpool-e2e-"))
    directory.chmod(0o755)
    return directory


@pytest.fixture
def tmp_path():
    directory = open_directory()
    yield directory
    shutil.rmtree(os.fsencode(directory))


class Factory:
    """Starts servers, and sees them off at the end."""

    def __init__(self, directory):
        self.directory = directory
        self.servers = []

    def __call__(self, config_text=None, root=None, settings=None, wait=True, **options):
        directory = self.directory / f"server{len(self.servers)}"
        server = Server(directory, config_text, root, settings, **options)
        self.servers.append(server)
        server.start(wait)
        return server

    def close(self):
        wrong = []
        for server in self.servers:
            wrong += server.close()
            print(f"---- {server.directory.name}:\n{server.log()}")
        assert not wrong, wrong


@pytest.fixture
def server(tmp_path):
    """server(config_text=None, root=None, settings={"workers": 4}, …): a Server that serves."""
    factory = Factory(tmp_path)
    yield factory
    factory.close()


@pytest.fixture(scope="module")
def shared_server():
    """One server, as it is by default, for all tests of a module that only look."""
    directory = open_directory()
    factory = Factory(directory)
    yield factory()
    factory.close()
    shutil.rmtree(os.fsencode(directory))
