"""Read a pack: ``load(path) -> Pack``.

Takes what `synth.pack.writer` writes and what people write by hand: any subset of keys,
histograms as ``{"5-9": 12, "10": 3, "11+": 4}``, shares, percentages or counts.
"""

import math
from functools import lru_cache
from pathlib import Path

from synth import catalogue
from synth.catalogue import ALL
from synth.pack import checks, strict
from synth.pack import schema as pack_schema
from synth.pack.model import Pack, PackMeta, ShapeRow, probability
from synth.pack.samples import Samples

_PERCENTAGES = ("immediate_percentage", "near_term_percentage", "delayed_percentage")


def load(path):
    """Read and check a pack.

    Parameters
    ----------
    path : str or pathlib.Path

    Returns
    -------
    Pack

    Raises
    ------
    BadInput
        Unreadable, no JSON, against the schema or inconsistent; names the JSON path.
    """
    path = Path(path)
    document, digest = strict.read(path, what="pack")
    return from_document(document, sha256=digest, where=f"pack {path}")


def from_document(document, *, sha256, where="pack"):
    """Turn a parsed document into a Pack, checking it on the way.

    Parameters
    ----------
    document : object
        From `strict.read`.
    sha256 : str
        Digest of the bytes it came from.
    where : str
        Starts every error message.

    Returns
    -------
    Pack
    """
    check(document, where=where)
    rows = tuple(_Decoder(document, where).rows())
    if not any(not row.is_suppressed for row in rows):
        raise checks.Place(where).error("no section holds a figure; an empty pack proves nothing")
    return Pack(meta=_meta(document), sha256=sha256, rows=rows)


def check(document, *, where="pack"):
    """Check a document against the closed schema and the calendar.

    Raises
    ------
    BadInput
    """
    strict.check_schema(document, _validator(), where=where)
    checks.check_times(document, where)


@lru_cache(maxsize=1)
def _validator():
    # A compiled validator: pure Python would take a second for a full pack.
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(pack_schema.build())


def _meta(document):
    privacy = document.get("privacy", {})
    return PackMeta(
        schema_version=document.get("schema_version"),
        extracted_at=document.get("extracted_at"),
        as_of=document.get("as_of"),
        window_days=document.get("sample_window_days"),
        privacy_level=document.get("privacy_level"),
        k=privacy.get("k"),
        n_suppressed=privacy.get("n_suppressed"),
        suppressed=tuple(privacy.get("suppressed", ())),
        sketch_bits=privacy.get("sketch_bits"),
        release=privacy.get("release"),
    )


