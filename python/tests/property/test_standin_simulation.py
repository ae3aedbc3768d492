"""Simulated activity: whole for every size and seed, equal for equal seeds."""

from dataclasses import fields, replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.standin import receipts, simulate
from synth.standin.source import Categories

SIZES = st.integers(1, 3000)
SEEDS = st.integers(0, 2**32)


def arrays(source):
    for field in fields(source):
        value = getattr(source, field.name)
        value = value.codes if isinstance(value, Categories) else value
        if isinstance(value, np.ndarray):
            yield field.name, value


@given(SIZES, SEEDS)
@settings(max_examples=40, deadline=None)
def test_every_reference_holds(n, seed):
    source = simulate.simulate(n, seed=seed)
    n_users, n_conversations = len(source.user_ids), len(source.conversation_ids)
    assert len(source.message_ids) == n
    pairs = source.member_conversations * n_users + source.member_users
    assert (np.diff(pairs) > 0).all(), "members are distinct and in order"
    senders = source.message_conversations * n_users + source.message_senders
    assert np.isin(senders, pairs).all(), "who writes is a member"
    assert source.member_conversations.max() < n_conversations
    assert (np.diff(source.message_times) >= 0).all()
    assert (source.message_lengths >= 0).all()
    assert (source.attachment_types.codes >= 0).all(), "only media carry attachments"
    assert (np.bincount(source.member_conversations, minlength=n_conversations) >= 2).all()


@given(SIZES, SEEDS)
@settings(max_examples=25, deadline=None)
def test_times_are_in_order(n, seed):
    source = simulate.simulate(n, seed=seed)
    where = source.message_conversations
    assert (source.conversation_created[where] <= source.message_times).all()
    assert (source.conversation_updated[where] >= source.message_times).all()
    assert np.isin(source.conversation_updated[where], source.message_times).all()
    days = (source.message_times[-1] - source.message_times[0]) / 86_400e6
    assert days <= simulate.WINDOW_DAYS


@given(SIZES, SEEDS)
@settings(max_examples=10, deadline=None)
def test_equal_seeds_give_equal_activity(n, seed):
    first, second = simulate.simulate(n, seed=seed), simulate.simulate(n, seed=seed)
    for (name, one), (_, other) in zip(arrays(first), arrays(second), strict=True):
        np.testing.assert_array_equal(one, other, err_msg=name)
    assert list(receipts.rows(first, seed)) == list(receipts.rows(second, seed))


def test_other_seeds_give_other_activity():
    first, second = simulate.simulate(500, seed=1), simulate.simulate(500, seed=2)
    assert (first.message_times != second.message_times).any()


@given(SIZES, SEEDS)
@settings(max_examples=15, deadline=None)
def test_receipts_come_from_other_members_later(n, seed):
    source = simulate.simulate(n, seed=seed)
    found = list(receipts.rows(source, seed))
    assert len({row[:2] for row in found}) == len(found), "nobody reads twice"
    members = set(zip(source.member_conversations.tolist(), source.member_users, strict=True))
    sent = np.datetime_as_string(source.message_times.astype("datetime64[us]"), timezone="UTC")
    for message, user, at in found:
        row = message - 1
        assert (source.message_conversations[row], user - 1) in members
        assert source.message_senders[row] != user - 1
        assert at >= sent[row]


def test_a_sender_who_is_no_member_does_not_disturb_receipts():
    source = simulate.simulate(2000, seed=3)
    outsider = len(source.user_ids) - 1
    ids = np.setdiff1d(
        np.arange(len(source.member_users)), np.flatnonzero(source.member_users == outsider)
    )
    source = replace(
        source,
        member_users=source.member_users[ids],
        member_conversations=source.member_conversations[ids],
        message_senders=np.full_like(source.message_senders, outsider),
    )
    found = list(receipts.rows(source, 3))
    assert found
    assert len({row[:2] for row in found}) == len(found)
    assert outsider + 1 not in {row[1] for row in found}


def test_it_looks_like_people():
    source = simulate.simulate(60_000, seed=1)
    hours = np.bincount(source.message_times // 3_600_000_000 % 24, minlength=24)
    assert hours.max() > 3 * hours.min(), "nights are quiet"
    sizes = np.bincount(source.message_conversations, minlength=len(source.conversation_ids))
    assert (sizes == 0).any(), "some conversations are empty"
    busy = np.sort(sizes)[::-1]
    assert busy[: len(busy) // 100].sum() > 0.15 * len(source.message_ids), "a few hold much"
    order = np.lexsort((source.message_ids, source.message_conversations))
    same = np.diff(source.message_conversations[order]) == 0
    gaps = np.diff(source.message_times[order])[same] / 1e6
    burstiness = (gaps.std() - gaps.mean()) / (gaps.std() + gaps.mean())
    assert burstiness > 0.5, "bursts, as between people; a Poisson process has 0"
