"""What metrics count, and the relations between their cells that follow."""

import numpy as np
import pytest

from bench.attack import cells, chats, relations, release, targets, ties, wholes
from synth import catalogue


@pytest.fixture(scope="module")
def chat():
    return chats.simulated(np.random.default_rng(5), 150, 20)


@pytest.fixture(scope="module")
def exact(chat):
    return cells.exact(wholes.wholes(chat))


def test_every_metric_says_what_it_counts(monkeypatch):
    assert relations.undeclared() == []
    added = catalogue.Metric("messages", "reactions", "bucket", "none", "rows", "r", "histogram")
    known = catalogue.metrics()
    monkeypatch.setattr(catalogue, "metrics", lambda: (*known, added))
    assert relations.undeclared() == [("messages", "reactions", "bucket")]


def test_quantities_are_those_of_the_records(chat):
    found = wholes.wholes(chat)
    for family in (*relations.families(), *relations.unpublished()):
        axes = {axis for axis, _ in family.axes} | family.within.keys()
        assert axes <= found[family.whole].axes.keys(), family
    for rule in relations.implications():
        assert {rule.axis, rule.other} <= found[rule.whole].axes.keys(), rule


def test_relations_hold_in_every_chat(exact):
    for seed in (1, 2):
        other = chats.simulated(np.random.default_rng(seed), 40 * seed, 15)
        found = cells.exact(wholes.wholes(other))
        relation = ties.equalities(found)
        assert relation.shape[0] > 200
        assert np.abs(relation @ found.n_rows).max() == 0
    # A row more in any cell of a histogram breaks some.
    relation = ties.equalities(exact)
    assert (np.abs(relation).sum(axis=0) > 0).mean() > 0.9


def test_what_one_quantity_says_of_another_holds(chat, exact):
    found = wholes.wholes(chat)
    n_narrowed = 0
    for whole in ("conversations", "messages"):
        inside = exact.of(whole)
        low, high = exact.lower[inside], exact.upper[inside]
        narrow_low, narrow_high = ties.implied(exact, low, high, whole)
        axes = {axis: n for n, axis in enumerate(exact.axes) if axis in found[whole].axes}
        for before, after in zip(
            zip(low, high, strict=True), zip(narrow_low, narrow_high, strict=True), strict=True
        ):
            boxes = [
                {axis: (one[0][n], one[1][n]) for axis, n in axes.items()}
                for one in (before, after)
            ]
            n_narrowed += boxes[0] != boxes[1]
            there = [cells.chosen_records(found[whole], box) for box in boxes]
            assert np.array_equal(*there)
    assert n_narrowed > 100


def _differences(exact):
    figures = release.groups(exact)
    names, wanted = targets.groups_of_few(exact, figures, release.K)
    return {name: int(rows) for name, rows in zip(names, wanted @ exact.n_rows, strict=True)}


def _hand_made(lifetimes, sizes):
    """Conversations of two people each, of so many messages, that last so long."""
    n = len(sizes)
    conversation = np.repeat(np.arange(n), sizes)
    number = np.concatenate([np.arange(size) for size in sizes])
    each = np.repeat(np.array(lifetimes) / np.maximum(np.array(sizes) - 1, 1), sizes)
    rooms = np.arange(n)
    return chats.Chat(
        n_people=2 * n,
        n_conversations=n,
        username_length=np.full(2 * n, 8),
        has=np.zeros((2 * n, 4), bool),
        device=np.full(2 * n, -1),
        conversation_type=np.zeros(n, int),
        members=np.column_stack([np.tile(rooms, 2), np.r_[2 * rooms, 2 * rooms + 1]]),
        conversation=conversation,
        sender=2 * conversation + number % 2,
        at=chats.START + 7.0 * conversation + np.floor(number * each),
        kind=np.zeros(conversation.size, int),
        length=np.full(conversation.size, 9),
        receipts=np.zeros((0, 3)),
        files=np.zeros((0, 3)),
        window=(chats.START, chats.START + 20 * chats.DAY),
    )


def test_differences_that_gave_few_people_away_are_among_the_targets():
    # 60 conversations of one message; 7 of two within the same second; 80 that last, of which 5
    # have a single long gap and nobody else has.
    sizes = [1] * 60 + [2] * 7 + [4] * 75 + [2] * 5
    lifetimes = [0] * 67 + [900] * 75 + [40_000] * 5
    found = _differences(cells.exact(wholes.wholes(_hand_made(lifetimes, sizes))))
    lasting = [
        name for name in found if name.startswith("lifetime: lifetime [-inf, 1) - messages_per")
    ]
    assert {found[name] for name in lasting} == {7}
    alone = [name for name in found if "messages gap>=3600" in name]
    assert {found[name] for name in alone} >= {5}
