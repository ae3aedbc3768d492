"""What packs of windows that are shifted by a day give away together.

Cells whose records lie in every window (those of a day that all windows hold, of people whatever
the window) are the same in each; where the window is part of what noise belongs to, the noise is
not, and the mean of the packs has less of it.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy import stats

from bench.attack import cells, release, wholes
from bench.attack.cells import Cells
from bench.attack.chats import DAY, Chat

PACKS = 30
LIMIT = 6


class Result(NamedTuple):
    """What the mean of several packs says of cells that all of them hold.

    Attributes
    ----------
    keyed_by, n_packs
        What the noise belongs to; packs over one day.
    sd
        Of the mean around the true rows.
    auc
        Of telling a cell from the same with one row more, from the mean alone.
    n_cells
    """

    keyed_by: str
    n_packs: int
    sd: float
    auc: float
    n_cells: int


def attack(
    chat: Chat, *, packs: int = PACKS, limit: int = LIMIT, seed: int = 0
) -> Iterator[Result]:
    """Results without and with the ledger's limit, with noise by window and by records alone.

    Parameters
    ----------
    chat
    packs
        Windows, each a day later than the one before.
    limit
        Packs that the ledger lets overlap on any one day.
    seed
        Of the secret.
    """
    secret = np.random.default_rng(seed).bytes(32)
    # The day in the middle is in every window of as many days as there are packs.
    day = _day_of(chat)
    for keyed_by in ("window and records", "records"):
        for n_packs in (1, limit, packs):
            windows = [f"{n}" if keyed_by.startswith("window") else "" for n in range(n_packs)]
            mean = np.mean(
                [
                    release.noise(day.n_rows, release.draws(day.keys.tolist(), secret, w))
                    for w in windows
                ],
                axis=0,
            )
            # Not in the cells' own variance alone: that of a mean over equal draws is as it is.
            sd = float(np.sqrt(np.mean(mean**2)))
            yield Result(
                keyed_by, n_packs, sd, float(stats.norm.cdf(1 / sd / np.sqrt(2))), mean.size
            )


def _day_of(chat: Chat) -> Cells:
    """Cells of what was written on the busiest day, as a figure of rare records would hold it."""
    days = (chat.at // DAY).astype(int)
    busiest = np.bincount(days - days.min()).argmax() + days.min()
    found = wholes.wholes(chat)
    of_day = np.flatnonzero(
        days[np.lexsort((np.arange(days.size), chat.at, chat.conversation))] == busiest
    )
    messages = found["messages"]
    keep = np.zeros(messages.n_records, bool)
    keep[of_day] = True
    number = np.cumsum(keep) - 1
    inside = keep[messages.records]
    day = wholes.Whole(
        {axis: values[keep] for axis, values in messages.axes.items()},
        number[messages.records[inside]],
        messages.owners[inside],
    )
    return cells.exact({"messages": day})
