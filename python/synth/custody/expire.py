"""Delete packs, imports and derived specs that are past their retention date.

A file goes only if its content says what it is: a pack that its manifest describes, the
manifest, the bill it names, a spec fitted to such a pack. A name alone deletes nothing.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from synth import db, inputs
from synth.errors import BadInput, DatabaseError
from synth.pack import baseline, manifest, strict
from synth.pack import bill as bills
from synth.spec import model

PACK, MANIFEST, BILL, SPEC, IMPORT, VALIDATION, RUN_SPEC = (
    "pack",
    "manifest",
    "bill",
    "spec",
    "import",
    "validation",
    "spec of a run",
)


@dataclass(frozen=True)
class Expired:
    """Something past its date.

    Attributes
    ----------
    kind : str
    where : str
        Path, or place in the database.
    sha256 : str
        Of the pack it is, or was made from.
    retention_until : str
        ISO date.
    """

    kind: str
    where: str
    sha256: str
    retention_until: str


def find(directories, today=None):
    """Expired files below some directories.

    Parameters
    ----------
    directories : sequence of path-like
    today : datetime.date, optional
        UTC.

    Returns
    -------
    expired : list of Expired
        Packs before their manifests.
    odd : list of str
        What is past its date but is left alone, and why.

    Raises
    ------
    BadInput
        No such directory.
    """
    today = today or datetime.now(UTC).date()
    expired, odd, specs = [], [], []
    for directory in directories:
        if not Path(directory).is_dir():
            raise BadInput(f"{directory} is not a directory")
        for path in sorted(Path(directory).rglob("*.json")):
            document = _document(path)
            if manifest.is_one(document):
                _add_pack(path, document, today, expired, odd)
            elif isinstance(document, dict) and isinstance(document.get("source"), dict):
                specs.append((path, document))
    packs = {one.sha256: one.retention_until for one in expired if one.kind == PACK}
    for path, document in specs:
        _add_spec(path, document, today, packs, expired)
    return expired, odd


def delete(expired):
    """Delete expired files, packs first: a pack without its manifest would look hand-written.

    Raises
    ------
    DatabaseError
        A file cannot be deleted; what is deleted by then stays so.
    """
    for one in sorted(expired, key=lambda one: one.kind != PACK):
        try:
            Path(one.where).unlink(missing_ok=True)
        except OSError as error:
            raise DatabaseError(f"cannot delete {one.where}: {error.strerror}") from error


def find_imported(
    connection: object, files: list, shape_schema: str, today: date | None = None
) -> tuple[list[Expired], list[str]]:
    """Expired imports, validations and specs of runs in the dev database.

    Parameters
    ----------
    connection : psycopg.Connection
    files : sequence of Expired
        From `find`: what was made of an expired pack goes with it, even if it knows no date.
    shape_schema : str
        Schema of the fidelity models.
    today : datetime.date, optional
        UTC.

    Returns
    -------
    expired : list of Expired
    odd : list of str
        What is past its date but is left alone, and why.
    """
    today = today or datetime.now(UTC).date()
    packs = {one.sha256: one.retention_until for one in files if one.kind == PACK}
    found, odd = [], []
    if baseline.is_there(connection):
        rows = db.fetch_all(connection, "expire_baseline", {"today": today})
        if rows and not baseline.is_own(connection):
            rows = []
            odd.append(
                f"schema {baseline.SCHEMA} is past its date, and nothing shows that this version "
                f"of synth made it: drop it by hand (`drop schema {baseline.SCHEMA} cascade`)"
            )
        for row in rows:
            found.append(Expired(IMPORT, baseline.SCHEMA, row["sha256"], row["retention_until"]))
            packs.setdefault(row["sha256"], row["retention_until"])
        if rows:
            odd += [
                f"{row['identity']} looks like a comparison with it, and is not marked as built by "
                "dbt: drop it by hand"
                for row in db.fetch_all(connection, "expire_fidelity", {"schema": shape_schema})
                if not row["is_built"]
            ]
    parameters = {"today": today, "sha256s": list(packs)}
    if db.fetch_one(connection, "run_exists")["has_runs"]:
        for row in db.fetch_all(connection, "expire_run_specs", parameters):
            found.append(_dated(RUN_SPEC, row["run_id"], row, packs))
    if db.fetch_one(connection, "validation_exists")["has_validations"]:
        for row in db.fetch_all(connection, "expire_validations", parameters):
            found.append(_dated(VALIDATION, row["name"], row, packs))
    return found, odd


def _dated(kind, where, row, packs):
    until = row["retention_until"] or packs[row["sha256"]]
    return Expired(kind, where, row["sha256"], until)


def delete_imported(connection: object, expired: list[Expired], shape_schema: str) -> None:
    """Delete what `find_imported` found, and the comparison with it, in one transaction.

    Parameters
    ----------
    connection : psycopg.Connection
    expired : list of Expired
    shape_schema : str
        Schema of the fidelity models.

    Raises
    ------
    BadInput
        Something that is not ours depends on them, or another pack was imported meanwhile;
        nothing is deleted then.
    """
    with connection.transaction():
        imports = {(one.sha256, one.retention_until) for one in expired if one.kind == IMPORT}
        if imports:
            db.execute(connection, "baseline_lock")
            if not imports <= _dated_imports(connection):
                raise BadInput(
                    "another pack was imported meanwhile", hint="run the same command again"
                )
            _delete_comparison(connection, shape_schema)
        for one in expired:
            if one.kind == IMPORT:
                baseline.drop(connection)
            elif one.kind == RUN_SPEC:
                db.execute(connection, "expire_run_spec_forget", {"run_id": one.where})
            else:
                db.execute(connection, "expire_validation_delete", {"name": one.where})


def _dated_imports(connection: object) -> set[tuple[str, str]]:
    """Digest and date of the imported pack, if there is one with a date."""
    if not baseline.is_there(connection):
        return set()
    rows = db.fetch_all(connection, "expire_baseline", {"today": date.max})
    return {(row["sha256"], row["retention_until"]) for row in rows}


def _delete_comparison(connection: object, shape_schema: str) -> None:
    """Drop what dbt built of the comparison with a pack: it holds the pack's figures."""
    found = db.fetch_all(connection, "expire_fidelity", {"schema": shape_schema})
    try:
        for row in found:
            if row["is_built"]:
                db.execute_text(connection, row["statement"])
    except db.StillNeeded as error:
        raise BadInput(
            f"something that dbt did not build depends on the checks in schema {shape_schema}",
            hint="drop it, then run the same command again: it shows figures past their date",
        ) from error


