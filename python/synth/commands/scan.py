"""`synth scan`: re-check a pack or a manifest by itself."""

from pathlib import Path

import click

from synth import audit, console
from synth.cli import common_options


@click.command(name="scan")
@click.argument("pack", type=click.Path())
@common_options()
def command(pack, as_json, verbose):
    """Check PACK: that `synth extract` can have written it, then patterns of identifying text.

    Takes a manifest, too. Exit code 1 where something identifying was found, 2 where the
    file is unreadable or of another form: a pack written by hand is, and needs no scan.

    --json prints {schema_version, file, sha256, kind, is_valid, problem, n_strings,
    n_numbers, findings [{path, place, kind}]}.
    """
    from synth import scan
    from synth.errors import BadInput
    from synth.pack import extracted, manifest, reader, strict

    path = Path(pack)
    document, sha256 = strict.read(path, what="pack")
    audit.note(sha256=sha256)
    kind = "manifest" if manifest.is_one(document) else "pack"
    problem = None
    try:
        if kind == "manifest":
            manifest.check(document, where=f"manifest {path}")
        else:
            reader.from_document(document, sha256=sha256, where=f"pack {path}")
            extracted.check(document, where=f"pack {path}")
    except BadInput as error:
        problem = error
    digests = manifest.digests(document) if kind == "manifest" and problem is None else ()
    result = scan.scan(document, digests=digests)
    if as_json:
        _document(path, sha256, kind, problem, result)
    else:
        _text(path, kind, problem, result)
    if result.findings:
        # Worse than a form error, and what the privacy engineer must hear of.
        return 1
    if problem is not None:
        if as_json:
            return 2
        raise problem
    return 0


def _document(path, sha256, kind, problem, result):
    console.document(
        {
            "file": str(path),
            "sha256": sha256,
            "kind": kind,
            "is_valid": problem is None,
            "problem": problem and problem.message,
            "n_strings": result.n_strings,
            "n_numbers": result.n_numbers,
            "findings": [
                {"path": found.path, "place": found.place, "kind": found.kind}
                for found in result.findings
            ],
        }
    )


def _text(path, kind, problem, result):
    if result.findings:
        console.table(
            ["path", "where", "kind"],
            [(found.path, found.place, found.kind) for found in result.findings],
            title=f"{kind} {path}: {len(result.findings)} identifying texts",
        )
        if problem is not None:
            console.note(f"synth: {problem}")
    elif problem is None:
        console.result(
            f"{kind} {path} is clean: the schema holds, {result.n_strings} strings and "
            f"{result.n_numbers} numbers looked at"
        )
