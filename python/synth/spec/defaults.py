"""Build the spec that ships: ``python -m synth.spec.defaults``.

The figures are those of docs/decisions/0004-default-spec.md. What only a joint distribution
can say (who writes how much, when a conversation pauses) comes from a small simulation with a
fixed seed, binned like a pack and stored as knots.
"""

import itertools

import numpy as np

from synth.fit import empirical
from synth.fit.distribution import LARGEST
from synth.spec import compile as tables
from synth.spec import model
from synth.spec.model import Categorical, Quantity

SEED = 20260104
WINDOW = model.Window(days=90, end="2026-01-04")
HEAVY_SHARE, HEAVY_FROM, HEAVY_ALPHA, LARGEST_ROOM = 0.02, 850, 2.7, 50_000
MESSAGES = 5_000_000
EMPTY_SHARE = 0.05
UNATTACHED_SHARE = 0.08
CONVERSATIONS_PER_USER = 12.0
TYPES = {"DIRECT_MESSAGE": 0.68, "GROUP_CHAT": 0.27, "CHANNEL": 0.05}
SIZE_EDGES = (1, 2, 3, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16384, np.inf)
SENDER_EDGES = (1, 2, 3, 4, 5, 9, 17, 33, np.inf)
TEMPO_EDGES = (0, *np.logspace(0, 6, 13), np.inf)
GAP_EDGES = (0, *np.logspace(0, 7, 57), 1e9)
SIMULATED = 60_000
# A cell of the simulation below this is too thin to shape a curve; a look-up takes the next.
SUPPORT = 150


def build():
    """Make the default spec.

    Returns
    -------
    synth.spec.model.Spec
    """
    rng = np.random.default_rng(SEED)
    messages, members = _messages(), _members()
    size, people = _conversations(rng, messages, members)
    senders, dominance = _senders(rng, size, people)
    tempo, gaps = _rhythm(rng, size)
    mean_size = _mean(messages)
    conversations = MESSAGES / mean_size / (1 - EMPTY_SHARE)
    memberships = conversations * sum(share * _mean(members[kind]) for kind, share in TYPES.items())
    per_user = _log_normal_of_mean(CONVERSATIONS_PER_USER, 1.1, upper=2000)
    return model.Spec(
        created_at=f"{WINDOW.end}T00:00:00Z",
        source=model.Source(),
        window=WINDOW,
        totals=model.Totals(
            messages=MESSAGES,
            conversations=round(conversations),
            users=round(memberships / _mean(per_user) / (1 - UNATTACHED_SHARE)),
            empty_conversation_share=EMPTY_SHARE,
        ),
        users=model.Users(
            username_length=_counted("normal", {"mu": 9.5, "sigma": 3.0}, 3, 31),
            device_mix=_mix(ios=0.34, android=0.33, web=0.22, desktop=0.11),
            profile_completeness={"avatar": 0.65, "bio": 0.3, "phone": 0.55, "display_name": 0.9},
            conversations_per_user=per_user,
            unattached_share=UNATTACHED_SHARE,
            silent_share=0.2,
        ),
        conversations=model.Conversations(
            type=_mix(**TYPES),
            messages={"all": messages},
            members=members,
            senders=senders,
            dominance=dominance,
            tempo=tempo,
            start_position=Quantity("empirical", {"x": [0, 1], "cdf": [0, 1]}),
        ),
        messages=model.Messages(
            type=_mix(TEXT=0.84, IMAGE=0.1072, FILE=0.0208, AUDIO=0.0096, VIDEO=0.0224),
            content_length={
                "all": _counted("log_normal", {"mu": 4.5, "sigma": 1.2}, 1, 1030),
            },
            activity_gap=gaps,
            weekly_profile=tuple(weekly_profile().tolist()),
            activity_exponent=1.0,
        ),
        read_receipts=model.ReadReceipts(
            read_rate=0.82,
            per_message=_counted("geometric", {"p": 0.98}, 1, 500),
            delay_seconds=_delays(),
        ),
        attachments=model.Attachments(
            per_media_message=Quantity(
                "empirical",
                {"x": [0, 1, 2, 3, 5, 11], "cdf": [0, 0.12, 0.97, 0.99, 0.998, 1]},
                discrete=True,
            ),
            type=_mix(image=0.67, video=0.14, document=0.13, audio=0.06),
            size_bytes=_counted(
                "log_normal", {"mu": float(np.log(350_000)), "sigma": 1.8}, 100, 1_000_000_000
            ),
        ),
    )


