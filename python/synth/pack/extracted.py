"""What `synth extract` can have written: the places that the schema leaves open are closed.

The schema takes what people write by hand, too: any subset of keys, any edges, any digits. What is
to leave the boundary is narrower, so that a pack has little room for anything but its figures.
"""

import itertools
import math
import re
from collections.abc import Iterator

from synth import catalogue
from synth.catalogue import ALL, Metric, PackKey
from synth.pack import grids, rule, writer
from synth.pack.checks import ROUNDING, Place

SKETCH_BITS = 64
# How often the largest total a sum may be where both are noisy.
_NOISY = 2
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_HEAD = (
    *("schema_version", "extracted_at", "as_of", "sample_window_days", "privacy_level", "privacy"),
    *catalogue.ENTITIES,
)
_PRIVACY = ("k", "n_suppressed", "suppressed", "sketch_bits")
_CLASS = re.compile(r"(size|senders|tempo)_([^_.]+(?:[.][0-9][^_.]*)?)_([^_.]+(?:[.][0-9][^_.]*)?)")


def check(document: dict, *, where: str = "pack") -> None:
    """Refuse a pack that `synth extract` cannot have written.

    Parameters
    ----------
    document
        Valid by `synth.pack.reader.from_document`.
    where
        Starts every error message.

    Raises
    ------
    BadInput
        A key is absent; an edge or class is not of its grid; a number has more digits than the
        writer writes; counts exceed the totals; `privacy` does not name just what is missing, or
        a release rule that is none.
    """
    root = Place(where)
    _check_keys(document, _HEAD, root)
    _check_keys(document["privacy"], _PRIVACY, root / "privacy")
    if not _MOMENT.fullmatch(document["extracted_at"]):
        raise (root / "extracted_at").error("expected whole seconds, in UTC with Z")
    if document["privacy"]["sketch_bits"] != SKETCH_BITS:
        raise (root / "privacy" / "sketch_bits").error(f"expected {SKETCH_BITS}")
    if "release" in document["privacy"] and not rule.is_written(document["privacy"]["release"]):
        raise (root / "privacy" / "release").error(
            "expected a rule as it is written, fractions in lowest terms and rho as it follows"
        )
    sections = {name: document[name] for name in catalogue.ENTITIES if document[name] is not None}
    largest = max((section.get("total_count") or 0 for section in sections.values()), default=0)
    noise = _largest_noise(rule.of(document["privacy"]))
    if rule.of(document["privacy"])["rule"] == rule.DP:
        # Every sum has noise of its own.
        largest *= _NOISY
    for entity, section in sections.items():
        own = [key for key in catalogue.pack_keys() if key.entity == entity]
        names = [name for key in own for name in (key.key, key.by_type) if name]
        _check_keys(section, names, root / entity)
        for key in own:
            _check_key(key, section, largest, noise, root / entity)
    _check_suppressed(document, root / "privacy")


def _check_keys(found: dict, names: tuple | list, place: Place) -> None:
    missing = [name for name in names if name not in found]
    if missing:
        raise place.error(
            f"`synth extract` writes every key, and {missing[0]!r} is missing; a pack written by "
            "hand is not for signing"
        )


def _largest_noise(release: dict) -> float:
    """Noise of a cell; that of dp has no bound."""
    return {rule.EXACT: 0, rule.DP: math.inf}.get(release["rule"], release.get("largest_noise"))


def _check_key(key: PackKey, section: dict, largest: int, noise: float, place: Place) -> None:
    here = place / key.key
    if key.segments == "joint":
        groups = [(section[key.key], here)]
        _check_classes(key, section[key.key] or {}, here)
    else:
        groups = [({ALL: section[key.key]} if section[key.key] is not None else None, here)]
        if key.by_type:
            groups.append((section[key.by_type], place / key.by_type))
    for forms, at in groups:
        if forms == {}:
            raise at.error("expected null, got an object without entries")
        n_rows, n_cells = 0, 0
        for segment, form in (forms or {}).items():
            one = at if segment == ALL else at / segment
            if form is None:
                raise one.error("expected figures: a segment without any is left out")
            _check_form(key, form, one)
            if key.form == "histogram":
                n_rows += sum(count for *_, count in form["buckets"])
                n_cells += _n_cells(key, form)
        # Each segment is rounded by itself, and every cell has noise of its own.
        if n_cells and n_rows > largest + len(forms or {}) + noise * n_cells:
            raise at.error("the counts sum to more than the largest total of the pack")


def _n_cells(key: PackKey, form: dict) -> int:
    """Cells of the grid that the buckets of a checked histogram hold."""
    edges = grids.edges(grids.of_metric(key.entity, key.metric, key.units["bucket"]))
    return sum(
        sum(lower <= edge < (math.inf if upper is None else upper) for edge in edges)
        for lower, upper, _ in form["buckets"]
    )


def _check_form(key: PackKey, form: object, place: Place) -> None:
    unit = next(iter(key.units.values()))
    if key.form == "histogram":
        _check_buckets(key, form, place)
    elif key.form in ("shares", "array"):
        cells = form.items() if isinstance(form, dict) else enumerate(form)
        for step, value in cells:
            _check_number(value, "share", None, place / step)
        total = math.fsum(form.values() if isinstance(form, dict) else form)
        if abs(total - 1) > ROUNDING:
            raise place.error("expected shares that sum to 1")
    elif isinstance(form, dict):
        most = _most(key, unit)
        for label, value in form.items():
            # Only what is top-coded into an open bucket has no value.
            if value is not None or label != "max":
                _check_number(value, unit, most, place / label)
    elif unit != "rows":
        _check_number(form, unit, None, place)


