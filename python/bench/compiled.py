"""The statements dbt would run, taken from what it compiled, so that they can run without it."""

import json
import subprocess
import sys
from pathlib import Path

from synth import settings, targets

SQL_DIR = Path(__file__).parent / "sql"


def build(target, folder, variables=None):
    """Let dbt make the tables of a target, and write down what it ran.

    Parameters
    ----------
    target : synth.targets.Target
    folder : pathlib.Path
        dbt's target directory.
    variables : dict, optional
        Passed as ``--vars``.
    """
    command = [sys.executable, "-m", "synth.dbt", *arguments(target, folder, variables)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        raise SystemExit(done.stdout[-2000:])


def arguments(target, folder, variables=None):
    """Arguments of the dbt that `build` runs."""
    return [
        *("build", "--target", target.name),
        *("--project-dir", str(settings.project_dir())),
        *("--profiles-dir", str(targets.profiles_dir())),
        *("--target-path", str(folder), "--log-path", str(folder)),
        *("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"),
        *("--vars", json.dumps(variables or {})),
    ]


def statements(folder, *, only="models", without=None):
    """Statements that rebuild every model, in the order of their references.

    Parameters
    ----------
    folder : pathlib.Path
        Where `build` compiled them.
    only, without : str
        Folder of the models that are wanted, or not.

    Returns
    -------
    list of str
    """
    nodes = json.loads((folder / "manifest.json").read_text())["nodes"]
    models = {name: node for name, node in nodes.items() if node["resource_type"] == "model"}
    done, found = set(), []
    while len(done) < len(models):
        for name, node in models.items():
            needs = [other for other in node["depends_on"]["nodes"] if other in models]
            if name in done or not done.issuperset(needs):
                continue
            done.add(name)
            path = node["original_file_path"]
            if not path.startswith(only) or (without and path.startswith(without)):
                continue
            if node["config"]["materialized"] == "ephemeral":
                continue  # it stands in the statements that read it
            compiled = folder / "compiled" / "prodshape" / path
            form = (SQL_DIR / f"redraw_{node['config']['materialized']}.sql").read_text()
            form = form.replace("{relation}", node["relation_name"])
            found.append(form.replace("{statement}", compiled.read_text()))
            for hook in node["config"]["post-hook"]:
                if "mark_built" not in hook["sql"]:  # of dbt's own runs
                    found.append(hook["sql"].replace("{{ this }}", node["relation_name"]))
    return found
