"""busybox's ftpget and ftpput."""
import shutil
import subprocess

import pytest

from ftp_matrix import HOST, TREE, both_hosts, cannot, content, everywhere, needs

pytestmark = needs("busybox")
SECURE = cannot("it speaks no TLS with FTP")


@pytest.fixture(autouse=True)
def has_applets():
    applets = subprocess.run([shutil.which("busybox"), "--list"], capture_output=True, text=True)
    if not {"ftpget", "ftpput"} <= set(applets.stdout.split()):
        pytest.skip("this busybox has no ftpget and ftpput")


def get(site, *arguments, host=HOST, **options):
    return site.run("busybox", "ftpget", "-P", site.port_of(host), host, *arguments, **options)


def put(site, *arguments, host=HOST, **options):
    return site.run("busybox", "ftpput", "-P", site.port_of(host), host, *arguments, **options)


@everywhere
@both_hosts
def test_get_and_put(site, host):
    data = site.write("deep/er/down", content(600_000))
    get(site, "local", "deep/er/down", host=host)
    assert site.read_here("local") == data
    put(site, "deep/er/up", "local", host=host)
    assert site.read("deep/er/up") == data


def test_with_user_and_password(site):
    data = site.write("down", content(100))
    get(site, "-u", "anonymous", "-p", "me@", "local", "down")
    assert site.read_here("local") == data


def test_to_and_from_a_pipe(site):
    data = site.write("down", content(300_000))
    assert get(site, "-", "down").stdout == data
    put(site, "up", "-", stdin=data)
    assert site.read("up") == data


def test_resumed_get(site):
    data = site.write("down", content(300_000))
    site.write_here("down", data[:100_001])
    get(site, "-c", "down")
    assert site.read_here("down") == data


def test_empty_files(site):
    site.write("down", b"")
    get(site, "down")
    put(site, "up", "down")
    assert site.read_here("down") == b"" == site.read("up")


def test_a_put_replaces(site):
    site.write("file", content(5000))
    data = site.write_here("file", content(300))
    put(site, "file")
    assert site.read("file") == data


def test_names(site):
    site.write_tree()
    for name in TREE:
        get(site, "local", name)
        assert site.read_here("local") == TREE[name]
        put(site, name + "# %41", "local")
        assert site.read(name + "# %41") == TREE[name]


def test_what_is_not_there(site):
    get(site, "none", code=1)
    site.write_here("local", b"x")
    put(site, "none/such", "local", code=1)
    assert site.names() == []
