"""Nothing in the caller's environment, and no file of an earlier run, decides what dbt runs."""

import dataclasses
import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest

from synth import targets
from synth.dbt import environment, gates, project, runner
from synth.dbt.events import NodeResult
from synth.errors import BadInput

PROFILE = """
prodshape:
  outputs:
    prod_shape:
      type: postgres
      host: "{{ env_var('PGHOST') }}"
      port: 5432
      user: "{{ env_var('DBT_USER') }}"
      password: '{{ env_var("DBT_ENV_SECRET_PASSWORD") }}'
      dbname: "{{ env_var( 'SHOP_DB', env_var('SHOP_OTHER_DB', 'shop') ) }}"
      schema: "{{ env_var('PG_SCHEMA', 'shape') }}"
    dev_synth:
      {type: postgres, host: "{{ env_var('ONLY_OF_DEV') }}", port: 5432, user: u, password: p,
       dbname: d, schema: s}
"""


def _commands():
    from dbt.cli.main import cli

    return {verb: cli.commands[verb] for verb in runner.VERBS}


def _variables(parameter):
    """Environment variables of a parameter: dbt gives a list, or one name."""
    found = parameter.envvar or []
    return [found] if isinstance(found, str) else list(found)


@pytest.fixture
def target(monkeypatch, tmp_path):
    """A target whose profile reads variables of many names."""
    (tmp_path / "profiles.yml").write_text(PROFILE)
    monkeypatch.setenv("DBT_PROFILES_DIR", str(tmp_path))
    for name in (
        "PGHOST",
        "DBT_USER",
        "DBT_ENV_SECRET_PASSWORD",
        "SHOP_DB",
        "PG_SCHEMA",
        "ONLY_OF_DEV",
    ):
        monkeypatch.setenv(name, f"value of {name}")
    return targets.load("prod_shape")


def test_no_flag_of_dbts_reaches_a_child(target, monkeypatch):
    from dbt.cli.main import cli
    from dbt.env_vars import KNOWN_ENGINE_ENV_VARS

    names = {name for known in KNOWN_ENGINE_ENV_VARS for name in (known.name, known.old_name)}
    for command in (cli, *cli.commands.values()):
        names |= {name for parameter in command.params for name in _variables(parameter)}
    # DBT_HOST is a flag of `dbt docs serve` alone.
    names -= {None, "DBT_HOST"}
    assert len(names) > 100
    # synth reads this one itself, and gives it as --profiles-dir.
    for name in names - {"DBT_PROFILES_DIR"}:
        monkeypatch.setenv(name, "true")
    given = environment.child(target)
    assert not names & set(given)
    # A profile that names one is refused; so the list must know each that dbt knows.
    assert not [name for name in names if not environment.is_steering(name)]


def test_a_new_flag_of_dbts_fails_here(target, tmp_path):
    """Each option is given, or cannot be set but by a variable that never reaches a child."""
    from dbt.contracts.project import ProjectFlags

    arguments = runner.command("build", target, None, tmp_path)
    settable = {field.name for field in dataclasses.fields(ProjectFlags)}
    # Refused by dbt itself beside --warn-error-options.
    settable -= {"warn_error"}
    for verb, command in _commands().items():
        arguments = set(runner.command(verb, target, None, tmp_path))
        left = set()
        for parameter in command.params:
            if not arguments & {*parameter.opts, *parameter.secondary_opts}:
                left.add(parameter.name)
                assert parameter.name not in settable, f"{verb}: give {parameter.opts}"
                assert all(map(environment.is_steering, _variables(parameter))), parameter.name
        # Of these only the first two have a negative form, and both want a variable or us.
        assert left <= {
            *("show_all_deprecations", "inject_ephemeral_ctes"),
            *("deprecated_defer", "deprecated_favor_state", "deprecated_print", "deprecated_state"),
            *("defer_state", "state", "partial_parse_file_path", "partial_parse_file_diff"),
            *("record_timing_info", "version", "warn_error", "event_time_start", "event_time_end"),
            *("exclude", "full_refresh", "resource_types", "exclude_resource_types", "sqlparse"),
            *("sample", "selector", "show", "store_failures", "threads", "inline", "output"),
        }


