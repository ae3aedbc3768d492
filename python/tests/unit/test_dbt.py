"""What dbt says becomes progress, results and one line; what a row held never does."""

import json

import pytest

from synth import console, dbt
from synth.dbt.events import Reader
from synth.dbt.refusals import not_run, readable
from synth.errors import BadInput, DatabaseError, GateFailed
from synth.targets import Target

TARGET = Target("prod_shape", "h", 5432, "u", "", "d", "shape")
ROW = 'invalid input syntax for type bigint: "john.doe@example.com"'


def _event(name, data, node=None, status="", kind="model"):
    if node:
        unique = f"{kind}.prodshape.{node}"
        data = {
            **data,
            "node_info": {
                "node_name": node,
                "unique_id": unique,
                "resource_type": kind,
                "node_status": status,
            },
        }
    return json.dumps({"info": {"name": name}, "data": data})


def _model(node, status):
    # dbt shows what the server said, and keeps its own word in the node.
    shown = "SELECT 1" if status == "success" else status
    return _event("LogModelResult", {"status": shown, "total": 3}, node, status)


def _test(node, status, failures=0):
    data = {"status": status, "num_failures": failures, "num_models": 3}
    return _event("LogTestResult", data, node, status, "test")


def _reason(node, text):
    return _event("RunResultError", {"msg": text}, node, "None")


def _result(*lines):
    reader = Reader("dbt build", shown=False)
    with console.progress(enabled=False) as bars:
        for line in lines:
            reader.line(line, bars)
    return reader, dbt.DbtRun(tuple(reader.results()), 1, 1.0)


def test_results_are_collected_once_and_noise_is_left_out():
    _, run = _result(
        "a warning of Python",
        "[1, 2]",
        _event("ConcurrencyLine", {"node_count": 2}),
        _event("LogStartLine", {}, "stg_a", "started"),
        _model("stg_a", "success"),
        _model("stg_a", "success"),
        _test("shape_is_k_anonymous", "pass"),
    )
    assert [(node.name, node.status) for node in run.nodes] == [
        ("stg_a", "success"),
        ("shape_is_k_anonymous", "pass"),
    ]


def test_progress_never_counts_more_than_there_is():
    unit_test = {"status": "pass", "num_models": 3}
    begun = (
        _event("ConcurrencyLine", {"node_count": 1}),
        _model("stg_a", "success"),
        _event("LogUnitTestResult", unit_test, "gap", "pass", "unit_test"),
    )
    reader, _ = _result(*begun)
    assert (reader._done, reader._total) == (2, 3)

    reader, _ = _result(*begun, *(_model(f"stg_{name}", "success") for name in "bcd"))
    assert (reader._done, reader._total) == (5, 5)


def test_failing_tests_are_a_gate_and_are_named():
    _, run = _result(_model("shape_metrics", "success"), _test("shape_is_k_anonymous", "fail", 3))
    with pytest.raises(GateFailed, match="1 dbt test failed: shape_is_k_anonymous") as caught:
        dbt.require_success(run)
    assert caught.value.tests == [{"name": "shape_is_k_anonymous", "n_failures": 3}]


@pytest.mark.parametrize(
    "text",
    [
        # Casts of what a row holds.
        'relation "john.doe@example.com" does not exist',
        'schema "john.doe@example.com" does not exist',
        'column "john" does not exist\n  LINE 1: select john\n  ^\n  QUERY:  select john',
    ],
)
def test_a_name_that_is_not_in_the_statement_stays_unsaid(text):
    _, run = _result(
        _model("int_messages", "error"),
        _reason("int_messages", f"Database Error in model int_messages\n  {text}"),
    )
    with pytest.raises(DatabaseError) as caught:
        dbt.require_success(run)
    assert "john" not in str(caught.value)


SPOKEN = {
    'relation "app.users" does not exist': "\n  LINE 3: from app.users\n  ^",
    'schema "app" does not exist': "\n  LINE 3: from app.users\n  ^",
    'column "userName" does not exist': "\n  LINE 3: select userName\n  ^",
    "column users.name does not exist": "\n  LINE 3: select users.name\n  ^",
    "permission denied for table users": "",
    "permission denied for materialized view users": "",
    "function app.f(integer) does not exist": "\n  LINE 3: select app.f(1)\n  ^\n  HINT:  No",
    "COALESCE types text and bigint cannot be matched": "\n  LINE 3: select\n  ^",
    "canceling statement due to lock timeout": "",
}
HEADERS = (
    "Database Error\n  ",
    "Database Error in model int_users (models/x.sql)\n  ",
    "Runtime Error\n  Database Error in operation x (./dbt_project.yml)\n  ",
    "prodshape.on-run-start.0 failed, error:\n ",
)


@pytest.mark.parametrize(("first", "behind"), SPOKEN.items())
def test_a_servers_message_is_read_at_its_start_alone(first, behind):
    for header in HEADERS:
        assert readable(f"{header}{first}{behind}") == first
        for planted in (
            f'invalid input syntax for type integer: "{first}"{behind}',
            f'invalid input syntax for type integer: "\n  {first}{behind}\n  "\n  LINE 3: x\n  ^',
            f"\n  {first}{behind}",
            f"value too long\n  {first}{behind}",
            f"value too long\n  Database Error in model x\n  {first}{behind}",
            f"{first} of 447700900123.jane_doe{behind}",
        ):
            assert readable(header + planted) == ""
    assert readable(first + behind) == ""


