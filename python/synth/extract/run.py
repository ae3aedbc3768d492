"""One extraction, from the salt to the two files."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from synth import audit, console, db, dbt, outputs, scan, server
from synth.audit import log
from synth.errors import BadInput, DatabaseError, GateFailed
from synth.extract import (
    allowance,
    gate,
    ledger,
    materials,
    overlap,
    preflight,
    private,
    release,
    reuse,
)
from synth.extract import mapping as mappings
from synth.pack import bill as bills
from synth.pack import extracted, files, manifest, reader, strict, tokens, writer
from synth.pack.model import PackMeta, ShapeRow

_NOT_EXPORTED = "nothing was exported"


@dataclass(frozen=True)
class Extraction:
    """What an extraction wrote.

    Attributes
    ----------
    pack_path, manifest_path, bill_path : pathlib.Path
    sha256 : str
        Of the pack.
    meta : PackMeta
    n_rows : int
        Rows of ``shape_metrics``.
    suppressed : list of str
    scanned : synth.scan.ScanResult
    build : synth.dbt.DbtRun
    is_salt_reused : bool
        An earlier extraction had the same salt.
    """

    pack_path: Path
    manifest_path: Path
    bill_path: Path
    sha256: str
    meta: PackMeta
    n_rows: int
    suppressed: list
    scanned: scan.ScanResult
    build: dbt.DbtRun
    is_salt_reused: bool


def extract(
    target,
    output,
    *,
    window_days=None,
    as_of=None,
    schema=None,
    mapping=None,
    k=None,
    rule=None,
    epsilon=None,
    retention_days=manifest.RETENTION_DAYS,
    allow_overlap=False,
    replace=False,
    shown=True,
):
    """Build the shape, check it, and export pack and manifest.

    Parameters
    ----------
    target : synth.targets.Target
        A boundary target.
    output : path-like
        Directory; made if it is not there.
    window_days : int or 'all', optional
        Default: the project's.
    as_of : str, optional
        ISO date or timestamp; default the latest message.
    schema : str, optional
        Schema of the application's tables; default the project's.
    mapping : str, optional
        Name of a source mapping, or a file that holds one; default the project's.
    k : int, optional
        Tightens the project's.
    rule : str, optional
        By which figures are released, ``perturbed`` or ``dp``; default the project's.
    epsilon : fractions.Fraction, optional
        Of ``dp``; default the project's.
    retention_days : int
        How long the pack may be kept.
    allow_overlap : bool
        Although earlier packs of the window's time stand against it.
    replace : bool
        Overwrite a pack of the same day.
    shown : bool
        Report progress on stderr.

    Returns
    -------
    Extraction

    Raises
    ------
    BadInput
        Salt, target, mapping, rule or output directory; a pack of today is there already; earlier
        packs stand against the window, or spent the budget.
    GateFailed
        A gate did not run and pass, another dbt run wrote meanwhile, the support rule or the scan
        said no, or the window is empty.
    DatabaseError
        The database or dbt failed, or the source changed meanwhile.
    """
    tokenizer = tokens.from_environment()
    preflight.check_boundary(target)
    k_used = preflight.required_people(k)
    released_by = allowance.asked(target.name, rule, epsilon)
    asked = window_days or dbt.variable("window_days", target.name)
    upto = as_of or dbt.variable("as_of", target.name)
    planned = private.spends(released_by, asked, upto)
    output = outputs.directory(output)
    pack_path = _pack_path(output, _now(), replace)
    is_salt_reused = reuse.is_known(tokenizer.fingerprint(), output)
    if is_salt_reused:
        console.note(
            "synth: an earlier extraction used this salt, so tokens of the two can be matched; "
            "take a new one unless that is wanted"
        )
    source_schema = schema or preflight.source_schema(target)
    source = mappings.load(target, source_schema, mapping)
    options = preflight.session_options()
    variables = _variables(
        window_days=window_days, as_of=as_of, source_schema=schema, k_anonymity=k
    ) | allowance.variables(released_by)
    with (
        server.ensure(target),
        db.connect(target, application_name="synth extract", **options) as connection,
    ):
        _lock(connection, target)
        relations = preflight.check_source(connection, target, source, source_schema)
        ledger.require(connection)
        past = ledger.read(connection)
        seen = overlap.look(connection, source, relations, source_schema, k_used)
        guard = overlap.Guard(past, seen, released_by, is_allowed=allow_overlap)
        if guard.earlier:
            expected = overlap.expected_window(connection, source, asked, upto)
            if expected:
                guard.check(expected)
        if any(relation.is_foreign for relation in relations):
            # Staged once, or every model would fetch the rows again.
            variables["materialize_staging"] = True
        variables |= source.variables
        with private.noise(target, released_by, planned):
            build = dbt.build(target=target, variables=variables, shown=shown)
        _check_window(connection, target, build)
        _check_build(
            connection,
            build,
            source,
            relations,
            lambda: preflight.check_source(connection, target, source, source_schema),
        )
        with dbt.reading(connection, target, build, outcome=_NOT_EXPORTED) as gates:
            gates.require(gates.lacking, _NOT_EXPORTED)
            at = {"schema": target.schema}
            window = db.fetch_one(connection, "shape_window", **at)
            bounds = db.fetch_one(connection, "ledger_window", **at)
            rows = [ShapeRow(**row) for row in db.fetch_all(connection, "shape_rows", **at)]
            support = db.fetch_all(connection, "shape_support", **at)
            made_of = {
                "models": materials.models(build),
                "model_of": materials.model_of(connection, target.schema),
                "gates": materials.gates(build),
            }
    measured = window["last_day"].isoformat(), window["sample_window_days"]
    bounds = bounds["window_start"], bounds["window_end"]
    place = release.Release(target, guard, seen, bounds, tokenizer, released_by)
    gate.check(rows, k_used, is_private=bool(planned))
    shares = [one["top_share"] for one in support]
    gate.check_shares(rows, shares, dbt.variable("dominance_limit"))
    meta = PackMeta(
        extracted_at=_now(),
        as_of=measured[0],
        window_days=measured[1],
        k=k_used,
        n_suppressed=sum(row.is_suppressed for row in rows),
        sketch_bits=extracted.SKETCH_BITS,
        release=released_by,
    )
    # The day may have changed since the start.
    pack_path = _pack_path(output, meta.extracted_at, replace)
    supported = [
        (row, share, gate.rule(row, k_used, bool(planned)))
        for row, share in zip(rows, shares, strict=True)
    ]
    described = {
        "target": target,
        "tokenizer": tokenizer,
        "whole_history": asked == "all",
        "retention_days": retention_days,
        "gates": manifest.gates_facts(gates.names, len(gates.names)),
    }
    written = _export(pack_path, meta, supported, made_of, described, place)
    return Extraction(
        **written, n_rows=len(rows), meta=meta, build=build, is_salt_reused=is_salt_reused
    )


def _export(pack_path, meta, supported, made_of, described, place):
    """Make pack, bill and manifest, check them as a reader would, scan them, write them."""
    document = writer.document([row for row, _, _ in supported], meta)
    content = writer.dumps(document)
    sha256 = strict.digest(content)
    content_sha256 = strict.digest(writer.dumps({**document, "extracted_at": None}))
    is_overlapping = place.judge(content_sha256)
    _check_own(reader.from_document, document, sha256=sha256)
    _check_own(extracted.check, document)
    scanned = _scanned(document)
    head = log.head()
    described = manifest.build(
        meta,
        pack_name=pack_path.name,
        pack_bytes=len(content),
        sha256=sha256,
        n_strings=scanned.n_strings,
        dominance_limit=dbt.variable("dominance_limit"),
        audit_head={"n_lines": head.n_lines, "head": head.digest} if head.n_lines else None,
        is_overlapping=is_overlapping,
        **described,
    )
    bill = bills.dumps(bills.build(supported, described=described, k=meta.k, **made_of))
    described["bill"] = {"sha256": strict.digest(bill)}
    _check_own(manifest.check, described)
    _scanned(described, manifest.digests(described))
    manifest_path, bill_path = manifest.path_of(pack_path), manifest.bill_path_of(pack_path)
    # First of all: no pack may be there that nobody remembers.
    place.remember(sha256, content_sha256)
    files.write_all(
        {bill_path: bill, manifest_path: manifest.dumps(described), pack_path: content},
        private={bill_path},
    )
    audit.note(
        pack_sha256=sha256,
        bill_sha256=described["bill"]["sha256"],
        manifest_sha256=manifest.facts_digest(described),
        window=described["window"],
        k=meta.k,
        n_suppressed=meta.n_suppressed,
        retention_until=described["retention_until"],
        salt_fingerprint=described["tokenisation"]["salt_fingerprint"],
    )
    return {
        "pack_path": pack_path,
        "manifest_path": manifest_path,
        "bill_path": bill_path,
        "sha256": sha256,
        "suppressed": document["privacy"]["suppressed"],
        "scanned": scanned,
    }


def _now():
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _pack_path(output, moment, replace):
    """File name of a day's pack; one that is there may be signed already, so it is kept."""
    path = output / f"shape-metrics-{moment[:10].replace('-', '')}.json"
    if path.exists() and not replace:
        raise BadInput(
            f"{path} exists: a pack was extracted today",
            hint="choose another --output, or pass --replace to overwrite it",
        )
    return path