def _document(path):
    """Content of a JSON file, or None: other people's files are none of our business."""
    try:
        return strict.read(path, what="file")[0]
    except BadInput:
        return None


def _digest(path: Path) -> str | None:
    """Digest of a file that can be a pack or a bill; None of any other."""
    try:
        return strict.digest(inputs.read_bytes(path, "file", limit=bills.MAX_BYTES))
    except BadInput:
        return None


def _add_pack(path, document, today, expired, odd):
    try:
        manifest.check(document)
    except BadInput:
        return
    if not manifest.is_expired(document, today):
        return
    pack_path = path.with_name(path.name.removesuffix("_mapping.json") + ".json")
    sha256, until = document["pack"]["sha256"], document["retention_until"]
    if path != manifest.path_of(pack_path):
        odd.append(f"{path} is a manifest past its date, not named like one")
        return
    if pack_path.is_file():
        if _digest(pack_path) != sha256:
            odd.append(f"{pack_path} is not the pack its expired manifest describes")
            return
        expired.append(Expired(PACK, str(pack_path), sha256, until))
    bill_path = manifest.bill_path_of(pack_path)
    if document["bill"] and bill_path.is_file():
        if _digest(bill_path) == document["bill"]["sha256"]:
            expired.append(Expired(BILL, str(bill_path), sha256, until))
        else:
            odd.append(f"{bill_path} is not the bill its expired manifest names")
    expired.append(Expired(MANIFEST, str(path), sha256, until))


def _add_spec(path, document, today, packs, expired):
    source = document["source"]
    sha256 = source.get("pack_sha256")
    until = source.get("retention_until") or packs.get(sha256)
    if not isinstance(until, str) or until >= today.isoformat():
        return
    try:
        model.from_document(document, origin=path.name)
    except BadInput:
        return
    expired.append(Expired(SPEC, str(path), sha256, until))
