"""`synth extract`: build the shape inside the boundary and export the pack."""

import dataclasses
import re
from datetime import MAXYEAR, datetime
from fractions import Fraction

import click

from synth import audit, console, settings, targets
from synth.cli import common_options
from synth.errors import BadInput
from synth.pack import rule as rules
from synth.pack.manifest import RETENTION_DAYS

_MAX_DAYS = 36525
_MOMENTS = ("at", "window_start", "window_end")


class _Window(click.ParamType):
    """Days, or ``all``."""

    name = "N|all"

    def convert(self, value, param, ctx):
        if value == "all" or isinstance(value, int):
            return value
        if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= _MAX_DAYS:
            self.fail(f"expected a number of days from 1 to {_MAX_DAYS}, or all", param, ctx)
        return int(value)


class _AsOf(click.ParamType):
    """ISO date (its last moment) or timestamp; UTC where it has no offset."""

    name = "TIMESTAMP"

    def convert(self, value, param, ctx):
        try:
            year = datetime.fromisoformat(value).year
        except ValueError:
            self.fail("expected an ISO date or timestamp, as 2026-01-31T23:59:59Z", param, ctx)
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}([T ][\d:.]+(Z|[+-][\d:]+)?)?", value):
            self.fail("expected the form 2026-01-31 or 2026-01-31T23:59:59Z", param, ctx)
        if year == MAXYEAR:
            # The ledger takes no row of it.
            self.fail(f"expected a year before {MAXYEAR}", param, ctx)
        return value


class _Epsilon(click.ParamType):
    """A decimal or a fraction, read exactly."""

    name = "E"

    def convert(self, value, param, ctx):
        if isinstance(value, Fraction):
            return value
        try:
            return rules.as_epsilon(value, "--epsilon")
        except BadInput as error:
            raise click.UsageError(error.message, ctx) from error


@click.command(name="extract")
@click.option(
    "--output", type=click.Path(), help="Directory for the files; made if it is not there."
)
@click.option("--plan", is_flag=True, help="List every query and what it would cost; run none.")
@click.option("--window-days", type=_Window(), help="Days before --as-of. [default: the project's]")
@click.option("--as-of", type=_AsOf(), help="Last moment measured. [default: the latest message]")
@click.option("--k", type=int, help="People behind a cell; only more than the project's.")
@click.option(
    "--release",
    type=click.Choice(rules.RULES),
    help="Rule by which figures are released. [default: the project's]",
)
@click.option(
    "--epsilon", type=_Epsilon(), help="Cost of a release by dp: 1, 0.25 or 1/3, read exactly."
)
@click.option("--schema", help="Schema of the application's tables. [default: the project's]")
@click.option("--mapping", help="Source mapping: a name, or a YAML file. [default: the project's]")
@click.option(
    "--retention-days",
    type=click.IntRange(1, RETENTION_DAYS),
    default=RETENTION_DAYS,
    show_default=True,
    help="How long the pack may be kept.",
)
@click.option(
    "--allow-overlap",
    is_flag=True,
    help="Although earlier packs of this source stand against it; it is recorded.",
)
@click.option("--replace", is_flag=True, help="Overwrite a pack that was extracted today.")
@common_options(target=settings.PRODUCTION_TARGET)
def command(
    output,
    plan,
    window_days,
    as_of,
    k,
    release,
    epsilon,
    schema,
    mapping,
    retention_days,
    allow_overlap,
    replace,
    target,
    as_json,
    verbose,
):
    """Build the shape inside the boundary and export pack and manifest.

    Runs `dbt build` with its gates, scans what it is about to write, then writes
    shape-metrics-YYYYMMDD.json, its _mapping.json, and _bill.json, which stays inside the
    boundary; all or none.

    --plan --release dp --epsilon E says what of the source's budget is spent, what this would
    cost and what is left; nothing is spent by it.

    --json prints {schema_version, pack, manifest, bill, sha256, is_salt_reused, as_of,
    window_days, k, release {rule, ...}, n_rows, n_suppressed, suppressed [], scan {n_findings,
    n_strings, n_numbers}, dbt {n_nodes, n_tests, seconds}}; --plan --json prints
    {schema_version, target, mapping, schema, settings {}, release {rule, ...}, budget {total,
    spent, cost, left, is_enough} or null, usable [{entity, metric, family, n_cells,
    sensitivity, rho, sigma, total_variation, merged_cells, why}], total_cost, queries [{name,
    kind, reads {relation: [column]}, cost, n_rows, problem}], shape_only [], views [], earlier
    [{pack_sha256, at, window_start, window_end, release {rule, ...}, is_overlapping}]}.
    """
    if plan:
        audit.note(is_plan=True)
        _plan(
            targets.load(target),
            as_json,
            window_days=window_days,
            as_of=as_of,
            schema=schema,
            mapping=mapping,
            rule=release,
            epsilon=epsilon,
        )
        return
    if output is None:
        raise click.UsageError("Missing option '--output'.")
    from synth.extract import run

    done = run.extract(
        targets.load(target),
        output,
        window_days=window_days,
        as_of=as_of,
        schema=schema,
        mapping=mapping,
        k=k,
        rule=release,
        epsilon=epsilon,
        retention_days=retention_days,
        allow_overlap=allow_overlap,
        replace=replace,
    )
    n_tests = sum(node.resource_type in ("test", "unit_test") for node in done.build.nodes)
    if as_json:
        console.document(
            {
                "pack": str(done.pack_path),
                "manifest": str(done.manifest_path),
                "bill": str(done.bill_path),
                "sha256": done.sha256,
                "is_salt_reused": done.is_salt_reused,
                "as_of": done.meta.as_of,
                "window_days": done.meta.window_days,
                "k": done.meta.k,
                "release": done.meta.release,
                "n_rows": done.n_rows,
                "n_suppressed": done.meta.n_suppressed,
                "suppressed": done.suppressed,
                "scan": {
                    "n_findings": len(done.scanned.findings),
                    "n_strings": done.scanned.n_strings,
                    "n_numbers": done.scanned.n_numbers,
                },
                "dbt": {
                    "n_nodes": len(done.build.nodes),
                    "n_tests": n_tests,
                    "seconds": round(done.build.seconds, 3),
                },
            }
        )
        return
    console.result(f"pack      {done.pack_path}")
    console.result(f"manifest  {done.manifest_path}")
    console.result(f"bill      {done.bill_path} (stays inside the boundary)")
    console.result(f"sha256    {done.sha256}")
    console.result(
        f"window    {done.meta.window_days} days to {done.meta.as_of}; "
        f"{done.n_rows} figures, {done.meta.n_suppressed} suppressed at k = {done.meta.k}"
    )
    console.result(f"release   {rules.words(done.meta.release)}")
    console.result(
        f"gates     {n_tests} dbt tests passed; the scan of {done.scanned.n_strings} strings and "
        f"{done.scanned.n_numbers} numbers is clean"
    )


