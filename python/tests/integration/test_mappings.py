"""Values of a mapping: what `synth map check` accepts, staging and the role's views accept."""

import re
from pathlib import Path
from types import SimpleNamespace

import jinja2
import psycopg
import pytest
import shape_chat
import yaml

from synth import db
from synth.errors import BadInput
from synth.extract import mapping, role

SQL_DIR = Path(__file__).resolve().parents[1] / "sql"
NAMES = role.Names("shape_reader", "shape_source", "shape_key", "shape", "production")
TABLE = "{schema}.messages"
GOOD = {
    "where": [
        "id > 0 -- no drafts",
        "id > 0 -- it's; (so far",
        "id > 0 /* a note */",
        "id < 0 or id > 0 -- both",
        "content <> '--' and content <> '/*'",
        "content <> $a$)$a$",
        r"content <> E'\''",
        "content <> '{{ x }}' and content <> '{# x' -- {% x",
        "content <> '%s %% %(x)s {x}'",
        "content <> '👍' -- 👍",
        "true\n-- the end\n",
        "exists (select 1 from {schema}.users) -- all",
        False,
        "  ",
        None,
    ],
    "relation": [
        f"{TABLE} -- all",
        f"(table {TABLE}) -- all",
        f"(table {TABLE} -- all\n)",
        f"/* ours */ {TABLE}",
        f"only {TABLE}",
        f"(select *, row_number() over () as place from {TABLE} limit 3)",
    ],
    "message_id": [
        "id -- the key",
        "id /* the key */",
        '"id"',
        "((id))",
        "id::integer",
        "(select max(m.id) from {schema}.messages as m) -- for all",
        "1",
        "null",
    ],
    "message_type": [
        "type -- as it is",
        "'👍' || type",
        "type || $q$--$q$",
        "type::char(9)",
        'type collate "C" -- plain',
        "'TEXT'",
    ],
    "sent_at": ['"createdAt" -- UTC', "current_timestamp"],
}
BAD = {
    "where": [
        "id > 0) or (true",
        "id > 0 /* for ever",
        "id > 0;",
        "id > 0; drop table nothing",
        "true limit 1",
        "true group by id",
        "true order by 1",
        "true union select 1",
        "count(*) > 0",
        "row_number() over () = 1",
        "generate_series(1, 2) > 1",
        "content = '",
        "content = ' )",
        "content = $$",
        "content = $a$)",
        "id > 0 \\",
        'id > "',
        "id = $1",
        "-- nothing",
        "id",
        "true, true",
        "(true",
        "true -- one\n)",
        "true\x00",
        "true \ud800",
        ["true"],
        {"id": 1},
        0,
    ],
    "relation": [
        f"{TABLE} as m",
        f"{TABLE} where true",
        f"{TABLE};",
        f"(table {TABLE}",
        f"{TABLE} /*",
        f"{TABLE} tablesample system (9)",
        "nowhere",
        "$1",
        f"{TABLE}, {{schema}}.users",
    ],
    "message_id": [
        "id -- the key\n, id",
        "id, id",
        "id as one",
        "max(id)",
        "max(id) over ()",
        "generate_series(1, 2)",
        "id) as one, (id",
        "id;",
        "id from {schema}.messages as m --",
        "/* id",
        "$1::bigint",
        "*",
        "mapped.*",
        "(id, id)",
        "content",
        "''",
        "id \\",
        "",
    ],
    "message_type": ["unnest(array['TEXT', 'IMAGE'])", "string_agg(type, '')", "id", "type, type"],
    "sent_at": ["content", 'lag("createdAt") over (order by id)', "now"],
}


