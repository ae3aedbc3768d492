"""The synthetic tables as CSV or Parquet files, for other databases; memory stays flat."""

import errno
import filecmp
import os
import uuid
from pathlib import Path

from synth import db
from synth.errors import BadInput, DatabaseError
from synth.generate.guard import TABLES
from synth.generate.runner import Chunk

BATCH_ROWS = 20_000


def check(options):
    """Refuse an export that cannot end well, before anything is generated.

    Parameters
    ----------
    options : synth.generate.options.Options

    Raises
    ------
    BadInput
        The directory holds such files already, or Parquet has no writer.
    DatabaseError
        The directory cannot be written.
    """
    if options.export is None:
        return
    if options.export == "parquet":
        _pyarrow()
    folder = Path(options.export_dir)
    try:
        taken = [table for table in TABLES if os.path.lexists(_path(folder, table, options.export))]
        if taken:
            raise BadInput(
                f"{folder} already holds {len(taken)} exported table(s)",
                hint="name another --export-dir, or move them away",
            )
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _failed(folder, error) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise DatabaseError(f"cannot write to {folder}", hint="check its permissions")


def written_bytes(options):
    """Bytes of the files that are there already: those that a stopped run has finished.

    Parameters
    ----------
    options : synth.generate.options.Options

    Returns
    -------
    int
    """
    paths = [_path(Path(options.export_dir), table, options.export) for table in TABLES]
    return sum(path.stat().st_size for path in paths if path.is_file())


def chunks(run_id, names, options, rows):
    """One chunk a table.

    Parameters
    ----------
    run_id : str
    names : dict
    options : synth.generate.options.Options
    rows : dict of str to int
        Rows by table, for the progress.

    Returns
    -------
    list of synth.generate.runner.Chunk
    """
    return [
        Chunk(number, _writer(run_id, table, names, options), weight=rows[table], label=table)
        for number, table in enumerate(TABLES)
    ]


def _writer(run_id, table, names, options):
    def write(connection):
        path = _path(Path(options.export_dir), table, options.export)
        # Under its name only when it is whole.
        part = path.with_name(f".{path.name}.{run_id}.part")
        make = _write_csv if options.export == "csv" else _write_parquet
        try:
            make(connection, part, table, names["schema"])
            _publish(part, path)
        except OSError as error:
            raise _failed(path.parent, error) from error
        finally:
            part.unlink(missing_ok=True)

    return write


def _publish(part, path):
    """Give a whole file its name, unless that has become somebody else's meanwhile."""
    try:
        os.link(part, path)
        return
    except OSError:
        # A file system without links tells nothing about the name.
        if not os.path.lexists(path):
            os.replace(part, path)
            return
    # The same text is this run's own, killed before its ledger knew of it.
    if not path.is_file() or not filecmp.cmp(part, path, shallow=False):
        raise DatabaseError(
            f"{path} appeared during the run, and is not the run's", hint="move it away"
        )


def _write_csv(connection, path, table, schema):
    with path.open("wb") as file:
        db.copy_out(connection, "export_table", file.write, schema=schema, table=table)


def _write_parquet(connection, path, table, schema):
    arrow, parquet = _pyarrow()
    text = arrow.string()
    types = {
        "int8": arrow.int64(),
        "bool": arrow.bool_(),
        "timestamptz": arrow.timestamp("us", tz="UTC"),
    }
    writer = None
    try:
        for columns, rows in db.stream_rows(
            connection, "export_rows", BATCH_ROWS, schema=schema, table=table
        ):
            values = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
            kinds = None if writer is None else writer.schema
            if kinds is None:
                kinds = arrow.schema([(name, types.get(kind, text)) for name, kind in columns])
            arrays = [
                arrow.array(_plain(column), type=kind.type)
                for column, kind in zip(values, kinds, strict=True)
            ]
            if writer is None:
                writer = parquet.ParquetWriter(path, kinds, compression="zstd")
            writer.write_batch(arrow.record_batch(arrays, schema=kinds))
    finally:
        if writer is not None:
            writer.close()


def _plain(column):
    """Ids of other types than bigint become text."""
    return [str(value) if isinstance(value, uuid.UUID) else value for value in column]


def _path(folder, table, form):
    return folder / f"{table}.{form}"


def _failed(folder, error):
    is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return DatabaseError(
        f"cannot write the export to {folder}: {error.strerror}",
        hint="free some space" if is_full else "name another --export-dir",
    )


def _pyarrow():
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise BadInput(
            "--export parquet needs pyarrow, which is not installed",
            hint="pip install 'prodshape[parquet]', or use --export csv",
        ) from error
    return pyarrow, pyarrow.parquet
