"""The long form of the attacks: every part, a table each; exit code 1 where one finds too much."""

import argparse
import sys
from collections.abc import Iterator

import numpy as np

from bench.attack import (
    averaging,
    cells,
    chats,
    curves,
    differencing,
    estimator,
    leave_one_out,
    membership,
    populations,
    release,
    strengths,
    wholes,
)
from bench.attack.chats import Chat
from synth import console

PARTS = ("subtraction", "differencing", "membership", "averaging", "epsilon", "cost")


def main(arguments: list[str] | None = None) -> int:
    """Run the parts that are asked for; gives the exit code."""
    options = _options().parse_args(arguments)
    found_nothing = True
    for part in options.parts or PARTS:
        console.result(f"## {part}")
        found_nothing &= _RUNS[part](options)
    return 0 if found_nothing else 1


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench attack", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=PARTS, help="default: all")
    parser.add_argument("--rounds", type=int, default=membership.ROUNDS, help="of membership")
    parser.add_argument("--draws", type=int, default=differencing.DRAWS, help="of differencing")
    parser.add_argument("--people", type=int, nargs="*", default=curves.SIZES, help="of cost")
    return parser


def _subtraction(_: argparse.Namespace) -> bool:
    """Best linear estimates of groups of few, with the noise and without it."""
    found_nothing = True
    for name, chat in _all_chats():
        exact = cells.exact(wholes.wholes(chat))
        figures = release.groups(exact)
        for has_noise in (True, False):
            found = estimator.known(exact, figures, has_noise=has_noise)
            told = estimator.disclosed(found)
            least = min((one.sd for one in found), default=float("inf"))
            likely = max((one.most_likely for one in found), default=0.0)
            console.result(
                f"{name}, {'noise' if has_noise else 'no noise'}: {len(found)} groups of few can "
                f"be estimated, {len(told)} too well; smallest sd {least:.2f}, "
                f"largest chance of a value {likely:.3f}"
            )
            for one in told[:3] if has_noise else ():
                console.result(f"  {one.what}: {one.n_rows} rows, sd {one.sd:.2f}")
            # Without noise the attack is to succeed, or it shows nothing.
            found_nothing &= bool(told) != has_noise
    return found_nothing


def _differencing(options: argparse.Namespace) -> bool:
    kinds = [
        (strengths.OFF, False),
        (strengths.PERTURBED, False),
        (strengths.PERTURBED, True),
        (strengths.DP[1], True),
    ]
    for name, chat in _crowds():
        for one in differencing.attack(chat, kinds, draws=options.draws):
            console.result(
                f"{name}, {one.level}, {one.strength}: AUC of moves {one.auc_moves:.2f}, of places "
                f"{one.auc_places:.2f}; hours of the week told {100 * one.hours_found:.0f} %"
            )
    return True


def _membership(options: argparse.Namespace) -> bool:
    kinds = [strengths.OFF, strengths.PERTURBED, strengths.DP[1]]
    for name, chat in _crowds():
        for one in membership.attack(chat, kinds, rounds=options.rounds):
            console.result(
                f"{name}, {one.level}, {one.strength}: AUC of the ratio {one.auc_ratio:.2f}, "
                f"learned {one.auc_learned:.2f}; epsilon at least {one.epsilon_at_least:.2f}"
            )
    return True


def _averaging(_: argparse.Namespace) -> bool:
    for one in averaging.attack(chats.simulated(np.random.default_rng(1), 1000)):
        console.result(
            f"noise by {one.keyed_by}, {one.n_packs} packs: sd {one.sd:.2f} over {one.n_cells} "
            f"cells of a day, AUC of one row {one.auc:.2f}"
        )
    return True


def _epsilon(_: argparse.Namespace) -> bool:
    chat = chats.simulated(np.random.default_rng(1), 1000)
    kept = True
    for strength in strengths.DP:
        for broken in (1.0, 8.0):
            one = leave_one_out.audit(chat, strength, broken=broken)
            noise = "noise" if broken == 1 else f"noise divided by {broken:.0f}"
            console.result(
                f"epsilon {one.promised:g}, {noise}: at least {one.proven:.2f} is spent; moved "
                f"too far: {', '.join(one.moved_too_much) or 'none'}"
            )
            kept &= (one.proven <= one.promised) == (broken == 1) and not one.moved_too_much
    return kept


def _cost(options: argparse.Namespace) -> bool:
    names = [strength.name for strength in strengths.STRENGTHS]
    console.result("| people | metric | floor | " + " | ".join(names) + " |")
    console.result("|---" * (3 + len(names)) + "|")
    for n_people in options.people:
        table: dict[str, list[curves.Point]] = {}
        for point in curves.points(n_people):
            table.setdefault(point.metric, []).append(point)
        for metric, row in table.items():
            ratios = " | ".join(f"{point.added / point.floor:.2f}" for point in row)
            console.result(f"| {n_people:,} | {metric} | {row[0].floor:.3f} | {ratios} |")
    return True


def _all_chats() -> Iterator[tuple[str, Chat]]:
    yield from populations.drawn()
    yield from populations.real()


def _crowds() -> Iterator[tuple[str, Chat]]:
    """Chats of enough people to draw groups from: real ones, or one that is drawn."""
    found = [one for one in populations.real() if one[1].n_people >= 2 * differencing.GROUP]
    yield from found or [("1,000 people drawn", chats.simulated(np.random.default_rng(1), 1000))]


_RUNS = {
    "subtraction": _subtraction,
    "differencing": _differencing,
    "membership": _membership,
    "averaging": _averaging,
    "epsilon": _epsilon,
    "cost": _cost,
}

if __name__ == "__main__":
    sys.exit(main())
