"""What docs/ci.md and the pre-commit hooks tell people to write works."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from proscribe.compiler.cli.exits import Exit
from proscribe.compiler.cli.main import COMMANDS, main
from proscribe.compiler.formats import FORMATS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/ci.md").read_text("utf-8")
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
YAML = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]


def test_every_yaml_block_is_read() -> None:
    assert len(YAML) == 5
    assert all(isinstance(block, dict) for block in YAML)
    workflows = [block for block in YAML if "jobs" in block]
    assert len(workflows) == 3
    for flow in workflows:
        assert all("run" in step or "uses" in step for job in flow["jobs"].values() for step in job["steps"])


def test_the_page_names_every_format_and_hook() -> None:
    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE) == list(FORMATS)
    (config,) = [block["repos"] for block in YAML if "repos" in block]
    assert [hook["id"] for hook in config[0]["hooks"]] == [hook["id"] for hook in HOOKS]


def test_the_exit_codes_are_those_of_the_commands() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)}
    assert told == {Exit.GOOD, Exit.POLICY, Exit.USAGE, Exit.ENVIRONMENT, Exit.STOPPED, Exit.UNREAD}


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_runs_on_files_named_at_its_end(hook: dict[str, Any], tmp_path: Path) -> None:
    assert set(hook) <= {"id", "name", "description", "entry", "language", "files", "require_serial"}
    assert re.search(hook["files"], "policies/a b.policy")
    assert not re.search(hook["files"], "policies/policy.py")
    program, command, *options = shlex.split(hook["entry"])
    assert program == "proscribe"
    if command not in COMMANDS:
        pytest.skip(f"`{command}` is not built yet")
    paths = [tmp_path / "a.policy", tmp_path / "b c.policy"]
    for path in paths:
        path.write_text('policy "p" edition 2026\n\nforbid child -drinking-> wine\n', "utf-8")
    result = CliRunner().invoke(main, [command, *options, *map(str, paths)])
    assert result.exit_code in (Exit.GOOD, Exit.POLICY), result.output


def test_check_needs_no_more_than_the_page_installs(tmp_path: Path) -> None:
    (installed,) = {tuple(found.split()) for found in re.findall(r"^pip install ([a-z ]+)$", PAGE, re.MULTILINE)}
    (tmp_path / "p.policy").write_text("forbid a -> b\n")
    code = (
        "import sys\n"
        "from proscribe.compiler.cli.main import main\n"
        "for format in ('text', 'json', 'sarif', 'github'):\n"
        "    try: main(['check', '--format', format, 'p.policy'], standalone_mode=False)\n"
        "    except Exception: pass\n"
        "from pathlib import Path\n"
        "parts = {Path(m.__file__).parts for m in list(sys.modules.values()) if getattr(m, '__file__', None)}\n"
        "found = {p[p.index('site-packages') + 1] for p in parts if 'site-packages' in p}\n"
        "print(sorted(f for f in found if not f.startswith(('__editable__', '_'))), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    loaded = set(re.findall(r"[\w.-]+", done.stderr.splitlines()[-1]))
    assert "click" in loaded
    assert loaded <= set(installed)


def test_the_gitlab_script_makes_a_code_quality_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (script,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    Path("p.policy").write_text("forbid a -> b\nconcept c\nconcept c\n")
    document = CliRunner().invoke(main, ["check", "--format", "json", "p.policy"]).stdout
    done = subprocess.run([sys.executable, "-c", script], input=document, capture_output=True, text=True, check=True)
    report = json.loads(done.stdout)
    assert len(report) == len(json.loads(document)["files"][0]["diagnostics"]) > 1
    assert len({entry["fingerprint"] for entry in report}) == len(report)
    first = next(entry for entry in report if entry["check_name"] == "P015")
    assert first["location"] == {"path": "p.policy", "lines": {"begin": 1, "end": 1}}
    assert {entry["severity"] for entry in report} <= {"info", "minor", "major", "critical", "blocker"}
    assert all(set(e) == {"description", "check_name", "fingerprint", "severity", "location"} for e in report)
