"""Whether conversations of the spec's sizes can hold the number of messages that was asked for.

Sizes are drawn and then spread to the exact total, so any total comes out; far from what was
drawn it would come out of conversations that the spec does not know.
"""

import math
from dataclasses import dataclass

from synth.errors import BadInput
from synth.spec.compile import quantile_table

# A total may lie this far beyond what the conversations hold together.
TOLERANCE = 0.03
# Numbers of conversations tried beside the one that the spec asks for: rounding moves it by one,
# splitting it by type by a few.
MOST_STEPS = 64


@dataclass(frozen=True)
class Span:
    """Messages that some conversations hold together.

    Attributes
    ----------
    n_conversations : int
    least, most : int
        All of them as small, or as large, as the spec knows them.
    """

    n_conversations: int
    least: int
    most: int

    def holds(self, n_messages):
        """Whether a total lies inside, give or take `TOLERANCE`."""
        return not self.is_below(n_messages) and not self.is_above(n_messages)

    def is_below(self, n_messages):
        """Whether these conversations are too few, or too small."""
        return n_messages > self.most * (1 + TOLERANCE)

    def is_above(self, n_messages):
        """Whether these conversations are too many, or too large."""
        return n_messages < self.least * (1 - TOLERANCE)


def ends(size):
    """Smallest and largest size that a distribution of sizes can draw.

    Parameters
    ----------
    size : synth.spec.model.Quantity

    Returns
    -------
    (int, int)
        Of the quantile table, which ends where an unbounded tail is cut; at least 1.
    """
    _, x = quantile_table(size)
    smallest = max(1, math.floor(x[0]))
    # The last knot is excluded, and what is drawn is floored.
    return smallest, max(smallest, math.ceil(x[-1]) - 1)


def conversations(n_messages, n_wanted, sizes, split, *, strict=True):
    """Find how many conversations hold a number of messages.

    Parameters
    ----------
    n_messages : int
    n_wanted : int
        Conversations that the spec asks for, at least 1.
    sizes : sequence of synth.spec.model.Quantity
        Distribution of sizes, by type.
    split : callable
        From a number of conversations to the number of each type.
    strict : bool
        Without, `n_wanted` is given back where no number would do.

    Returns
    -------
    int
        `n_wanted` if those can hold the messages, else the nearest number that can.

    Raises
    ------
    BadInput
        None can.
    """
    reach = [ends(size) for size in sizes]

    def span(n):
        counts = split(n)
        return Span(
            n,
            sum(count * least for count, (least, _) in zip(counts, reach, strict=True)),
            sum(count * most for count, (_, most) in zip(counts, reach, strict=True)),
        )

    wanted = tried = span(n_wanted)
    below = above = None
    for _ in range(MOST_STEPS):
        if tried.holds(n_messages):
            return tried.n_conversations
        if tried.is_below(n_messages):
            below, n_next = tried, tried.n_conversations + 1
        else:
            above, n_next = tried, tried.n_conversations - 1
        # Between two neighbours, one too small and one too large, there is nothing.
        if (below and above) or n_next < 1:
            break
        tried = span(n_next)
    if not strict:
        return n_wanted
    raise _refusal(n_messages, wanted, below, above)


def _refusal(n_messages, wanted, below, above):
    noun = "conversation" if wanted.n_conversations == 1 else "conversations"
    bounds = f"{wanted.least:,}" + (f" to {wanted.most:,}" if wanted.most > wanted.least else "")
    near = []
    if above:
        # The steps have come to the place where it would do.
        near = [f"{n:,}" for n in (below and below.most, above.least) if n]
    return BadInput(
        f"expected {bounds} messages in {wanted.n_conversations:,} {noun} of the spec's sizes, "
        f"got {n_messages:,}",
        hint=(f"ask for {' or '.join(near)} messages, or " if near else "")
        + "change conversations.messages of the spec",
        n_messages=n_messages,
        least=wanted.least,
        most=wanted.most,
    )
