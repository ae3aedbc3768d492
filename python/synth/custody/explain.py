"""List what stands behind every number of a pack, and what changed between two packs."""

from pathlib import Path

from synth.errors import BadInput
from synth.pack import bill as bills
from synth.pack import manifest, reader, rule, strict

_UNKNOWN = {"model": None, "n_people": None, "n_rows": None, "top_share": None, "rule": None}


def explain(pack_path):
    """Every exported number with what the bill of materials says of it.

    Parameters
    ----------
    pack_path : path-like

    Returns
    -------
    dict
        ``sha256``, ``k``, ``release`` (see `synth.pack.rule`; exact where the pack says none),
        ``has_bill``, ``models`` and ``gates`` (digests by name), ``figures``: path, value, model,
        model_sha256, n_people (a lower bound), n_rows, top_share, rule. What only the bill knows
        is None or empty without it.

    Raises
    ------
    BadInput
        No pack; a bill that is not the one its manifest names; a bill that lacks a number.
    """
    pack_path = Path(pack_path)
    document, sha256 = strict.read(pack_path, what="pack")
    pack = reader.from_document(document, sha256=sha256, where=f"pack {pack_path}")
    bill = _bill(pack_path, sha256)
    known = {figure["path"]: figure for figure in bill["figures"]} if bill else {}
    models = {name: model["sha256"] for name, model in bill["models"].items()} if bill else {}
    figures = []
    for path, value in bills.numbers(document).items():
        if bill and path not in known:
            raise BadInput(
                f"the bill of materials does not list {path}", hint="extract the pack again"
            )
        found = {**_UNKNOWN, **known.get(path, {}), "path": path, "value": value}
        figures.append({**found, "model_sha256": models.get(found["model"])})
    return {
        "sha256": sha256,
        "k": pack.meta.k,
        "release": rule.of({"release": pack.meta.release}),
        "has_bill": bill is not None,
        "models": models,
        "gates": bill.get("gates", {}) if bill else {},
        "figures": figures,
    }


def compare(new, old):
    """What a reviewer of a new pack has to look at, given one that was signed before.

    Parameters
    ----------
    new, old : dict
        From `explain`.

    Returns
    -------
    dict
        ``added`` and ``removed`` figures, ``changed`` ones (with ``old_value`` and ``change``,
        relative), ``n_same``, ``releases`` (the old rule and the new), and ``models`` and
        ``gates``: names whose compiled SQL differs, was added or removed (empty where not both
        bills list them).
    """
    now = {figure["path"]: figure for figure in new["figures"]}
    then = {figure["path"]: figure for figure in old["figures"]}
    changed = []
    for path, figure in now.items():
        if path in then and then[path]["value"] != figure["value"]:
            before = then[path]["value"]
            change = figure["value"] / before - 1 if before else None
            changed.append({**figure, "old_value": before, "change": change})
    return {
        "added": [figure for path, figure in now.items() if path not in then],
        "removed": [figure for path, figure in then.items() if path not in now],
        "changed": changed,
        "n_same": len(now.keys() & then.keys()) - len(changed),
        "releases": [old["release"], new["release"]],
        "models": _differing(new["models"], old["models"]),
        "gates": _differing(new["gates"], old["gates"]),
    }


def _differing(new: dict, old: dict) -> list[str]:
    # A bill that is not there, or is older than what is asked, lists none.
    if not new or not old:
        return []
    return sorted(name for name in new.keys() | old.keys() if new.get(name) != old.get(name))


def people(figure):
    """People behind a figure as text: a sketch of 64 bits cannot say more than 64."""
    count = figure["n_people"]
    if count is None:
        return None
    return f"{bills.SKETCH_TOP}+" if count >= bills.SKETCH_TOP else f"{count}+"


def _bill(pack_path, sha256):
    """The bill beside a pack, if its manifest names one and it is here."""
    beside, path = manifest.path_of(pack_path), manifest.bill_path_of(pack_path)
    if not beside.is_file() or not path.is_file():
        return None
    described = manifest.load(beside)
    if described["pack"]["sha256"] != sha256 or described["bill"] is None:
        return None
    return bills.load(path, described["bill"]["sha256"], sha256)
