"""Storage that does not answer: stalling_fs.c, compiled and mounted, as the fixture `stalling_fs`."""
import os
import pathlib
import shlex
import subprocess

import pytest

from ftpool_server import IS_ROOT, PATIENCE_SECONDS, wait_for


class StallingFs:
    """stalling_fs.c, compiled and mounted."""

    def __init__(self, directory):
        program = directory / "stalling_fs"
        source = pathlib.Path(__file__).parent / "stalling_fs.c"
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "fuse3"], capture_output=True,
                               text=True)
        if flags.returncode != 0:
            pytest.skip("libfuse3's development files are not here (libfuse3-dev)")
        subprocess.run([os.environ.get("CC", "cc"), "-D_FILE_OFFSET_BITS=64", "-pthread", "-Wall",
                        "-Werror", "-o", program, source, *shlex.split(flags.stdout)], check=True)
        self.root = directory / "mounted"
        self.root.mkdir()
        self.said_path = directory / "said"
        options = ["-o", "allow_other"] if IS_ROOT else []
        with open(self.said_path, "wb") as said:
            self.process = subprocess.Popen([program, "-f", *options, self.root],
                                            stdin=subprocess.PIPE, stdout=said)
        wait_for(lambda: os.path.ismount(self.root) or self.process.poll() is not None, "the mount")
        if self.process.poll() is not None:
            pytest.skip("FUSE cannot be mounted here")

    def wait_stalled(self, count):
        wait_for(lambda: self.said_path.read_text().count("stalled") >= count, "the stalls")

    def release(self):
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()

    def kill(self):
        """Leaves the mount without anybody who answers for it."""
        self.process.kill()
        self.process.wait(PATIENCE_SECONDS)

    def close(self):
        self.process.stdin.close()
        self.process.wait(PATIENCE_SECONDS)
        if os.path.ismount(self.root) or not os.path.exists(self.root):  # after kill
            subprocess.run(["umount" if IS_ROOT else "fusermount3", *([] if IS_ROOT else ["-u"]),
                            self.root], check=True)


@pytest.fixture
def stalling_fs(tmp_path):
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        pytest.skip("/dev/fuse is not here or not ours")
    mounted = StallingFs(tmp_path)
    yield mounted
    mounted.close()
