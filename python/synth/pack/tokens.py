"""Tokens instead of identifiers: HMAC-SHA256 under a salt that stays in the environment."""

import hashlib
import hmac
import os

from synth.errors import BadInput

SALT_VARIABLE = "ANONYMIZATION_SALT"
SALT_REFERENCE = f"env:{SALT_VARIABLE}"
MIN_SALT = 32
DIGITS = 16


class Tokenizer:
    """Makes tokens; holds the salt and never shows it.

    Parameters
    ----------
    salt : str
        32 characters or more.
    """

    def __init__(self, salt):
        self.__key = salt.encode()

    def __repr__(self):
        return "Tokenizer(...)"

    def token(self, kind, value):
        """Token of an identifier: ``tok_`` and 16 hex digits.

        Parameters
        ----------
        kind : str
            What the identifier is, so that equal names of different things differ.
        value : str

        Returns
        -------
        str
        """
        return f"tok_{self._digest(f'{kind}:{value}')}"

    def fingerprint(self):
        """16 hex digits that tell two salts apart without giving either away."""
        return self._digest("prodshape:fingerprint")

    def _digest(self, message):
        return hmac.new(self.__key, message.encode(), hashlib.sha256).hexdigest()[:DIGITS]


def from_environment():
    """Tokenizer under ``ANONYMIZATION_SALT``.

    Raises
    ------
    BadInput
        Absent, or shorter than 32 characters.
    """
    salt = os.environ.get(SALT_VARIABLE, "")
    if len(salt.strip()) < MIN_SALT:
        state = "is too short" if salt else "is not set"
        raise BadInput(
            f"{SALT_VARIABLE} {state}, expected {MIN_SALT} characters or more",
            hint="export one from your secret store; nothing runs without it",
        )
    return Tokenizer(salt)
