"""What is in a generated database: nothing identifying, text like text, and dbt's layout tests."""

import re
import zlib

import pytest

from synth.generate import run
from synth.scan import detectors
from synth.spec import model

N_MESSAGES = 20_000
# Addresses under example.com, .net and .org are reserved (RFC 2606): they are nobody's.
RESERVED = re.compile(
    r"[\w.]+@example\.(com|net|org)"
    r"|https://(avatars\.example\.com/\w+\.png|files\.example\.com/\w+/\d+)"
)


@pytest.fixture
def generated(databases):
    asked = run.Request(model.load_default(), N_MESSAGES, 5, None, "perf_synthetic", 2)
    run.execute(databases.dev, asked, quiet=True)
    return databases.dev


def test_our_own_scanner_finds_nobody(generated, run_sql):
    rows = run_sql(generated, "generated_texts", {"n_rows": N_MESSAGES})
    columns = {row["column_name"] for row in rows}
    assert len(columns) == 12
    found = {
        (row["column_name"], kind)
        for row in rows
        for kind in detectors.kinds(RESERVED.sub("", row["body"]))
    }
    assert found == set()
    # The exemption is exact: anything beside a reserved domain is still found.
    assert detectors.kinds(RESERVED.sub("", "me@example.com.evil.io, a@example.de"))


def test_names_are_unique_and_bodies_compress_like_text(generated, run_sql):
    rows = run_sql(generated, "generated_texts", {"n_rows": 5000})
    for column in ("users.username", "users.email"):
        values = [row["body"] for row in rows if row["column_name"] == column]
        assert len(set(values)) == len(values) > 100, column
    bodies = [row["body"] for row in rows if row["column_name"] == "messages.content"]
    text = "\n".join(bodies).encode()
    assert len(text) > 400_000
    # English prose of this size lies between 0.33 and 0.42; random letters at 0.6, a repeated
    # paragraph below 0.1.
    assert 0.31 < len(zlib.compress(text)) / len(text) < 0.43
    words = re.findall(r"[a-z]+", text.decode().lower())
    assert 4 < sum(map(len, words)) / len(words) < 7


def test_layout_tests_of_dbt_catch_what_is_broken(
    generated, run_sql, run_dbt, project_dir, tmp_path
):
    run_sql(generated, "generated_break_layout")
    finished = run_dbt(
        *("test", "--target", "dev_synth", "--select", "tag:layout"),
        *("--target-path", tmp_path / "target", "--log-path", tmp_path / "logs"),
    )
    assert finished.returncode == 1, finished.stdout[-2000:]
    failed = set(re.findall(r"FAIL \d+ (layout_\w+)", finished.stdout))
    assert failed == {path.stem for path in (project_dir / "tests" / "layout").glob("*.sql")}
