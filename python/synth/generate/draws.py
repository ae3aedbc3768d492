"""The server's draws in numpy, operation for operation.

A draw is PostgreSQL's ``hashint8extended``, Bob Jenkins' lookup3 [1]_ as in
``src/common/hashfn.c``, and arithmetic that IEEE 754 defines to the last bit.

References
----------
.. [1] Jenkins (2006), lookup3.c, ``mix`` and ``final``.
"""

import math

import numpy as np

_START = np.uint32((0x9E3779B9 + 4 + 3923095) & 0xFFFFFFFF)


def _rotate(x, bits):
    return (x << np.uint32(bits)) | (x >> np.uint32(32 - bits))


def hash64(value, seed):
    """``hashint8extended(value, seed)``.

    Parameters
    ----------
    value, seed : int or ndarray of int64
        Broadcast against each other.

    Returns
    -------
    ndarray of int64
    """
    value, seed = np.broadcast_arrays(
        np.atleast_1d(np.asarray(value, dtype=np.int64)),
        np.atleast_1d(np.asarray(seed, dtype=np.int64)),
    )
    whole, unsigned = value.view(np.uint64), seed.view(np.uint64)
    high = (whole >> np.uint64(32)).astype(np.uint32)
    low = whole.astype(np.uint32) ^ np.where(value >= 0, high, ~high)
    with np.errstate(over="ignore"):
        a = _START + (unsigned >> np.uint64(32)).astype(np.uint32)
        b = _START + unsigned.astype(np.uint32)
        c = np.full_like(a, _START)
        for x, y, z in ((4, 6, 8), (16, 19, 4)):
            a = (a - c) ^ _rotate(c, x)
            c = c + b
            b = (b - a) ^ _rotate(a, y)
            a = a + c
            c = (c - b) ^ _rotate(b, z)
            b = b + a
        # A seed of 0 skips the mixing.
        plain = unsigned == 0
        a, b, c = (np.where(plain, _START, part) for part in (a, b, c))
        a = a + low
        c = (c ^ b) - _rotate(b, 14)
        a = (a ^ c) - _rotate(c, 11)
        b = (b ^ a) - _rotate(a, 25)
        c = (c ^ b) - _rotate(b, 16)
        a = (a ^ c) - _rotate(c, 4)
        b = (b ^ a) - _rotate(a, 14)
        c = (c ^ b) - _rotate(b, 24)
    return ((b.astype(np.uint64) << np.uint64(32)) | c.astype(np.uint64)).view(np.int64)


def unit(hashed):
    """Uniform number on [0, 1) from a hash.

    Parameters
    ----------
    hashed : ndarray of int64

    Returns
    -------
    ndarray of float64
    """
    return (hashed >> np.int64(11)).astype(np.float64) * 1.1102230246251565e-16 + 0.5


def uniform(stream, key):
    """``synth.uniform(stream, key)``: the draw of one stream for each key.

    Parameters
    ----------
    stream : int
    key : ndarray of int64

    Returns
    -------
    ndarray of float64
    """
    return unit(hash64(stream, key))


def upper_bits(position):
    """Upper 53 bits of the first hash whose draw is at a position or above it.

    Parameters
    ----------
    position : float
        From 0 to 1.

    Returns
    -------
    int
        ``uniform(stream, key) >= position`` exactly where ``hash64(stream, key) >> 11`` is at
        least this; 2^52, above all hashes, for 1.
    """
    return math.ceil(position * 2.0**53) - 2**52
