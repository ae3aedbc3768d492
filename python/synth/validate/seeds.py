"""What people edit by hand before a validation: the lists of checks and of exceptions.

dbt loads them, and says of a mistyped file what PostgreSQL or its reader says. Here the line and
the column are named. Whether an exception holds is for the model `fid_exceptions` to say.
"""

from synth import inputs, settings
from synth.errors import BadInput

EXCEPTIONS = ("check_name", "segment", "accepted_effect", "until", "decided_by", "reason")
TOLERANCES = (
    *("check_name", "entity", "metric", "kind", "segment", "labels", "statistic", "noise"),
    *("noise_factor", "threshold", "widest_margin", "is_headline", "is_critical", "min_sample"),
    *("sample_unit", "comparable_when", "subject", "parameter", "reason", "noise_reason"),
)
_NUMBERS = ("noise_factor", "threshold", "widest_margin", "min_sample")
_MAY_BE_EMPTY = ("threshold", "widest_margin")
_TRUTHS = ("is_headline", "is_critical")


def check(directory=None):
    """Refuse seeds of the checks that dbt could not load.

    Parameters
    ----------
    directory : pathlib.Path, optional
        Default: the project's seeds.

    Raises
    ------
    BadInput
        A file is absent, its columns are others, a line has more or fewer fields, or a field of
        `tolerances.csv` is no number where one is needed.
    """
    directory = directory or settings.project_dir() / "seeds"
    for _ in _rows(directory / "exceptions.csv", EXCEPTIONS):
        pass
    for where, row in _rows(directory / "tolerances.csv", TOLERANCES):
        for name in _NUMBERS:
            if not _is_number(row[name]) and not (name in _MAY_BE_EMPTY and not row[name]):
                raise BadInput(
                    f"{where}: expected a number of 0 or more as {name}, got {row[name]!r}",
                    hint="correct the line",
                )
        for name in _TRUTHS:
            if row[name] not in ("true", "false"):
                raise BadInput(
                    f"{where}: expected true or false as {name}, got {row[name]!r}",
                    hint="correct the line",
                )


def _rows(path, columns):
    """Where each row stands, for people, and its fields by column."""
    lines = inputs.numbered_rows(path, "seed")
    _, header = next(lines, (1, []))
    if tuple(header) != columns:
        raise BadInput(
            f"{path.name}: expected the columns {','.join(columns)}", hint="correct its first line"
        )
    for number, fields in lines:
        yield f"{path.name}, line {number}", dict(zip(columns, fields, strict=True))


def _is_number(text):
    try:
        return 0 <= float(text) < float("inf")
    except ValueError:
        return False
