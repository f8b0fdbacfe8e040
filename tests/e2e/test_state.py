"""The state directory: made for the service's user, one server's at a time, and told of when it cannot
be had."""
import os

import pytest

from ftpool_server import IS_ROOT, NOBODY, let_in, run_ftpoold

LISTENER = "listener lgpq {\n}\n"


@pytest.fixture
def place(tmp_path):
    return tmp_path / "state"


def test_it_is_made_and_belongs_to_the_services_user(server, place):
    running = server(settings={"state_directory": place})
    status = place.stat()
    assert status.st_mode & 0o777 == 0o750
    assert status.st_uid == (NOBODY if IS_ROOT else os.geteuid())
    running.kill(9)
    running.wait_exit()
    running.expected_exit = -9
    server(settings={"state_directory": place})  # a killed server leaves no lock


def test_one_server_has_it(server, place):
    server(settings={"state_directory": place})
    second = server(settings={"state_directory": place}, wait=False)
    assert second.wait_exit() == 1
    second.expected_exit = 1
    assert f'state_directory = "{place}": another server has it' in second.log()


def test_what_is_no_directory_is_a_fault(place, tmp_path):
    place.write_text("")
    for path, word in ((place, "Not a directory"), (place / "below", "Not a directory"),
                       (tmp_path / "no/state", "No such file")):
        done = run_ftpoold("--check", "-o", f"state_directory={path}", tmp_path)
        assert done.returncode == 2
        assert "state_directory = " in done.stderr and word in done.stderr, done.stderr


@pytest.mark.skipif(not IS_ROOT, reason="only root has files of somebody else")
def test_it_is_nobody_elses(server, place):
    place.mkdir()
    (place / "precious").write_text("")
    checked = run_ftpoold("--check", "-o", f"state_directory={place}", str(place.parent))
    assert checked.returncode == 2 and "it belongs to somebody else" in checked.stderr
    other = server(settings={"state_directory": place}, wait=False)
    assert other.wait_exit() == 2
    other.expected_exit = 2
    assert "it belongs to somebody else" in other.log()
    assert place.stat().st_uid == 0
    let_in(place)
    server(settings={"state_directory": place})


def test_a_person_has_none(server):
    running = server()
    assert "nothing outlives" not in running.log()
    assert not [path for path in running.directory.iterdir() if path.name == "state"]
