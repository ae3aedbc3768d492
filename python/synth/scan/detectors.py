"""Patterns of identifying text: ``kinds(text) -> {"email", ...}``.

Where a kind has a checksum or a numbering plan it is checked, by a library that keeps up with
it, so that ordinary text does not match. Encoded text is decoded and looked at again.
"""

import ipaddress
import math
import re
from collections import Counter
from itertools import pairwise

from synth.scan import national, people
from synth.scan.encodings import decoded, plain

MAX_DECODINGS = 3
_SHORTEST_INTERNATIONAL = 10
_REGIONS = (
    "US",
    "GB",
    "DE",
    "FR",
    "ES",
    "IT",
    "NL",
    "AT",
    "CH",
    "SE",
    "IN",
    "BR",
    "AU",
    "JP",
    "BE",
)
_REGIONS += (
    "PT",
    "PL",
    "DK",
    "NO",
    "FI",
    "IE",
    "CZ",
    "GR",
    "RO",
    "HU",
    "TR",
    "ZA",
    "MX",
    "KR",
    "NZ",
)

# Each of these begins where a run begins: tried at every character of it, they took time that grows
# with the square of its length.
_EMAIL = re.compile(
    r"(?<![\w.+'-])[\w.+'-]+\s?(?:@|[\[({]\s?at\s?[\])}])\s?[\w-]+(?:\s?(?:\.|[\[({]\s?dot\s?[\])}])\s?[\w-]+)+",
    re.IGNORECASE,
)
_URL = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,20}://\S|\bwww\.[a-z0-9-]+\.|\b(?:mailto|tel|data|javascript):\S"
    r"|(?<![a-z0-9-])(?<![a-z0-9-]\.)(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|app|co|de|uk|fr|eu|me|info|example)/\S",
    re.IGNORECASE,
)
_IPV4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])")
_IPV6 = re.compile(r"(?<![\w:])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])", re.IGNORECASE)
_MAC = re.compile(
    r"(?<![0-9a-f:-])(?:[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}"
    r"|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4})(?![0-9a-f:-])",
    re.IGNORECASE,
)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_JWT = re.compile(r"eyJ[\w-]{6,}\.[\w-]{6,}\.[\w-]*")
_CARD = re.compile(r"(?<!\d)\d(?:[ -]?\d){11,18}(?!\d)")
_IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}", re.IGNORECASE)
_GPS = re.compile(
    r"(?<![\d.])[-+]?\d{1,2}\.\d{4,}\s*°?\s*[NS]?\s*[,;/ ]\s*[-+]?\d{1,3}\.\d{4,}"
    r"|\d{1,3}\s?°\s?\d{1,2}\s?['\u2032\u2019]"
    r"|\bgeo:[-+]?\d|\bPOINT\s*\(\s*[-+]?\d",
    re.IGNORECASE,
)
_PHONE = re.compile(r"[+(]{0,2}\d(?:[ ()./-]{0,3}\d){6,16}")
# Written the way telephone numbers are, so invented ones count, too: no operator has them.
_WRITTEN_PHONE = re.compile(
    r"\(0?\d{2,5}\)[ ./-]{0,2}\d{2,5}(?:[ ./-]?\d{2,5}){0,3}"
    r"|(?<!\d)(?:1[ .-])?[2-9]\d{2}[ .-]\d{3}[ .-]\d{4}(?!\d)"
    r"|(?<!\d)0[1-9]\d{0,3}[ /.-]\d{2,}(?:[ ./-]?\d{2,}){0,4}"
    r"|\+[1-9]\d{0,2}[ .-]?(?:[ ./()-]{0,3}\d){6,}"
)
_KEY = re.compile(
    r"AKIA[0-9A-Z]{16}|AIza[\w-]{30}|gh[pousr]_\w{20}|github_pat_\w{20}|glpat-[\w-]{15}"
    r"|xox[abeprs]-[\w-]{10}|[srp]k[_-](?:live|test|proj|ant)[\w-]{8}|sk-[\w-]{20}"
    r"|npm_\w{20}|-----BEGIN"
)
_DENSE = re.compile(r"[\w+/=-]{20,}")


