"""The reading role, by trying: what it may, and what it may not."""

import hashlib
import statistics
from pathlib import Path

import jinja2
import psycopg
import pytest
import shape_chat
import sql_files
import yaml

from synth import db
from synth.extract import mapping

BODY = "ñññññ"


@pytest.fixture
def production(databases, run_synth):
    """A few rows, and the role over them."""
    shape_chat.load(databases.prod)
    printed = run_synth("role", "--print-sql")
    assert printed.returncode == 0, printed.stderr
    with psycopg.connect(**databases.prod.connection_parameters(), autocommit=True) as owner:
        owner.execute("analyze")
        owner.execute(printed.stdout)
        yield owner
        owner.execute(run_synth("role", "--print-sql", "--drop").stdout)


@pytest.fixture
def reader(databases, production):
    """A session of the role."""
    parameters = {**databases.prod.connection_parameters(), "user": "shape_reader"}
    with psycopg.connect(**parameters, autocommit=True) as connection:
        yield connection


def test_the_ddl_runs_again_and_keeps_key_and_shape(production, run_synth):
    before = production.execute("table shape_key.pseudonym_key").fetchall()
    production.execute((SQL_DIR / "role_kept_table.sql").read_text())
    production.execute(run_synth("role", "--print-sql", "--connection-limit", 5).stdout)
    assert production.execute("table shape_key.pseudonym_key").fetchall() == before
    assert production.execute("table shape.kept").fetchall() == []
    limit = production.execute((SQL_DIR / "role_limit.sql").read_text())
    assert limit.fetchone() == (5,)
    # Another mapping may give the views other columns.
    production.execute((SQL_DIR / "role_other_view.sql").read_text())
    production.execute(run_synth("role", "--print-sql").stdout)
    assert production.execute("table shape_source.members").description[0].name != "n"


@pytest.mark.parametrize(
    ("names", "said", "advice"),
    [
        (
            "role_taken_shape",
            "schema shape exists and belongs to another role",
            "schema shape cascade",
        ),
        ("role_taken_tables", "schema shape exists with tables that Prodshape did not", "profiles"),
        ("role_taken_views", "schema shape_source exists and is not Prodshape's", "--views-schema"),
        ("role_taken_key", "schema shape_key exists and is not Prodshape's", "--key-schema"),
        ("role_taken_rights", "role shape_reader exists and may do more than read", "--role"),
        ("role_taken_member", "role shape_reader exists and may do more than read", "--role"),
    ],
)
def test_what_is_there_and_is_not_ours_stops_the_ddl(databases, run_synth, names, said, advice):
    shape_chat.load(databases.prod)
    make, unmake = (SQL_DIR / f"{names}.sql").read_text().split("-- undo\n")
    printed = run_synth("role", "--print-sql").stdout
    with psycopg.connect(**databases.prod.connection_parameters(), autocommit=True) as owner:
        owner.execute(make)
        try:
            with pytest.raises(psycopg.errors.RaiseException) as caught:
                owner.execute(printed)
            owner.execute("rollback")
            assert said in caught.value.diag.message_primary
            assert advice in caught.value.diag.message_hint
            assert owner.execute((SQL_DIR / "role_views.sql").read_text()).fetchall() == []
        finally:
            owner.execute(unmake)


def _texts(connection, statement):
    return [str(value) for row in connection.execute(statement).fetchall() for value in row]


SQL_DIR = Path(__file__).resolve().parents[1] / "sql"
DENIED = (SQL_DIR / "role_denied.sql").read_text().split(";\n")[:-1]


def _triples(name):
    """What is found, how it comes about, and how it goes away."""
    lines = (SQL_DIR / f"{name}.sql").read_text().splitlines()
    return [
        (lines[i].removeprefix("-- "), lines[i + 1], lines[i + 2]) for i in range(0, len(lines), 3)
    ]


def test_everything_else_is_denied(reader):
    assert len(DENIED) > 10
    # No view is updatable, which the server says before it looks at rights.
    refusals = psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState
    for statement in DENIED:
        with pytest.raises(refusals):
            reader.execute(statement)


def test_the_views_show_no_text_and_no_id(reader, production):
    production.execute((SQL_DIR / "role_secret_label.sql").read_text())
    shown = []
    for view in ("users", "conversations", "members", "messages", "read_receipts", "attachments"):
        shown += _texts(reader, f"table shape_source.{view}")
    assert BODY not in shown
    assert not any("secret" in text or "shown" in text for text in shown)
    ids = {str(user["user_id"]) for user in shape_chat.CHAT.users}
    pseudonyms = _texts(reader, "table shape_source.members")
    assert ids.isdisjoint(pseudonyms)
    # Joins hold: as many people and conversations as there are.
    members = reader.execute("table shape_source.members").fetchall()
    assert len({room for room, _ in members}) == 5
    assert len({person for _, person in members}) == 6
    assert {person for _, person in members} <= {
        row[0] for row in reader.execute("table shape_source.users").fetchall()
    }


