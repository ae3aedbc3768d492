"""Release under differential privacy: how far one person moves counts, noise, what it is good for.

Neighbouring databases differ in one person: their row of users, their memberships and messages
and what hangs on these, and the conversations that nobody else is in. Noise is OpenDP's discrete
Gaussian on counts, zCDP adds up over metrics, and what is published is computed from noisy counts.
How far one person moves the counts of one metric (squared L2 norm; public constants C, K, c):

people         1           A person stands in one cell of each histogram of people, so the two of
                           messages and conversations per user move sqrt(2) together.
conversations  2 K^2       Each of K conversations leaves one cell and enters another, at worst
                           the same two: K sqrt(2). Their messages need no bound.
messages       C^2         Each of C messages (or attachments) leaves one cell, at worst the same.
hours          min(c, C) C Counts x of a person by hour of the week: sum x^2 <= max x * sum x.
sequences      5 C^2       A message that goes takes two gaps and leaves their sum, at worst -2
                           and +1: sqrt(5), C times by the triangle inequality. Its session ends
                           up as none, one or two others: -1 and +2. A minute changes its cell.

These hold if contributions are bounded before counting, by the person's own rows alone: first K
conversations by keyed hash (messages in others are dropped), then C of the messages for `messages`
and `sequences`, and of these c an hour of the week for `hours`. Window, as-of time, segments,
grid, sampling rate and activity profile may not depend on exact counts: the profile is that of
the noisy hours, or flat. Messages and conversations per user are counted before any bound: they
say what the bounds dropped and correct totals at no further cost.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from synth.errors import BadInput
from synth.release import budget

if TYPE_CHECKING:
    from opendp.mod import Measurement

# Family, how much fidelity needs them, entity, metrics. Cells of any other metric are refused.
_NEEDED = (
    ("people", 2, "users", "messages_per_user conversations_per_user"),
    ("people", 0.25, "users", "total_count username_length profile_completeness device_mix"),
    ("people", 0.25, "users", "silent_share unattached_share"),
    ("conversations", 2, "conversations", "messages_per_conversation"),
    ("conversations", 1, "conversations", "type_distribution member_count distinct_senders"),
    ("conversations", 1, "conversations", "lifetime tempo tempo_by_size"),
    (
        "conversations",
        0.5,
        "conversations",
        "size_mix empty_share sender_dominance senders_by_size",
    ),
    ("conversations", 0.25, "conversations", "total_count recency start_position"),
    ("conversations", 0.25, "conversations", "members_by_size dominance_by_size_senders"),
    ("conversations", 0.5, "messages", "burstiness_by_conversation"),
    ("messages", 1, "messages", "type_distribution content_length hour_of_day"),
    ("messages", 0.25, "messages", "total_count hour_by_type day_of_week"),
    ("messages", 0.25, "attachments", "total_count type_distribution size_bytes"),
    ("messages", 0.25, "attachments", "attachments_per_media_message"),
    ("hours", 2, "messages", "hour_of_week"),
    ("sequences", 2, "messages", "inter_arrival"),
    ("sequences", 0.5, "messages", "activity_inter_arrival session_size minute_size"),
)
_METRICS = {
    (entity, metric): (family, weight)
    for family, weight, entity, metrics in _NEEDED
    for metric in metrics.split()
}
_PLANNER = "The planner's statistics are exact figures of whole columns."
_RECEIPTS = "A receipt is of two people: a bound for one changes which receipts of others count."
# What is not released, by entity and metric (None: every), and why.
WITHHELD = (
    ("messages", "activity_gap", "One message can move every gap of its conversation."),
    ("messages", "memory_coefficient", "It is a moment of pairs of gaps, in no cell."),
    ("read_receipts", None, _RECEIPTS),
    (None, "column_distinct", _PLANNER),
    (None, "common_share", _PLANNER),
    (None, "heap_correlation", _PLANNER),
    (None, "max", "One person is the largest; quantiles are read from noisy cells."),
)
# Records a person is taken to have: a public guess, to split the budget and to plan by. It costs
# fidelity where it is wrong, never privacy.
_TYPICAL = {"people": 1, "conversations": 4, "messages": 40, "hours": 40, "sequences": 35}
_PARTS = 1_000_000
# Mean of |x| / 2 for a standard normal x: what a cell's noise adds to the total variation.
_HALF_MEAN = 1 / math.sqrt(2 * math.pi)
# Worth a spend: so many cells of equal width with a total variation of at most that.
_FEWEST, _ROUGH = 4, 0.1


@dataclass(frozen=True)
class Bounds:
    """Public constants: C messages, K conversations, c messages an hour of the week, a person."""

    messages: int = 100
    conversations: int = 10
    hourly: int = 5

    def squared(self, family: str) -> int:
        """Square of how far one person moves one histogram of the family (L2 norm)."""
        return {
            "people": 1,
            "conversations": 2 * self.conversations**2,
            "messages": self.messages**2,
            "hours": min(self.hourly, self.messages) * self.messages,
            "sequences": 5 * self.messages**2,
        }[family]


class Cell(NamedTuple):
    """One cell of the public grid; `label` or `bucket_index` or both are None."""

    entity: str
    metric: str
    segment: str
    label: str | None
    bucket_index: int | None


@dataclass(frozen=True)
class Spend:
    """What one metric gets of the zCDP budget; a row of the plan.

    `squared` is its squared L2 sensitivity, exact; `weight` how much fidelity needs it; `records`
    what it is taken to count. A `rho` of 0 means that it is not released at this size.
    """

    entity: str
    metric: str
    family: str
    weight: float
    cells: tuple[Cell, ...]
    squared: int
    records: float
    rho: Fraction = Fraction(0)

    @property
    def sigma(self) -> float:
        """Deviation of a cell's noise in rows; above the exact value by more than floats err."""
        return (
            math.sqrt(self.squared / (2 * float(self.rho))) * (1 + 1e-9) if self.rho else math.inf
        )

    @property
    def merged_cells(self) -> float:
        """Cells of equal width that can be kept at a total variation of 0.1."""
        return min(1.0, (_ROUGH / self.total_variation) ** 2) * len(self.cells)

    @property
    def total_variation(self) -> float:
        """Expected total variation that noise adds to the unmerged cells; above 1 none is left."""
        return len(self.cells) * _HALF_MEAN * self.sigma / self.records

    @property
    def usable(self) -> float:
        """Part of the four cells (or all, where there are fewer) that can be kept; 1 is enough."""
        return self.merged_cells / min(_FEWEST, len(self.cells))


