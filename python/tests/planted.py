"""Items of personal data for tests of the scanner: made, encoded and planted by a seed.

The items come from faker and from the stand-in, not from the libraries that find them.
"""

import base64
import copy
import json
import random

import pack_rows
from faker import Faker

from synth import catalogue
from synth.pack import writer
from synth.standin import invent, pii

# (kind that must be found, maker's name); several makers of one kind are other spellings.
_STANDIN = {
    "email": "email",
    "phone_e164": "phone",
    "phone_national": "phone",
    "card": "card",
    "iban": "iban",
    "us_ssn": "ssn",
    "es_dni": "national_id",
    "uk_nino": "national_id",
    "ipv4": "ipv4",
    "ipv6": "ipv6",
    "mac": "mac",
    "jwt": "jwt",
    "api_key": "secret",
    "url_token": "url",
    "gps": "coordinates",
    "date_of_birth": "date_of_birth",
    "postal_address": "address",
}
_LOCALES = (
    "en_US",
    "en_GB",
    "de_DE",
    "fr_FR",
    "es_ES",
    "it_IT",
    "nl_NL",
    "pl_PL",
    "sv_SE",
    "pt_BR",
)
_IDS = ("it_IT", "pl_PL", "nl_NL", "pt_BR", "fi_FI", "no_NO", "sv_SE", "fr_FR", "ro_RO", "tr_TR")
_DATES = ("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d %B %Y", "%B %d, %Y", "%Y%m%d", "%d/%m/%y")
_TOKENS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
ENCODINGS = ("plain", "base64", "base64url", "hex", "percent", "base32", "twice", "entities")
PLACES = ("value", "key", "nested", "array", "deep", "split values", "split keys", "split array")


class Planter:
    """Documents with one planted item each.

    Parameters
    ----------
    document : dict
        A clean pack.
    seed : int
    """

    def __init__(self, document, seed):
        self._document = document
        self._rng = random.Random(seed)
        self._names = invent.invent_names(seed)
        self._fake = {}
        for locale in {*_LOCALES, *_IDS}:
            self._fake[locale] = Faker(locale)
            self._fake[locale].seed_instance(seed)
        self._kinds = sorted({*_STANDIN.values(), "name", "uuid", "number"})

    def plant(self):
        """Make one document.

        Returns
        -------
        kind : str
        how : str
            Spelling, encoding and place.
        text : str
            What must not stand in a finding.
        document : dict
        """
        rng = self._rng
        kind = rng.choice(self._kinds)
        if kind == "number":
            return self._number()
        text = self._item(kind)
        encoding = rng.choice(ENCODINGS)
        place = rng.choice(PLACES)
        planted = copy.deepcopy(self._document)
        _put(planted, encode(text, encoding), place, rng)
        return kind, f"{encoding}, {place}", text, planted

    def _item(self, kind):
        rng = self._rng
        makers = [name for name, found in _STANDIN.items() if found == kind]
        if makers and rng.random() < 0.5:
            return pii.item(rng.choice(makers), rng.getrandbits(64), self._names)
        return getattr(self, f"_{kind}", lambda: self._fallback(kind))()

    def _fallback(self, kind):
        makers = [name for name, found in _STANDIN.items() if found == kind]
        return pii.item(self._rng.choice(makers), self._rng.getrandbits(64), self._names)

    def _any(self):
        return self._fake[self._rng.choice(_LOCALES)]

    def _email(self):
        return self._rng.choice((self._any().email, self._any().company_email))()

    def _card(self):
        return self._any().credit_card_number()

    def _iban(self):
        text = self._fake[self._rng.choice(("de_DE", "en_GB", "fr_FR", "it_IT", "es_ES"))].iban()
        if self._rng.random() < 0.5:
            return text
        return " ".join(text[start : start + 4] for start in range(0, len(text), 4))

    def _ssn(self):
        return self._fake["en_US"].ssn()

    def _national_id(self):
        if self._rng.random() < 0.2:
            return self._rng.choice((self._fake["es_ES"].nif, self._fake["es_ES"].nie))()
        return self._fake[self._rng.choice(_IDS)].ssn()

    def _ipv4(self):
        return self._any().ipv4()

    def _ipv6(self):
        return self._any().ipv6()

    def _mac(self):
        return self._any().mac_address()

    def _uuid(self):
        return self._any().uuid4()

    def _url(self):
        return self._any().url()

    def _secret(self):
        return "".join(self._rng.choices(_TOKENS, k=self._rng.randint(24, 44)))

    def _date_of_birth(self):
        return self._any().date_of_birth().strftime(self._rng.choice(_DATES))

    def _name(self):
        names, rng = self._names, self._rng
        first, last = rng.choice(names.first), rng.choice(names.last)
        forms = ("{} {}", "{1}, {0}", "{0}.{1}", "{} Q. {}", "{0}_{1}", "{0}{1}")
        text = rng.choice(forms).format(first, last)
        return text.lower() if " " in text and rng.random() < 0.2 else text

    def _coordinates(self):
        latitude, longitude = self._any().latlng()
        return f"{latitude},{longitude}"

    def _number(self):
        """A telephone or card number written as a number, in a place for a count or not."""
        rng, document = self._rng, copy.deepcopy(self._document)
        kind = rng.choice(("phone", "card"))
        maker = "phone_e164" if kind == "phone" else "card"
        digits = pii.item(maker, rng.getrandbits(64), self._names).replace(" ", "").lstrip("+")
        place = rng.choice(("total", "bucket", "unknown key", "array"))
        if place == "total":
            document["messages"]["total_count"] = int(digits)
        elif place == "bucket":
            buckets = document["messages"]["content_length_histogram"]["buckets"]
            rng.choice(buckets)[2] = int(digits)
        elif place == "unknown key":
            document["users"]["zzyzx"] = int(digits)
        else:
            document["users"]["device_mix"] = [1, int(digits), 2]
        return kind, f"number, {place}", digits, document


