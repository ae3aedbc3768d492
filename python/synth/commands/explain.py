"""`synth explain`: the bill of materials of a pack, and the difference between two."""

from pathlib import Path

import click

from synth import audit, console
from synth.cli import common_options
from synth.pack import rule

_SHOWN_DIGITS = 12


@click.command(name="explain")
@click.argument("pack", type=click.Path(path_type=Path))
@click.option(
    "--compare",
    "other",
    type=click.Path(path_type=Path),
    help="An earlier pack: show only what differs from it.",
)
@common_options()
def command(pack, other, as_json, verbose):
    """List every exported number of PACK with what stands behind it.

    Model and digest of its compiled SQL, people (a lower bound), share of the busiest person,
    and the rule that let it pass: from the bill of materials, which the extraction leaves
    beside the pack and which stays inside the boundary. Without it the numbers stand alone.

    --json prints {schema_version, pack, sha256, k, release {rule, ...}, has_bill, models
    {name: sha256}, gates {name: sha256}, figures [{path, value, model, model_sha256, n_people,
    n_rows, top_share, rule}]}; with --compare {schema_version, pack, sha256, other,
    other_sha256, added [], removed [], changed [], n_same, releases [old, new], models [],
    gates []}.
    """
    from synth.custody import explain

    found = _explained(pack)
    audit.note(pack_sha256=found["sha256"])
    if other:
        old = _explained(other)
        audit.note(compared_with=old["sha256"])
        _compared(pack, other, found, old, as_json)
        return
    if as_json:
        console.document({"pack": str(pack), **found})
        return
    console.table(
        ["figure", ">value", "model", "sql", ">people", ">top share", "rule"],
        [_row(explain, figure, (figure["value"],)) for figure in found["figures"]],
        title=f"{len(found['figures'])} figures of {pack}",
    )
    console.result(f"released by the rule {rule.words(found['release'])}")


def _explained(path):
    from synth.custody import explain

    found = explain.explain(path)
    if not found["has_bill"]:
        console.note(f"synth: no bill of materials beside {path}: its numbers stand alone")
    return found


def _compared(pack, other, new, old, as_json):
    from synth.custody import explain

    found = explain.compare(new, old)
    if as_json:
        console.document(
            {
                "pack": str(pack),
                "sha256": new["sha256"],
                "other": str(other),
                "other_sha256": old["sha256"],
                **found,
            }
        )
        return
    rows = [
        (
            "changed",
            *_row(explain, figure, (figure["old_value"], figure["value"], _percent(figure))),
        )
        for figure in found["changed"]
    ]
    for name in ("added", "removed"):
        for figure in found[name]:
            values = (None, figure["value"]) if name == "added" else (figure["value"], None)
            rows.append((name, *_row(explain, figure, (*values, None))))
    console.table(
        ["", "figure", ">old", ">new", ">change", "model", "sql", ">people", ">top share", "rule"],
        rows,
        title=f"{pack} against {other}",
    )
    console.result(
        f"{len(found['changed'])} changed, {len(found['added'])} added, "
        f"{len(found['removed'])} removed, {found['n_same']} the same"
    )
    before, now = map(rule.words, found["releases"])
    if before != now:
        console.result(f"released by the rule {now}; before by {before}")
    for kind in ("models", "gates"):
        if found[kind]:
            console.result(f"{kind} whose SQL differs: {', '.join(found[kind])}")


def _row(explain, figure, values):
    digest, share = figure["model_sha256"], figure["top_share"]
    return (
        figure["path"],
        *(_number(value) if isinstance(value, int | float) else value for value in values),
        figure["model"],
        digest and digest[:_SHOWN_DIGITS],
        explain.people(figure),
        None if share is None else f"{share:.2f}",
        figure["rule"],
    )


def _number(value):
    return f"{value:,}" if isinstance(value, int) else f"{value:.6g}"


def _percent(figure):
    return None if figure["change"] is None else f"{100 * figure['change']:+.1f} %"
