"""Telling two sorts of packs apart: how well a score does, and a score that is learned."""

import numpy as np
from scipy import optimize, special, stats

from bench.attack.chats import Numbers


def auc(inside: Numbers, outside: Numbers) -> float:
    """Chance that a score of one sort exceeds one of the other, ties counted half."""
    both = np.concatenate([inside, outside])
    ranks = stats.rankdata(both)[: len(inside)].sum()
    return float((ranks - len(inside) * (len(inside) + 1) / 2) / (len(inside) * len(outside)))


def logistic(features: Numbers, labels: Numbers, penalty: float = 1.0) -> Numbers:
    """Weights of a logistic regression with a ridge, the constant last.

    Parameters
    ----------
    features
        Shape (n, m), of about unit spread.
    labels
        Shape (n,), 0 or 1.
    penalty
        Of the squared weights, not of the constant.
    """
    table = np.column_stack([features, np.ones(len(features))])
    ridge = np.r_[np.full(features.shape[1], penalty), 0.0]
    signs = 2.0 * labels - 1

    def loss(weights: Numbers) -> tuple[float, Numbers]:
        margin = signs * (table @ weights)
        slope = -(signs * special.expit(-margin)) @ table
        value = -special.log_expit(margin).sum()
        return value + 0.5 * ridge @ weights**2, slope + ridge * weights

    return optimize.minimize(loss, np.zeros(table.shape[1]), jac=True, method="L-BFGS-B").x


def likelihood_ratio(packs: Numbers, step: Numbers, mean: Numbers, spread: Numbers) -> Numbers:
    """Log-likelihood ratio of packs that hold `step` more, were their cells independent and normal.

    Parameters
    ----------
    packs
        Figures, shape (n, m).
    step
        What the person adds to each, shape (m,).
    mean, spread
        Of the figures without the person, and their variance, shape (m,).
    """
    return (packs - mean - step / 2) @ (step / spread)