class _Decoder:
    """Walks the catalogue over one document."""

    def __init__(self, document, where):
        self.document = document
        self.root = checks.Place(where)
        self.suppressed = set(document.get("privacy", {}).get("suppressed", ()))
        self.samples = self._samples()

    def rows(self):
        # Histograms first: the other kinds of the same metric share their sample size.
        keys = sorted(catalogue.pack_keys(), key=lambda key: key.form != "histogram")
        for key in keys:
            yield from self._key(key)

    def _key(self, key):
        section = self.document.get(key.entity) or {}
        place = self.root / key.entity / key.key
        value = section.get(key.key)
        if key.segments == "joint" and value is not None:
            for segment, form in value.items():
                yield from self._form(key, segment, form, place / segment)
        else:
            yield from self._form(key, ALL, value, place)
        if key.by_type:
            place = self.root / key.entity / key.by_type
            for segment, form in (section.get(key.by_type) or {}).items():
                yield from self._form(key, segment, form, place / segment)

    def _form(self, key, segment, form, place):
        if form is None:
            yield from self._nothing(key, segment)
            return
        if key.form == "histogram":
            yield from self._histogram(key, segment, form, place)
        elif key.form in ("percentiles", "stats"):
            yield from self._figures(key, segment, form, place)
        elif key.form == "shares":
            yield from self._cells(key, segment, "category", form.keys(), form.values(), place)
        elif key.form == "array":
            first = 1 if "weekday" in key.units else 0
            labels = [str(first + i) for i in range(len(form))]
            yield from self._cells(key, segment, next(iter(key.units)), labels, form, place)
        elif key.form == "labelled":
            yield from self._labelled(key, segment, form, place)
        else:
            yield self._number(key, segment, form, place)

    def _nothing(self, key, segment, label=None, kinds=None):
        name = f"{key.entity}.{key.metric}"
        if (name if segment == ALL else f"{name}.{segment}") not in self.suppressed:
            return
        for kind in kinds or key.units:
            yield _row(key, segment, kind, label, None, None, suppressed=True)

    def _histogram(self, key, segment, form, place):
        if "buckets" in form:
            buckets = [
                (lower, math.inf if upper is None else upper, count)
                for lower, upper, count in form["buckets"]
            ]
            place = place / "buckets"
        else:
            buckets = bins(form)
        checks.check_buckets(buckets, place)
        cells = [cell for *_, cell in buckets]
        if "buckets" in form:
            total = sum(cells)
            shares, counts = [cell / total for cell in cells], cells
        else:
            shares, counts = checks.shares_and_counts(cells, place)
        counts = counts or self._counts(key, segment, shares)
        if counts:
            self.samples.add_histogram(key.entity, key.metric, segment, sum(counts))
        for (lower, upper, _), share, count in zip(
            buckets, shares, counts or [None] * len(shares), strict=True
        ):
            yield _row(key, segment, "bucket", None, share, count, edges=(lower, upper))

    def _cells(self, key, segment, kind, labels, cells, place):
        shares, counts = checks.shares_and_counts(list(cells), place)
        counts = counts or self._counts(key, segment, shares) or [None] * len(shares)
        for label, share, count in zip(labels, shares, counts, strict=True):
            yield _row(key, segment, kind, label, share, count)

    def _counts(self, key, segment, shares):
        n_rows = self.samples.of(key.entity, key.metric, segment)
        return None if n_rows is None else [round(share * n_rows) for share in shares]

    def _figures(self, key, segment, form, place):
        known = [(label, form[label]) for label in form if label != "mean"]
        known = sorted(
            ((label, value) for label, value in known if value is not None),
            key=lambda pair: probability(pair[0]),
        )
        checks.check_increasing(known, place)
        checks.check_mean(form.get("mean"), form.get("max"), place)
        n_rows = self.samples.of(key.entity, key.metric, segment)
        for label, value in form.items():
            kind = "scalar" if label == "mean" else "quantile"
            name = "p50" if label == "median" else label
            if value is None:
                yield from self._nothing(key, segment, name, (kind,))
            else:
                yield _row(key, segment, kind, name, value, n_rows)

    def _labelled(self, key, segment, form, place):
        values = [value for value in form.values() if value is not None]
        # One figure above 1 means that the whole list is in percent.
        scale = 1
        if key.units["scalar"] == "share" and any(v > 1 for v in values):
            scale = checks.percent(max(values), place)
        n_rows = self.samples.of(key.entity, key.metric, segment)
        for label, value in form.items():
            if value is None:
                yield from self._nothing(key, segment, label)
            else:
                yield _row(key, segment, "scalar", label, value / scale, n_rows)

    def _number(self, key, segment, value, place):
        kind, unit = next(iter(key.units.items()))
        if kind == "total":
            return _row(key, segment, kind, None, value, int(value))
        if unit == "share" and value > 1:
            value = value / checks.percent(value, place)
        if key.metric in _PERCENTAGES and self._percentages_are_shares():
            value = value * 100
        return _row(
            key, segment, kind, None, value, self.samples.of(key.entity, key.metric, segment)
        )

    def _percentages_are_shares(self):
        section = self.document["read_receipts"]
        values = [section.get(name) for name in _PERCENTAGES]
        return None not in values and abs(sum(values) - 1) <= 0.03

    def _samples(self):
        totals, shares, mixes = {}, {}, {}
        for key in catalogue.pack_keys():
            section = self.document.get(key.entity) or {}
            value = section.get(key.key)
            place = self.root / key.entity / key.key
            if value is not None and "total" in key.units:
                totals[key.entity] = int(value)
            elif key.metric in ("silent_share", "unattached_share", "empty_share"):
                by_type = section.get(key.by_type) or {} if key.by_type else {}
                for segment, share in {ALL: value, **by_type}.items():
                    if share is not None:
                        share = share / 100 if share > 1 else share
                        shares[key.entity, key.metric, segment] = share
            elif value is not None and key.metric == "type_distribution":
                found, _ = checks.shares_and_counts(list(value.values()), place)
                mixes[key.entity] = dict(zip(value, found, strict=True))
        return Samples(totals, shares, mixes)


def bins(form):
    """Bins of a hand-written histogram, in order.

    Parameters
    ----------
    form : dict
        ``{"5-9": 12, "10": 3, "11+": 4}``: integers inclusive, so ``5-9`` is [5, 10). Where
        the next bin starts on this one's end (``0-1``, ``1-60``) the ends are edges.

    Returns
    -------
    list of (float, float, float)
        Lower, upper (``inf`` where open), cell.
    """
    parsed = sorted((*_bin(name), cell) for name, cell in form.items())
    lowers = {lower for lower, _, _ in parsed}
    shared = any(upper in lowers and upper > lower for lower, upper, _ in parsed)
    found = []
    for index, (lower, upper, cell) in enumerate(parsed):
        following = parsed[index + 1][0] if index + 1 < len(parsed) else None
        whole = float(lower).is_integer() and float(upper).is_integer()
        is_edge = upper > lower and (upper == following or (following is None and shared))
        found.append((lower, upper + 1 if whole and not is_edge else upper, cell))
    return found


def _bin(name):
    if name.endswith("+"):
        return float(name[:-1]), math.inf
    lower, _, upper = name.partition("-")
    return float(lower), float(upper or lower)


def _row(key, segment, kind, label, value, n_rows, *, edges=(None, None), suppressed=False):
    return ShapeRow(
        entity=key.entity,
        metric=key.metric,
        segment=segment,
        kind=kind,
        label=label,
        bucket_lower=edges[0],
        bucket_upper=edges[1],
        value=None if value is None else float(value),
        unit=key.units[kind],
        n_rows=n_rows,
        is_suppressed=suppressed,
    )
