"""The generator against a real server: exactness, rules, resuming, refusals."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
import sql_files

from synth import db
from synth.errors import BadInput
from synth.generate import guard, plan, reference, run
from synth.generate.draws import hash64, uniform
from synth.generate.options import Options
from synth.spec import model

N_MESSAGES = 12_000


def request(**changes):
    values = {
        "spec": model.load_default(),
        "n_messages": N_MESSAGES,
        "seed": 5,
        "band": None,
        "schema": "perf_synthetic",
        "jobs": 2,
    }
    return run.Request(**{**values, **changes})


def test_numpy_draws_are_the_servers_draws(databases, run_sql):
    rng = np.random.default_rng(1)
    keys = rng.integers(-(2**63), 2**63 - 1, 2000, dtype=np.int64)
    streams = np.concatenate((rng.integers(-(2**40), 2**40, 1900), np.arange(100)))
    keys[:50] = 0
    with db.connect(databases.dev) as connection:
        db.install_functions(connection, ["uniform"])
    rows = run_sql(
        databases.dev,
        "draw_grid",
        {"stream_numbers": streams.tolist(), "draw_keys": keys.tolist()},
    )
    assert [row["hashed"] for row in rows] == hash64(streams, keys).tolist()
    assert [row["drawn"] for row in rows] == uniform(streams, keys).tolist()


@pytest.mark.parametrize("size", [0, 1, 2, 5000])
def test_running_sums_add_in_their_order(databases, run_sql, size):
    numbers = np.random.default_rng(size).lognormal(0, 8, size)
    with db.connect(databases.dev) as connection:
        db.install_functions(connection, ["running_sum"])
    (row,) = run_sql(databases.dev, "running_sum", {"numbers": numbers.tolist()})
    assert row["sums"] == np.cumsum(numbers).tolist()


def test_stretches_of_the_corpus_are_alike_whoever_runs(databases, run_sql):
    with db.connect(databases.dev) as connection:
        for query in ("text_at", "text_at_superuser"):
            db.execute(connection, "schema_create", schema=query)
            db.run_script(connection, query, work=query)
        assert db.fetch_one(connection, "session_is_superuser")["is_superuser"]
    corpus = bytes(range(1, 128)) * 40
    (row,) = run_sql(databases.dev, "text_at_both", {"corpus": corpus})
    assert row["n_stretches"] > 8_000
    assert row["n_different"] == 0


def test_counters_leave_no_large_object(databases, run_sql):
    run.execute(databases.dev, request(), quiet=True)
    assert run_sql(databases.dev, "large_objects") == []


def test_functions_of_others_are_not_called(databases, run_sql):
    expected = run.execute(databases.dev, request(n_messages=500, schema="before"), quiet=True)
    run_sql(databases.dev, "captured_calls")
    found = run.execute(databases.dev, request(n_messages=500), quiet=True)
    assert found["checksums"] == expected["checksums"]


def _gaps(*seconds):
    made = {"distribution": "empirical", "discrete": False}
    return model.quantity({**made, "parameters": {"x": list(seconds), "cdf": [0, 0.5, 1]}})


@pytest.mark.parametrize(
    "rhythm",
    [
        {},
        {"gap_memory": 0.4, "start_exponent": 1.3, "activity_exponent": 0.7},
        # Most conversations would last longer than a place in a large object can say.
        {"activity_gap": {"all": _gaps(1, 10, 3e9)}},
        # All together more milliseconds than float8 counts.
        {"activity_gap": {"all": _gaps(3.1e9, 3.15e9, 3.1557e9)}},
        # Not a part of a day, so no multiple of it is the beginning of the window.
        {"time_resolution": 3599},
    ],
    ids=["default", "remembering", "slow", "slowest", "coarse"],
)
def test_a_database_is_what_the_reference_says_and_breaks_no_rule(databases, run_sql, rhythm):
    spec = model.load_default()
    asked = request(spec=model.replaced(spec, messages=replace(spec.messages, **rhythm)))
    result = run.execute(databases.dev, asked, quiet=True)
    made = plan.build(asked.spec, N_MESSAGES, 5)
    expected = reference.sample(made)

    assert result["rows"]["messages"] == N_MESSAGES
    messages = run_sql(databases.dev, "generated_messages")
    kinds = np.asarray(made.parameters["message_types"])[expected.message_type_no - 1]
    wanted = sorted(
        zip(
            expected.sent_ms.tolist(),
            expected.content_length.tolist(),
            kinds.tolist(),
            strict=True,
        )
    )
    found = [(row["sent_ms"], row["content_length"], row["type"]) for row in messages]
    assert found == wanted

    owner, kinds, sizes = reference.attachments(made, expected)
    wanted = zip(expected.sent_ms[owner].tolist(), kinds.tolist(), sizes.tolist(), strict=True)
    files = run_sql(databases.dev, "generated_attachments")
    assert [tuple(row.values()) for row in files] == sorted(wanted)
    stride = {"stride": made.parameters["attachment_stride"]}
    assert run_sql(databases.dev, "generated_attachment_ids", stride) == [{"n_wrong": 0}]
    owner, read_ms = reference.reads(made, expected)
    wanted = zip(expected.sent_ms[owner].tolist(), read_ms.tolist(), strict=True)
    reads = run_sql(databases.dev, "generated_reads")
    assert [tuple(row.values()) for row in reads] == sorted(wanted)
    assert len(files) > N_MESSAGES / 10 and len(reads) > N_MESSAGES / 2

    rows = run_sql(databases.dev, "generated_conversations")
    order = np.lexsort(
        (expected.type_no, expected.n_messages, expected.last_ms, expected.created_ms)
    )
    for name in ("created_ms", "last_ms", "n_messages", "n_members"):
        assert [row[name] for row in rows] == getattr(expected, name)[order].tolist(), name
    # Every drawn sender writes, and the busiest writes most.
    assert [row["n_senders"] for row in rows] == np.where(
        expected.n_messages > 0, expected.n_senders, 0
    )[order].tolist()
    shares = np.array([row["n_busiest"] / max(row["n_messages"], 1) for row in rows])
    large = expected.n_messages[order] >= 50
    assert shares[large] == pytest.approx(expected.dominance[order][large], abs=0.06)

    (violations,) = run_sql(databases.dev, "generated_violations")
    assert violations == dict.fromkeys(violations, 0)


def test_one_seed_gives_one_dataset_whatever_the_jobs(databases):
    first = run.execute(databases.dev, request(jobs=1, schema="one"), quiet=True)
    second = run.execute(databases.dev, request(jobs=2, schema="two"), quiet=True)
    other = run.execute(databases.dev, request(seed=6, schema="three"), quiet=True)
    assert first["checksums"] == second["checksums"]
    for table, checksum in other["checksums"].items():
        assert checksum != first["checksums"][table], table


def test_chunk_and_slice_sizes_do_not_show(databases, monkeypatch):
    whole = run.execute(databases.dev, request(schema="whole"), quiet=True)
    monkeypatch.setattr(plan, "SLICE_MESSAGES", 1_500)
    monkeypatch.setattr("synth.generate.stages.CHUNK_MESSAGES", 700)
    parts = run.execute(databases.dev, request(schema="parts"), quiet=True)
    assert parts["plan"]["slices"] == 8
    assert parts["checksums"] == whole["checksums"]


def test_more_slices_than_the_server_has_locks(databases, monkeypatch, run_synth, stopped_at):
    whole = run.execute(databases.dev, request(schema="whole"), quiet=True)
    # As many as 100 million messages have; each takes five of some four thousand locks.
    monkeypatch.setattr(plan, "_slices", lambda _: plan.MAX_SLICES)
    stopped_at("_indexes", databases.dev, request())
    again = run.execute(databases.dev, request(replace=True), quiet=True)
    assert again["checksums"] == whole["checksums"]
    stopped_at("_indexes", databases.dev, request(replace=True))
    assert run_synth("teardown").returncode == 0
    with db.connect(databases.dev) as connection:
        state = db.fetch_one(connection, "schema_state", {"schema": "perf_synthetic_work"})
    assert not state["schema_exists"]


def test_an_encoding_that_is_none_gives_the_same_dataset(databases, run_sql):
    whole = run.execute(databases.dev, request(), quiet=True)
    run_sql(databases.dev, "ascii_database")
    try:
        result = run.execute(replace(databases.dev, dbname="ascii"), request(), quiet=True)
    finally:
        with db.connect(databases.dev) as connection:
            sql_files.execute(connection, "server_drop_database", database="ascii")
    assert result["checksums"] == whole["checksums"]


def test_replacing_gives_the_same_tables_and_keeps_views_on_them(databases, run_sql):
    first = run.execute(databases.dev, request(), quiet=True)
    run_sql(databases.dev, "generated_view")
    again = run.execute(databases.dev, request(replace=True), quiet=True)
    assert again["checksums"] == first["checksums"]
    assert run_sql(databases.dev, "generated_view_rows")[0]["n_rows"] == N_MESSAGES


ALTERED = dict(
    re.findall(
        r"^-- altered: (.+)\n(.+)",
        (sql_files.FOLDER / "generated_altered.sql").read_text(),
        re.MULTILINE,
    )
)


@pytest.mark.parametrize("statement", ALTERED.values(), ids=ALTERED.keys())
def test_tables_that_somebody_altered_are_made_anew(databases, run_sql, statement):
    first = run.execute(databases.dev, request(), quiet=True)
    with db.connect(databases.dev) as connection:
        # Empty first: no row would pass.
        db.execute(connection, "truncate_tables", schema="perf_synthetic")
        connection.execute(statement)
    again = run.execute(databases.dev, request(replace=True), quiet=True)
    assert again["checksums"] == first["checksums"]
    assert run_sql(databases.dev, "generated_layout")[0]["n_unlogged"] == 0


def test_what_inherits_from_the_tables_is_not_emptied(databases, run_sql):
    run.execute(databases.dev, request(), quiet=True)
    run_sql(databases.dev, "generated_heir")
    try:
        with pytest.raises(BadInput, match="inherit"):
            run.execute(databases.dev, request(replace=True), quiet=True)
        assert run_sql(databases.dev, "generated_heir_rows") == [{"n_rows": 1}]
    finally:
        with db.connect(databases.dev) as connection:
            sql_files.execute(connection, "schema_drop", schema="heir")


def test_an_unlogged_run_that_is_resumed_empties_nothing_of_others(databases, run_sql, stopped_at):
    unlogged = Options(unlogged=True)
    run_id = stopped_at("_indexes", databases.dev, request(options=unlogged))
    run_sql(databases.dev, "generated_heir")
    try:
        with db.connect(databases.dev) as connection:
            sql_files.execute(connection, "work_reset", work="perf_synthetic_work")
        with pytest.raises(BadInput, match="inherit"):
            run.execute(databases.dev, request(resume=run_id), quiet=True)
        assert run_sql(databases.dev, "generated_heir_rows") == [{"n_rows": 1}]
    finally:
        with db.connect(databases.dev) as connection:
            sql_files.execute(connection, "schema_drop", schema="heir")


def test_lost_working_tables_are_made_again(databases, stopped_at):
    whole = run.execute(databases.dev, request(schema="whole"), quiet=True)
    run_id = stopped_at("_indexes", databases.dev, request())
    with db.connect(databases.dev) as connection:
        # What a server crash leaves of unlogged tables.
        sql_files.execute(connection, "work_reset", work="perf_synthetic_work")
    result = run.execute(databases.dev, request(resume=run_id), quiet=True)
    assert result["checksums"] == whole["checksums"]


def test_a_run_stopped_while_it_tidies_up_goes_on(databases, monkeypatch):
    whole = run.execute(databases.dev, request(schema="whole"), quiet=True)
    drop = guard.drop_slices

    def drop_and_fail(*arguments):
        drop(*arguments)
        raise BadInput("stopped on purpose")

    with monkeypatch.context() as patch:
        patch.setattr(guard, "drop_slices", drop_and_fail)
        with pytest.raises(BadInput, match="--resume") as stopped:
            run.execute(databases.dev, request(), quiet=True)
    run_id = str(stopped.value).rsplit(" ", 1)[-1]
    result = run.execute(databases.dev, request(resume=run_id), quiet=True)
    assert result["checksums"] == whole["checksums"]


def test_a_schema_with_foreign_tables_is_refused_and_kept(databases, run_sql, run_synth):
    run_sql(databases.dev, "foreign_table")
    finished = run_synth("generate", "--messages", "1000", "--replace")
    assert finished.returncode == 2
    assert "no run made" in finished.stderr
    assert finished.stderr.count("\n") == 1
    assert run_sql(databases.dev, "foreign_table_rows")[0]["n_rows"] == 1


def test_nothing_that_stands_on_the_tables_falls_with_them(databases, run_sql, run_synth):
    assert run_synth("generate", "--messages", "1000").returncode == 0
    run_sql(databases.dev, "others_depend")
    for refused in (
        run_synth("generate", "--messages", "1000", "--replace"),
        run_synth("generate", "--messages", "1000", "--replace", "--id-type", "uuid4"),
        run_synth("teardown"),
    ):
        assert refused.returncode == 2, refused.stderr
        assert "not ours" in refused.stderr
        assert refused.stderr.count("\n") == 1
        assert run_sql(databases.dev, "others_left")[0]["n_left"] == 5
    assert run_synth("checksum").returncode == 0, "the tables are gone"
    run_sql(databases.dev, "others_gone")
    # dbt's own view on them is no obstacle.
    finished = run_synth("generate", "--messages", "1000", "--replace", "--id-type", "uuid4")
    assert finished.returncode == 0, finished.stderr
    assert run_sql(databases.dev, "others_left")[0]["n_left"] == 0


def test_a_schema_with_the_name_of_the_working_tables_is_kept(databases, run_sql, run_synth):
    run_sql(databases.dev, "others_schema")
    finished = run_synth("generate", "--messages", "1000")
    assert finished.returncode == 2
    assert "working tables" in finished.stderr
    assert finished.stderr.count("\n") == 1
    with db.connect(databases.dev) as connection:
        state = db.fetch_one(connection, "schema_state", {"schema": "perf_synthetic_work"})
    assert state["relations"] == ["precious"]


def test_another_run_is_not_taken_for_working_tables(databases, run_synth):
    assert run_synth("generate", "--messages", "1000", "--schema", "a_work").returncode == 0
    assert run_synth("generate", "--messages", "1000", "--schema", "a").returncode == 2
    assert run_synth("checksum", "--schema", "a_work").returncode == 0


def test_tables_that_took_the_names_since_are_nobody_elses_to_empty(databases, run_sql, run_synth):
    assert run_synth("generate", "--messages", "1000").returncode == 0
    run_sql(databases.dev, "others_names")
    for refused in (run_synth("generate", "--messages", "9", "--replace"), run_synth("teardown")):
        assert refused.returncode == 2, refused.stderr
        assert "no run made" in refused.stderr
    assert run_sql(databases.dev, "foreign_table_rows")[0]["n_rows"] == 1


def test_a_run_of_another_version_is_not_resumed(databases, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("synth.generate.stages._indexes", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run.execute(databases.dev, request(), quiet=True)
    with db.connect(databases.dev) as connection:
        run_id = db.fetch_one(connection, "run_list", {"target_schema": None})["run_id"]
    query, function = db.query_text, db.function_text
    changes = {
        "synth.generate.stages.CHUNK_MESSAGES": 777,
        "synth.db.query_text": lambda name: query(name) + "\n" * (name == "write_slice"),
        "synth.db.function_text": lambda name: function(name) + "\n" * (name == "uniform"),
    }
    for place, value in changes.items():
        with monkeypatch.context() as patch:
            patch.setattr(place, value)
            with pytest.raises(BadInput, match="another version"):
                run.execute(databases.dev, request(resume=run_id), quiet=True)
    result = run.execute(databases.dev, request(resume=run_id), quiet=True)
    assert result["rows"]["messages"] == N_MESSAGES


def test_a_finished_run_is_not_overwritten_without_replace(databases, run_synth):
    assert run_synth("generate", "--messages", "1000").returncode == 0
    again = run_synth("generate", "--messages", "1000")
    assert again.returncode == 2
    assert "--replace" in again.stderr
    dropped = run_synth("teardown", "--json")
    assert dropped.returncode == 0, dropped.stderr
    assert run_synth("checksum").returncode == 2
    assert run_synth("teardown").returncode == 2


def test_two_runs_into_one_schema_are_refused(databases):
    with db.connect(databases.dev) as connection:
        guard.lock(connection, "perf_synthetic")
        with pytest.raises(Exception, match="another run is at work"):
            run.execute(databases.dev, request(), quiet=True)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--band", "huge"], 2, "unknown band"),
        ([], 2, "--band or --messages"),
        (["--messages", "0"], 2, "between 1 and"),
        (["--messages", "many"], 2, "integer"),
        (["--messages", "10", "--schema", "app"], 2, "not for synthetic tables"),
        (["--messages", "10", "--schema", "shape"], 2, "not for synthetic tables"),
        (["--messages", "10", "--target", "prod_shape"], 2, "production side"),
        (["--messages", "10", "--target", "nowhere"], 2, "unknown target"),
        (["--messages", "10", "--config", "missing.json"], 2, "missing.json"),
        (["--messages", "10", "--schema", "ten%s"], 2, "--schema"),
        (["--messages", "10", "--jobs", "0"], 2, "--jobs"),
        (["--messages", "10", "--as-of", "1980-01-01", "--window-days", "3660"], 2, "1971-01-01"),
        (["--resume", "none"], 2, "no such run"),
    ],
)
def test_bad_input_is_one_line_and_an_exit_code(databases, run_synth, arguments, code, words):
    finished = run_synth("generate", *arguments)
    assert finished.returncode == code, finished.stderr
    assert words in finished.stderr
    assert "Traceback" not in finished.stderr


def test_odd_names_of_schemas_are_quoted(databases, run_synth):
    for options in ([], ["--replace"], ["--replace", "--id-type", "uuid4"]):
        finished = run_synth("generate", "--messages", "50", "--schema", 'o{d"d é', *options)
        assert finished.returncode == 0, finished.stderr
    assert run_synth("teardown", "--schema", 'o{d"d é').returncode == 0


def test_production_environments_are_refused(databases, run_synth):
    finished = run_synth("generate", "--messages", "10", env={"NODE_ENV": "production"})
    assert finished.returncode == 2
    assert "production" in finished.stderr


def test_an_unreachable_server_is_exit_3(databases, run_synth):
    finished = run_synth(
        "generate", "--messages", "10", env={"PRODSHAPE_DEV_HOST": "/nowhere/at/all"}
    )
    assert finished.returncode == 3
    assert finished.stderr.count("\n") == 1


def test_json_documents_hold_the_run(databases, run_synth, tmp_path):
    made = json.loads(run_synth("generate", "--messages", "3000", "--json").stdout)
    sums = json.loads(run_synth("checksum", "--json").stdout)
    listed = json.loads(run_synth("runs", "--json").stdout)
    assert {name: row["checksum"] for name, row in sums["tables"].items()} == made["checksums"]
    assert listed["runs"][0]["run_id"] == made["run_id"]
    assert listed["runs"][0]["state"] == "done"
    # The server of another cache directory is somebody else's.
    elsewhere = run_synth("runs", "--json", env={"SYNTH_CACHE_DIR": str(tmp_path / "none")})
    assert (elsewhere.returncode, elsewhere.stdout) == (3, "")


def test_a_spec_without_receipts_and_attachments_generates_none(databases):
    spec = model.replaced(model.load_default(), read_receipts=None, attachments=None)
    result = run.execute(databases.dev, request(spec=spec), quiet=True)
    assert result["rows"]["message_reads"] == result["rows"]["attachments"] == 0


def test_everybody_else_in_the_room_can_read_a_message(databases, run_sql):
    spec = model.load_default()
    always = {"discrete": True, "distribution": "empirical"}
    everybody = model.quantity({**always, "parameters": {"x": [1999, 2000], "cdf": [0, 1]}})
    at_once = model.quantity({**always, "parameters": {"x": [0, 0.001], "cdf": [0, 1]}})
    reads = replace(spec.read_receipts, per_message=everybody, delay_seconds=at_once)
    result = run.execute(
        databases.dev, request(spec=model.replaced(spec, read_receipts=reads)), quiet=True
    )
    rows = run_sql(databases.dev, "generated_readers")
    # Whoever the ring begins with, it comes round to all but the sender.
    assert len({row["n_others"] for row in rows}) > 10
    assert [row for row in rows if row["n_readers"] != row["n_others"]] == []
    assert len(rows) > 0.75 * N_MESSAGES
    assert result["rows"]["message_reads"] == sum(row["n_others"] for row in rows)
    (violations,) = run_sql(databases.dev, "generated_violations")
    assert violations == dict.fromkeys(violations, 0)


def test_more_members_than_users_is_clamped_to_the_users(databases, run_sql):
    spec = model.load_default()
    few = replace(spec, totals=replace(spec.totals, users=spec.totals.messages // 1500))
    run.execute(databases.dev, request(spec=few), quiet=True)
    rows = run_sql(databases.dev, "generated_conversations")
    assert max(row["n_members"] for row in rows) <= 8
    (violations,) = run_sql(databases.dev, "generated_violations")
    assert violations == dict.fromkeys(violations, 0)


def test_rooms_that_everybody_is_in_are_counted(databases, run_synth):
    def members(smallest, largest):
        made = {"distribution": "empirical", "discrete": True}
        made["parameters"] = {"x": [smallest, largest], "cdf": [0, 1]}
        chats = replace(spec.conversations, members={"all": model.quantity(made)})
        return replace(spec, conversations=chats)

    spec = model.load_default()
    crowded, roomy = members(2, 40), members(2, 6)
    result = run.execute(databases.dev, request(spec=crowded, n_messages=3000), quiet=True)
    made = plan.build(crowded, 3000, 5)
    drawn = reference.sample(replace(made, n_attached=10**6)).n_members
    n_cut = int(np.sum(drawn > reference.sample(made).n_members))
    assert n_cut > 10
    assert (result["cut_conversations"], result["people"]) == (n_cut, made.n_attached)
    status = json.loads(run_synth("status", "--json").stdout)
    assert (status["cut_conversations"], status["people"]) == (n_cut, made.n_attached)
    sentence = f"all {made.n_attached} users who take part are in them"
    assert sentence in run_synth("status").stdout
    asked = request(spec=roomy, n_messages=3000, schema="roomy")
    assert run.execute(databases.dev, asked, quiet=True)["cut_conversations"] == 0
