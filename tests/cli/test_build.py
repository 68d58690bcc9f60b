"""What plan and compile refuse before any model is loaded, and how they say it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from proscribe.compiler.cli.commands import build
from proscribe.compiler.cli.main import main
from proscribe.compiler.graph.relations import MAX_CELLS

HEAD = 'policy "wide" edition 2026\n'


def wide(concepts: int) -> str:
    """A rule over all pairs of that many things."""
    names = [f"thing_{number}" for number in range(concepts)]
    said = "".join(f'concept {name} as "{name.replace("_", " ")}"\n' for name in names)
    return f"{HEAD}{said}concept thing = {' | '.join(names)}\nrelation near\nforbid thing -near-> thing\n"


@pytest.fixture(autouse=True)
def _no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for a backbone has gone too far."""

    class Asked(Exception):
        pass

    def asked(name: str) -> None:
        raise Asked(name)

    monkeypatch.setattr(build, "backbone_named", asked)


def ran(command: str, text: str, tmp_path: Path, *more: str) -> Result:
    path = tmp_path / "p.policy"
    path.write_text(text, encoding="utf-8")
    return CliRunner().invoke(main, [command, str(path), *more])


@pytest.mark.parametrize("command", ["plan", "compile"])
def test_a_rule_of_too_many_cells_is_not_compiled(command: str, tmp_path: Path) -> None:
    """142 times 142 is just over the most."""
    assert 141**2 <= MAX_CELLS < 142**2
    done = ran(command, wide(142), tmp_path)
    assert done.exit_code == 1
    assert "too many cells to compile in R1: see P406 of `check`" in done.output
    assert "warning[P406]" in done.output, "the warning shows the rule, its cells and the way out"
    assert "20,164 cells" in done.output
    assert not (tmp_path / "build").exists()


def test_only_the_wide_rules_are_named(tmp_path: Path) -> None:
    more = "forbid thing_1 -near-> thing_2\n    except thing_3\nforbid thing -near-> *\n"
    done = ran("compile", wide(142) + more, tmp_path, "--quiet")
    assert done.exit_code == 1
    assert "too many cells to compile in R1 and R3: see" in done.output
    assert "P406]" not in done.output, "quiet: the sentence alone"


@pytest.mark.parametrize("command", ["plan", "compile"])
def test_a_rule_of_as_many_cells_as_may_be_goes_on(command: str, tmp_path: Path) -> None:
    done = ran(command, wide(141), tmp_path, *(["--out", str(tmp_path / "out")] if command == "compile" else []))
    assert type(done.exception).__name__ == "Asked", done.output


def test_exceptions_count_before_it_is_refused(tmp_path: Path) -> None:
    text = wide(142).replace(
        "forbid thing -near-> thing\n", "forbid thing -near-> thing\n    except thing_1, thing_2\n"
    )
    assert type(ran("plan", text, tmp_path).exception).__name__ == "Asked"


def test_a_wide_rule_is_a_warning_of_check_and_no_error(tmp_path: Path) -> None:
    done = ran("check", wide(142), tmp_path)
    assert done.exit_code == 0
    assert "warning[P406]" in done.output


def test_a_policy_without_a_forbid_has_nothing_to_train(tmp_path: Path) -> None:
    done = ran("compile", HEAD + "concept a\nrelation r\nallow a -r-> a\n", tmp_path)
    assert done.exit_code == 1
    assert "has no forbid rule: there is nothing to train" in done.output


@pytest.mark.parametrize("command", ["plan", "compile", "explain"])
def test_a_message_in_a_used_file_is_shown_with_its_line(command: str, tmp_path: Path) -> None:
    (tmp_path / "words.policy").write_text("concept child as wrong\n")
    done = ran(command, HEAD + 'use "./words"\nforbid child -near-> child\n', tmp_path)
    assert done.exit_code == 1
    assert "words.policy:1:18" in done.output
    assert "concept child as wrong" in done.output


@pytest.mark.parametrize("command", ["plan", "explain"])
def test_a_warning_in_a_used_file_is_shown_with_its_line(command: str, tmp_path: Path) -> None:
    (tmp_path / "words.policy").write_text("concept child = toddler | teenagr\nconcept teenager\nrelation near\n")
    done = ran(command, HEAD + 'use "./words"\nforbid child -near-> child\n', tmp_path)
    assert "words.policy:1:27" in done.output
    assert "concept child = toddler | teenagr" in done.output
