"""Rule 2: no merged cell can be had back by subtraction, by linear programming.

Random populations, one row a person, so that counts of rows are counts of people. The model that
publishes is the project's own SQL; the attack sees what it published and nothing else.
"""

import random
import subprocess
import sys
from pathlib import Path

import pytest
import sql_files
from subtraction_attack import Bucket, disclosed, hidden_ranges

from synth import db

K = 5
N_SHAPES = 24
GROUPS = ("int_bucket_groups__nested", "int_bucket_groups__alone")
COLUMNS = (
    "entity",
    "metric",
    "unit",
    "segment",
    "part",
    "cut",
    "bucket_index",
    "bucket_lower",
    "bucket_upper",
    "n_rows",
    "people_sketch",
)


def _population(seed):
    """People of a population: (type, size, bucket, cut) to the slots of the people there."""
    rng = random.Random(seed)
    types = ["A", "B", "C"][: rng.randint(1, 3)]
    sizes = [*["1_2", "2_4", "4_8", "8_16"][: rng.randint(1, 4)], None]
    n_buckets = rng.randint(2, 12)
    mean = rng.choice([0.3, 1, 3, 8])
    people = {}
    for kind in types:
        for size in sizes:
            center, weight = rng.uniform(0, n_buckets), rng.choice([0.2, 1, 3])
            for bucket in range(n_buckets):
                near = 2.0 ** -abs(bucket - center)
                n = sum(rng.random() < near * weight * mean / 20 for _ in range(20))
                if n:
                    cut = "small" if bucket < 3 else "large"
                    people[kind, size, bucket, cut] = rng.sample(range(64), n)
    return people


def _sketch(slots):
    number = sum(1 << slot for slot in set(slots))
    return number - (1 << 64) if number >= 1 << 63 else number


def _cells(seed):
    """Rows of int_cells: types of one metric, and the sizes of a type as its joint metric."""
    name = f"shape_{seed}"

    def cell(metric, segment, part, bucket, cut, slots):
        edges = (float(bucket), float(bucket + 1))
        return (
            name, metric, "u", segment, part, cut, bucket, *edges, len(slots), _sketch(slots)
        )  # fmt: skip

    for (kind, size, bucket, cut), slots in _population(seed).items():
        joint = f"{kind}.size_{size}" if size else "rest"
        yield cell("member_count", "all", kind, bucket, cut, slots)
        yield cell("member_count", kind, joint, bucket, cut, slots)
        if size:
            yield cell("members_by_size", joint, "rest", bucket, "", slots)


def _path(segment):
    kind, *size = segment.split(".")
    return () if segment == "all" else (kind, *size)


@pytest.fixture
def published(databases, project_dir, tmp_path, monkeypatch, run_sql):
    """What shape_buckets publishes of every population."""
    monkeypatch.setenv("ANONYMIZATION_SALT", "a-salt-of-more-than-32-characters-for-tests")
    compiled = subprocess.run(
        [
            Path(sys.executable).with_name("dbt"),
            *("compile", "--target", "prod_shape", "--select", "shape_buckets", *GROUPS),
            *("--vars", f"{{k_anonymity: {K}}}"),
            *("--target-path", tmp_path / "target", "--log-path", tmp_path / "logs"),
        ],
        cwd=project_dir,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert compiled.returncode == 0, compiled.stdout[-2000:]
    models = tmp_path / "target/compiled/prodshape/models"
    form = (sql_files.FOLDER / "privacy_groups.sql").read_text()
    run_sql(databases.prod, "privacy_cells")
    with db.connect(databases.prod) as connection:
        rows = [row for seed in range(N_SHAPES) for row in _cells(seed)]
        db.copy_rows(connection, ("shape", "int_cells"), COLUMNS, rows)
        for model in GROUPS:
            statement = (models / f"intermediate/{model}.sql").read_text()
            connection.execute(form.replace("{model}", model).replace("{statement}", statement))
        cursor = connection.execute((models / "shape/shape_buckets.sql").read_text())
        names = [column.name for column in cursor.description]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    by_shape = {}
    for row in found:
        bucket = Bucket(
            _path(row["segment"]), row["bucket_lower"], row["bucket_upper"], row["n_rows"]
        )
        by_shape.setdefault(row["entity"], []).append(bucket)
    return by_shape


def test_what_is_merged_stays_unknown(published):
    assert len(published) > N_SHAPES / 2
    assert any(bucket.path for buckets in published.values() for bucket in buckets)
    n_hidden = 0
    for name, buckets in published.items():
        ranges = hidden_ranges(buckets)
        n_hidden += len(ranges)
        assert disclosed(ranges, K) == [], (name, sorted(buckets))
    assert n_hidden > 200


def _merged_alone(people, path):
    """Merge the buckets of one segment until each has k people, without a look at the others."""
    counts = {}
    for (kind, size, bucket, _), slots in people.items():
        full = (kind, f"size_{size}") if size else (kind,)
        if full[: len(path)] == path:
            counts[bucket] = counts.get(bucket, 0) + len(slots)
    buckets, first, so_far = [], None, 0
    for bucket in sorted(counts):
        first = bucket if first is None else first
        so_far += counts[bucket]
        if so_far >= K:
            buckets.append(Bucket(path, first, bucket + 1, so_far))
            first, so_far = None, 0
    if so_far and buckets:
        last = buckets.pop()
        buckets.append(Bucket(path, last.lower, max(counts) + 1, last.n_rows + so_far))
    return buckets


def test_the_attack_succeeds_where_segments_are_merged_alone():
    disclosing = 0
    for seed in range(N_SHAPES):
        people = _population(seed)
        paths = {()} | {(kind,) for kind, *_ in people}
        whole = {bucket: (bucket, bucket + 1) for *_, bucket, _ in people}
        buckets = [found for path in paths for found in _merged_alone(people, path)]
        # The whole as it is: it is the segments that are to be hidden.
        buckets = [found for found in buckets if found.path]
        for bucket, edges in whole.items():
            n_rows = sum(len(slots) for key, slots in people.items() if key[2] == bucket)
            buckets.append(Bucket((), *edges, n_rows))
        disclosing += bool(disclosed(hidden_ranges(buckets), K))
    assert disclosing > N_SHAPES / 4


def test_the_attack_by_hand():
    # Nine rows of which A publishes seven: two are left, and known.
    told = [Bucket((), 0, 1, 9), Bucket(("A",), 0, 1, 7)]
    (rest,) = hidden_ranges(told)
    assert (rest.path, rest.smallest, rest.largest) == ((None,), 2, 2)
    assert disclosed([rest], 5) == [rest]
    assert disclosed([rest], 2) == []
    # Two merged segments over two buckets: neither is known within less than five.
    told = [Bucket((), 0, 1, 6), Bucket((), 1, 2, 5)]
    told += [Bucket(("A",), 0, 2, 5), Bucket(("B",), 0, 2, 6)]
    assert disclosed(hidden_ranges(told), 5) == []
