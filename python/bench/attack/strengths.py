"""The noise of every strength on the same exact cells: none, that of cell keys, that of a budget.

`dp` bounds contributions, plans its budget as the release does (`synth.release.dp`) and draws
normal noise of the planned deviation in place of the discrete.
"""

from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from bench.attack import cells as exact_cells
from bench.attack import release, views, wholes
from bench.attack.cells import Cells
from bench.attack.chats import Chat, Numbers, of_messages
from bench.attack.relations import Family, edges, families
from synth.release import dp

BOUNDS = dp.Bounds()
_HOURS = "hours"
# Metrics of cells that no budget is planned for: they are not released with one.
_UNPLANNED = ("concentration", "heavy_share")


class Strength(NamedTuple):
    """A noise: its name, and the epsilon of one that has a budget."""

    name: str
    epsilon: Fraction | None = None

    @property
    def is_dp(self) -> bool:
        """Whether contributions are bounded and noise is planned."""
        return self.epsilon is not None


OFF, PERTURBED = Strength("off"), Strength("perturbed")
DP = tuple(Strength(f"dp {epsilon}", Fraction(epsilon)) for epsilon in ("4", "1", "0.25"))
STRENGTHS = (OFF, PERTURBED, *DP)


def cells_of(
    chat: Chat, strength: Strength, seed: int = 0, chosen: tuple[Family, ...] = ()
) -> Cells:
    """Exact cells; under a budget those of bounded contributions.

    Parameters
    ----------
    chat
    strength
    seed
        Of which contributions are kept: a person's own, whoever else is there.
    chosen
        Families; default all.
    """
    if not strength.is_dp:
        return exact_cells.exact(wholes.wholes(chat), chosen or None)
    by_room = _of_rooms(chat, seed)
    by_message = _of_messages(by_room, seed)
    by_hour = _hourly(by_message, seed)
    found = wholes.wholes(by_message)
    found["conversations"] = wholes.wholes(by_room)["conversations"]
    found["users"] = wholes.wholes(chat)["users"]
    found[_HOURS] = wholes.wholes(by_hour)["messages"]
    return exact_cells.exact(
        found,
        [
            f._replace(whole=_HOURS) if f.metric == "hour_of_week" else f
            for f in chosen or families()
        ],
    )


def noisy(cells: Cells, strength: Strength, rng: np.random.Generator) -> Numbers:
    """Rows of cells with the noise of a strength that has no budget, shape (n,)."""
    if strength == OFF:
        return cells.n_rows.astype(float)
    return cells.n_rows + release.noise(cells.n_rows, key_draws(cells, rng.bytes(32)))


def key_draws(cells: Cells, secret: bytes) -> Numbers:
    """Draws of the cells' keys under a secret."""
    return release.draws(cells.keys.tolist(), secret, "window")


def sigmas(several: tuple[Family, ...], strength: Strength, n_people: int) -> Numbers:
    """Deviation of the noise of every family's cells as planned; infinite: not released."""
    planned = {
        (spend.entity, spend.metric): spend.sigma for spend in spends(several, strength, n_people)
    }
    return np.array([planned.get((f.entity, f.metric), np.inf) for f in several])


def spends(several: tuple[Family, ...], strength: Strength, n_people: int) -> list[dp.Spend]:
    """The plan of a budget over the metrics of families."""
    grid = (cell for family in several for cell in _grid(family))
    return dp.plan(grid, strength.epsilon, n_people, BOUNDS)


def sigma_at(several: list[Cells], strength: Strength, of: views.Places, n_people: int) -> Numbers:
    """Deviation at places that several chats have: 0 without a budget, infinite if not released."""
    found = np.zeros(of.identity.size)
    for one in several if strength.is_dp else ():
        found = np.maximum(
            found, views.at_places(one, sigmas(one.families, strength, n_people)[one.family], of)
        )
    return found


def _grid(family: Family):
    """Cells of the public grid of a family: its segments, by its buckets or labels."""
    sizes = [len(edges(grid)) - 1 for _, grid in family.axes]
    segments = range(int(np.prod(sizes[:-1]))) if sizes else [0]
    is_joint = len(family.axes) > 1
    is_planned = family.entity and family.metric not in _UNPLANNED
    for segment in segments if is_planned else ():
        for bucket in range(sizes[-1]) if sizes else [None]:
            name = f"{family.is_by_type} {segment}" if is_joint else "all"
            yield dp.Cell(family.entity, family.metric, name, _label(family), bucket)


def _label(family: Family) -> str | None:
    if family.label or family.axes:
        return family.label or None
    return " ".join(f"{axis} {low:g}" for axis, (low, _) in family.within.items()) or None


def _of_rooms(chat: Chat, seed: int) -> Chat:
    """Messages and memberships of everybody in so many conversations only, by a hash."""
    pair = chat.sender.astype(np.int64) * chat.n_conversations + chat.conversation
    belongs = chat.members[:, 1].astype(np.int64) * chat.n_conversations + chat.members[:, 0]
    pairs = np.unique(np.r_[pair, belongs])
    rank = _rank_within(pairs // chat.n_conversations, pairs, seed)
    kept = pairs[rank < BOUNDS.conversations]
    found = of_messages(chat, np.isin(pair, kept))
    return replace(found, members=chat.members[np.isin(belongs, kept)])


def _of_messages(chat: Chat, seed: int) -> Chat:
    identity = chat.at.astype(np.int64) * 1009 + chat.length
    return of_messages(chat, _rank_within(chat.sender, identity, seed) < BOUNDS.messages)


def _hourly(chat: Chat, seed: int) -> Chat:
    hour = ((chat.at - wholes.MONDAY) % wholes.WEEK // 3600).astype(np.int64)
    identity = chat.at.astype(np.int64) * 1009 + chat.length
    return of_messages(chat, _rank_within(chat.sender * 168 + hour, identity, seed) < BOUNDS.hourly)


def _rank_within(group: Numbers, identity: Numbers, seed: int) -> Numbers:
    """Rank of every row within its group by a hash of its identity, from 0."""
    order = np.lexsort((exact_cells.mixed(identity + seed), group))
    starts = np.r_[True, np.diff(group[order]) != 0][: group.size]
    first = np.flatnonzero(starts)[np.cumsum(starts) - 1]
    rank = np.empty(group.size, int)
    rank[order] = np.arange(group.size) - first
    return rank
