"""basic-ftp on Node; basic_ftp.js is the program. npm brings the package, into the build directory."""
import fcntl
import json
import os
import pathlib
import shutil
import subprocess

import pytest

from ftp_matrix import EXPLICIT, HOST, HOST6, IMPLICIT, RESUMED, TREE, content, everywhere, \
    in_clear, needs, read_tree, write_tree
from ftpool_server import BUILD

pytestmark = needs("node", "clients-large")
SECURE = {EXPLICIT: None, IMPLICIT: None, RESUMED: None}


def secure(site):
    site.environment["NODE_EXTRA_CA_CERTS"] = str(site.authority)


VERSION = "5.0.5"
WHERE = BUILD.parent / "basic-ftp"
PACKAGE = WHERE / "node_modules/basic-ftp"
PROGRAM = pathlib.Path(__file__).parent / "basic_ftp.js"
NAMES = ["two words", "\u6587\u4ef6 \u00fc.txt", "hash#tag", "per%cent%41", "semi;colon", "quo\"te'",
         "plus+and&", "-dash", "{brace}", "[bracket]", "x" * 255, " blank before"]


@pytest.fixture(scope="module", autouse=True)
def package():
    WHERE.mkdir(parents=True, exist_ok=True)
    with open(WHERE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not PACKAGE.exists():
            if shutil.which("npm") is None:
                pytest.skip("npm is not installed, and so basic-ftp cannot be")
            try:
                subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund",
                                "--ignore-scripts", "--fetch-retries=0", "--fetch-timeout=20000",
                                "--prefix", WHERE, f"basic-ftp@{VERSION}"],
                               check=True, timeout=60, stdin=subprocess.DEVNULL, capture_output=True)
            except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
                pytest.skip("npm cannot fetch basic-ftp from here")


def node(site, *arguments, host=HOST):
    said = site.run("node", PROGRAM, PACKAGE, host, site.port_of(host), site.security, *arguments, seconds=60).stdout
    return json.loads(said)


@everywhere
@pytest.mark.parametrize("way, host", [("pasv", HOST), ("epsv", HOST), ("", HOST), ("", HOST6)])
def test_transfers(site, way, host):
    data = site.write("down", content(500_000))
    site.write_here("part", data[:1000])
    assert node(site, "transfers", way, host=host)["size"] == 500_000
    assert site.read_here("down") == data == site.read("up") == site.read("streamed")
    assert site.read_here("part") == data
    assert site.read("log") == b"first second"
    assert all(site.read(f"many{number}") == data for number in range(20))


# It drops the connection of an empty file before its handshake is through.
@in_clear
def test_directories(site):
    tree = write_tree(site.here / "tree")
    assert node(site, "directories") == {"left": []}
    assert read_tree(site.here / "back") == tree == TREE
    assert site.names() == []


@pytest.mark.parametrize("command", ["", "MLSD", "LIST -a", "LIST"])
def test_listings(site, command):
    site.write_tree({"plain": content(1234), "dir/inside": b"", "with space": b""})
    os.utime(site.root / "plain", (1_000_000_000, 1_000_000_000))
    seen = node(site, "listings", command)
    assert [name for name, _, _ in seen["files"]] == ["dir", "plain", "with space"]
    assert ["plain", 1234, False] in seen["files"]
    assert seen["inside"] == ["inside"]
    assert seen["modified"] == "2001-09-09T01:46:40.000Z"
    assert {"MLST", "SIZE", "MDTM", "UTF8"} <= set(seen["features"])
    assert seen["noop"] == 200


def test_names(site):
    node(site, "names", *NAMES)
    assert site.names() == []
