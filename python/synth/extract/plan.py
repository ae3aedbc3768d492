"""What an extraction would ask the source, and at what cost, before anything runs.

dbt compiles the models; the server plans those that read the source. A table that a model needs
and that does not exist yet is replaced by one empty row of its columns, a view by its text.
"""

import re
from dataclasses import dataclass

from synth import db, dbt, inputs, server, settings
from synth.extract import allowance, ledger, overlap, preflight, private
from synth.extract import mapping as mappings
from synth.release import dp

_LEADING_WITH = re.compile(r"\s*with\s", re.IGNORECASE)
_NOT_EXPRESSIONS = {"Node Type", "Schema", "Relation Name", "Alias", "Index Name", "CTE Name"}


@dataclass(frozen=True)
class Query:
    """One query of the extraction.

    Attributes
    ----------
    name : str
        Model or test.
    kind : str
        ``model`` or ``test``.
    reads : dict of str to list of str
        Relation of the source to its columns; empty where only the shape's schema is read.
    cost : float or None
        The planner's, in its own units; None where nothing of the source is read, or where
        the planner refuses.
    n_rows : int or None
        The planner's idea of the result.
    problem : str
        Why there is no plan; empty where there is one.
    """

    name: str
    kind: str
    reads: dict
    cost: float | None = None
    n_rows: int | None = None
    problem: str = ""


@dataclass(frozen=True)
class Plan:
    """Every query of an extraction.

    Attributes
    ----------
    queries : list of Query
        That read the source, in the order of the models.
    others : list of str
        Models and tests that read the shape's schema only.
    views : list of str
        Made, not read, by themselves.
    mapping, source_schema : str
    settings : dict
        Of the sessions.
    earlier : list of synth.extract.ledger.Entry
        Packs that came from this source, oldest first.
    release : dict
        By which rule, see `synth.pack.rule`.
    budget : synth.extract.allowance.Budget or None
        What this extraction would cost; None where the rule has no budget.
    usable : list of dict
        What of it would be usable, metric by metric, see `synth.release.dp.rows`.
    """

    queries: list
    others: list
    views: list
    mapping: str
    source_schema: str
    settings: dict
    earlier: list
    release: dict
    budget: allowance.Budget | None
    usable: list


def plan(
    target,
    *,
    window_days=None,
    as_of=None,
    schema=None,
    mapping=None,
    rule=None,
    epsilon=None,
    shown=True,
):
    """Compile the models and let the server plan what reads the source.

    Parameters
    ----------
    target : synth.targets.Target
        A boundary target.
    window_days, as_of, schema, mapping, rule, epsilon, shown
        As for `synth.extract.run.extract`.

    Returns
    -------
    Plan

    Raises
    ------
    BadInput
        The mapping does not resolve; the rule is none, or has no budget.
    DatabaseError
        No connection.
    """
    preflight.check_boundary(target)
    release = allowance.asked(target.name, rule, epsilon)
    planned = private.spends(
        release,
        window_days or dbt.variable("window_days", target.name),
        as_of or dbt.variable("as_of", target.name),
    )
    source_schema = schema or preflight.source_schema(target)
    source = mappings.load(target, source_schema, mapping)
    limits = preflight.session_settings()
    variables = {"window_days": window_days, "as_of": as_of, "source_schema": schema}
    variables = {name: value for name, value in variables.items() if value is not None}
    variables |= allowance.variables(release)
    options = preflight.session_options()
    with (
        server.ensure(target),
        db.connect(target, application_name="synth plan", **options) as connection,
    ):
        relations = preflight.check_source(connection, target, source, source_schema)
        if any(relation.is_foreign for relation in relations):
            variables["materialize_staging"] = True
        manifest = dbt.compiled(target=target, variables=variables | source.variables, shown=shown)
        k = preflight.required_people()
        seen = overlap.look(connection, source, relations, source_schema, k)
        earlier = [one for one in ledger.read(connection).entries if seen.is_same(one)]
        budget = allowance.budget(release, earlier)
        queries, others, views = _sorted_out(connection, _Project(connection, manifest))
        return Plan(
            queries=queries,
            others=others,
            views=views,
            mapping=source.name,
            source_schema=source_schema,
            settings=limits,
            earlier=earlier,
            release=release,
            budget=budget,
            usable=dp.rows(planned) if planned else [],
        )


def _sorted_out(connection: object, project: "_Project") -> tuple[list, list, list]:
    queries, others, views = [], [], []
    for key in project.order:
        node = project.nodes[key]
        if project.is_view(key):
            views.append(node["name"])
        elif project.reads_source(key):
            queries.append(_query(connection, project, key))
        else:
            others.append(node["name"])
    return queries, others, views


def _query(connection, project, key):
    node = project.nodes[key]
    kind = "test" if node["resource_type"] == "test" else "model"
    try:
        (row,) = db.fetch_expanded(connection, "plan_query", {"query": project.standalone(key)})
    except db.Error as error:
        return Query(node["name"], kind, {}, problem=db.readable_refusal(error))
    top = row["QUERY PLAN"][0]["Plan"]
    reads = _columns_read(connection, top)
    return Query(node["name"], kind, reads, float(top["Total Cost"]), int(top["Plan Rows"]))


