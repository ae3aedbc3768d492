"""Standard streams that are closed, full or unread: the command does its work all the same."""

import subprocess
import sys

import pytest

# It writes more than a pipe or a buffer holds, and connects to nothing.
WORDY = ("role", "--print-sql")


def call(redirection: str, *arguments: str) -> subprocess.CompletedProcess:
    command = f'"$@" {redirection}'
    return subprocess.run(
        ["bash", "-c", command, "bash", sys.executable, "-m", "synth", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "redirection", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", "2>/dev/full", "| sleep 0"]
)
def test_a_stream_that_is_closed_or_unread_changes_nothing(redirection):
    done = call(f"{redirection}; exit ${{PIPESTATUS[0]}}", *WORDY)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_a_complaint_without_a_place_to_go_keeps_its_exit_code():
    assert call("<&- >&- 2>&-", "role").returncode == 2
    assert call("2>/dev/full", "role").returncode == 2


def test_a_result_that_a_full_disk_refuses_is_one_line():
    done = call(">/dev/full", *WORDY)
    assert done.returncode == 3
    assert done.stderr == (
        "synth: cannot write the result: No space left on device; send it elsewhere\n"
    )


def test_no_file_or_connection_takes_the_number_of_a_closed_stream(tmp_path):
    program = (
        "import os; from synth import console; console.secure_streams();"
        "print('lost'); os._exit(os.open(os.devnull, os.O_RDONLY))"
    )
    done = subprocess.run(
        ["bash", "-c", '"$@" <&- >&- 2>&-', "bash", sys.executable, "-c", program], check=False
    )
    assert done.returncode > 2