def is_withheld(entity: str, metric: str, label: str | None = None) -> bool:
    """Whether a metric, or a figure of it, is not released whatever the size."""
    return any(
        one in (None, entity) and other in (None, metric, label) for one, other, _ in WITHHELD
    )


def plan(
    grid: Iterable[Cell],
    epsilon: Fraction,
    n_people: int,
    bounds: Bounds = Bounds(),
    delta: Fraction = budget.DELTA,
) -> list[Spend]:
    """Split the budget over the metrics of a grid, before anything is read or spent.

    A histogram of n cells merged to a fixed number of them has an error that grows with
    sqrt(n) * sensitivity / sqrt(rho) / records. Of these, weighted by need, the sum is smallest
    where rho is as their power 2/3; parts are exact millionths. As long as a metric is not
    usable, the furthest from it gets nothing and the others more.

    `grid` is every cell that may be released, with rows or without (those of `WITHHELD` are left
    out); `n_people` is what everybody may know of their number, not an exact count. Raises
    BadInput for a metric without a known sensitivity, a cell twice, a bound below 1.
    """
    if min(bounds.messages, bounds.conversations, bounds.hourly, n_people) < 1:
        raise BadInput("expected at least 1 person, message, conversation and message an hour")
    held: dict[tuple[str, str], list[Cell]] = {}
    for cell in grid:
        if not is_withheld(cell.entity, cell.metric, cell.label):
            held.setdefault((cell.entity, cell.metric), []).append(cell)
    unknown = sorted(".".join(key) for key in held.keys() - _METRICS.keys())
    if unknown:
        raise BadInput(f"expected metrics of known sensitivity, got {', '.join(unknown)}")
    if any(len(set(cells)) < len(cells) for cells in held.values()):
        raise BadInput("expected every cell once: noise drawn twice is averaged")
    spends = [_unspent(key, cells, n_people, bounds) for key, cells in held.items()]
    total = budget.rho_of(epsilon, delta)
    left = _split(spends, total)
    while left and (worst := min(left, key=lambda spend: spend.usable)).usable < 1:
        left = _split([spend for spend in left if spend is not worst], total)
    found = {(spend.entity, spend.metric): spend for spend in left}
    return [found.get((spend.entity, spend.metric), spend) for spend in spends]


