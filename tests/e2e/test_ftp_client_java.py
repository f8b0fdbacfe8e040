"""Java's commons-net; CommonsNet.java is the program."""
import os
import pathlib
import shutil
import subprocess

import pytest

from conftest import open_directory
from ftp_matrix import EXPLICIT, HOST, HOST6, IMPLICIT, RESUMED, content, everywhere, needs, text

pytestmark = needs("java", "clients-large")
SECURE = {EXPLICIT: None, IMPLICIT: None, RESUMED: "its data connections begin TLS anew"}


def secure(site):
    """It believes any certificate that is not too old; so its users have it, too."""


LIBRARY = pathlib.Path("/usr/share/java/commons-net.jar")
SOURCE = pathlib.Path(__file__).parent / "CommonsNet.java"
JAVA = ["java", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-XX:+UseSerialGC",
        "-Djava.net.preferIPv6Addresses=system"]
PATIENCE_SECONDS = 120  # a Java machine takes a second to start, and much more under load


@pytest.fixture(scope="module")
def program():
    """How the program is started: compiled once, or without a compiler each time."""
    if not LIBRARY.exists():
        pytest.skip("commons-net is not installed (tools/need clients-large)")
    if shutil.which("javac") is None:
        yield [*JAVA, "-cp", LIBRARY, SOURCE]
        return
    classes = open_directory()
    subprocess.run(["javac", "-cp", LIBRARY, "-d", classes, SOURCE], check=True,
                   timeout=PATIENCE_SECONDS)
    yield [*JAVA, "-cp", f"{LIBRARY}:{classes}", "CommonsNet"]
    shutil.rmtree(classes)


def run(site, program, *arguments, host=HOST):
    done = site.run(*program, host, site.port_of(host), site.security, *arguments, seconds=PATIENCE_SECONDS)
    said = done.stdout.decode()
    assert said.endswith("done\n")
    return said


@everywhere
@pytest.mark.parametrize("way", ["pasv", "epsv", "active"])
def test_transfers(site, program, way):
    data = site.write_here("data", content(500_000))
    site.write("down", data)
    lf = site.write_here("text", text(2000))
    site.write("text", lf)
    run(site, program, "transfers", way)
    assert site.read("up") == data == site.read("streamed")
    assert site.read("text up") == lf
    assert site.read("log") == b"first second"
    assert b"unique" in [site.read(name) for name in site.names()]


@pytest.mark.parametrize("way", ["epsv", "active"])
def test_transfers_over_IPv6(site, program, way):
    data = site.write_here("data", content(500_000))
    site.write("down", data)
    site.write_here("text", site.write("text", text(2000)))
    run(site, program, "transfers", way, host=HOST6)
    assert site.read("up") == data


def test_names_and_directories(site, program):
    run(site, program, "names")
    assert site.names() == []


def test_listings(site, program):
    site.write_tree({"down": content(1234), "with space": b"", **{f"many/file{number}": b""
                                                                  for number in range(1000)}})
    os.utime(site.root / "down", (1_000_000_000, 1_000_000_000))
    said = run(site, program, "listings").splitlines()
    for row in ("LIST down 1234 false", "LIST with space 0 false", "MLST 1234", "many 1000", "SIZE 1234",
                "MLSD down 1234 false 2001-09-09T01:46:40Z"):
        assert row in said
    assert any(row.startswith("LIST many ") and row.endswith("true") for row in said)
    assert (site.root / "down").stat().st_mtime == 1_012_615_322
    assert (site.root / "down").stat().st_mode & 0o777 == 0o600


def test_abort(site, program):
    site.write("big", content(8_000_000))
    site.write_here("data", site.write("down", content(1000)))
    run(site, program, "abort")
