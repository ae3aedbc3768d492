"""A stored validation, read so that a page can be written whatever it lacks."""

import math
import re
from dataclasses import dataclass, field
from functools import cached_property

from synth.charts import PACK, SYNTHETIC, Bins, axes

_ORDER = ("FAIL", "WARN", "EXCEPTED", "PASS", "SKIP")
# Parts of a segment are joined by dots, and so are decimals.
_PART = re.compile(r"\.(?=[A-Za-z])")
_CLASS = re.compile(r"^(size|senders|tempo)_([\d.]+)_([\d.]+|inf)$")
_SIDES = {"baseline": "pack", "synthetic": "synthetic"}


@dataclass(frozen=True)
class Check:
    """One check, with what the page says of it.

    Attributes
    ----------
    name, entity, metric, segment : str
    verdict : str
        ``PASS``, ``WARN``, ``FAIL`` or ``SKIP``.
    is_headline, is_critical : bool
    is_blocking : bool
        Means NO-GO by itself.
    effect_name : str
    effect, threshold, noise, margin, p_value : float or None
        ``margin`` is what the effect is held against.
    lower, upper : float or None
        Confidence bounds of the effect, where the checks give them.
    n_pack, n_synthetic : int or None
    advice : str
    """

    name: str
    entity: str
    metric: str
    segment: str
    verdict: str
    is_headline: bool
    is_critical: bool
    is_blocking: bool
    effect_name: str
    effect: float | None
    threshold: float | None
    noise: float | None
    margin: float | None
    p_value: float | None
    lower: float | None
    upper: float | None
    n_pack: int | None
    n_synthetic: int | None
    advice: str

    @property
    def title(self):
        """Name in words."""
        return self.name.replace("_", " ")

    @property
    def segment_words(self):
        """Where the effect is largest, in words; empty for a check on everything."""
        return "" if self.segment == "all" else in_words(self.segment)

    @property
    def ratio(self):
        """Effect over margin; None where either is missing."""
        if self.effect is None or not self.margin:
            return None
        return self.effect / self.margin

    @property
    def is_undecided(self):
        """Whether the effect itself is within the margin."""
        return None not in (self.effect, self.margin) and self.effect <= self.margin

    @classmethod
    def read(cls, row):
        """Make one from a row of ``fid_checks``."""
        known = [row.get("margin")] if row.get("margin") is not None else [
            value for value in (row.get("threshold"), row.get("noise_floor")) if value is not None
        ]  # fmt: skip
        return cls(
            name=row["check_name"],
            entity=row.get("entity") or "",
            metric=row.get("metric") or "",
            segment=row.get("segment") or "all",
            verdict=str(row.get("verdict") or "SKIP").upper(),
            is_headline=bool(row.get("is_headline")),
            is_critical=bool(row.get("is_critical")),
            is_blocking=bool(row.get("is_blocking")),
            effect_name=(row.get("effect_name") or "").replace("_", " "),
            effect=row.get("effect_size"),
            threshold=row.get("threshold"),
            noise=row.get("noise_floor"),
            margin=max(known, default=None),
            p_value=row.get("p_value"),
            lower=row.get("effect_lower"),
            upper=row.get("effect_upper"),
            n_pack=row.get("n_expected"),
            n_synthetic=row.get("n_actual"),
            advice=(row.get("recommendation") or "").removeprefix("not compared: "),
        )


