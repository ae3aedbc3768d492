"""What a run may be asked besides size and seed; part of its record, so that resuming keeps it."""

import re
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from pathlib import Path

from synth.errors import BadInput
from synth.generate import calendar
from synth.spec import model

ID_TYPES = ("bigint", "uuid4", "uuid7")
EXPORTS = ("csv", "parquet")
LAYOUT = ("unlogged", "tablespace", "partition_by", "id_type")
FIRST_YEAR, LAST_YEAR = 1980, 2200
MAX_DAYS = 3660


@dataclass(frozen=True)
class Options:
    """Choices of one run.

    Attributes
    ----------
    as_of : str or None
        ISO date of the window's last day; None is the spec's.
    window_days : int or None
        Length of the window; None is the spec's.
    time_zone : str
        Zone whose local time the weekly profile is in.
    unlogged : bool
        Tables without WAL: quicker, and empty after a server crash.
    indexes : bool
        Keys, indexes and foreign keys.
    tablespace : str or None
        Where tables, indexes and working tables go; None is the database's own.
    partition_by : str or None
        ``month`` partitions the messages by range on their time.
    id_type : str
        One of `ID_TYPES`.
    export : str or None
        One of `EXPORTS`: write the tables to files after the load.
    export_dir : str or None
    """

    as_of: str | None = None
    window_days: int | None = None
    time_zone: str = "UTC"
    unlogged: bool = False
    indexes: bool = True
    tablespace: str | None = None
    partition_by: str | None = None
    id_type: str = "bigint"
    export: str | None = None
    export_dir: str | None = None

    @property
    def layout(self):
        """What tables of an earlier run must share to be filled again."""
        return tuple(getattr(self, name) for name in LAYOUT)

    def to_record(self):
        """Dictionary for the run's record."""
        return asdict(self)


def from_record(body):
    """Options of a recorded run; older records lack some.

    Parameters
    ----------
    body : dict

    Returns
    -------
    Options
    """
    known = {one.name for one in fields(Options)}
    return Options(**{name: value for name, value in body.items() if name in known})


def check(options):
    """Refuse values and combinations that make no sense.

    Parameters
    ----------
    options : Options

    Returns
    -------
    Options
        With the export directory made absolute: a resumed run may start elsewhere.

    Raises
    ------
    BadInput
    UnicodeEncodeError
        The export directory is no text.
    """
    if options.as_of is not None:
        _check_date(options.as_of)
    if options.window_days is not None and not 1 <= options.window_days <= MAX_DAYS:
        raise BadInput(f"--window-days needs 1 to {MAX_DAYS}, got {options.window_days}")
    calendar.zone(options.time_zone)
    if options.tablespace == "pg_global":
        raise BadInput("--tablespace pg_global is the server's own", hint="name another one")
    if options.unlogged and options.partition_by:
        raise BadInput(
            "--unlogged and --partition-by exclude each other",
            hint="PostgreSQL logs a partitioned table, and a logged table may not refer to others",
        )
    if (options.export is None) != (options.export_dir is None):
        raise BadInput("--export and --export-dir belong together", hint="give both or neither")
    if options.export_dir is None:
        return options
    if not options.export_dir.strip():
        raise BadInput("--export-dir is empty", hint="name a directory")
    # The record of the run keeps it as text: bytes that are none raise here, not in mid-run.
    options.export_dir.encode()
    return replace(options, export_dir=str(Path(options.export_dir).expanduser().absolute()))


def windowed(spec, options):
    """Give a spec another window.

    Parameters
    ----------
    spec : synth.spec.model.Spec
    options : Options

    Returns
    -------
    synth.spec.model.Spec

    Raises
    ------
    BadInput
        More months than can be dropped at once, each with its indexes.
    """
    if options.as_of is not None or options.window_days is not None:
        window = replace(
            spec.window,
            days=options.window_days or spec.window.days,
            end=options.as_of or spec.window.end,
        )
        spec = model.replaced(spec, window=window)
    if options.partition_by and spec.window.days > MAX_DAYS:
        raise BadInput(
            f"--partition-by {options.partition_by} needs a window of at most {MAX_DAYS} days, "
            f"the spec's has {spec.window.days}",
            hint="give --window-days, or leave out --partition-by",
        )
    return spec


def _check_date(text):
    try:
        year = date.fromisoformat(text).year if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        year = None
    if year is None or not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadInput(
            f"--as-of needs a date from {FIRST_YEAR} to {LAST_YEAR} as YYYY-MM-DD, got {text!r}"
        )