def _check_number(value: float | None, unit: str, most: float | None, place: Place) -> None:
    if value is None:
        raise place.error("expected a number, got null")
    if unit == "share" and value > 1:
        raise place.error("expected a share of at most 1")
    if most is not None and value > most:
        raise place.error(f"expected at most {most:g}, the last edge of its grid")
    written = writer.rounded(value)
    # An integer is written as one: 7.0 would be another text.
    if written != value or type(written) is not type(value):
        raise place.error(
            f"expected a number as it is written, with {writer.SIGNIFICANT_DIGITS} significant "
            "digits; a pack of an earlier version has more, and is to be extracted again"
        )


def _most(key: PackKey, unit: str) -> float | None:
    """Largest value of a figure that has a grid."""
    if unit in ("share", "coefficient", "percent", "ratio"):
        return None
    return grids.edges(grids.of_metric(key.entity, key.metric, unit))[-1]


def _check_buckets(key: PackKey, form: dict, place: Place) -> None:
    if "buckets" not in form:
        raise place.error("expected buckets: bins written by hand are not for signing")
    edges = grids.edges(grids.of_metric(key.entity, key.metric, key.units["bucket"]))
    known = set(edges)
    for index, (lower, upper, count) in enumerate(form["buckets"]):
        here = place / "buckets" / index
        if lower not in known or (math.inf if upper is None else upper) not in known:
            raise here.error("an edge is not of the metric's grid")
        if any(edge != writer.edge(edge) or _is_odd(edge) for edge in (lower, upper)):
            raise here.error("an edge is not written as synth writes it")
        if not count:
            raise here.error("expected a count above 0: an empty bucket is left out")


def _is_odd(edge: float | None) -> bool:
    """Whether a whole edge is written as a fraction."""
    return isinstance(edge, float) and edge.is_integer()


def _check_classes(key: PackKey, forms: dict, place: Place) -> None:
    """Segments name classes of the grids, and no two of them overlap."""
    has_type, dimensions = grids.JOINT[key.entity, key.metric]
    types = catalogue.segments(key.entity, key.metric)
    ranges: dict[tuple, set] = {}
    for number, segment in enumerate(forms, start=1):
        found = _classes(segment, (*types, catalogue.OTHER) if has_type else (), dimensions)
        if found is None:
            raise place.error(f"entry {number} of {len(forms)} is no class of the metric's grids")
        for depth in range(1, len(found)):
            ranges.setdefault(found[:depth], set()).add(found[depth])
    for classes in ranges.values():
        for (_, end), (start, _) in itertools.pairwise(sorted(classes)):
            if start < end:
                raise place.error("the classes of its entries overlap")


def _classes(segment: str, types: tuple, dimensions: tuple) -> tuple | None:
    """A segment's type (or nothing) and ranges, or None where it is not of this form."""
    kind, rest = "", segment
    if types:
        kind, _, rest = segment.partition(".")
        if kind not in types:
            return None
    found = []
    for dimension, low, high in _CLASS.findall(rest):
        known = grids.class_edges(dimension)
        if low not in known or high not in known or known[low] >= known[high]:
            return None
        found.append((dimension, low, high))
    if tuple(dimension for dimension, *_ in found) != dimensions:
        return None
    if rest != ".".join("_".join(one) for one in found):
        return None
    edges = (grids.class_edges(dimension) for dimension, *_ in found)
    pairs = zip(edges, found, strict=True)
    return (kind, *((known[low], known[high]) for known, (_, low, high) in pairs))


def _check_suppressed(document: dict, place: Place) -> None:
    """What is suppressed is just what has no figure, however it is claimed."""
    claimed = document["privacy"]["suppressed"]
    missing = list(_missing(document, set(claimed)))
    names = sorted({f"{line.entity}.{line.metric}" for line in missing})
    if claimed != names:
        raise (place / "suppressed").error(
            f"expected the {len(names)} metrics without a figure, in order, got {len(claimed)} "
            "entries that are others"
        )
    if document["privacy"]["n_suppressed"] != len(missing):
        raise (place / "n_suppressed").error(f"expected {len(missing)}, as many as are missing")


def _missing(document: dict, claimed: set[str]) -> Iterator[Metric]:
    """Lines of the catalogue that have no figure, though their entity has rows."""
    for line in catalogue.metrics():
        section = document[line.entity]
        if section is None:
            # Without its total an entity says nothing, but that it is there.
            if f"{line.entity}.total_count" in claimed:
                yield line
        elif not _is_published(line, section):
            yield line


def _is_published(line: Metric, section: dict) -> bool:
    form = section[line.pack_key]
    if line.form == "stats":
        by_type = section[f"{line.pack_key}_by_type"] or {}
        labels = {label for one in (form, *by_type.values()) for label in one or ()}
        return bool(labels & {"mean"} if line.kind == "scalar" else labels - {"mean"})
    if line.segments == "type":
        return form is not None or bool(section[f"{line.pack_key}_by_type"])
    return form is not None
