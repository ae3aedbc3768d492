"""Chats to try the attacks on: drawn ones of many forms, and real ones where there are any."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bench.attack import chats
from bench.attack.chats import Chat

REAL = ("slack_devchat", "zulip_2018_2020", "collegemsg", "discord_groups")
# Seeds, and people and mean messages of each.
_FORMS = (
    *((seed, n, each) for seed, n in enumerate((60, 100, 200, 400)) for each in (5, 20, 60)),
    *((seed, n, 30.0) for seed, n in enumerate((80, 150, 300, 500, 700, 800, 1000, 1200), 20)),
)


def drawn(n_chats: int = len(_FORMS)) -> Iterator[tuple[str, Chat]]:
    """Simulated chats of 60 to 1,200 people, with a name each."""
    for seed, n_people, each in _FORMS[:n_chats]:
        rng = np.random.default_rng([seed, n_people, int(each)])
        yield f"{n_people} people, {each:.0f} messages each", chats.simulated(rng, n_people, each)


def real() -> Iterator[tuple[str, Chat]]:
    """The real sets of `PRODSHAPE_REAL_DATA` or `../shared/real`, where they are."""
    place = Path(os.environ.get("PRODSHAPE_REAL_DATA") or "../shared/real")
    for name in REAL:
        if (place / name).is_dir():
            yield name, chats.from_folder(place / name)