@pytest.fixture(scope="module")
def project(project_dir):
    """Variables of the project, and its macros as functions of this process."""
    environment = jinja2.Environment(autoescape=False, extensions=["jinja2.ext.do"])

    class Returned(Exception):
        """What dbt's return() raises, too."""

    def give(value):
        raise Returned(value)

    def macro(name):
        text = (project_dir / "macros" / f"{name}.sql").read_text()
        return getattr(environment.from_string(text).module, name)

    def plain_column(expression):
        try:
            macro("plain_column")(expression)
        except Returned as returned:
            return returned.args[0]

    environment.globals.update(
        {"return": give},
        plain_column=plain_column,
        adapter=SimpleNamespace(quote=lambda name: f'"{name}"'),
        modules=SimpleNamespace(re=re),
    )
    variables = yaml.safe_load((project_dir / "dbt_project.yml").read_text())["vars"]
    return SimpleNamespace(variables=variables, macro=macro)


def entry_of(project, position, value):
    """The project's messages with one value changed."""
    entry = {"relation": TABLE, **project.variables["mappings"]["chat"]["messages"]}
    if position in ("where", "relation"):
        return {**entry, position: value}
    return {**entry, "columns": {**entry["columns"], position: value}}


def text_of(name, **parts):
    """A statement of the tests with texts of SQL in its places."""
    text = (SQL_DIR / f"{name}.sql").read_text()
    for part, value in parts.items():
        text = text.replace(f"{{{part}}}", value)
    return text


def mapped(project, entry):
    """What the staging macro makes of an entry."""
    types = project.variables["canonical_columns"]
    return project.macro("mapped_rows")(
        {"x": {"messages": entry}}, "x", "messages", "", types, "app"
    )


def staging_query(project, entry):
    return text_of("mapping_staged", rows=mapped(project, entry))


def checked(project, connection, entry):
    """What `synth map check` makes of it: the relation, or None where it is refused."""
    types = project.variables["canonical_columns"]["messages"]
    try:
        relation = mapping._relation("x", "messages", entry, types, "app", '"app"')
    except BadInput:
        return None
    (found,) = mapping.resolved(connection, mapping.Mapping("x", (relation,), {}))
    return None if mapping.problems([found]) else found


@pytest.fixture
def chat(databases):
    """A few rows in the application's schema, and a session of their owner."""
    shape_chat.load(databases.prod)
    with psycopg.connect(**databases.prod.connection_parameters(), autocommit=True) as owner:
        yield owner


