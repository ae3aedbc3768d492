"""Golden files: what a change of the code alone must not change.

They lie in ``golden/``, one JSON document each: short figures in plain text, tables and long
documents as digests, by name, so that a difference names what changed. They are written anew by

    scripts/test -k golden --update-golden

and the difference is reviewed with the change that made it: a digest that changed by itself is
a fault.
"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"
# Beyond them the order in which the server adds up, or another processor's library, may show.
_DIGITS = 6


def hold(name: str, figures: dict, *, is_renewed: bool) -> None:
    """Hold figures against a golden file, or write it anew.

    Parameters
    ----------
    name : str
        Of the file, without its ending.
    figures : dict
        Nested; its leaves are texts, numbers, lists or None.
    is_renewed : bool
        Write the file instead of reading it.

    Raises
    ------
    AssertionError
        They differ; it names every leaf that does.
    """
    path = FOLDER / f"{name}.json"
    if is_renewed:
        path.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n")
    expected, found = _leaves(json.loads(path.read_text())), _leaves(figures)
    lines = [f"{key}: gone" for key in expected.keys() - found.keys()]
    lines += [f"{key}: new" for key in found.keys() - expected.keys()]
    lines += [
        f"{key}: {found[key]}, golden {expected[key]}"
        for key in expected.keys() & found.keys()
        if expected[key] != found[key]
    ]
    assert not lines, f"{path.name} differs:\n" + "\n".join(sorted(lines))


def digest(items: Iterable) -> str:
    """Digest of items, whatever their order; numbers count by their first digits."""
    lines = sorted(json.dumps(rounded(item), sort_keys=True) for item in items)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def rounded(value: object) -> object:
    """A value whose numbers, at any depth, have six significant digits."""
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}")
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(one) for one in value]
    return value


def _leaves(document: dict, path: str = "") -> dict[str, object]:
    found = {}
    for key, value in document.items():
        place = f"{path}{key}"
        found |= _leaves(value, f"{place} / ") if isinstance(value, dict) else {place: value}
    return found
