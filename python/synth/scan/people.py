"""Names, dates of birth and postal addresses.

Names are those of faker's English list, which the stand-in draws from: a name that is on no
list has no form of its own. What keeps such names out of a pack is the closed schema.
"""

import re
from datetime import date
from functools import lru_cache

_EARLIEST = 1900
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier enero",
            "feb february februar février febrero",
            "mar march märz mars marzo",
            "apr april avril abril",
            "may mai mayo",
            "jun june juni juin junio",
            "jul july juli juillet julio",
            "aug august août agosto",
            "sep sept september septembre septiembre",
            "oct october oktober octobre octubre okt",
            "nov november novembre noviembre",
            "dec december dezember décembre diciembre dez",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = f"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})"
_YEAR = r"(?P<year>(?:19|20)\d{2})"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\d){_YEAR}([-/. ])(?P<a>\d{{1,2}})\2(?P<b>\d{{1,2}})(?!\d)",
        rf"(?<!\d)(?P<a>\d{{1,2}})([-/. ])(?P<b>\d{{1,2}})\2{_YEAR}(?!\d)",
        rf"(?<!\d){_YEAR}(?P<a>\d{{2}})(?P<b>\d{{2}})(?!\d)",
        rf"(?<!\d)(?P<a>\d{{1,2}})(?:st|nd|rd|th|[.])?[ -](?:of )?{_MONTH}[., -]+{_YEAR}(?!\d)",
        rf"(?<![^\W\d_]){_MONTH}[. -]+(?P<a>\d{{1,2}})(?:st|nd|rd|th)?[, -]+{_YEAR}(?!\d)",
        # With slashes only: three short numbers between dots or dashes are versions and ranges.
        r"(?<![\d/])(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<year>\d{2})(?![\d/])",
    )
)
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_CAMEL = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])")
_HOUSE = re.compile(r"(?<!\d)\d{1,5}[a-z]?,? +((?:[^\W\d_][\w.'\u2019]*,? +){1,4})", re.IGNORECASE)
_STREET_AND_NUMBER = re.compile(
    r"(?<![^\W\d_])[^\W\d_]{3,}(?:stra(?:ß|ss)e|str\.|weg|gasse|allee|platz|straat|laan|gatan|gata|vej)"
    r" +\d{1,4}(?!\d)|(?<![^\W\d_])(?:rue|avenue|boulevard|calle|via|rua|plaza|piazza) +"
    r"(?:[^\W\d_][\w'\u2019-]* +){1,4}\d{1,4}(?!\d)",
    re.IGNORECASE,
)
_LONGEST_NAME = 3


def has_date(text):
    """Whether a text holds a calendar date on which somebody alive can be born.

    Parameters
    ----------
    text : str

    Returns
    -------
    bool
        True for any real date from 1900 to this year, in the order of any country.
    """
    return any(_is_date(match) for pattern in _DATES for match in pattern.finditer(text))


def has_address(text):
    """Whether a text holds a house number with a street."""
    if _STREET_AND_NUMBER.search(text):
        return True
    suffixes = _street_suffixes()
    return any(
        word.strip(".,").casefold() in suffixes
        for match in _HOUSE.finditer(text + " ")
        for word in match[1].split()[1:]
    )


def has_name(text):
    """Whether a text is a person's name, or holds a given name and a family name.

    Parameters
    ----------
    text : str

    Returns
    -------
    bool
        In running text the two must be written as names are, with capitals; a text that
        is nothing but one to three names counts in any spelling (``john_smith42``).
    """
    given, family = _names()
    words = _WORD.findall(_CAMEL.sub(" ", text))
    keys = [word.casefold() for word in words]
    if 0 < len(words) <= _LONGEST_NAME and _are_names(keys, given, family):
        return True
    return any(
        words[first][0].isupper()
        and words[second][0].isupper()
        and _is_pair(keys[first], keys[second], given, family)
        for first in range(len(words))
        for second in _partners(words, first)
    )


def _is_date(match):
    found = match.groupdict()
    year, day = int(found["year"]), int(found["a"])
    if len(found["year"]) == 2:
        year += 1900
    if "month" in found:
        orders = [(_MONTHS[found["month"].casefold()], day)]
    else:
        orders = [(day, int(found["b"])), (int(found["b"]), day)]
    return any(_exists(year, month, day) for month, day in orders)


def _exists(year, month, day):
    try:
        return _EARLIEST <= date(year, month, day).year <= date.today().year
    except ValueError:
        return False


def _are_names(keys, given, family):
    long = [key for key in keys if len(key) > 1]
    known = [key for key in long if key in given or key in family]
    return len(known) == len(long) > 0 and (len(long) == 1 or any(key in given for key in long))


def _is_pair(one, two, given, family):
    return (one in given and two in family) or (one in family and two in given)


def _partners(words, first):
    """Positions after a word where the other half of a name may stand: next, or past an initial."""
    if first + 1 < len(words):
        yield first + 1
        if len(words[first + 1]) == 1 and first + 2 < len(words):
            yield first + 2


@lru_cache(maxsize=1)
def _names():
    from faker.providers.person.en_US import Provider

    return (
        frozenset(name.casefold() for name in Provider.first_names),
        frozenset(name.casefold() for name in Provider.last_names),
    )


@lru_cache(maxsize=1)
def _street_suffixes():
    from faker.providers.address.en_US import Provider

    short = ("St", "Ave", "Rd", "Blvd", "Ln", "Dr", "Ct", "Pl", "Sq", "Hwy")
    return frozenset(suffix.casefold() for suffix in (*Provider.street_suffixes, *short))
