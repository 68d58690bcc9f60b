"""Every stage of a policy as JSON: golden files, schemas, hashes. `PROSCRIBE_UPDATE=1` writes golden files again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator
from proscribe.compiler.build.plan import Plan, make_plan
from proscribe.compiler.cli.exits import Exit
from proscribe.compiler.cli.main import main
from proscribe.compiler.emit import schema_writer
from proscribe.compiler.emit.stages import STAGES, StageName, emit, schema, schema_id
from proscribe.compiler.pipeline import Analysis, analyse_file
from proscribe.compiler.records.canonical import to_json
from proscribe.compiler.train.settings import TrainSettings

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
GOLDEN = HERE / "golden.policy"
FINGERPRINT = "0" * 64
VALID = [*sorted((ROOT / "policies").rglob("*.policy")), *sorted((ROOT / "tests/cases").glob("*.policy")), GOLDEN]
_MOST_CELLS = 500  # of a policy whose derived sets are looked through here


def plan_of(found: Analysis) -> Plan:
    assert found.derived is not None
    return make_plan(found.derived, "mini", FINGERPRINT, 0, TrainSettings(), found.derived.ids)[0]


def emitted(found: Analysis, stage: StageName) -> dict[str, Any]:
    return emit(found, stage, plan_of(found) if stage == "plan" else None)


def golden(document: dict[str, Any]) -> str:
    """Canonical JSON with one item of a long list a line: readable, and in a tenth of the lines."""
    value = document["value"]
    if document["stage"] != "derived":
        return to_json(document, indent=1) + "\n"
    rules = [
        {k: [to_json(item) for item in v] if isinstance(v, list) else v for k, v in rule.items()}
        for rule in value["rules"]
    ]
    return to_json({**document, "value": {**value, "rules": rules}}, indent=1) + "\n"


@pytest.mark.parametrize("stage", STAGES)
def test_golden_files(stage: StageName) -> None:
    path = HERE / "stages" / f"{stage}.json"
    text = golden(emitted(analyse_file(GOLDEN), stage))
    if os.environ.get("PROSCRIBE_UPDATE"):
        path.write_text(text, "utf-8")
    assert path.read_text("utf-8") == text


def test_the_golden_policy_has_every_kind_of_statement() -> None:
    value = emitted(analyse_file(GOLDEN), "policy")["value"]
    nodes = {s["node"] for file in (value["file"], *value["used"]) for s in file["statements"]}
    assert nodes == {"PolicyLine", "Use", "Declaration", "Group", "RuleStatement", "Expect"}


@pytest.mark.parametrize("stage", STAGES)
def test_the_schemas_that_ship(stage: StageName) -> None:
    """`python -m proscribe.compiler.schema_writer` writes them again."""
    found = schema(stage)
    Draft202012Validator.check_schema(found)
    assert found["$id"] == schema_id(stage)
    assert found == json.loads(schema_writer.text_of(stage))


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_every_stage_follows_its_schema(path: Path) -> None:
    found = analyse_file(path)
    for stage in STAGES:
        if stage in ("derived", "plan"):
            if found.derived is None or found.derived.forbidden_count > _MOST_CELLS:
                continue
            if stage == "plan" and not found.derived.ids:
                continue
        document = json.loads(to_json(emitted(found, stage)))
        error = next(Draft202012Validator(schema(stage)).iter_errors(document), None)
        assert error is None, f"{stage}: {error and error.message}"


def test_a_schema_refuses_what_a_stage_is_not() -> None:
    document = json.loads(to_json(emitted(analyse_file(GOLDEN), "graph")))
    document["value"]["rules"][0]["cells"]["boxes"][0]["subjects"] = []
    assert not Draft202012Validator(schema("graph")).is_valid(document)
    assert not Draft202012Validator(schema("resolved")).is_valid(document)


def test_the_bytes_do_not_hang_on_where_the_policy_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("golden.policy", "names.policy"):
        shutil.copy(HERE / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    for stage in STAGES:
        here, there = emitted(analyse_file("golden.policy"), stage), emitted(analyse_file(GOLDEN), stage)
        assert to_json(here) == to_json(there), stage


def test_files_of_the_library_are_named_as_such() -> None:
    text = to_json(emitted(analyse_file(ROOT / "policies/examples/minors_alcohol.policy"), "resolved"))
    assert '"file":"std:people.policy"' in text
    assert str(ROOT) not in text


def test_the_meaning_stays_where_only_places_move(tmp_path: Path) -> None:
    shutil.copy(HERE / "names.policy", tmp_path)
    moved = tmp_path / "golden.policy"
    moved.write_text("# one line more\n" + GOLDEN.read_text("utf-8"), "utf-8")
    for stage in ("resolved", "graph", "derived", "plan"):
        before, after = emitted(analyse_file(GOLDEN), stage), emitted(analyse_file(moved), stage)
        assert before["meaning"] == after["meaning"], stage
        if stage != "graph":
            assert before["sha256"] != after["sha256"], stage
    moved.write_text(GOLDEN.read_text("utf-8").replace("except cider", "except wine"), "utf-8")
    assert emitted(analyse_file(moved), "graph")["meaning"] != emitted(analyse_file(GOLDEN), "graph")["meaning"]


def proscribe(*args: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in args])


def test_emit_prints_a_stage_its_hashes_or_its_schema() -> None:
    document = json.loads(proscribe("emit", "graph", GOLDEN).stdout)
    assert document == json.loads(to_json(emitted(analyse_file(GOLDEN), "graph")))
    lines = proscribe("emit", "all", "--hash", GOLDEN, "--fingerprint", FINGERPRINT).stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(STAGES)
    assert lines[3] == f"graph  {document['sha256']}  {document['meaning']}"
    assert json.loads(proscribe("emit", "plan", "--schema").stdout)["$id"] == schema_id("plan")
    assert proscribe("plan", "--emit", "graph", GOLDEN).stdout == proscribe("emit", "graph", GOLDEN).stdout


def test_emit_of_a_policy_in_error(tmp_path: Path) -> None:
    bad = tmp_path / "bad.policy"
    bad.write_text("forbid a -> b\n")
    result = proscribe("emit", "policy", bad)
    assert result.exit_code == Exit.POLICY
    assert json.loads(result.stdout)["value"]["file"]["statements"] == []
    assert "P015" in result.stderr
    assert "there is no derived" in proscribe("emit", "derived", bad).output


@pytest.mark.parametrize("args", [["emit", "graph"], ["emit", "all", GOLDEN], ["emit", "graph", GOLDEN, "--schema"]])
def test_emit_used_wrongly(args: list[object]) -> None:
    assert proscribe(*args).exit_code == Exit.USAGE


def test_stages_before_the_plan_need_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from proscribe.compiler.cli.main import main\n"
        f"main(['emit', 'all', '--hash', {str(GOLDEN)!r}], standalone_mode=False)\n"
        "print([m for m in ('torch', 'numpy', 'PIL', 'networkx') if m in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert len(done.stdout.splitlines()) == len(STAGES) - 1
