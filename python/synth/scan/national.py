"""National identity numbers whose check digits can be verified.

Each country has the form of its number, so that a text is only tried where it could be one,
and the module of python-stdnum that verifies it.
"""

import importlib
import re

_FORMS = {
    "gb.nhs": r"\d{3}[ -]?\d{3}[ -]?\d{4}",
    "es.dni": r"\d{8}[ -]?[A-Z]",
    "es.nie": r"[XYZ][ -]?\d{7}[ -]?[A-Z]",
    "fr.nir": r"[1-478] ?\d{2} ?\d{2} ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}",
    "it.codicefiscale": r"[A-Z]{3} ?[A-Z]{3} ?\d{2}[A-Z]\d{2} ?[A-Z]\d{3}[A-Z]",
    "de.idnr": r"\d{2} ?\d{3} ?\d{3} ?\d{3}",
    "pl.pesel": r"\d{11}",
    "nl.bsn": r"\d{3}[. ]?\d{3}[. ]?\d{3}|\d{4}[. ]\d{2}[. ]\d{3}",
    "be.nn": r"\d{2}[. ]?\d{2}[. ]?\d{2}[- ]?\d{3}[. ]?\d{2}",
    "ch.ssn": r"756[. ]?\d{4}[. ]?\d{4}[. ]?\d{2}",
    "se.personnummer": r"(?:\d{2})?\d{6}[-+ ]?\d{4}",
    "no.fodselsnummer": r"\d{6} ?\d{5}",
    "dk.cpr": r"\d{6}[- ]?\d{4}",
    "fi.hetu": r"\d{6}[-+A-FU-Y]\d{3}[0-9A-Z]",
    "ie.pps": r"\d{7}[A-W][A-IW]?",
    "pt.cc": r"\d{8} ?\d ?[A-Z0-9]{2}\d",
    "cz.rc": r"\d{6}/?\d{3,4}",
    "ro.cnp": r"\d{13}",
    "tr.tckimlik": r"\d{11}",
    "ca.sin": r"\d{3}[- ]?\d{3}[- ]?\d{3}",
    "br.cpf": r"\d{3}[. ]?\d{3}[. ]?\d{3}[- ]?\d{2}",
    "mx.curp": r"[A-Z]{4}\d{6}[A-Z]{6}[A-Z0-9]\d",
    "au.tfn": r"\d{3} ?\d{3} ?\d{2,3}",
    "in_.aadhaar": r"\d{4}[ -]?\d{4}[ -]?\d{4}",
    "in_.pan": r"[A-Z]{5}\d{4}[A-Z]",
    "kr.rrn": r"\d{6}-?\d{7}",
    "za.idnr": r"\d{6} ?\d{4} ?\d{2} ?\d",
}
_PATTERNS = {
    module: re.compile(rf"(?<![A-Z0-9])(?:{form})(?![A-Z0-9])", re.IGNORECASE)
    for module, form in _FORMS.items()
}
# No check digit: only the form and the ranges that are never issued. 078-05-1120 was printed
# on a sample card and is refused by the library, though it stands in thousands of records.
_SSN = re.compile(r"(?<!\d)(?!000|666|9)\d{3}([- ]?)(?!00)\d{2}\1(?!0000)\d{4}(?!\d)")
_NINO = re.compile(
    r"(?<![A-Z0-9])(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"
    r"( ?)(?:\d{2}\1){3}[A-D](?![A-Z0-9])",
    re.IGNORECASE,
)
_ANY_DIGITS = re.compile(r"\d")


def has_ssn(text):
    """Whether a text holds a social security number of the United States."""
    return bool(_SSN.search(text))


def has_national_id(text):
    """Whether a text holds another country's identity number with valid check digits."""
    if not _ANY_DIGITS.search(text):
        return False
    if _NINO.search(text):
        return True
    return any(
        _is_valid(module, match.group())
        for module, pattern in _PATTERNS.items()
        for match in pattern.finditer(text)
    )


def _is_valid(module, candidate):
    # One digit seven times over passes some checks, and is nobody's.
    if len(set(re.sub(r"\D", "", candidate))) < 2:
        return False
    return importlib.import_module(f"stdnum.{module}").is_valid(candidate)
