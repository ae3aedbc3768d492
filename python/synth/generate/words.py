"""Vocabularies for names and bodies, built once per run with faker and shipped as parameters.

Seeded through ``random.Random``, whose stream Python guarantees, so a resumed run gets the same
words. Nothing here comes from production.
"""

import random
from itertools import accumulate

# Bodies are stretches of the first half: long enough that neighbours in the heap rarely overlap,
# which a compressing disk would notice.
CORPUS_LENGTH = 2**20
# Frequency of the word of rank r is 1 / (r + 2.7) to this power (Zipf and Mandelbrot, with a
# lighter head, since the vocabulary is smaller than a language's).
ZIPF_EXPONENT = 0.7
N_LETTERS = 512
N_BIOS = 200
LONGEST_NAME = 64


def build(seed):
    """Make the vocabularies of a run.

    Parameters
    ----------
    seed : int

    Returns
    -------
    dict
        Query parameters: ``corpus`` (bytes, ASCII), ``corpus_length``, ``letters``,
        ``first_names``, ``last_names``, ``bios``, ``first_words``, ``second_words``.
    """
    from faker.providers.lorem.en_US import Provider as English
    from faker.providers.lorem.la import Provider as Latin
    from faker.providers.person.en_US import Provider as Names

    draw = random.Random(seed)  # noqa: S311 - data, not a secret
    people = {name.lower() for name in (*Names.first_names, *Names.last_names)}
    words = _nobodys(Latin.word_list, people)
    # Display names look like names and are nobody's.
    names = [word.capitalize() for word in words if len(word) > 2]
    letters = "".join(draw.choices(words, k=N_LETTERS))
    return {
        "corpus": _corpus(draw, _nobodys([*Latin.word_list, *English.word_list], people)),
        "corpus_length": CORPUS_LENGTH,
        "letters": letters[: N_LETTERS + LONGEST_NAME],
        "first_names": draw.sample(names, len(names)),
        "last_names": draw.sample(names, len(names)),
        "bios": [
            " ".join(draw.choices(words, k=draw.randint(3, 12))).capitalize() for _ in range(N_BIOS)
        ],
        "first_words": draw.sample(words, 120),
        "second_words": draw.sample(words, 120),
    }


def _nobodys(words, people):
    """Words no stretch of which is a name: a body may be cut anywhere, and our own scanner takes
    a short text that is nothing but names (`may`, the `lee` of `sleep`) for a person's.
    """
    known = {word.lower() for word in words if word.isascii() and word.isalpha()}
    return sorted(
        word
        for word in known
        if not any(
            word[first:last] in people
            for first in range(len(word))
            for last in range(first + 2, len(word) + 1)
        )
    )


def _corpus(draw, forms):
    """Sentences of words in the frequencies of a language."""
    draw.shuffle(forms)
    weights = list(accumulate((rank + 2.7) ** -ZIPF_EXPONENT for rank in range(len(forms))))
    pieces, length = [], 0
    while length < CORPUS_LENGTH:
        sentence = " ".join(draw.choices(forms, cum_weights=weights, k=draw.randint(4, 14)))
        pieces.append(sentence.capitalize() + ". ")
        length += len(pieces[-1])
    return "".join(pieces)[:CORPUS_LENGTH].encode("ascii")