@dataclass(frozen=True)
class Validation:
    """What `synth.records.load` gives.

    Attributes
    ----------
    name : str
    report : dict
    cells : list of dict
    manifest, run : dict or None
    """

    name: str
    report: dict
    cells: list = field(repr=False)
    manifest: dict | None = None
    run: dict | None = field(default=None, repr=False)

    @property
    def is_go(self):
        """Whether the verdict is GO."""
        return self.report["verdict"] == "GO"

    @cached_property
    def checks(self):
        """Every check, the worst first."""
        found = [Check.read(row) for row in self.report["checks"]]
        return sorted(found, key=_severity)

    def of(self, *verdicts):
        """Checks with one of these verdicts, in the order of the verdicts."""
        return [check for one in verdicts for check in self.checks if check.verdict == one]

    @cached_property
    def exceptions(self):
        """Decisions to accept what misses, each with what became of it."""
        return self.report.get("exceptions") or []

    @property
    def refused_exceptions(self):
        """Names of exceptions that are none, each of which means NO-GO."""
        return [row["check_name"] for row in self.exceptions if row.get("state") == "refused"]

    @cached_property
    def _places(self):
        return {check.name: place for place, check in enumerate(self.checks)}

    def anchor(self, check):
        """Where the row of a check stands on the page."""
        return f"check-{self._places[check.name] + 1}"

    def check(self, name):
        """The check of a name, or None."""
        return next((check for check in self.checks if check.name == name), None)

    def checks_of(self, entity, metric):
        """Checks on a metric that were made, the worst first."""
        return [
            check
            for check in self.checks
            if (check.entity, check.metric) == (entity, metric) and check.verdict != "SKIP"
        ]

    def check_of(self, entity, metric, effect):
        """The check on a metric by one of its effects (``ks``, ``tvd``), or None."""
        for check in self.checks:
            key = (check.entity, check.metric, check.effect_name)
            if key == (entity, metric, effect) and check.verdict != "SKIP":
                return check
        return None

    @cached_property
    def _groups(self):
        groups = {}
        for cell in self.cells:
            key = (cell["side"], cell["entity"], cell["metric"], cell["kind"], cell["segment"])
            if not cell["is_suppressed"]:
                groups.setdefault(key, []).append(cell)
        return groups

    def group(self, side, entity, metric, kind, segment="all"):
        """Published cells of one metric on one side."""
        return self._groups.get((side, entity, metric, kind, segment), [])

    def unit(self, entity, metric, kind="bucket"):
        """Unit of a metric, or an empty string."""
        for side in _SIDES:
            for cell in self.group(side, entity, metric, kind):
                return cell["unit"]
        return ""

    def total(self, side, entity):
        """Total count of an entity on one side, or None."""
        cells = self.group(side, entity, "total_count", "total")
        return cells[0]["value"] if cells else None

    def bins(self, side, entity, metric):
        """Histogram of one side, or None; the synthetic one on the pack's edges where they fit."""
        own = _bins(self.group(side, entity, metric, "bucket"), side)
        if side == "baseline" or own is None:
            return own
        pack = _bins(self.group("baseline", entity, metric, "bucket"), "baseline")
        return own if pack is None else _on_edges(own, pack)

    def segments(self, side, entity, metric, kind):
        """Segments of a metric on one side, ``all`` left out."""
        wanted = (side, entity, metric, kind)
        return sorted(key[4] for key in self._groups if key[:4] == wanted and key[4] != "all")

    def labelled(self, side, entity, metric, kind, segment="all"):
        """Values by label on one side."""
        return {
            cell["label"] or "": cell["value"]
            for cell in self.group(side, entity, metric, kind, segment)
            if cell["value"] is not None
        }

    def sample(self, *names):
        """Independent units on both sides, of the first name the report knows, or None."""
        for name in names:
            for row in self.report.get("samples", []):
                if row["sample_unit"] == name and row["n_expected"] and row["n_actual"]:
                    return row["n_expected"], row["n_actual"]
        return None


def in_words(segment):
    """A segment in words: ``GROUP_CHAT.size_2_3`` is ``group chat, 2 messages``.

    Parameters
    ----------
    segment : str
        As in ``shape_metrics``.

    Returns
    -------
    str
        As it is where it is no segment the shape knows.
    """
    said = [_CLASS.sub(_class_words, part) for part in _PART.split(segment)]
    return ", ".join(part.replace("_", " ").lower() if part.isupper() else part for part in said)


def _class_words(found):
    kind, lower, upper = found[1], float(found[2]), float(found[3])
    unit = {"size": "messages", "senders": "senders"}.get(kind)
    if unit is None:
        return f"{kind} {axes.span('seconds', lower, upper, False)}"
    words = axes.span(unit, lower, upper, True)
    return f"{words} {unit[:-1] if words == '1' else unit}"


def _severity(check):
    order = _ORDER.index(check.verdict) if check.verdict in _ORDER else 0
    ratio = check.ratio
    # What could not even be measured comes before what was.
    size = -ratio if ratio is not None else -math.inf
    return (
        order,
        not check.is_blocking,
        not check.is_critical,
        not check.is_headline,
        size,
        check.name,
    )


def _bins(cells, side):
    held = [cell for cell in cells if cell["bucket_lower"] is not None]
    if not held or any(_weight(cell) is None for cell in held):
        return None
    held.sort(key=lambda cell: cell["bucket_lower"])
    upper = [math.inf if c["bucket_upper"] is None else c["bucket_upper"] for c in held]
    return Bins(
        name=_SIDES[side],
        lower=tuple(cell["bucket_lower"] for cell in held),
        upper=tuple(upper),
        weight=tuple(map(_weight, held)),
        role=PACK if side == "baseline" else SYNTHETIC,
    )


def _weight(cell):
    return cell["value"] if cell["value"] is not None else cell["n_rows"]


def _on_edges(own, pack):
    """Sum buckets into the pack's wider ones; as they are where they do not nest."""
    weight = [0.0] * len(pack.lower)
    for lower, upper, share in zip(own.lower, own.upper, own.weight, strict=True):
        place = next(
            (
                place
                for place, (low, high) in enumerate(zip(pack.lower, pack.upper, strict=True))
                if low <= lower * (1 + 1e-9) and lower < high and upper <= high * (1 + 1e-9)
            ),
            None,
        )
        if place is None:
            if share:
                return own
            continue
        weight[place] += share
    return Bins(own.name, pack.lower, pack.upper, tuple(weight), own.role)