@pytest.mark.parametrize(
    "text",
    [
        "permission denied for phone 447700900123.jane_doe",
        # A cast to regclass of a text with a place of its own.
        'relation "jane_doe" does not exist\n  LINE 1: jane\n  ^" does not exist',
    ],
)
def test_a_row_that_speaks_as_the_server_does_stays_unread(text):
    assert readable(f"Database Error in model int_users (x)\n  {text}") == ""


def test_a_full_disk_is_told_without_its_file():
    text = 'Database Error\n  could not extend file "base/1/2": No space left on device\n  HINT:  x'
    assert readable(text) == "No space left on device"
    assert readable('Database Error\n  bad "x: No space left on device"') == ""


def test_a_row_that_speaks_as_dbt_does_stays_unread():
    trouble = 'Runtime Error\n  bad value "\n  Compilation Error in x\n    john.doe\n"'
    assert "john" not in str(not_run(trouble, TARGET, 2))


def test_missing_column_of_staging_is_bad_input_and_named():
    text = 'Database Error in model stg_chat__users\n  column "userName" does not exist\n  LINE 3'
    _, run = _result(_model("stg_chat__users", "error"), _reason("stg_chat__users", text))
    with pytest.raises(BadInput, match='stg_chat__users: column "userName" does not exist'):
        dbt.require_success(run)


def test_rows_quoted_by_the_server_stay_unread():
    text = f"Database Error in model int_users (models/x.sql)\n  {ROW}\n  LINE 3: select"
    _, run = _result(_model("int_users", "error"), _reason("int_users", text))
    with pytest.raises(DatabaseError, match="could not build int_users") as caught:
        dbt.require_success(run)
    assert "john" not in str(caught.value)
    assert caught.value.exit_code == 3


def test_warnings_of_our_macros_are_passed_on(capsys):
    _result(
        _event("JinjaLogWarning", {"msg": "allowed_hours: it is late"}),
        # synth says it itself, of what it is about to refuse.
        _event("JinjaLogWarning", {"msg": "gates: 1 of 10 did not run and pass"}),
    )
    assert capsys.readouterr().err == "dbt: allowed_hours: it is late\n"


def test_a_refusal_inside_a_hook_is_read():
    trouble = "Runtime Error\n  Compilation Error in operation x\n    assert_role: expected less\n"
    assert str(not_run(trouble, TARGET, 2)) == "dbt: assert_role: expected less"


def test_a_type_that_does_not_fit_is_named():
    reason = (
        "Database Error in model stg_a\n  COALESCE types text and bigint cannot be matched\n" + ROW
    )
    _, run = _result(_model("stg_a", "error"), _reason("stg_a", reason))
    assert run.nodes[0].reason == "COALESCE types text and bigint cannot be matched"


def test_long_lists_of_failures_are_cut():
    _, run = _result(*(_test(f"t{number}", "fail", 1) for number in range(9)))
    with pytest.raises(GateFailed, match="t4 and 4 more"):
        dbt.require_success(run)


@pytest.mark.parametrize(
    ("trouble", "error", "text"),
    [
        ("Database Error\n  connection to server at 10.0.0.7 failed", DatabaseError, "reach"),
        (f"Database Error\n  {ROW}", DatabaseError, "reach"),
        ("Compilation Error in x\n  as_of: expected an ISO date\n > in macro", BadInput, "as_of"),
        (f"Runtime Error\n  {ROW}", BadInput, "dbt parse"),
        ("[Errno 28] No space left on device", DatabaseError, "TMPDIR"),
        ("Parsing Error\n  Env var required but not provided: 'X'", BadInput, "stands in quotes"),
    ],
)
def test_a_dbt_that_never_ran_is_one_line(trouble, error, text):
    raised = not_run(trouble, TARGET, 2)
    assert isinstance(raised, error)
    assert text in str(raised)
    assert "\n" not in str(raised)
    assert "john" not in str(raised)
    assert "10.0.0.7" not in str(raised)


def test_a_dbt_that_was_killed_is_told_by_its_signal():
    raised = not_run("", TARGET, -9)
    assert raised.exit_code == 3
    assert "signal 9" in str(raised)


def test_what_dbt_says_before_it_speaks_json_is_passed_on_where_nothing_ran():
    usage = "Error: warn_error: not allowed with argument warn_error_options"
    reader, _ = _result("Usage: cli build", usage)
    assert "warn_error: not allowed" in str(not_run(reader.trouble, TARGET, 2))
    reader, _ = _result(usage, _model("stg_a", "success"))
    assert reader.trouble == ""


def test_a_cut_line_is_a_node_that_was_not_told_of():
    whole = _test("shape_is_k_anonymous", "pass")
    _, run = _result(_model("stg_a", "success"), whole[: len(whole) // 2])
    assert [node.name for node in run.nodes] == ["stg_a"]


def test_variables_come_from_the_project():
    assert dbt.variable("k_anonymity") == 20
    assert dbt.variable("source_schema", "prod_shape") == "app"
    assert dbt.variable("no_such_var") is None
