"""The red team's cells and noise are those of the project's SQL."""

import numpy as np
import pack_populations
import pytest

from bench.attack import cells, chats, release, stored, wholes
from synth import db

# Cells that are only figures' in between, or counted by what the red team does not have.
UNLOOKED = {"gap_succession", "minute_size", "receipts_per_message"}


def _differing(exact, found):
    mine = {
        name: int(n_rows)
        for name, n_rows, family in zip(
            stored.names(exact), exact.n_rows, exact.family, strict=True
        )
        if exact.families[family].entity and name[1] not in UNLOOKED
    }
    there = {name: one.n_rows for name, one in found.items() if name[1] not in UNLOOKED}
    return {name for name in mine.keys() | there.keys() if mine.get(name) != there.get(name)}


@pytest.mark.slow
def test_cells_and_noise_are_those_of_the_models(published, databases):
    tables = pack_populations.one_line_each(1, n_files_of_texts=3)
    published(tables)
    exact = cells.exact(wholes.wholes(chats.from_tables(tables)))
    with db.connect(databases.prod) as connection:
        found = stored.read(connection)
        secret, window = stored.secret(connection)
    exact = stored.in_classes(exact, (name[:3] for name in found))
    assert _differing(exact, found) == set()

    # Tables without a margin are as they were drawn.
    alone = {"username_length", "device_mix", "profile_completeness"}
    chosen = [one for name, one in found.items() if name[1] in alone]
    assert len(chosen) > 5
    draws = release.draws([one.key for one in chosen], secret, window)
    n_rows = np.array([one.n_rows for one in chosen])
    released = np.array([one.rows_released for one in chosen])
    assert np.array_equal(released, n_rows + release.noise(n_rows, draws))
