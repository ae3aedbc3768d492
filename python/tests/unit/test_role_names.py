"""Names that would end a comment, a body or their own length in the DDL for the DBA."""

import pytest
from click.testing import CliRunner

from synth.commands import role
from synth.errors import BadInput

OPTIONS = ["--role", "--views-schema", "--key-schema", "--schema", "--fdw-dbname", "--fdw-host"]


@pytest.fixture(autouse=True)
def profile(tmp_path, project_dir, monkeypatch):
    (tmp_path / "profiles.yml").write_text((project_dir / "profiles.example.yml").read_text())
    monkeypatch.setenv("DBT_PROFILES_DIR", str(tmp_path))


def printed(*arguments):
    call = ["--print-sql", *arguments]
    return CliRunner().invoke(role.command, call, standalone_mode=False)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "x" * 254,
        "x\ndrop table app.messages; --",
        "x\rdrop",
        "x\x1b[2J",
        "x\u202egnirts",
        "x\udcff",
        "x$prodshape$; drop",
        "x$function$",
    ],
)
@pytest.mark.parametrize("option", OPTIONS)
def test_a_name_that_is_none_is_refused(option, name):
    for more in ([], ["--fdw"], ["--drop"]):
        error = printed(f"{option}={name}", *more).exception
        assert isinstance(error, BadInput)
        assert error.exit_code == 2
        assert str(error).startswith(f"{option}: expected 1 to")
        assert "\n" not in str(error)


def test_a_bad_name_is_said_before_two_that_are_equal():
    error = printed("--schema=a\nb", "--views-schema=a\nb").exception
    assert str(error).startswith("--views-schema: expected 1 to")


@pytest.mark.parametrize("option", OPTIONS[:-1])
def test_a_name_counts_in_bytes(option):
    assert printed(f"{option}={'x' * 63}").exception is None
    for name in ("x" * 64, "é" * 32):
        assert "expected 1 to 63 bytes" in str(printed(f"{option}={name}").exception)


def test_a_name_may_hold_whatever_can_be_quoted():
    assert printed('--role=Büro "x" $1', "--fdw-host", "h" * 253).exception is None


def test_a_mapping_ends_no_body_either():
    from synth import targets
    from synth.extract import mapping
    from synth.extract import role as ddl

    found = mapping.load(targets.load("prod_shape"), "app", "chat")
    ddl.check_mapping(found)
    column = found.relations[0].columns[0]
    object.__setattr__(column, "expression", "a$function$")
    with pytest.raises(BadInput, match=r"mapping, .*: expected none of"):
        ddl.check_mapping(found)
