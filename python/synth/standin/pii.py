"""Invented personal data that looks real to a scanner: valid check digits, real formats.

Every item is a pure function of one 64-bit number, so it can be enumerated again.
"""

import base64
import ipaddress
import json

import numpy as np

_GOLDEN = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1
_HEX = "0123456789abcdef"
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_MAIL_DOMAINS = ("example.com", "example.org", "mail.example.net", "post.example.de")
_PREFIXES = ("1212", "447700", "49151", "33612", "34612", "8190", "6141", "5521")
_COUNTRIES = (("DE", 18), ("ES", 20), ("FR", 23), ("PT", 21), ("PL", 24))
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_NINO_LETTERS = "ABCEGHJKLMPRSTWXYZ"


class Draws:
    """A stream of small draws from one number (splitmix64).

    Parameters
    ----------
    state : int
        64 bits.

    References
    ----------
    .. [1] Steele, Lea, Flood (2014), Fast splittable pseudorandom number generators, fig. 14.
    """

    def __init__(self, state):
        self._state = int(state)

    def below(self, n):
        """Draw an integer in [0, n)."""
        self._state = (self._state + _GOLDEN) & _MASK
        z = self._state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return (z ^ (z >> 31)) % n

    def pick(self, values):
        """Draw one of a sequence."""
        return values[self.below(len(values))]

    def text(self, alphabet, length):
        """Draw a string over an alphabet."""
        n, letters = len(alphabet), []
        while len(letters) < length:
            value = self.below(n**8)  # 8 letters a draw: n^8 stays far below 2^64
            for _ in range(min(8, length - len(letters))):
                value, rest = divmod(value, n)
                letters.append(alphabet[rest])
        return "".join(letters)

    def digits(self, length):
        """Draw a string of decimal digits."""
        return f"{self.below(10**length):0{length}d}"


def mixed(numbers):
    """Scatter numbers over all 64 bits, so that streams of neighbours do not overlap.

    Parameters
    ----------
    numbers : ndarray of uint64

    Returns
    -------
    ndarray of uint64
        One-to-one (the finaliser of MurmurHash3, whose constants `Draws` does not use).
    """
    z = numbers.copy()
    z = (z ^ (z >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    z = (z ^ (z >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return z ^ (z >> np.uint64(33))


def item(kind, state, names):
    """One item of personal data.

    Parameters
    ----------
    kind : str
        Of `KINDS`.
    state : int
        64 bits; equal numbers give equal items.
    names : Names
        Pools of invented names and streets.

    Returns
    -------
    str
    """
    return _MAKERS[kind](Draws(state), names)


def _email(draws, names):
    first, last = draws.pick(names.first).lower(), draws.pick(names.last).lower()
    return f"{first}.{last}{draws.below(10_000)}@{draws.pick(_MAIL_DOMAINS)}"


def _phone_e164(draws, names):
    return f"+{draws.pick(_PREFIXES)}{draws.digits(7)}"


def _phone_national(draws, names):
    area, local = 201 + draws.below(780), draws.digits(4)
    return draws.pick(("({}) 555-{}", "{}-555-{}", "0{} 555{}")).format(area, local)


def _card(draws, names):
    body = draws.pick(("4", "51", "52", "53", "54", "55"))
    body += draws.digits(15 - len(body))
    number = body + _luhn_digit(body)
    if draws.below(2):
        return number
    return " ".join(number[start : start + 4] for start in range(0, 16, 4))


def _luhn_digit(body):
    total = 0
    for position, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def _iban(draws, names):
    country, length = draws.pick(_COUNTRIES)
    account = draws.digits(length)
    numeric = account + "".join(str(ord(letter) - 55) for letter in country) + "00"
    return f"{country}{98 - int(numeric) % 97:02d}{account}"


def _us_ssn(draws, names):
    area = 1 + draws.below(898)
    return f"{area + (area >= 666):03d}-{1 + draws.below(99):02d}-{1 + draws.below(9999):04d}"


def _es_dni(draws, names):
    number = draws.below(10**8)
    return f"{number:08d}{_DNI_LETTERS[number % 23]}"


def _uk_nino(draws, names):
    return f"{draws.text(_NINO_LETTERS, 2)}{draws.digits(6)}{draws.pick('ABCD')}"


def _ipv4(draws, names):
    return ".".join(str(11 + draws.below(212)) for _ in range(4))


def _ipv6(draws, names):
    return str(ipaddress.IPv6Address((0x2001 << 112) + (draws.below(_MASK) << 40) + 1))


def _mac(draws, names):
    return ":".join(draws.text(_HEX, 2) for _ in range(6))


def _jwt(draws, names):
    claims = {
        "sub": draws.digits(10),
        "name": f"{draws.pick(names.first)} {draws.pick(names.last)}",
    }
    parts = [json.dumps(part, separators=(",", ":")) for part in ({"alg": "HS256"}, claims)]
    encoded = [base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, draws.text(_BASE62, 43)])


def _api_key(draws, names):
    if draws.below(2):
        return "AKIA" + draws.text(_BASE32, 16)
    return "sk_live_" + draws.text(_BASE62, 24)


def _url_token(draws, names):
    return f"https://app.example.com/reset?token={draws.text(_HEX, 24)}"


def _gps(draws, names):
    latitude, longitude = draws.below(130_000_000) - 60_000_000, draws.below(360_000_000)
    return f"{latitude / 1e6:.6f}, {longitude / 1e6 - 180:.6f}"


def _date_of_birth(draws, names):
    return f"{1940 + draws.below(60)}-{1 + draws.below(12):02d}-{1 + draws.below(28):02d}"


def _postal_address(draws, names):
    place = f"{draws.pick(names.cities)} {10_000 + draws.below(89_999)}"
    return f"{1 + draws.below(999)} {draws.pick(names.streets)}, {place}"


_MAKERS = {
    "email": _email,
    "phone_e164": _phone_e164,
    "phone_national": _phone_national,
    "card": _card,
    "iban": _iban,
    "us_ssn": _us_ssn,
    "es_dni": _es_dni,
    "uk_nino": _uk_nino,
    "ipv4": _ipv4,
    "ipv6": _ipv6,
    "mac": _mac,
    "jwt": _jwt,
    "api_key": _api_key,
    "url_token": _url_token,
    "gps": _gps,
    "date_of_birth": _date_of_birth,
    "postal_address": _postal_address,
}
KINDS = tuple(_MAKERS)