def test_the_child_gets_what_profile_and_project_name(target, monkeypatch):
    for name in ("ANONYMIZATION_SALT", "HOME", "LC_ALL", "TZ", "SSL_CERT_FILE", "SHOP_OTHER_DB"):
        monkeypatch.setenv(name, "x")
    for name in ("PGHOSTADDR", "PGOPTIONS", "PYTHONPATH", "PYTHONWARNINGS", "SECRET_OF_OTHERS"):
        monkeypatch.setenv(name, "bad")
    given = environment.child(target)
    assert given["DBT_USER"] == "value of DBT_USER"
    named = {"PGHOST", "DBT_ENV_SECRET_PASSWORD", "SHOP_DB", "SHOP_OTHER_DB", "PG_SCHEMA"}
    assert named <= set(given)
    assert {"ANONYMIZATION_SALT", "HOME", "LC_ALL", "TZ", "SSL_CERT_FILE", "PATH"} <= set(given)
    assert "bad" not in given.values()
    # Another target's password is none of this one's business.
    assert "ONLY_OF_DEV" not in given


@pytest.mark.parametrize(
    "name", ["DBT_QUIET", "DBT_ENGINE_QUIET", "DBT_ENGINE_NEW", "PGHOSTADDR", "PYTHONPATH"]
)
def test_a_profile_that_names_a_flag_is_refused(target, tmp_path, name):
    (tmp_path / "profiles.yml").write_text(PROFILE.replace("SHOP_DB", name))
    with pytest.raises(BadInput, match=f"target 'prod_shape' .* reads {name}"):
        environment.child(target)


def test_a_name_that_the_profile_puts_together_reaches_the_child(target, tmp_path, monkeypatch):
    written = "env_var( 'SHOP_DB', env_var('SHOP_OTHER_DB', 'shop') )"
    computed = "env_var('SHOP_' ~ env_var('STAGE', 'eu') | upper, 'production')"
    (tmp_path / "profiles.yml").write_text(PROFILE.replace(written, computed))
    monkeypatch.setenv("SHOP_EU", "shop_eu")
    monkeypatch.setenv("SHOP_US", "shop_us")
    given = environment.child(target)
    assert given["SHOP_EU"] == targets.load("prod_shape").dbname == "shop_eu"
    assert not {"SHOP_US", "SHOP_DB", "ONLY_OF_DEV"} & set(given)
    monkeypatch.setenv("STAGE", "us")
    given = environment.child(target)
    assert (given["STAGE"], given["SHOP_US"]) == ("us", "shop_us")
    assert "SHOP_EU" not in given
    computed = "env_var('DBT_' ~ 'QUIET', 'production')"
    (tmp_path / "profiles.yml").write_text(PROFILE.replace(written, computed))
    with pytest.raises(BadInput, match="reads DBT_QUIET"):
        environment.child(target)


@pytest.fixture
def project_dir(tmp_path, monkeypatch):
    """A project of its own."""
    folder = tmp_path / "project"
    (folder / "models").mkdir(parents=True)
    monkeypatch.setenv("SYNTH_PROJECT_DIR", str(folder))
    (folder / "dbt_project.yml").write_text("name: prodshape\n")
    project._project.cache_clear()
    yield folder
    project._project.cache_clear()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "it"),
        ("[]", "it"),
        ("3", "it"),
        ("name: [x]", "name"),
        ("name: 3", "name"),
        ("vars: [1]", "vars"),
        ("vars: 3", "vars"),
        ("name: prodshape\nvars: {prodshape: 3}", "vars"),
        ("model-paths: 5", "model-paths"),
        ("model-paths: models", "model-paths"),
        ("model-paths: [5]", "model-paths"),
        ("seed-paths: {a: b}", "seed-paths"),
        ('macro-paths: ["\\0"]', "macro-paths"),
        ('macro-paths: ["\\ud800"]', "macro-paths"),
        ("packages-install-path: 5", "packages-install-path"),
    ],
)
def test_a_project_that_is_none_is_one_line(target, project_dir, text, key):
    (project_dir / "dbt_project.yml").write_text(text)
    with pytest.raises(BadInput, match=rf"dbt_project\.yml: {key} is not a "):
        environment.child(target)
    with pytest.raises(BadInput, match=rf"dbt_project\.yml: {key} is not a "):
        project.variable("k_anonymity", "prod_shape")