def _variables(**given):
    """Only what was asked for: the rest is in the project."""
    return {name: value for name, value in given.items() if value is not None}


def _lock(connection, target):
    parameters = {"schema": target.schema}
    if not db.fetch_one(connection, "shape_lock", parameters)["is_locked"]:
        raise DatabaseError(
            f"another extraction is running on target {target.name!r}",
            hint="wait for it to end, then start again",
        )


def _check_build(connection, build, source, relations, check_again):
    """Say which column failed, or that the source changed: both were right at the start."""
    try:
        try:
            dbt.require_success(build)
        except GateFailed:
            # Tests fail as well where a relation that they look at went away.
            check_again()
            raise
    except BadInput as error:
        raise DatabaseError(
            f"the source changed while it was read: {error.message}",
            hint="nothing was exported; start again",
        ) from error
    except DatabaseError as error:
        if build.failed_models and not build.failed_models[0].reason:
            found = mappings.problems(mappings.counted(connection, relations))
            if found:
                raise DatabaseError(
                    f"mapping {source.name!r}: {found[0]}",
                    hint="nothing was exported; see `synth map check --exact`",
                ) from error
        if dbt.is_missing(build):
            raise DatabaseError(
                f"the source changed while it was read: {error.message}",
                hint="nothing was exported; start again",
            ) from error
        raise


def _check_window(connection, target, build):
    """Say that the window is empty before naming the tests that fail because of it."""
    if not any(node.name == "int_window" and node.status == "success" for node in build.nodes):
        return
    if not db.fetch_one(connection, "shape_has_messages", schema=target.schema)["has_messages"]:
        raise GateFailed(
            "the window holds no message; a gate that saw nothing proves nothing",
            hint="choose another --as-of or a longer --window-days; nothing was exported",
        )


def _check_own(check, document, **arguments):
    """A pack that a reader would refuse is our fault: a gate, not bad input."""
    try:
        check(document, where="the new file", **arguments)
    except BadInput as error:
        raise GateFailed(
            f"what was built does not satisfy the closed schema: {error.message}",
            hint="nothing was exported; check labels against seeds/vocabulary.csv",
        ) from error


def _scanned(document, digests=()):
    result = scan.scan(document, digests=digests)
    if result.findings:
        first = result.findings[0]
        raise GateFailed(
            f"the scan found {len(result.findings)} identifying texts, the first at {first.path} "
            f"({first.kind})",
            hint="nothing was exported",
            findings=result.findings,
        )
    return result
