"""Vocabularies for names and bodies, built once per run with faker and shipped as parameters.

Seeded through ``random.Random``, whose stream Python guarantees, so a resumed run gets the same
words. Nothing here comes from production.
"""

import random

CORPUS_LENGTH = 131_072
N_LETTERS = 512
N_FIRST_NAMES = 300
N_LAST_NAMES = 500
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
    from faker.providers.lorem.la import Provider as Words
    from faker.providers.person.en_US import Provider as Names

    draw = random.Random(seed)  # noqa: S311 - data, not a secret
    words = sorted({word.lower() for word in Words.word_list if word.isascii()})
    first = sorted({name for name in Names.first_names if name.isascii()})
    last = sorted({name for name in Names.last_names if name.isascii()})
    pieces, length = [], 0
    while length < CORPUS_LENGTH:
        sentence = " ".join(draw.choices(words, k=draw.randint(4, 14))).capitalize() + ". "
        pieces.append(sentence)
        length += len(sentence)
    letters = "".join(draw.choices(words, k=N_LETTERS))
    return {
        "corpus": "".join(pieces)[:CORPUS_LENGTH].encode("ascii"),
        "corpus_length": CORPUS_LENGTH,
        "letters": letters[: N_LETTERS + LONGEST_NAME],
        "first_names": draw.sample(first, min(N_FIRST_NAMES, len(first))),
        "last_names": draw.sample(last, min(N_LAST_NAMES, len(last))),
        "bios": [
            " ".join(draw.choices(words, k=draw.randint(3, 12))).capitalize() for _ in range(N_BIOS)
        ],
        "first_words": draw.sample(words, 120),
        "second_words": draw.sample(words, 120),
    }
