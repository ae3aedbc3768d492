"""What the disk estimate takes from a sample of the plan."""

from bisect import bisect_right

import pytest

from synth.generate import disk, plan, reference
from synth.generate.options import Options
from synth.spec import model


@pytest.mark.parametrize("n_messages", [1, 20_000])
def test_rows_of_the_timeline_are_counted_in_the_sample(n_messages):
    spec = model.load_default()
    planned = plan.build(spec, n_messages, 0)
    drawn = reference.sample(planned)
    edges = planned.parameters["slice_edges"]
    stretches = {
        (room, bisect_right(edges, sent_ms))
        for room, sent_ms in zip(drawn.conversation.tolist(), drawn.sent_ms.tolist(), strict=True)
    }
    found = disk.estimate(spec, planned, Options(), 2, 512)
    rest = found.rows["conversation_users"] * 180 + planned.n_conversations * 550
    assert found.bytes["work"] - rest == 16 * n_messages + 82 * len(stretches)