def encode(text, encoding):
    """Write a text in one of `ENCODINGS`."""
    data = text.encode()
    return {
        "plain": lambda: text,
        "base64": lambda: base64.b64encode(data).decode(),
        "base64url": lambda: base64.urlsafe_b64encode(data).decode().rstrip("="),
        "hex": data.hex,
        "percent": lambda: "".join(f"%{byte:02X}" for byte in data),
        "base32": lambda: base64.b32encode(data).decode(),
        "twice": lambda: base64.b64encode(data.hex().encode()).decode(),
        "entities": lambda: "".join(f"&#{byte};" for byte in data),
    }[encoding]()


def _put(document, text, place, rng):
    cut = rng.randint(1, len(text) - 1)
    one, two = text[:cut], text[cut:]
    section = document[rng.choice(("users", "messages", "conversations"))]
    if place == "value":
        section["note"] = text
    elif place == "key":
        section[text] = 1
    elif place == "nested":
        section["extra"] = {"inner": [{"x": text}]}
    elif place == "array":
        section["extra"] = [1, text, 2]
    elif place == "deep":
        document["privacy"]["suppressed"] = [text]
    elif place == "split values":
        section["part_a"], section["part_b"] = one, two
    elif place == "split keys":
        section[one], section[two + ("~" if one == two else "")] = 1, 2
    else:
        section["parts"] = [one, two]


def clean(seed):
    """Make a clean pack: any magnitudes, parts left out or suppressed.

    Returns
    -------
    dict
    """
    rng = random.Random(seed)
    without = [entity for entity in catalogue.ENTITIES if rng.random() < 0.1]
    metrics = [(line.entity, line.metric) for line in catalogue.metrics() if line.kind != "total"]
    suppressed = [metric for metric in metrics if rng.random() < 0.1 and metric[0] not in without]
    rows = pack_rows.make(seed, without=without, suppressed=suppressed)
    document = json.loads(writer.dumps(writer.document(rows, pack_rows.META)))
    if seed % 4 == 0:
        _enlarge(document, rng)
    return document


def _enlarge(document, rng):
    """Multiply every count, as a pack of thousands of millions of rows has them."""
    factor = rng.randint(10**3, 10**6)
    for section in document.values():
        for value in section.values() if isinstance(section, dict) else ():
            if isinstance(value, dict) and "buckets" in value:
                for bucket in value["buckets"]:
                    bucket[2] *= factor
                section["total_count"] = sum(bucket[2] for bucket in value["buckets"])
