"""Files of the audit log that are none, or hold what no command wrote."""

import os

import pytest

from synth import audit
from synth.audit import check, log
from synth.errors import BadInput, DatabaseError


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    path = tmp_path / "log" / "audit.jsonl"
    monkeypatch.setenv(log.FILE_VARIABLE, str(path))
    return path


def write(count):
    for number in range(count):
        with audit.recorded("import"):
            audit.note(pack_sha256=f"{number:064x}")


def begun(place):
    return sorted(place.with_name("audit.jsonl.begun").glob("*"))


def no_file(path, kind):
    path.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(kind)


KINDS = ["pipe", "/dev/zero", "/dev/full", "/dev/null"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_log_that_is_no_file_is_neither_read_nor_written(place, kind, capsys):
    place.parent.mkdir()
    no_file(place, kind)
    for ask, error in (
        (log.check_writable, DatabaseError),
        (log.all_lines, BadInput),
        (check.verify, BadInput),
    ):
        with pytest.raises(error, match=r"audit log .* is a (pipe|device), expected a file"):
            ask()
    with pytest.raises(DatabaseError, match="expected a file"), audit.recorded("sign"):
        raise AssertionError
    write(1)
    assert "this is not in the audit log" in capsys.readouterr().err


@pytest.mark.parametrize("kind", KINDS)
def test_what_lies_beside_the_log_and_is_no_file_is_not_read(place, kind):
    write(2)
    word = place.with_name("audit.jsonl.begun") / f"{'ab' * 8}.json"
    no_file(word, kind)
    no_file(place.with_name(".audit.jsonl.head.part"), kind)
    no_file(place.with_name("audit.jsonl.head"), kind)
    log.settle()
    assert any("the head file is missing or no head" in one for one in check.verify()[1])
    write(1)
    assert [one["command"] for one in log.records()] == ["import"] * 3
    assert "mismatch" in log.records()[-1]
    assert log.head_path().is_file()
    no_file(place.with_name("audit.jsonl.key"), kind)
    with pytest.raises(BadInput, match=r"audit log .* is a (pipe|device), expected a file"):
        audit.local_token("database", "x")


@pytest.mark.parametrize(
    "value", ["NaN", "[" * 500 + "]" * 500, "1" * 200, '"' + "x" * 90_000 + '"']
)
@pytest.mark.parametrize("name", ["who", "versions"])
def test_a_word_of_a_command_that_holds_anything_else_breaks_nothing(place, name, value):
    write(1)
    known = {name: one for name, one in log.records()[0].items() if name not in ("n", "previous")}
    content = log.as_line({**known, name: "PUT"}).replace(b'"PUT"', value.encode())
    (place.with_name("audit.jsonl.begun") / f"{'ab' * 8}.json").write_bytes(content)
    write(1)
    told = [(one["command"], one["result"]) for one in log.records()]
    assert told == [("import", "done"), (None, "unfinished"), ("import", "done")]
    assert check.verify() == (3, [])
