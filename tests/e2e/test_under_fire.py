"""Each second a worker is killed, frozen or made to crash, while clients transfer all the time. What is
lost is what the worker had in hand; no byte that was promised, no client that could have been served.
FIRE_SECONDS in the environment makes it last longer."""
import ftplib
import itertools
import os
import signal
import time
import traceback

from ftpool_server import wait_for
from lgpq_client import Refused
from transfer_load import CONFIG, TransferLoad

SECONDS = int(os.environ.get("FIRE_SECONDS", "8"))
WORKERS = 4
SHOTS = [signal.SIGKILL, signal.SIGSEGV, signal.SIGSTOP]


class HardyLoad(TransferLoad):
    """Clients that come again when their worker dies. `lost` counts how often that was."""

    def __init__(self, server):
        super().__init__(server)
        self.lost = 0

    def _run(self, number, kind):
        def hardy(number):
            try:
                kind(number)
            except ConnectionRefusedError as refused:
                # A passive port ends with its worker; a listener never does.
                if "ntransfercmd" not in {step.name for step in traceback.extract_tb(refused.__traceback__)}:
                    raise
                self.lost += 1
            except (ConnectionError, EOFError, TimeoutError, ftplib.error_temp):
                self.lost += 1
            except Refused as refusal:
                # A process that dies closes its sockets before it lets go of its files.
                if not str(refusal).startswith("ERR busy"):
                    raise
                self.lost += 1
        hardy.__name__ = kind.__name__
        super()._run(number, hardy)


def shoot(server, number):
    living = [row["pid"] for row in server.workers() if row["state"] == "living"]
    if len(living) > 1:
        os.kill(living[0], number)


def test_workers_that_die_each_second(server):
    serving = server(CONFIG, settings={"workers": WORKERS, "worker_timeout": "2s"})
    with HardyLoad(serving) as load:
        load.wait(2)
        begun = time.monotonic()
        for turn, number in enumerate(itertools.cycle(SHOTS)):
            if turn == SECONDS:
                break
            shoot(serving, number)
            # The pace of the fire, not a wait for anything.
            load.over.wait(max(0, begun + turn + 1 - time.monotonic()))
        load.wait(2)
    assert load.wrong == []
    wait_for(lambda: serving.status()["state"] == "serving", "all workers to live again", 90)
    assert sum(load.done) > 0
    print(f"{sum(load.done)} transfers, {load.lost} sessions lost")