def rows(spends: list[Spend]) -> list[dict]:
    """Rows of a plan to show: what each metric costs and is good for, then what is not released.

    Sensitivity and sigma are in rows; `rho` is an exact rational as text; `merged_cells` is how
    many of `n_cells` can be kept. `why` is empty where a metric is released.
    """
    small = "It would not keep four cells at this size and epsilon."
    return [
        {
            "entity": spend.entity,
            "metric": spend.metric,
            "family": spend.family,
            "n_cells": len(spend.cells),
            "sensitivity": math.sqrt(spend.squared),
            "rho": str(spend.rho),
            "sigma": spend.sigma if spend.rho else None,
            "total_variation": min(1.0, spend.total_variation),
            "merged_cells": int(spend.merged_cells),
            "why": "" if spend.rho else small,
        }
        for spend in spends
    ] + [
        {"entity": entity or "all", "metric": metric or "all", "rho": "0", "why": why}
        for entity, metric, why in WITHHELD
    ]


def noise(spends: list[Spend], epsilon: Fraction, delta: Fraction = budget.DELTA) -> list[tuple]:
    """Draw the noise of every cell that a plan releases: rows (entity, ..., bucket_index, noise).

    OpenDP's composition of one discrete Gaussian per metric is applied to counts of zero. Its
    noise is additive and independent of the counts, so adding what it returns to the bounded
    exact counts is the same mechanism applied to these. Every call draws anew, from the system's
    entropy: two releases cost twice. Raises BadInput where the plan releases nothing, or where
    OpenDP's own sum exceeds (epsilon, delta).
    """
    spends = [spend for spend in spends if spend.rho]
    if not spends:
        raise BadInput("nothing is usable at this size", hint="raise epsilon or wait for people")
    measurement = mechanism(spends)
    if measurement.map(1) > budget.rho_of(epsilon, delta):
        raise BadInput("the plan costs more than its epsilon", hint="plan it with this epsilon")
    return [
        (*cell, int(added))
        for spend, row in zip(spends, measurement([]), strict=True)
        for cell, added in zip(spend.cells, row, strict=True)
    ]


def mechanism(spends: list[Spend]) -> "Measurement":
    """Compose the metrics' discrete Gaussians; ``map(1)`` is the rho that one person pays."""
    import opendp.prelude as dp

    dp.enable_features("contrib", "honest-but-curious")
    counts = dp.atom_domain(T="i64")
    database = dp.vector_domain(counts), dp.symmetric_distance()

    def gaussian(spend: Spend) -> "Measurement":
        size, norm = len(spend.cells), math.nextafter(math.sqrt(spend.squared), math.inf)
        histogram = dp.vector_domain(counts, size=size), dp.l2_distance(T="f64")
        counted = dp.t.make_user_transformation(
            *database, *histogram, lambda _: [0] * size, lambda people: people * norm
        )
        return counted >> dp.m.make_gaussian(*histogram, scale=spend.sigma)

    return dp.c.make_composition([gaussian(spend) for spend in spends])


def _split(spends: list[Spend], total: Fraction) -> list[Spend]:
    needed = [
        (spend.weight * math.sqrt(spend.squared * len(spend.cells)) / spend.records) ** (2 / 3)
        for spend in spends
    ]
    free = _PARTS - len(spends)
    return [
        replace(spend, rho=total * Fraction(1 + math.floor(need / sum(needed) * free), _PARTS))
        for spend, need in zip(spends, needed, strict=True)
    ]


def _unspent(key: tuple[str, str], cells: list[Cell], n_people: int, bounds: Bounds) -> Spend:
    family, weight = _METRICS[key]
    # Cells that hold one record: one for each field of a profile, otherwise that of the segment,
    # as segments are disjoint, and that of `all`.
    layers = len({cell.label for cell in cells}) if key[1] == "profile_completeness" else 1
    segments = {cell.segment for cell in cells}
    layers *= 2 if "all" in segments and len(segments) > 1 else 1
    records = n_people * layers * _TYPICAL[family] * (0.1 if key[0] == "attachments" else 1)
    return Spend(*key, family, weight, tuple(cells), bounds.squared(family) * layers, records)
