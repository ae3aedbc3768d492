"""The rounds of a loop."""

import json
import math
import secrets
from dataclasses import dataclass, replace

from synth import db, inputs, settings
from synth.generate import run as generation
from synth.loop import adjust
from synth.pack.model import Pack, ShapeRow
from synth.spec import model
from synth.validate import report
from synth.validate import run as validation

# Margins that a check without a synthetic side counts as.
_MISSING = 1000.0
FIRST_STEP, LEAST_STEP = 0.8, 0.2
REASONS = {
    "go": "GO",
    "noise_floor": "what still misses is sampling error at this size: more messages would tell",
    "nothing_adjustable": "no parameter of the spec sets what still misses",
    "no_progress": "smaller steps brought nothing either",
    "max_rounds": "the rounds are used up",
}


@dataclass(frozen=True)
class Round:
    """One generation and its verdict.

    Attributes
    ----------
    number : int
    spec : synth.spec.model.Spec
    outcome : synth.validate.run.Outcome
    found : synth.pack.model.Pack
        Shape of the synthetic side.
    run_id : str
    changes : list of synth.loop.adjust.Change
        What was turned before it.
    is_best : bool
    """

    number: int
    spec: model.Spec
    outcome: object
    found: Pack
    run_id: str
    changes: list
    is_best: bool

    @property
    def missed(self):
        """Checks that failed or are undecided."""
        return [row for row in self.outcome.checks if row["verdict"] in ("FAIL", "WARN")]

    @property
    def excess(self):
        """How far beyond their margins the checks are, all together: sum of ln(effect/margin)."""
        return float(sum(math.log(max(_ratio(row), 1.0)) for row in self.missed))

    @property
    def rank(self):
        """The smaller the better."""
        verdict = self.outcome.verdict
        return (not verdict["is_go"], verdict["n_critical"], verdict["n_fail"], self.excess)

    def document(self):
        """The round as part of a ``--json`` answer."""
        verdict = self.outcome.verdict
        return {
            "round": self.number,
            "run_id": self.run_id,
            "verdict": "GO" if verdict["is_go"] else "NO-GO",
            "counts": {name: verdict[f"n_{name}"] for name in ("pass", "warn", "fail", "critical")},
            "excess": round(self.excess, 6),
            "is_best": self.is_best,
            "changes": [{"parameter": one.parameter, "what": one.what} for one in self.changes],
            "missed": [
                {
                    "check": row["check_name"],
                    "effect": row["effect_size"],
                    "margin": row["margin"],
                    "noise_floor": row["noise_floor"],
                    "at_noise_floor": _is_noise(row),
                }
                for row in self.missed
            ],
        }


@dataclass(frozen=True)
class Result:
    """How a loop ended.

    Attributes
    ----------
    loop_id : str
    reason : str
        A key of `REASONS`.
    best : Round
    rounds : list of Round
    """

    loop_id: str
    reason: str
    best: Round
    rounds: list

    @property
    def exit_code(self):
        """0 when the best round is GO, else 1."""
        return self.best.outcome.exit_code


def _ratio(row):
    if row["effect_size"] is None:
        return _MISSING
    return row["effect_size"] / max(row["margin"] or 0.0, 1e-9)


def _is_noise(row):
    """Whether a miss is no larger than two samples of the same source would differ."""
    floor, effect = row["noise_floor"], row["effect_size"]
    return floor is not None and effect is not None and effect <= floor


def parameters_of(checks):
    """Parameters that the checks name, in their order.

    Parameters
    ----------
    checks : iterable of dict
        Rows of ``fid_checks``.

    Returns
    -------
    list of str
    """
    rows = inputs.read_table(settings.project_dir() / "seeds" / "tolerances.csv", "seed")
    known = {row["check_name"]: row["parameter"] for row in rows}
    named = (known.get(row["check_name"]) for row in checks)
    return list(dict.fromkeys(name for name in named if name))


def loop(
    target,
    pack,
    trust,
    request,
    *,
    max_rounds,
    tolerance,
    save,
    pack_name="pack",
    manifest=None,
    told=None,
):
    """Generate, validate and adjust.

    Parameters
    ----------
    target : synth.targets.Target
        Its server is up.
    pack : synth.pack.model.Pack
    trust : synth.pack.trust.TrustRecord
    request : synth.generate.run.Request
        Of the first round; later ones replace its tables.
    max_rounds : int
    tolerance : float
        As for a validation.
    save : callable
        Called with each best spec so far, at once: an interrupted loop keeps it.
    pack_name : str
        File name of the pack, for the reports.
    manifest : dict or None
        Of the pack. Each round's validation is kept with it, so that `synth report` shows any.
    told : callable, optional
        Called with each `Round`.

    Returns
    -------
    Result
    """
    loop_id = f"loop-{secrets.token_hex(4)}"
    spec, changes, step = request.spec, [], FIRST_STEP
    best, rounds = None, []
    while True:
        asked = replace(request, spec=spec, replace=request.replace or bool(rounds))
        one = _round(target, pack, trust, asked, tolerance, len(rounds) + 1, changes)
        if best is None or one.rank < best.rank:
            one = replace(one, is_best=True)
            best, step = one, FIRST_STEP
            save(one.spec)
        else:
            step /= 2
        rounds.append(one)
        body = report.document(
            one.outcome,
            pack,
            trust,
            pack_name=pack_name,
            target=target.name,
            schema=request.schema,
            tolerance=tolerance,
        )
        validation.remember(target, one.outcome, body, manifest)
        _record(target, loop_id, pack, request, one)
        if told:
            told(one)
        reason, spec, changes = _next(best, pack, step)
        if reason is None and len(rounds) >= max_rounds:
            reason = "max_rounds"
        if reason:
            return Result(loop_id, reason, best, rounds)


def _next(best, pack, step):
    """Why to stop, or the next spec and what was turned."""
    if best.outcome.verdict["is_go"]:
        return "go", None, []
    off = [row for row in best.missed if not _is_noise(row)]
    if not off:
        return "noise_floor", None, []
    if step < LEAST_STEP:
        return "no_progress", None, []
    sides = adjust.Sides(wanted=pack, found=best.found)
    spec, changes = adjust.adjust(best.spec, sides, parameters_of(off), step)
    return (None if changes else "nothing_adjustable"), spec, changes


def _round(target, pack, trust, request, tolerance, number, changes):
    made = generation.execute(target, request, quiet=True)
    outcome = validation.validate(target, pack, trust, tolerance=tolerance, schema=request.schema)
    with db.connect(target, application_name="synth loop") as connection:
        rows = db.fetch_all(connection, "shape_rows", schema=target.schema)
    found = Pack(pack.meta, "", tuple(ShapeRow(**row) for row in rows))
    return Round(number, request.spec, outcome, found, made["run_id"], changes, False)


def _record(target, loop_id, pack, request, one):
    verdict = one.outcome.verdict
    with db.connect(target, application_name="synth loop") as connection:
        db.run_script(connection, "loop_tables")
        db.execute(
            connection,
            "loop_round",
            {
                "loop_id": loop_id,
                "round_no": one.number,
                "pack_sha256": pack.sha256,
                "n_messages": request.n_messages,
                "seed": request.seed,
                "run_id": one.run_id,
                "verdict": "GO" if verdict["is_go"] else "NO-GO",
                **{name: verdict[name] for name in ("n_fail", "n_warn", "n_critical")},
                "excess": one.excess,
                "is_best": one.is_best,
                "changes": json.dumps(one.document()["changes"]),
                "spec": json.dumps(model.to_document(one.spec)),
            },
        )
