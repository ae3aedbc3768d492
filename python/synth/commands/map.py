"""`synth map`: the source mapping."""

import click

from synth import console, settings, targets
from synth.cli import common_options


@click.group(name="map")
def command():
    """Look at the source mapping: what each canonical column is made of."""


@command.command()
@click.option("--mapping", help="A name, or a YAML file. [default: the project's]")
@click.option("--schema", help="Schema of the application's tables. [default: the project's]")
@click.option("--exact", is_flag=True, help="Count rows and nulls: one scan for each relation.")
@common_options(target=settings.PRODUCTION_TARGET)
def check(mapping, schema, exact, target, as_json, verbose):
    """Say what each canonical column resolves to, on how many rows, with what type.

    Reads no row: types come from the server's parser, row counts are the planner's estimates.
    With --exact rows are counted, nulls, and labels outside the vocabulary (which become OTHER);
    an expression that fails on some row is named. Exit code 2 when anything is missing or
    mistyped.

    --json prints {schema_version, target, mapping, schema, is_exact, relations [{entity,
    relation, where, n_rows, is_foreign, problem, columns [{column, expression, expected, found,
    n_nulls, n_unknown_labels, problem}]}], problems []}.
    """
    from synth import db, server
    from synth.extract import mapping as mappings
    from synth.extract import preflight

    place = targets.load(target)
    source_schema = schema or preflight.source_schema(place)
    found = mappings.load(place, source_schema, mapping)
    options = preflight.session_options()
    with (
        server.ensure(place),
        db.connect(place, application_name="synth map", **options) as connection,
    ):
        relations = mappings.resolved(connection, found)
        if exact:
            relations = mappings.counted(connection, relations)
    problems = mappings.problems(relations)
    if as_json:
        console.document(
            {
                "target": target,
                "mapping": found.name,
                "schema": source_schema,
                "is_exact": exact,
                "relations": [_document(relation) for relation in relations],
                "problems": problems,
            }
        )
    else:
        _show(found.name, relations, problems, exact=exact)
    return 2 if problems else 0


def _document(relation):
    return {
        "entity": relation.entity,
        "relation": relation.relation,
        "where": relation.where,
        "n_rows": relation.n_rows,
        "is_foreign": relation.is_foreign,
        "problem": relation.problem or None,
        "columns": [
            {
                "column": column.name,
                "expression": column.expression,
                "expected": column.expected,
                "found": column.found,
                "n_nulls": _nulls(relation, column),
                "n_unknown_labels": column.n_strangers,
                "problem": column.problem or None,
            }
            for column in relation.columns
        ],
    }


def _nulls(relation, column):
    return None if column.n_values is None else relation.n_rows - column.n_values


def _show(name, relations, problems, *, exact):
    how = "counted" if exact else "estimated"
    rows = [
        (
            f"{relation.entity}.{column.name}",
            _short(column.expression),
            column.found,
            None if relation.n_rows is None else f"{relation.n_rows:,}",
            _number(_nulls(relation, column)),
            _number(column.n_strangers),
            "PROBLEM" if relation.problem or column.problem else "ok",
        )
        for relation in relations
        for column in relation.columns
    ]
    headings = [
        "canonical column",
        "expression",
        "type",
        f">rows ({how})",
        ">nulls",
        ">unknown labels",
        "",
    ]
    console.table(headings, rows, title=f"mapping {name}")
    for text in problems:
        console.note(f"synth: mapping {name!r}: {text}")


def _number(value):
    return None if value is None else f"{value:,}"


def _short(text, length=44):
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 3]}..."
