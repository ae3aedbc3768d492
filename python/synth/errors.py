"""Errors a user can cause; each class owns its exit code.

A message says what was expected, what came and what to do next, in one line.
It never holds a value read from a source row: identifiers and counts only.
"""


class SynthError(Exception):
    """Base of every error that ends a command with one line.

    Parameters
    ----------
    message : str
        What was expected and what came; one line.
    hint : str, optional
        What to do next; printed after the message.
    **details
        Values worth having as attributes (for tests and ``--json``).
    """

    exit_code = 2

    def __init__(self, message, *, hint=None, **details):
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details
        for name, value in details.items():
            setattr(self, name, value)

    def __str__(self):
        return f"{self.message}; {self.hint}" if self.hint else self.message


class GateFailed(SynthError):
    """A privacy or fidelity gate said no (exit code 1)."""

    exit_code = 1


class BadInput(SynthError):
    """Usage, configuration or an input file is wrong (exit code 2)."""

    exit_code = 2


class DatabaseError(SynthError):
    """The database or the environment failed (exit code 3)."""

    exit_code = 3
