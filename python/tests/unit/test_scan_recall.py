"""How much of what is planted the scanner finds, and that it finds nothing where nothing is.

``scripts/bench scan`` runs this with 20,000 planted items.
"""

import json
import os
from collections import Counter

import pack_rows
import planted
import pytest

from synth import scan
from synth.pack import writer

N_PLANTED = int(os.environ.get("SCAN_PLANTED", "3000"))
N_CLEAN = int(os.environ.get("SCAN_CLEAN", "1000"))
RECALL = 0.995
RECALL_OF_KIND = 0.98


@pytest.fixture(scope="module")
def small_pack():
    """A clean pack with few metrics: only what is planted in it matters."""
    document = json.loads(writer.dumps(writer.document(pack_rows.make(1), pack_rows.META)))
    kept = {"total_count", "type_distribution", "content_length_histogram", "device_mix"}
    for section in ("users", "conversations", "messages", "read_receipts", "attachments"):
        document[section] = {key: one for key, one in document[section].items() if key in kept}
    return document


def test_planted_items_are_found(small_pack):
    planter = planted.Planter(small_pack, 20261123)
    made, missed, shown = Counter(), Counter(), []
    for _ in range(N_PLANTED):
        kind, how, text, document = planter.plant()
        found = scan.scan(document).findings
        made[kind] += 1
        if kind not in {finding.kind for finding in found}:
            missed[kind] += 1
            shown.append((kind, how))
        assert len(text) < 5 or text not in str(found)
    recall = {kind: 1 - missed[kind] / n for kind, n in made.items()}
    total = 1 - sum(missed.values()) / N_PLANTED
    print(f"\n{total:.4%} of {N_PLANTED:,} planted items found")
    for kind, share in sorted(recall.items(), key=lambda one: one[1]):
        print(f"  {kind:14s} {share:8.2%} of {made[kind]}")
    assert total >= RECALL, shown
    assert min(recall.values()) >= RECALL_OF_KIND, shown
    assert len(made) >= 17


def test_clean_packs_are_clean():
    n_numbers = 0
    for seed in range(N_CLEAN):
        result = scan.scan(planted.clean(seed))
        assert result.findings == (), seed
        n_numbers += result.n_numbers
    assert n_numbers > 100 * N_CLEAN
    print(f"\nno finding in {N_CLEAN:,} clean packs, {n_numbers:,} numbers")
