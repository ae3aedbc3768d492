"""What follows from several parts of a spec together, beside what the pack says of it."""

from synth.spec import compile as tables
from synth.spec import turn, what_if

HEAVY_FROM = 10_000
_TOPS = {"top_1": 0.01, "top_2": 0.02, "top_5": 0.05, "top_10": 0.10}
# Memberships counted by room and by user may differ by what suppression hides.
_TOLERANCE = 0.05


def figures(pack, spec):
    """Concentration and memberships.

    Parameters
    ----------
    pack : synth.pack.model.Pack
    spec : synth.spec.model.Spec

    Returns
    -------
    dict
        Name to ``(pack, spec)``; the pack's is None where it does not say.
    """
    quantities, weights = what_if.sizes(spec)
    published = pack.labelled("conversations", "concentration")
    found = {
        f"share of messages in the top {100 * share:g} % of conversations": (
            published.get(label),
            float(turn.share_of_top(quantities, weights, share)[0]),
        )
        for label, share in _TOPS.items()
    }
    heavy = sum(
        weight * float(quantity.fitted.sf([HEAVY_FROM])[0])
        for quantity, weight in zip(quantities, weights, strict=True)
    ) / sum(weights)
    found[f"share of conversations with {HEAVY_FROM:,} messages"] = (
        pack.scalar("conversations", "heavy_share"),
        heavy,
    )
    by_room, by_user = memberships(spec)
    found["members per conversation, mean"] = (None, by_room / spec.totals.conversations)
    found["memberships by user over those by room"] = (None, by_user / by_room)
    return found


def memberships(spec):
    """Memberships, counted by conversation and by user.

    Parameters
    ----------
    spec : synth.spec.model.Spec

    Returns
    -------
    by_room, by_user : float
    """
    chats, totals = spec.conversations, spec.totals
    default = chats.members.get("all") or next(iter(chats.members.values()))
    by_room = totals.conversations * sum(
        share * _mean(chats.members.get(kind, default)) for kind, share in chats.type.shares.items()
    )
    attached = totals.users * (1.0 - spec.users.unattached_share)
    return by_room, attached * _mean(spec.users.conversations_per_user)


def note(spec, ledger):
    """Say so where conversations and users count different memberships.

    Parameters
    ----------
    spec : synth.spec.model.Spec
    ledger : synth.calibrate.ledger.Ledger
    """
    by_room, by_user = memberships(spec)
    if abs(by_user / by_room - 1) > _TOLERANCE:
        ledger.notes.append(
            f"users.conversations_per_user: {by_user:,.0f} memberships by user, {by_room:,.0f} by "
            "conversation; the conversations' number is generated, in the users' proportions"
        )


def _mean(quantity):
    return tables.table_mean(*tables.quantile_table(quantity), discrete=quantity.discrete)