def test_definitions_and_statistics_hold_no_key_and_no_value(reader, production):
    (secret, seed) = production.execute("table shape_key.pseudonym_key").fetchone()[1:]
    shown = "".join(_texts(reader, "table pg_views"))
    assert "pseudonym_key" in shown
    assert secret.hex() not in shown
    assert str(seed) not in shown
    assert "app" not in _texts(reader, "table pg_stats")
    assert "app" in _texts(production, "table pg_stats")
    rows = reader.execute("table shape_source.column_statistics").fetchall()
    assert ("messages", "conversation_id") not in {row[:2] for row in rows}, "has no index here"
    production.execute((SQL_DIR / "role_index.sql").read_text())
    rows = reader.execute("table shape_source.column_statistics").fetchall()
    assert {row[:2] for row in rows} == {("messages", "conversation_id"), ("messages", "sent_at")}
    assert rows[0][-1] == len(shape_chat.CHAT.messages)


def test_other_sessions_statements_stay_unseen(reader, production):
    production.execute("table app.conversations")
    rows = reader.execute("table pg_stat_activity").fetchall()
    assert not any("app.conversations" in str(row) for row in rows)
    assert any("<insufficient privilege>" in str(row) for row in rows)


def test_the_role_itself_is_bounded(reader, production):
    row = production.execute("table pg_roles")
    columns = [column.name for column in row.description]
    role = next(
        dict(zip(columns, found, strict=True))
        for found in row.fetchall()
        if "shape_reader" in found
    )
    assert role["rolconnlimit"] == 8
    for right in ("rolsuper", "rolcreaterole", "rolcreatedb", "rolreplication", "rolbypassrls"):
        assert not role[right]
    for setting, value in [
        ("statement_timeout", "30min"),
        ("temp_file_limit", "20GB"),
        ("log_min_messages", "fatal"),
        ("log_min_error_statement", "panic"),
    ]:
        assert reader.execute(f"show {setting}").fetchone() == (value,)


def test_limits_that_only_a_superuser_may_set_are_no_error(production):
    make, unmake = (SQL_DIR / "role_dba.sql").read_text().split("-- undo\n")
    warned = []
    production.add_notice_handler(lambda notice: warned.append(notice.message_primary))
    production.execute(make)
    production.execute(db.as_text("role_limits", role="shape_reader"))
    production.execute(unmake)
    assert warned == ["Prodshape: temporary files and log of the role keep the server's settings"]


def _places(rows, ids):
    """Rank correlation of a row's place with the true id behind its first pseudonym."""
    found = [ids[row[0]] for row in rows]
    order = sorted(range(len(found)), key=found.__getitem__)
    ranks = {place: rank for rank, place in enumerate(order)}
    return statistics.correlation(list(range(len(found))), [ranks[i] for i in range(len(found))])


# What a reader may try to see the rows of {view} in another order: {key} is its first column.
SETTINGS = [
    "reset all",
    "set enable_sort = off",
    "set debug_parallel_query = on; set parallel_setup_cost = 0; set parallel_tuple_cost = 0;"
    "set min_parallel_table_scan_size = 0",
    "set enable_seqscan = off; set enable_hashagg = off; set enable_hashjoin = off;"
    "set enable_material = off",
    "set jit = on; set jit_above_cost = 0; set work_mem = '64kB'; set cursor_tuple_fraction = 1e-9",
]
READS = (SQL_DIR / "role_reads.sql").read_text().split(";\n")[:-1]
NO_PLACES = (SQL_DIR / "role_no_places.sql").read_text().split(";\n")[:-1]