def kinds(text):
    """Kinds of identifying text found.

    Parameters
    ----------
    text : str

    Returns
    -------
    set of str
        Empty where nothing was found.
    """
    return _kinds(plain(text), MAX_DECODINGS)


def hidden(text):
    """Kinds found in what the text decodes to, not in the text itself.

    For strings whose own form is declared, such as tokens.

    Returns
    -------
    set of str
    """
    return set().union(*(_kinds(inner, MAX_DECODINGS - 1) for inner in decoded(text)))


def is_card(digits):
    """Whether digits are a payment card number: an issuer's prefix, and Luhn.

    Parameters
    ----------
    digits : str

    Returns
    -------
    bool
    """
    from stdnum import luhn

    plausible = re.match(r"4|5[0-8]|2[2-7]|3[0-9]|6[0-9]|2131|1800|0604", digits)
    return bool(plausible) and len(set(digits)) > 1 and luhn.is_valid(digits)


def is_phone(text):
    """Whether a text is a telephone number: international, or of one of thirty countries.

    Parameters
    ----------
    text : str
        Without a ``+`` it is tried as both.

    Returns
    -------
    bool
    """
    import phonenumbers

    written = [(text, region) for region in _REGIONS]
    if text.startswith("+"):
        written = [(text, None)]
    elif text.isdigit() and len(text) >= _SHORTEST_INTERNATIONAL:
        written.append((f"+{text}", None))
    for candidate, region in written:
        try:
            number = phonenumbers.parse(candidate, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return True
        # Invented and test numbers have the right length but no operator.
        if text.startswith("+") and phonenumbers.is_possible_number(number):
            return True
    return False


def _kinds(text, decodings):
    found = {kind for kind, detect in _DETECTORS.items() if detect(text)}
    if decodings:
        for inner in decoded(text):
            found |= _kinds(inner, decodings - 1)
    return found


def _ip(pattern, version):
    def detect(text):
        for match in pattern.findall(text):
            try:
                if ipaddress.ip_address(match).version == version and match != "::":
                    return True
            except ValueError:
                continue
        return False

    return detect


def _card(text):
    return any(is_card(re.sub(r"\D", "", match)) for match in _CARD.findall(text))


def _iban(text):
    from stdnum import iban

    for match in _IBAN.findall(text):
        compact = re.sub(r"[ -]", "", match)
        # The pattern is greedy: text after the number may have been taken in. A country's own
        # check digits inside the account number are not asked for.
        lengths = range(15, len(compact) + 1)
        if any(iban.is_valid(compact[:length], check_country=False) for length in lengths):
            return True
    return False


def _phone(text):
    written = any(_n_digits(match) >= 7 for match in _WRITTEN_PHONE.findall(text))
    return written or any(is_phone(candidate) for candidate in _PHONE.findall(text))


def _n_digits(text):
    return sum(character.isdigit() for character in text)


def _secret(text):
    """Whether there is a key of a known make, or text as dense as one."""
    return bool(_KEY.search(text)) or any(_is_dense(match) for match in _DENSE.findall(text))


def _is_dense(text):
    letters = sum(character.isalpha() for character in text)
    digits = sum(character.isdigit() for character in text)
    counts = Counter(text).values()
    bits = -sum(n / len(text) * math.log2(n / len(text)) for n in counts)
    if letters < 3 or bits < 3.3:
        return False
    classes = [_class(character) for character in text]
    changes = sum(one != two for one, two in pairwise(classes))
    # In names that are joined by capitals or underscores a change of class begins a word.
    return digits >= 3 or changes >= 0.3 * len(text)


def _class(character):
    return "digit" if character.isdigit() else "upper" if character.isupper() else "other"


_DETECTORS = {
    "email": _EMAIL.search,
    "url": _URL.search,
    "ipv4": _ip(_IPV4, 4),
    "ipv6": _ip(_IPV6, 6),
    "mac": _MAC.search,
    "uuid": _UUID.search,
    "jwt": _JWT.search,
    "card": _card,
    "iban": _iban,
    "ssn": national.has_ssn,
    "national_id": national.has_national_id,
    "coordinates": _GPS.search,
    "phone": _phone,
    "secret": _secret,
    "date_of_birth": people.has_date,
    "name": people.has_name,
    "address": people.has_address,
}
KINDS = tuple(_DETECTORS)