@pytest.mark.parametrize("place", [".dbtignore", "dbt_packages/other/.dbtignore"])
def test_a_file_that_hides_gates_is_refused(target, project_dir, place):
    environment.child(target)
    (project_dir / place).parent.mkdir(parents=True, exist_ok=True)
    (project_dir / place).write_text("gates\n")
    with pytest.raises(BadInput, match=rf"has {place}, which hides"):
        environment.child(target)


@pytest.mark.parametrize(
    "place", ["models/a.sql", "seeds/a.csv", "models/deep/a", "selectors.yml", "dbt_packages/a.md"]
)
def test_a_pipe_among_the_projects_files_is_refused(target, project_dir, place):
    (project_dir / place).parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(project_dir / place)
    with pytest.raises(BadInput, match=f"{place} is no regular file"):
        environment.child(target)


def test_the_project_is_walked_through_links_and_outside_its_folder(
    target, project_dir, tmp_path, monkeypatch
):
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.sql").write_text("select '{{ env_var('OF_A_LINKED_FOLDER') }}'")
    (other / "again").symlink_to(other)
    (other / "nothing.sql").symlink_to(tmp_path / "nothing")
    (project_dir / "models" / "linked").symlink_to(other)
    monkeypatch.setenv("OF_A_LINKED_FOLDER", "x")
    assert environment.child(target)["OF_A_LINKED_FOLDER"] == "x"
    (project_dir / "dbt_project.yml").write_text("name: prodshape\nmodel-paths: [../other]\n")
    project._project.cache_clear()
    assert environment.child(target)["OF_A_LINKED_FOLDER"] == "x"
    (other / "a.sql").write_text("select '{{ env_var('DBT_QUIET') }}'")
    with pytest.raises(BadInput, match=r"\.\./other/a\.sql reads DBT_QUIET"):
        environment.child(target)


def test_a_module_in_the_working_directory_is_not_imported(target, tmp_path):
    for name in ("dbt", "yaml", "sitecustomize", "click"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('hijacked')")
    command = runner.command("build", target, None, tmp_path)
    start = command[: command.index("build")]
    done = subprocess.run(
        [*start, "--version"],
        cwd=tmp_path,
        env=environment.child(target),
        capture_output=True,
        text=True,
        check=False,
    )
    assert start[0] == sys.executable
    assert done.returncode == 0, done.stderr
    assert "hijacked" not in done.stdout + done.stderr
    assert "Core" in done.stdout + done.stderr


def test_the_parent_takes_no_place_of_dbts_files_from_the_environment(target, tmp_path):
    command = runner.command("build", target, {"k_anonymity": 30}, tmp_path)
    after = dict(itertools.pairwise(command))
    assert after["--target-path"] == after["--log-path"] == str(tmp_path)
    assert Path(after["--profiles-dir"]) == tmp_path
    assert Path(after["--project-dir"]).is_absolute()
    assert after["--select"] == "fqn:*"


def _build(**states):
    nodes = [NodeResult("stg_a", "model", "success")]
    nodes += [NodeResult(name, "test", state) for name, state in states.items()]
    return runner.DbtRun(tuple(nodes), 0, 1.0)


@pytest.mark.parametrize(
    ("told", "states", "lacking", "not_run"),
    [
        ((), {"a": "pass", "b": "pass"}, (), ()),
        # dbt ended well, and the table says so; but nobody saw b.
        ((), {"a": "pass"}, ("b (did not run)",), ("b",)),
        ((), {"a": "pass", "b": "skipped"}, ("b (skipped)",), ("b",)),
        ((), {"a": "warn", "b": "pass"}, ("a (warn)",), ()),
        (("b (loosened: severity)",), {"a": "pass", "b": "pass"}, ("b (loosened: severity)",), ()),
        ((), {}, ("a (did not run)", "b (did not run)"), ("a", "b")),
    ],
)
def test_a_gate_counts_where_table_and_events_agree(told, states, lacking, not_run):
    found = gates._gates(["a", "b"], list(told), _build(**states))
    assert (found.lacking, found.not_run) == (lacking, not_run)
