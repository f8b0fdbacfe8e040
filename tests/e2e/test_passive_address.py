"""The names in passive.address are looked up by children of the master: it never waits for them,
and none of them stays."""
from conftest import needs_root
from ftpool_server import children, wait_for
from process_help import launch

ECHO = "listener echo {\n\tprotocol = echo\n}\n"
NO_NETWORK = ["unshare", "--net"]  # no name server, and an answer at once that there is none


def others(serving):
    """The master's children that are no workers."""
    return set(children(serving.pid)) - set(serving.worker_pids())


def wait_for_log(serving, words):
    wait_for(lambda: words in serving.log(), words)


def test_names_are_looked_up_at_the_start(server):
    serving = server(ECHO + "passive {\n\taddress = localhost\n}\n")
    wait_for_log(serving, 'passive: address looked up name="localhost" address=127.0.0.1')
    wait_for(lambda: not others(serving), "the child to be buried")
    assert serving.status()["restarts"] == 0


@needs_root
def test_a_name_that_cannot_be_looked_up_is_told_and_holds_nobody_up(server):
    serving = launch(server, NO_NETWORK,
                     ECHO + 'passive {\n\taddress = {"10.0.0.0/8=ftp.example.org", localhost}\n}\n')
    assert serving.status()["state"] == "serving"
    wait_for_log(serving, 'passive: address cannot be looked up name="ftp.example.org"')
    wait_for_log(serving, 'passive: address looked up name="localhost"')
    wait_for(lambda: not others(serving), "the children to be buried")


def test_a_server_without_names_looks_nothing_up(server):
    serving = server(ECHO + "passive {\n\taddress = 192.0.2.1\n}\n")
    assert not others(serving)
    assert "passive:" not in serving.log()
