"""A mistyped list of checks or exceptions is refused by line and column, before anything runs."""

import shutil

import pytest

from synth.errors import BadInput
from synth.validate import seeds


@pytest.fixture
def directory(project_dir, tmp_path):
    for name in ("exceptions.csv", "tolerances.csv"):
        shutil.copy(project_dir / "seeds" / name, tmp_path)
    return tmp_path


def test_the_delivered_lists_are_in_order(directory):
    seeds.check(directory)


def test_a_row_of_exceptions_is_for_the_model_to_judge(directory):
    with (directory / "exceptions.csv").open("a") as file:
        file.write('recency,,much,next spring,team,"known, and small"\n')
    seeds.check(directory)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("recency,,0.4,2027-03-31,team,well, known\n", "line 2: expected 6 fields, got 7"),
        ("recency,,0.4,2027-03-31,team\n", "line 2: expected 6 fields, got 5"),
        ('recency,,0.4,2027-03-31,team,"known\n', "cannot be read as CSV"),
    ],
)
def test_a_line_that_is_no_row_is_named(directory, line, words):
    with (directory / "exceptions.csv").open("a") as file:
        file.write(line)
    with pytest.raises(BadInput, match=words):
        seeds.check(directory)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (",0.01,0.1,true,", ",little,0.1,true,", "number of 0 or more as threshold, got 'little'"),
        (",0.01,0.1,true,", ",-0.01,0.1,true,", "number of 0 or more as threshold, got '-0.01'"),
        (",0.01,0.1,true,", ",0.01,0.1,yes,", "true or false as is_headline, got 'yes'"),
        ("check_name,entity", "name,entity", "expected the columns check_name,entity"),
    ],
)
def test_a_mistyped_check_is_named(directory, before, after, words):
    path = directory / "tolerances.csv"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    with pytest.raises(BadInput, match=words):
        seeds.check(directory)


def test_an_absent_list_is_named(directory):
    (directory / "exceptions.csv").unlink()
    with pytest.raises(BadInput, match=r"exceptions\.csv cannot be read"):
        seeds.check(directory)
