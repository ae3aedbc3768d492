"""Tempo of conversations: a conversation's tempo is the geometric mean of its gaps.

So the mean logarithm of the gaps of a tempo class lies within the class, which a thin gap
histogram with wide buckets may not know.
"""

import math

from synth.calibrate import sources


def classes(pack, span):
    """Evidence of the tempo by size.

    Parameters
    ----------
    pack : synth.pack.model.Pack
    span : float, seconds
        Length of the window: no tempo is slower.

    Returns
    -------
    dict
        Segment ``size_<lower>_<upper>`` to evidence.
    """
    return sources.joint(pack, "conversations", "tempo_by_size", marginal="tempo", top=span)


def log_ranges(pack):
    """Range of the mean logarithm of the gaps of every tempo class.

    Parameters
    ----------
    pack : synth.pack.model.Pack

    Returns
    -------
    dict
        Segment ``size_<a>_<b>.tempo_<c>_<d>`` to ``(ln(c), ln(d))``.
    """
    found = {}
    for segment in pack.segments("messages", "activity_gap"):
        _, _, tempo = segment.partition(".tempo_")
        if tempo:
            low, high = (max(float(part), 1.0) for part in tempo.split("_"))
            found[segment] = (math.log(low), math.log(high))
    return found
