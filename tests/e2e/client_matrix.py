"""The matrix of FTP clients as a table: a row for each test_ftp_client_NAME.py that ran, written to
build/client-matrix.txt at the end of the tests. Also decides which of these tests run where."""
import importlib
import pathlib
import re
import subprocess

from ftpool_server import BUILD, MODE

ROW = re.compile(r"test_ftp_client_(\w+)\.py::test_(\w+)(?:\[(\w+))?")
# In clear; by AUTH TLS; by TLS from the first byte on; by AUTH TLS, and data connections have to resume.
WAYS = ["clear", "explicit", "implicit", "resumed"]
VERSION = re.compile(r"\d+(?:\.\d+)+|\b20\d{6}\b")
HOW_TO_ASK = {
    "curl": ["curl", "--version"],
    "wget": ["wget", "--version"],
    "lftp": ["lftp", "--version"],
    "rclone": ["rclone", "version"],
    "aria2": ["aria2c", "--version"],
    "busybox": ["busybox"],
    "ncftp": ["dpkg-query", "-W", "-f", "${Version}", "ncftp"],
    "tnftp": ["dpkg-query", "-W", "-f", "${Version}", "tnftp"],
    "ftplib": ["/usr/bin/python3", "--version"],
    "perl": ["perl", "-MNet::FTP", "-e", "print $Net::FTP::VERSION"],
    "java": ["dpkg-query", "-W", "-f", "${Version}", "libcommons-net-java"],
    "node": ["node", "-e", "console.log(require(process.argv[1]).version)",
             str(BUILD.parent / "basic-ftp/node_modules/basic-ftp/package.json")],
}


def reasons(client):
    """Why it goes some ways of TLS not: way → words."""
    module = importlib.import_module(f"test_ftp_client_{client}")
    return {way: why for way, why in getattr(module, "SECURE", {}).items() if why}


def version_of(client):
    try:
        said = subprocess.run(HOW_TO_ASK[client], capture_output=True, text=True, timeout=30)
    except (KeyError, OSError, subprocess.TimeoutExpired):
        return "-"
    found = VERSION.search(said.stdout)
    return found[0] if found else "-"


class ClientMatrix:
    """A plug-in of pytest."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.rows = {}  # client → {test: outcome}

    def pytest_collection_modifyitems(self, config, items):
        """Under the sanitizers everything takes long: a few tests a client do."""
        if MODE not in ("asan", "tsan"):
            return
        left_out = [item for item in items
                    if ROW.search(item.nodeid) and not item.get_closest_marker("everywhere")]
        if left_out:
            config.hook.pytest_deselected(items=left_out)
            items[:] = [item for item in items if item not in left_out]

    def pytest_runtest_logreport(self, report):
        found = ROW.search(report.nodeid)
        if not found:
            return
        client, test, way = found.groups()
        outcomes = self.rows.setdefault(client, {}).setdefault(test, [])
        if report.when == "call" or report.outcome != "passed":
            outcomes.append((report.outcome, report.longrepr, way if way in WAYS else WAYS[0]))

    def pytest_sessionfinish(self, session):
        if self.rows and not hasattr(session.config, "workerinput"):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text("".join(self.lines()))

    def lines(self):
        head = "".join(f"{way:>9}" for way in WAYS)
        yield f"{'client':8} {'version':10}{head} {'failed':>7}  what ran\n"
        notes = []
        for client, tests in sorted(self.rows.items()):
            outcomes = [outcome for several in tests.values() for outcome in several]
            cannot = reasons(client)
            notes += sorted({f"{client}: {why}\n" for why in cannot.values()})
            cells = "".join(f"{self.cell(outcomes, way, cannot):>9}" for way in WAYS)
            failed = sum(outcome == "failed" for outcome, _, _ in outcomes)
            what = ", ".join(test.replace("_", " ") for test, several in sorted(tests.items())
                             if any(outcome != "skipped" for outcome, _, _ in several))
            if not what:
                what = next(why[2].replace("Skipped", "skipped", 1) for _, why, _ in outcomes)
            yield f"{client:8} {version_of(client):10}{cells} {failed:7}  {what}\n"
        yield "\n"
        yield from notes

    @staticmethod
    def cell(outcomes, way, cannot):
        """How many tests ran that way; "-": the client cannot, and a note says why."""
        return "-" if way in cannot else sum(
            outcome != "skipped" for outcome, _, its_way in outcomes if its_way == way)