def _counted(family, parameters, lower, upper):
    return Quantity(family, parameters, lower=lower, upper=upper, discrete=True)


def _mix(**shares):
    return Categorical(tuple(shares), tuple(shares.values()))


def _mean(quantity):
    return tables.table_mean(*tables.quantile_table(quantity), discrete=quantity.discrete)


def _draw(rng, quantity, n):
    table = tables.quantile_table(quantity)
    return tables.sample(table, rng.random(n), discrete=quantity.discrete)


def _log_normal_of_mean(mean, sigma, *, upper):
    from scipy.optimize import brentq

    def made(mu):
        return _counted("log_normal", {"mu": round(mu, 4), "sigma": sigma}, 1, upper)

    mu = brentq(lambda mu: _mean(made(mu)) - mean, -2.0, np.log(mean) + 1, xtol=1e-4)
    return made(mu)


def _messages():
    body = {"distribution": "log_normal", "parameters": {"mu": 2.35, "sigma": 2.5}}
    tail = {"distribution": "power_law", "parameters": {"alpha": HEAVY_ALPHA}}
    return Quantity(
        "mixture",
        {
            "components": [
                {**body, "upper": HEAVY_FROM},
                {**tail, "lower": HEAVY_FROM, "upper": LARGEST_ROOM},
            ],
            "weights": [1 - HEAVY_SHARE, HEAVY_SHARE],
        },
        lower=1,
        upper=LARGEST_ROOM,
        discrete=True,
    )


def _members():
    groups = _counted("log_normal", {"mu": 1.7, "sigma": 0.6}, 3, 21)
    channels = _counted("log_normal", {"mu": 4.0, "sigma": 0.8}, 21, 2000)
    pair = Quantity("empirical", {"x": [2, 3], "cdf": [0, 1]}, discrete=True)
    everything = Quantity(
        "mixture",
        {
            "components": [
                {"distribution": "geometric", "parameters": {"p": 0.5}, "lower": 2, "upper": 3},
                {**_plain(groups)},
                {**_plain(channels)},
            ],
            "weights": list(TYPES.values()),
        },
        lower=2,
        upper=2000,
        discrete=True,
    )
    return {
        "all": everything,
        "DIRECT_MESSAGE": pair,
        "GROUP_CHAT": groups,
        "CHANNEL": channels,
    }


def _plain(quantity):
    return {
        "distribution": quantity.distribution,
        "parameters": quantity.parameters,
        "lower": quantity.lower,
        "upper": quantity.upper,
    }