def attempt(connection, text):
    """Whether the server takes a statement, which leaves nothing."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(text)
    except psycopg.Error as error:
        return str(error)
    return ""


def test_what_the_check_accepts_is_built(chat, project):
    for position, values in GOOD.items():
        for value in values:
            entry = entry_of(project, position, value)
            found = checked(project, chat, entry)
            assert found is not None, (position, value)
            build = text_of("mapping_view", rows=mapped(project, entry))
            assert attempt(chat, build) == "", (position, value)
            assert attempt(chat, staging_query(project, entry)) == "", (position, value)
            ddl = role.reader_sql(
                mapping.Mapping("x", (found,), {}),
                NAMES,
                settings={},
                connection_limit=3,
                pseudonyms="sha256",
            ).replace("grant connect on database", "-- grant")
            ddl = ddl.removesuffix("commit;").replace("\nbegin;", "\n", 1)
            ddl += "table shape_source.messages; table shape_source.column_statistics;"
            assert attempt(chat, ddl) == "", (position, value)
            (counted,) = mapping.counted(chat, [found])
            assert mapping.problems([counted]) == [], (position, value)


def test_what_no_build_would_take_is_refused_by_the_check(chat, project):
    for position, values in BAD.items():
        for value in values:
            entry = entry_of(project, position, value)
            assert checked(project, chat, entry) is None, (position, value)


def test_a_mapping_that_is_no_text_of_sql_is_one_line(databases, project, tmp_path):
    chosen = {**project.variables["mappings"]["chat"], "messages": None}
    whole = project.variables["mappings"]["chat"]["messages"]
    cases = [
        ({**whole, "filter": "deleted is null"}, "expected relation, where, columns, got 'filter'"),
        ({**whole, "where": ["true"]}, "messages.where: expected SQL, got a list"),
        ({**whole, "columns": {**whole["columns"], "body": "content"}}, "sent_at, got 'body'"),
    ]
    path = tmp_path / "mapping.yml"
    for entry, said in cases:
        path.write_text(yaml.safe_dump({**chosen, "messages": entry}))
        with pytest.raises(BadInput, match=re.escape(said)):
            mapping.load(databases.prod, "app", str(path))
    path.write_text(yaml.safe_dump({**chosen, "messages": whole}) + "# " + "x" * 40_000)
    with pytest.raises(BadInput, match="at most 32,768 bytes"):
        mapping.load(databases.prod, "app", str(path))
    path.write_text("[" * 30_000)
    with pytest.raises(BadInput, match="is not readable YAML"):
        mapping.load(databases.prod, "app", str(path))
    with pytest.raises(BadInput, match="is a device"):
        mapping.load(databases.prod, "app", "/dev/zero")


def test_staging_refuses_a_wrong_type_before_it_reads_a_row(chat, project):
    query = staging_query(project, entry_of(project, "relation", TABLE))
    assert len(chat.execute(query).fetchall()) == len(shape_chat.CHAT.messages)
    for column in ("message_id", "sender_id", "content_length", "sent_at"):
        with pytest.raises(psycopg.errors.DatatypeMismatch) as caught:
            chat.execute(staging_query(project, entry_of(project, column, "content")))
        assert "ñ" not in str(caught.value)


def test_a_quote_in_the_name_of_a_column_breaks_no_statistics(chat, project):
    chat.execute((SQL_DIR / "mapping_quoted_column.sql").read_text())
    entry = entry_of(project, "message_id", '"o\'clock"')
    assert checked(project, chat, entry) is not None
    rows = project.macro("statistics_columns")(
        {"x": {"messages": {**entry, "relation": "app.messages"}}},
        "x",
        {"messages": {"relation": "app.messages", "columns": ["sent_at", "message_id"]}},
    )
    assert attempt(chat, f"values {rows}") == ""


TYPES = [
    ("any case", "mapping_labels_case"),
    ("any accent", "mapping_labels_accent"),
    ("citext", "mapping_labels_citext"),
    ("char(n)", "mapping_labels_padded"),
    ("enum", "mapping_labels_enum"),
    ("domain", "mapping_labels_domain"),
    ("forms", "mapping_labels_forms"),
]


@pytest.mark.parametrize("name", [name for _, name in TYPES], ids=[kind for kind, _ in TYPES])
def test_check_staging_and_role_agree_on_labels(chat, project, name):
    try:
        chat.execute((SQL_DIR / f"{name}.sql").read_text())
    except (psycopg.errors.FeatureNotSupported, psycopg.errors.UndefinedObject) as error:
        pytest.skip(f"this server has no ICU, which this collation needs: {error.sqlstate}")
    entry = entry_of(project, "relation", TABLE)
    found = checked(project, chat, entry)
    (counted,) = mapping.counted(chat, [found])
    (strangers,) = (one.n_strangers for one in counted.columns if one.name == "message_type")

    label = project.macro("known_label")("message_type", "types")
    staged = text_of("mapping_staged_labels", rows=mapped(project, entry), label=label)
    built = dict(chat.execute(staged))
    assert set(built) <= {"TEXT", "IMAGE", "FILE", "AUDIO", "VIDEO", "OTHER"}
    assert built.get("OTHER", 0) == strangers

    with chat.transaction(force_rollback=True):
        ddl = role.reader_sql(
            mapping.Mapping("x", (found,), {}),
            NAMES,
            settings={},
            connection_limit=3,
            pseudonyms="hash",
        ).replace("grant connect on database", "-- grant")
        chat.execute(ddl.removesuffix("commit;").replace("\nbegin;", "\n", 1))
        shown = dict(chat.execute((SQL_DIR / "mapping_shown_labels.sql").read_text()))
    assert shown == built


def test_a_parameter_is_no_value(chat):
    with pytest.raises(db.Error):
        db.describe(chat, "map_relation", {"relation": "app.messages", "where": "id = $1"})