def _columns_read(connection, top):
    """Columns that any expression of a plan mentions, by relation."""
    found = list(mappings.nodes(top))
    scans = [node for node in found if "Relation Name" in node]
    names = [(node["Schema"], node["Relation Name"]) for node in scans]
    existing = {
        (row["schema_name"], row["relation"]): row["column_names"]
        for row in db.fetch_all(
            connection,
            "relation_columns",
            {"schemas": [name[0] for name in names], "relations": [name[1] for name in names]},
        )
    }
    expressions = [
        text for node in found for text in _expressions(node, existing, is_top=node is top)
    ]
    reads = {}
    for node in scans:
        columns = existing.get((node["Schema"], node["Relation Name"]), ())
        prefix = re.escape(_quoted(node["Alias"]))
        used = {
            column
            for column in columns
            if any(
                re.search(rf'(?<![\w."]){prefix}\.{re.escape(_quoted(column))}(?![\w$"])', text)
                for text in expressions
            )
        }
        relation = f"{node['Schema']}.{node['Relation Name']}"
        reads.setdefault(relation, set()).update(used)
    return {relation: sorted(columns) for relation, columns in sorted(reads.items())}


def _expressions(node, existing, *, is_top):
    for name, value in node.items():
        if name in _NOT_EXPRESSIONS or name == "Plans":
            continue
        if name == "Output" and not is_top and _is_whole_row(node, existing):
            # The whole row, handed up because that costs nothing: the nodes above say what is used.
            continue
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from (text for text in value if isinstance(text, str))


def _is_whole_row(node, existing):
    columns = existing.get((node.get("Schema"), node.get("Relation Name")))
    if columns is None:
        return False
    alias = _quoted(node["Alias"])
    return node["Output"] == [f"{alias}.{_quoted(column)}" for column in columns]


def _quoted(name):
    """A name as the server prints it."""
    if re.fullmatch(r"[a-z_][a-z0-9_$]*", name):
        return name
    return '"' + name.replace('"', '""') + '"'


class _Project:
    """The compiled models, and how to plan one alone."""

    def __init__(self, connection, manifest):
        self._connection = connection
        # A test of a disabled model stays in the manifest, without anything to depend on.
        self.nodes = {
            key: node
            for key, node in manifest["nodes"].items()
            if node["resource_type"] in ("model", "seed")
            or (node["resource_type"] == "test" and node["depends_on"]["nodes"])
        }
        self._sources = set(manifest["sources"])
        # A view of the role is named by the mapping, not by dbt: staging always reads the source.
        self._staging = {key for key in self.nodes if self._parents(key) & self._sources}
        self._stubs = {}
        self.order = self._sorted()

    def is_view(self, key):
        """Whether a node is made without reading anything."""
        return self.nodes[key]["config"].get("materialized") == "view"

    def reads_source(self, key):
        """Whether running a node reads the source, itself or through views."""
        return key in self._staging or any(
            self.is_view(parent) and self.reads_source(parent)
            for parent in self._parents(key)
            if parent in self.nodes
        )

    def standalone(self, key):
        """SQL of a node that needs nothing but the source."""
        text = self.nodes[key]["compiled_code"]
        inlined = []
        for parent in sorted(self._parents(key) & set(self.nodes)):
            relation = self.nodes[parent]["relation_name"]
            name = f'"plan_{self.nodes[parent]["alias"]}"'
            if not relation or relation not in text:
                continue
            text = text.replace(relation, name)
            if self.is_view(parent):
                inlined.append(f"{name} as not materialized ({self.standalone(parent)})")
            else:
                inlined.append(f"{name} as ({self._stub(parent)})")
        if not inlined:
            return text
        rest = _LEADING_WITH.sub("", text, count=1)
        joint = "," if rest != text else "\n"
        return f"with {', '.join(inlined)}{joint}{rest}"

    def _stub(self, key):
        """One empty row of a table that does not exist yet; offset keeps it from being folded."""
        if key not in self._stubs:
            columns = ", ".join(
                f"null::{kind} as {db.identifier(name)}" for name, kind in self._columns(key)
            )
            self._stubs[key] = f"select {columns} offset 0"
        return self._stubs[key]

    def _columns(self, key):
        node = self.nodes[key]
        if node["resource_type"] == "seed":
            path = settings.project_dir() / node["original_file_path"]
            return [(name, "text") for name in inputs.table_columns(path, "seed")]
        fragments = {"query": self.standalone(key)}
        found = db.describe(self._connection, "plan_describe", fragments)
        oids = {"oids": [oid for _, oid in found]}
        names = {
            row["oid"]: row["type_name"]
            for row in db.fetch_all(self._connection, "type_names", oids)
        }
        return [(name, names[oid]) for name, oid in found]

    def _parents(self, key):
        """Nodes whose relation the SQL of a node may name: an ephemeral one's are in it, too."""
        found = set()
        for parent in self.nodes[key].get("depends_on", {}).get("nodes", ()):
            found.add(parent)
            node = self.nodes.get(parent)
            if node and node["config"].get("materialized") == "ephemeral":
                found |= self._parents(parent)
        return found

    def _sorted(self):
        order, seen = [], set()

        def visit(key):
            if key in seen or key not in self.nodes:
                return
            seen.add(key)
            for parent in sorted(self._parents(key)):
                visit(parent)
            order.append(key)

        for key in sorted(self.nodes):
            visit(key)
        return [key for key in order if self.nodes[key]["resource_type"] != "seed"]