def _conversations(rng, messages, members):
    """Sizes by type, with more heavy rooms than chance has, so that every class has support."""
    size, people = {}, {}
    for kind in TYPES:
        even = _draw(rng, messages, SIMULATED)
        # Tail classes would be empty at this sample size; classes are conditional, so
        # drawing them more often changes no table.
        tail = np.exp(rng.uniform(np.log(100), np.log(LARGEST_ROOM), SIMULATED // 4))
        size[kind] = np.concatenate((even, np.floor(tail)))
        people[kind] = _draw(rng, members[kind], size[kind].size)
    return size, people


def _senders(rng, size, people):
    """Distinct senders and the busiest one's share: members write in gamma-uneven amounts."""
    senders, everything, dominance = {}, {}, {}
    for kind in TYPES:
        n_messages, n_members = size[kind].astype(int), people[kind].astype(int)
        counts, busiest = np.empty(n_messages.size), np.empty(n_messages.size)
        for row in range(n_messages.size):
            weight = rng.gamma(0.6, size=min(n_members[row], 400)) + 1e-6
            written = rng.multinomial(n_messages[row], weight / weight.sum())
            counts[row] = np.count_nonzero(written)
            busiest[row] = written.max() / n_messages[row]
        senders.update(_by_size(f"{kind}.", n_messages, counts, _count_edges(counts)))
        everything[kind] = (n_messages, counts, busiest, np.arange(counts.size) < SIMULATED)
    # Classes over all types weigh each type by its share.
    take = {kind: rng.random(size[kind].size) < share / 0.68 for kind, share in TYPES.items()}
    n_messages, counts, busiest, typical = (
        np.concatenate([everything[kind][part][take[kind]] for kind in TYPES]) for part in range(4)
    )
    senders = {
        "all": _knots(counts[typical], _count_edges(counts[typical]), discrete=True),
        **senders,
    }
    share_edges = np.append(np.linspace(0, 1, 21), 1.05)
    for low, high in itertools.pairwise(SIZE_EDGES):
        for few, many in itertools.pairwise(SENDER_EDGES):
            inside = (n_messages >= low) & (n_messages < high)
            inside &= (counts >= few) & (counts < many)
            if np.count_nonzero(inside) >= SUPPORT:
                key = f"size_{low:.6g}_{high:.6g}.senders_{few:.6g}_{many:.6g}"
                # Exactly 1 sits in the last bucket, which would otherwise spread over 1.05.
                dominance[key] = _knots(busiest[inside], share_edges, top=1.0)
    return senders, {"all": _knots(busiest[typical], share_edges, top=1.0), **dominance}


def _count_edges(values):
    top = int(values.max()) + 1
    exact = np.arange(1, min(18, top) + 1)
    if top <= 18:
        return exact
    return np.unique(
        np.concatenate((exact, np.round(np.logspace(np.log10(18), np.log10(top), 16))))
    )


def _by_size(prefix, n_messages, values, edges):
    found = {}
    for low, high in itertools.pairwise(SIZE_EDGES):
        inside = (n_messages >= low) & (n_messages < high)
        if np.count_nonzero(inside) >= SUPPORT:
            key = f"{prefix}size_{low:.6g}_{high:.6g}"
            found[key] = _knots(values[inside], edges, discrete=True)
    return found


def _rhythm(rng, size):
    """Tempo by size, and gaps by tempo and size.

    A conversation alternates quick exchanges (log-normal about 35 s) and pauses (log-normal,
    spread over a lifetime that grows with its size), which gives the median gap of seconds to
    minutes and the 90th percentile of a quarter of an hour to days that real chats show.
    """
    n_messages = np.concatenate([size[kind] for kind in TYPES]).astype(int)
    typical = np.concatenate([np.arange(size[kind].size) < SIMULATED for kind in TYPES])
    drawn = rng.choice(np.flatnonzero(n_messages >= 2), SIMULATED // 2)
    n_messages, typical = n_messages[drawn], typical[drawn]
    span = WINDOW.days * 86400.0
    tempo = np.empty(n_messages.size)
    cells, everything = {}, np.zeros(len(GAP_EDGES) - 1)
    for row, n in enumerate(n_messages):
        gap = _one_rhythm(rng, n, span)
        tempo[row] = np.exp(np.mean(np.log(np.maximum(gap, 1.0))))
        class_ = (
            int(np.searchsorted(SIZE_EDGES, n, side="right")) - 1,
            int(np.searchsorted(TEMPO_EDGES, tempo[row], side="right")) - 1,
        )
        # A conversation weighs like its gaps, sampled ones scaled up.
        counts = np.histogram(gap, GAP_EDGES)[0] * ((n - 1) / gap.size)
        total, number = cells.get(class_, (0.0, 0))
        cells[class_] = (total + counts, number + 1)
        everything += counts * typical[row]
    tempos = {"all": _knots(tempo[typical], TEMPO_EDGES, top=1e7)}
    for low, high in itertools.pairwise(SIZE_EDGES[1:]):
        inside = (n_messages >= low) & (n_messages < high)
        tempos[f"size_{low:.6g}_{high:.6g}"] = _knots(tempo[inside], TEMPO_EDGES, top=1e7)
    gaps = {"all": _stored(*empirical.from_histogram(GAP_EDGES, everything))}
    for (place, step), (counts, number) in sorted(cells.items()):
        if number >= SUPPORT // 5:
            key = (
                f"size_{SIZE_EDGES[place]:.6g}_{SIZE_EDGES[place + 1]:.6g}"
                f".tempo_{TEMPO_EDGES[step]:.6g}_{TEMPO_EDGES[step + 1]:.6g}"
            )
            gaps[key] = _stored(*empirical.from_histogram(GAP_EDGES, counts))
    return tempos, gaps


def _one_rhythm(rng, n, span):
    n_gaps = min(n - 1, 400)
    lifetime = span * min(1.0, rng.beta(0.35, 1.6) + rng.beta(2, 3) * np.log1p(n) / 11)
    quick = np.exp(rng.normal(3.55 + rng.normal(0, 0.5), 1.15, n_gaps))
    pausing = rng.beta(1.8, 6.0)
    pauses = rng.random(n_gaps) < pausing
    stretch = np.exp(rng.normal(0, 1.7, n_gaps))
    expected = max(pausing * (n - 1), 1.0)
    pause = 600 + lifetime / expected * stretch / np.exp(1.7**2 / 2)
    gap = np.where(pauses, pause, quick)
    # Gaps of one conversation fit in its window.
    return gap * min(1.0, 0.95 * span / max(gap.sum() * (n - 1) / n_gaps, 1.0))


def _knots(values, edges, *, discrete=False, top=LARGEST):
    edges = np.asarray(edges, dtype=float)
    counts, _ = np.histogram(values, edges)
    x, cdf = empirical.from_histogram(edges, counts)
    return _stored(np.minimum(x, top), cdf, discrete=discrete)


def _stored(x, cdf, *, discrete=False):
    parameters = {
        "x": [model.rounded(value, 6) for value in x.tolist()],
        "cdf": [model.rounded(value, 6) for value in cdf.tolist()],
    }
    return Quantity("empirical", parameters, discrete=discrete)


def weekly_profile():
    """168 rates of mean 1: peaks at 9-12 and 18-21 h, peak over trough 2.5, weekdays 1.4 times.

    Returns
    -------
    ndarray, shape (168,)
    """
    hour = np.arange(24) + 0.5
    day = np.exp(-(((hour - 10.5) / 2.4) ** 2)) + 0.95 * np.exp(-(((hour - 19.5) / 2.4) ** 2))
    day += 0.45 * np.exp(-(((hour - 15.0) / 3.0) ** 2))
    day = 1 + 1.5 * (day - day.min()) / (day.max() - day.min())
    week = np.repeat(np.where(np.arange(7) < 5, 1.4, 1.0), 24) * np.tile(day, 7)
    return week / week.mean()


def _delays():
    """Read delays through p50 35 s, p75 245 s, p90 3420 s, p95 21600 s."""
    cdf = [0, 0.02, 0.2, 0.5, 0.75, 0.9, 0.95, 0.99, 1]
    x = [0, 1, 8, 35, 245, 3420, 21600, 259_200, 2_592_000]
    # Log-linear between the figures: in seconds itself a segment of three decades would put
    # nearly everything at its far end.
    fine = np.unique(np.concatenate((np.linspace(0, 1, 101), cdf)))
    at = np.exp(np.interp(fine, cdf[1:], np.log(x[1:])))
    at[fine < 0.02] = fine[fine < 0.02] / 0.02
    return _stored(at, fine)


if __name__ == "__main__":
    model.save(build(), model.DEFAULT_PATH)
