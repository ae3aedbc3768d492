"""SIGTERM, and SIGHUP of a terminal that closes, as exceptions, so that everything is ended."""

import contextlib
import signal
import threading


@contextlib.contextmanager
def raised(error):
    """Raise an exception in the main thread when the process is told to end.

    A SIGHUP that is ignored (``nohup``) stays ignored.

    Parameters
    ----------
    error : callable
        From the signal's number to the exception.

    Yields
    ------
    list of int
        Signals that came.
    """
    came = []
    if threading.current_thread() is not threading.main_thread():
        yield came
        return

    def leave(number, _frame):
        came.append(number)
        # Shell and kernel both tell of a closed terminal: the second may not disturb the end.
        if number == signal.SIGHUP:
            signal.signal(number, signal.SIG_IGN)
        raise error(number)

    before = {
        number: signal.getsignal(number)
        for number in (signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    for number in before:
        signal.signal(number, leave)
    try:
        yield came
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, handler)