def test_a_place_in_a_view_tells_no_id(reader, production):
    production.execute((SQL_DIR / "role_many.sql").read_text())
    (secret,) = production.execute((SQL_DIR / "role_secret.sql").read_text()).fetchone()
    ids = {}
    for kind in (b"account", b"conversation", b"attachment"):
        for number in range(-10, 2000):
            hidden = hashlib.sha256(secret + kind + number.to_bytes(8, "big", signed=True))
            ids[kind, int.from_bytes(hidden.digest()[:8], "big", signed=True)] = number
    explained = (SQL_DIR / "role_explained.sql").read_text()
    notices = []
    reader.add_notice_handler(lambda notice: notices.append((int(notice.message_primary),)))
    reader.execute((SQL_DIR / "role_spy.sql").read_text())
    for view, key, kind in [
        ("users", "user_id", b"account"),
        ("conversations", "conversation_id", b"conversation"),
        ("members", "conversation_id", b"conversation"),
        ("attachments", "attachment_id", b"attachment"),
    ]:
        known = {hidden: number for (of, hidden), number in ids.items() if of == kind}
        for setting in SETTINGS:
            for one in setting.split(";"):
                # Its name before PostgreSQL 16.
                name = "force_parallel_mode" if reader.info.server_version < 160000 else None
                reader.execute(one.replace("debug_parallel_query", name) if name else one)
            for read in READS:
                notices.clear()
                for one in read.format(view=view, key=key).split(" then "):
                    cursor = reader.execute(one)
                rows = cursor.fetchall() if cursor.description else notices
                rows = notices if "spied" in read else rows
                assert len(rows) >= 600, (view, read)
                assert abs(_places(rows, known)) < 0.2, (view, setting, read)
                reader.execute((SQL_DIR / "role_uncopied.sql").read_text())
                reader.execute("close all")
        reader.execute("reset all")
        ((plan,),) = reader.execute(explained.format(view=view, key=key)).fetchall()
        filtered = {
            node["Node Type"]
            for node in mapping.nodes(plan[0]["Plan"])
            if "Filter" in node and node.get("Relation Name") != "pseudonym_key"
        }
        assert filtered == {"Subquery Scan"}, "a match is looked for in the table's own order"
        for read in NO_PLACES:
            with pytest.raises(psycopg.Error):
                reader.execute(read.format(view=view))


def test_what_the_guide_advises_takes_the_rest(reader, production, databases):
    revoked = (SQL_DIR / "role_revoked.sql").read_text().split(";\n")[:-1]
    for statement in revoked:
        with reader.transaction(force_rollback=True):
            reader.execute(statement)
    production.execute(sql_files.advised_revokes(databases.prod.dbname))
    for statement in revoked:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute(statement)


def _macros(project_dir):
    project = yaml.safe_load((project_dir / "dbt_project.yml").read_text())
    environment = jinja2.Environment(autoescape=False)
    text = (project_dir / "macros" / "assert_role.sql").read_text()
    # Jinja keeps what opens with an underscore to itself.
    text = text.replace("_excessive_rights", "excessive_rights")
    text = text.replace("_exposed_columns", "exposed_columns")
    text = text.replace("_is_ledger", "is_ledger")
    return environment.from_string(text).module, project["vars"]["canonical_columns"]


def _reasons(connection, statement):
    return [row[0] for row in connection.execute(statement).fetchall()]


def test_rights_too_many_are_found(reader, production, project_dir):
    macros, _ = _macros(project_dir)
    query = macros.excessive_rights("shape_source")
    assert _reasons(reader, query) == []
    assert _reasons(production, query)[0] == "is a superuser"
    for reason, grant, revoke in _triples("role_excess"):
        production.execute(grant)
        assert _reasons(reader, query) == [reason]
        production.execute(revoke)
    assert _reasons(reader, query) == []


def test_views_that_expose_more_are_found(reader, production, project_dir):
    macros, canonical = _macros(project_dir)
    query = macros.exposed_columns("shape_source", "shape", canonical, True)
    assert _reasons(reader, query) == []
    for reasons, make, unmake in _triples("role_exposure"):
        production.execute(make)
        assert ", ".join(_reasons(reader, query)) == reasons
        production.execute(unmake)
    assert _reasons(reader, query) == []


def test_a_role_with_too_many_rights_is_refused(production, databases, tmp_path, run_synth):
    environment = {
        "ANONYMIZATION_SALT": "0123456789abcdefghijklmnopqrstuvwxyz",
        "DBT_TARGET_PATH": str(tmp_path / "target"),
        "DBT_LOG_PATH": str(tmp_path / "logs"),
        "PRODSHAPE_PROD_USER": "shape_reader",
    }
    output = tmp_path / "out"
    views = ("--mapping", "views", "--schema", "shape_source")
    for triples in (_triples("role_excess"), _triples("role_exposure")[2:]):
        reason, make, unmake = triples[0]
        production.execute(make)
        done = run_synth("extract", "--output", output, *views, env=environment)
        assert done.returncode == 2
        assert reason in done.stderr
        production.execute(unmake)
    assert list(output.iterdir()) == []
