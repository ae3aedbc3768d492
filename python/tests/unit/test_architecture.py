"""Rules of the house that a machine can check by reading the source."""

import ast
import re
from pathlib import Path

import pytest

from synth.cli import COMMANDS

PROJECT_DIR = Path(__file__).resolve().parents[3]
PACKAGE = PROJECT_DIR / "python" / "synth"
FILES = sorted(PACKAGE.rglob("*.py"))

# docs/architecture.md: imports point down, from a higher rank to a lower one.
RANKS = {
    "errors": 0,
    "__init__": 0,
    "settings": 1,
    "console": 1,
    "endings": 1,
    "outputs": 1,
    "inputs": 1,
    "charts": 1,
    "libpq_environment": 1,
    "catalogue": 2,
    "targets": 2,
    "refusals": 2.5,
    "db": 3,
    "fit": 3,
    "release": 3,
    "server_files": 3,
    "server": 4,
    "pack": 4,
    "spec": 4,
    "dbt": 4,
    "records": 4,
    "scan": 5,
    "audit": 5,
    "place": 5,
    "standin": 6,
    "extract": 6,
    "calibrate": 6,
    "generate": 6,
    "validate": 6,
    "report": 6,
    "custody": 6,
    "loop": 7,
    "commands": 8,
    "cli": 9,
    "__main__": 10,
}
# A subcommand takes its common options from the command line; everything else points down.
EXCEPTIONS = {("commands", "cli")}

_OBJECT = r"(table|schema|view|index|database|function|role|type|sequence|extension)"
_STATEMENT = re.compile(
    r"\s*(select\s.*\bfrom\b|select\s+[\w.]+\(|with\s+\w+\s+as\s|insert\s+into\s|update\s+\S+\s+set\s"
    rf"|delete\s+from\s|create\s+(or\s+replace\s+|temp\w*\s+|unlogged\s+)?{_OBJECT}\s"
    rf"|drop\s+{_OBJECT}\s|alter\s+{_OBJECT}\s|comment\s+on\s+{_OBJECT}\s"
    r"|truncate\s|vacuum\s|copy\s.*\b(from|to)\s|grant\s.*\bto\s|revoke\s.*\bfrom\s|set\s+local\s)",
    re.IGNORECASE | re.DOTALL,
)


def part_of(path):
    """Name of the part a file belongs to: the first name below the package."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_modules(tree):
    """Names of all modules that a file imports, inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            if node.module == "synth":
                yield from (f"synth.{alias.name}" for alias in node.names)
            else:
                yield node.module


def sql_strings(tree):
    """Strings that look like an SQL statement; docstrings are prose."""
    prose = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                prose.add(first.value)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node not in prose
            and _STATEMENT.match(node.value)
        ):
            yield node.lineno, node.value


def allowed(user, used):
    """Whether one part may import another."""
    if user == used or (user, used) in EXCEPTIONS:
        return True
    return RANKS[used] < RANKS[user]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path):
    user = part_of(path)
    assert user in RANKS, f"give {user} its place in RANKS and in docs/architecture.md"
    for module in imported_modules(ast.parse(path.read_text())):
        if not module.startswith("synth."):
            continue
        used = module.split(".")[1]
        if used == "__version__":
            continue
        assert allowed(user, used), f"{user} may not import {used}"


def test_the_rule_itself_can_fail():
    assert not allowed("db", "server")
    assert not allowed("standin", "generate")
    assert not allowed("fit", "db")
    assert not allowed("errors", "settings")


def test_only_the_database_layer_imports_psycopg():
    users = {
        part_of(path)
        for path in FILES
        for module in imported_modules(ast.parse(path.read_text()))
        if module.split(".")[0] in {"psycopg", "psycopg2"}
    }
    assert users == {"db", "refusals"}


def test_fit_is_numpy_and_scipy_only():
    outside = {
        module
        for path in (PACKAGE / "fit").rglob("*.py")
        for module in imported_modules(ast.parse(path.read_text()))
        if module.startswith("synth.") and module.split(".")[1] not in {"fit", "errors"}
    }
    assert not outside


@pytest.mark.parametrize("folder", ["synth", "tests"])
def test_no_sql_in_python(folder):
    found = [
        f"{path.relative_to(PROJECT_DIR)}:{line}"
        for path in sorted((PROJECT_DIR / "python" / folder).rglob("*.py"))
        # db composes COPY and the two statements that must come before any file is sent.
        if path.name not in ("db.py", "refusals.py") or path.parent != PACKAGE
        for line, _ in sql_strings(ast.parse(path.read_text()))
    ]
    assert not found, "SQL belongs in a .sql file"


def test_the_sql_rule_itself_can_fail():
    def count(source):
        return len(list(sql_strings(ast.parse(source))))

    # Put together here, or this file would break the rule.
    query, table = "sel" + "ect a from b", "cre" + "ate table t (a int)"
    assert count(f"x = '{query}'") == 1
    assert count(f"x = f'{query} {{y}}'") == 1
    assert count(f"run('''\n  {table}''')") == 1
    assert count("x = 'Create a table by hand, or select one'") == 0
    assert count(f"def f():\n    '''{query}'''") == 0, "a docstring is prose"


def test_files_stay_small():
    long = {path.name: n for path in FILES if (n := len(path.read_text().splitlines())) > 500}
    assert not long


def test_every_query_says_what_it_takes_and_gives():
    for path in sorted((PACKAGE / "sql" / "queries").glob("*.sql")):
        head = path.read_text()[:1500]
        for line in (f"-- name: {path.stem}\n", "-- params: ", "-- returns: "):
            assert line in head, f"{path.name} lacks a header line: {line.strip()}"


def test_every_function_has_a_header_comment():
    for path in sorted((PACKAGE / "sql" / "functions").glob("*.sql")):
        assert path.read_text().startswith("--"), path.name


@pytest.mark.parametrize("name", COMMANDS)
def test_every_subcommand_is_in_the_readme(name):
    readme = (PROJECT_DIR / "README.md").read_text()
    assert re.search(rf"synth (\w+, )*{re.escape(name)}\b|`{re.escape(name)}`", readme)
