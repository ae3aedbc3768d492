"""Invented rows: valid personal data, bodies of the right length, items that can be listed."""

import ipaddress
import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from synth.standin import invent, pii, simulate
from synth.standin.invent import Inventor, planted_items
from synth.standin.source import UNKNOWN

NAMES = invent.invent_names(1)


@pytest.fixture(scope="module")
def source():
    return simulate.simulate(20_000, seed=7)


def items(kind, n=300):
    states = pii.mixed(np.arange(n, dtype=np.uint64)).tolist()
    return [pii.item(kind, state, NAMES) for state in states]


def test_cards_pass_the_luhn_check():
    for card in items("card"):
        digits = [int(digit) for digit in card.replace(" ", "")]
        doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
        assert len(digits) == 16
        assert (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def test_ibans_pass_the_remainder_check():
    for iban in items("iban"):
        turned = iban[4:] + iban[:4]
        assert int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1


def test_dni_letters_fit_their_numbers():
    for dni in items("es_dni"):
        assert dni[-1] == "TRWAGMYFPDXBNJZSQVHLCKE"[int(dni[:-1]) % 23]


@pytest.mark.parametrize(
    ("kind", "pattern"),
    [
        ("email", r"[^@\s]+@[a-z.]+"),
        ("phone_e164", r"\+\d{8,15}"),
        ("us_ssn", r"(?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4}"),
        ("uk_nino", r"[A-Z]{2}\d{6}[ABCD]"),
        ("mac", r"([0-9a-f]{2}:){5}[0-9a-f]{2}"),
        ("jwt", r"eyJ[\w-]+\.eyJ[\w-]+\.\w{43}"),
        ("api_key", r"AKIA[A-Z2-7]{16}|sk_live_\w{24}"),
        ("url_token", r"https://\S+token=[0-9a-f]{24}"),
        ("gps", r"-?\d{1,2}\.\d{6}, -?\d{1,3}\.\d{6}"),
        ("date_of_birth", r"19[4-9]\d-[01]\d-[0-2]\d"),
        ("postal_address", r"\d+ .+, .+ \d{5}"),
        ("phone_national", r"[(0]?\d{3,4}[)\d -]+\d"),
    ],
)
def test_formats(kind, pattern):
    for text in items(kind):
        assert re.fullmatch(pattern, text), kind


def test_addresses_parse():
    for kind in ("ipv4", "ipv6"):
        for text in items(kind):
            ipaddress.ip_address(text)


def test_items_differ_and_repeat_on_demand():
    for kind in pii.KINDS:
        assert items(kind) == items(kind)
        assert len(set(items(kind))) > 280, kind


def test_bodies_have_the_given_length(source):
    wanted = source.message_lengths.tolist()
    bodies = [row[4] for row in Inventor(source, 7, lambda item: None).messages()]
    assert [len(body) for body in bodies] == wanted
    assert any(len(body.encode()) > len(body) for body in bodies), "characters are not bytes"


def test_a_body_of_unknown_length_is_null(source):
    unknown = replace(source, message_lengths=np.full(len(source.message_ids), UNKNOWN))
    assert {row[4] for row in Inventor(unknown, 7, lambda item: None).messages()} == {None}


def test_long_bodies_repeat_the_pool(source):
    lengths = np.where(source.message_ids == 5, 900_000, 0)
    long = replace(source, message_lengths=lengths)
    bodies = [row[4] for row in Inventor(long, 7, lambda item: None).messages()]
    assert max(map(len, bodies)) == 900_000


def test_every_listed_item_stands_where_it_says(source):
    inventor = Inventor(source, 7, lambda item: None)
    columns = {
        ("users", "username"): (inventor.users, 1),
        ("users", "email"): (inventor.users, 2),
        ("users", "displayName"): (inventor.users, 3),
        ("users", "phone"): (inventor.users, 4),
        ("users", "avatarUrl"): (inventor.users, 5),
        ("users", "bio"): (inventor.users, 6),
        ("conversations", "name"): (inventor.conversations, 2),
        ("messages", "content"): (inventor.messages, 4),
        ("attachments", "fileName"): (inventor.attachments, 3),
        ("attachments", "url"): (inventor.attachments, 4),
    }
    by_place = {}
    for item in planted_items(source, 7):
        by_place.setdefault((item.table, item.column), []).append(item.text)
    assert by_place.keys() == columns.keys()
    for place, (rows, position) in columns.items():
        values = iter(row[position] or "" for row in rows())
        # Items come in row order, at most one to a value.
        for text in by_place[place]:
            assert any(text in value for value in values), place


def test_there_is_enough_to_catch():
    found = planted_items(simulate.simulate(200_000, seed=1), 1)
    kinds = Counter(item.kind for item in found)
    assert set(pii.KINDS) <= kinds.keys()
    assert len({item.text for item in found}) > 5_000
    in_bodies = Counter(item.kind for item in found if item.table == "messages")
    assert sum(in_bodies.values()) > 5_000
    assert len([kind for kind, n in in_bodies.items() if n >= 100]) >= 12


def test_the_seed_decides(source):
    assert planted_items(source, 7) == planted_items(source, 7)
    assert planted_items(source, 7) != planted_items(source, 8)


def test_neighbouring_rows_share_nothing(source):
    bios = [row[6] for row in Inventor(source, 7, lambda item: None).users() if row[6]]
    assert len(set(bios)) == len(bios)
