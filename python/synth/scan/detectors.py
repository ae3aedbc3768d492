"""Patterns of identifying text: ``kinds(text) -> {"email", ...}``.

Where a kind has a checksum or a numbering plan it is checked, so that ordinary text does
not match. Encoded text is decoded and looked at again.
"""

import base64
import binascii
import ipaddress
import math
import re
import unicodedata
from collections import Counter
from urllib.parse import unquote

MAX_DECODINGS = 3
_REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "NL", "AT", "CH", "SE", "IN", "BR", "AU", "JP")

_EMAIL = re.compile(r"[\w.+'-]+\s?@\s?[\w-]+(?:\.[\w-]+)+")
_URL = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://\S|\bwww\.[a-z0-9-]+\.", re.IGNORECASE)
_IPV4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])")
_IPV6 = re.compile(r"(?<![\w:])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])", re.IGNORECASE)
_MAC = re.compile(
    r"(?<![0-9a-f:-])(?:[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}"
    r"|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4})(?![0-9a-f:-])",
    re.IGNORECASE,
)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_JWT = re.compile(r"eyJ[\w-]{6,}\.[\w-]{6,}\.[\w-]*")
_CARD = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")
_IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}", re.IGNORECASE)
_SSN = re.compile(r"(?<!\d)(?!000|666|9)\d{3}([- ])(?!00)\d{2}\1(?!0000)\d{4}(?!\d)")
_NINO = re.compile(r"(?<![A-Z0-9])[A-CEGHJ-PR-TW-Z]{2}( ?)(?:\d{2}\1){3}[A-D](?![A-Z0-9])")
_DNI = re.compile(r"(?<![A-Z0-9])[XYZ\d]\d{7}-?[A-Z](?![A-Z0-9])")
_GPS = re.compile(r"-?\d{1,2}\.\d{4,}\s*[,;]\s*-?\d{1,3}\.\d{4,}")
_PHONE = re.compile(r"[+(]{0,2}\d(?:[ ()./-]{0,3}\d){6,16}")
_KEY = re.compile(
    r"AKIA[0-9A-Z]{16}|AIza[\w-]{30}|gh[pousr]_\w{20}|github_pat_\w{20}|glpat-[\w-]{15}"
    r"|xox[abeprs]-[\w-]{10}|[srp]k[_-](?:live|test|proj|ant)[\w-]{8}|sk-[\w-]{20}"
    r"|npm_\w{20}|-----BEGIN"
)
_DENSE = re.compile(r"[\w+/=-]{20,}")
_HEX = re.compile(r"(?<![0-9a-f])(?:[0-9a-f]{2}){6,}(?![0-9a-f])", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{10,}={0,2}")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")


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
    return _kinds(_plain(text), MAX_DECODINGS)


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

    plausible = re.match(r"4|5[0-8]|2[2-7]|3[0-9]|6[0-9]", digits)
    return bool(plausible) and len(set(digits)) > 1 and luhn.is_valid(digits)


def decoded(text):
    """Readable texts that hide in a text as percent, base64 or hex.

    Returns
    -------
    list of str
    """
    found = []
    if "%" in text and (inner := unquote(text)) != text:
        found.append(inner)
    candidates = [(binascii.unhexlify, match) for match in _HEX.findall(text)]
    candidates += [(_from_base64, match) for match in _BASE64.findall(text)]
    for decode, candidate in candidates:
        try:
            inner = decode(candidate).decode()
        except (ValueError, binascii.Error):
            continue
        if len(inner) >= 6 and inner.isprintable():
            found.append(inner)
    return [_plain(inner) for inner in found]


def _kinds(text, decodings):
    found = {kind for kind, detect in _DETECTORS.items() if detect(text)}
    if decodings:
        for inner in decoded(text):
            found |= _kinds(inner, decodings - 1)
    return found


def _plain(text):
    # Full-width digits and invisible characters would hide a number from the patterns.
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))


def _from_base64(text):
    body = text.rstrip("=").replace("-", "+").replace("_", "/")
    if len(body) % 4 == 1:
        raise ValueError
    return base64.b64decode(body + "=" * (-len(body) % 4), validate=True)


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
        # The pattern is greedy: text after the number may have been taken in.
        if any(iban.is_valid(compact[:length]) for length in range(15, len(compact) + 1)):
            return True
    return False


def _national_id(text):
    from stdnum.es import dni, nie

    found = (match.replace("-", "") for match in _DNI.findall(text))
    return bool(_NINO.search(text)) or any(dni.is_valid(x) or nie.is_valid(x) for x in found)


def _phone(text):
    candidates = _PHONE.findall(text)
    if not candidates:
        return False
    import phonenumbers

    for candidate in candidates:
        regions = (None,) if candidate.startswith("+") else _REGIONS
        for region in regions:
            try:
                number = phonenumbers.parse(candidate, region)
            except phonenumbers.NumberParseException:
                continue
            if phonenumbers.is_valid_number(number):
                return True
            # Invented and test numbers have the right length but no operator.
            if region is None and phonenumbers.is_possible_number(number):
                return True
    return False


def _secret(text):
    """Whether there is a key of a known make, or text as dense as one."""
    if _KEY.search(text):
        return True
    for match in _DENSE.findall(text):
        letters = sum(character.isalpha() for character in match)
        digits = sum(character.isdigit() for character in match)
        counts = Counter(match).values()
        bits = -sum(n / len(match) * math.log2(n / len(match)) for n in counts)
        if letters >= 3 and digits >= 3 and bits >= 3.3:
            return True
    return False


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
    "ssn": _SSN.search,
    "national_id": _national_id,
    "coordinates": _GPS.search,
    "phone": _phone,
    "secret": _secret,
}
KINDS = tuple(_DETECTORS)