def _plan(target, as_json, **options):
    from synth.extract import overlap, plan

    found = plan.plan(target, **options)
    total = sum(query.cost or 0 for query in found.queries)
    if as_json:
        console.document(
            {
                "target": target.name,
                "mapping": found.mapping,
                "schema": found.source_schema,
                "settings": found.settings,
                "release": found.release,
                "budget": _budget(found.budget),
                "usable": found.usable,
                "total_cost": round(total, 2),
                "queries": [dataclasses.asdict(query) for query in found.queries],
                "shape_only": found.others,
                "views": found.views,
                "earlier": [
                    {
                        "pack_sha256": one.pack_sha256,
                        **{name: overlap.told(getattr(one, name)) for name in _MOMENTS},
                        "release": one.release,
                        "is_overlapping": one.is_overlapping,
                    }
                    for one in found.earlier
                ],
            }
        )
        return
    rows = []
    for query in found.queries:
        cost = query.problem or f"{query.cost:,.0f}"
        reads = sorted(query.reads.items()) or [("-", ())]
        for position, (relation, columns) in enumerate(reads):
            first = position == 0
            rows.append(
                (query.name if first else "", relation, ", ".join(columns), cost if first else "")
            )
    console.table(
        ["query", "reads", "columns", ">estimated cost"],
        rows,
        title=f"mapping {found.mapping}, schema {found.source_schema}: "
        f"{len(found.queries)} queries read the source",
    )
    console.result(f"estimated cost in all: {total:,.0f} of the planner's units")
    console.result(
        f"{len(found.others)} models and tests read the shape's schema only; their cost is not "
        f"known before: {_listed(found.others)}"
    )
    for one in found.earlier:
        console.result(
            f"earlier pack {one.pack_sha256[:12]}, extracted {one.at:%Y-%m-%d}: holds "
            f"{overlap.told(one.window_start)} to {overlap.told(one.window_end)}, released by "
            f"the rule {one.mechanism}"
        )
    _say_release(found)
    console.result(f"{len(found.views)} views are made, reading nothing: {_listed(found.views)}")
    console.result(
        "before them: the catalogue, and the types and estimates of the mapping; session: "
        + ", ".join(f"{name} = {value}" for name, value in found.settings.items())
    )


def _budget(found):
    if found is None:
        return None
    names = ("total", "spent", "cost", "left")
    told = {name: rules.told(getattr(found, name)) for name in names}
    return {**told, "is_enough": found.is_enough}


def _usable_row(row):
    name = row["entity"], row["metric"]
    if row["why"]:
        return (*name, row.get("n_cells"), None, None, row["why"])
    return (*name, row["n_cells"], f"{row['sigma']:.0f}", row["merged_cells"], "")


def _say_release(found):
    console.result(f"this release would be {rules.words(found.release)}")
    if found.budget is None:
        return
    console.table(
        ["entity", "metric", ">cells", ">noise of a cell", ">usable cells", "not released"],
        map(_usable_row, found.usable),
        title="what would be usable, for as many people as vars.dp_people says",
    )
    console.result(found.budget.words())
    others = sum(one.mechanism != rules.DP for one in found.earlier)
    if others:
        console.result(
            f"the guarantee is of the packs by dp only: {others} earlier pack(s) of this source "
            "were released by another rule, and what they tell is in no budget"
        )


def _listed(names):
    return ", ".join(names) if names else "none"
