"""`proscribe explain FILE WHAT`: rules, cells, patterns, names and sentences."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from proscribe.compiler.cli.exits import Exit
from proscribe.compiler.cli.main import main
from proscribe.compiler.explain import cell as why
from proscribe.compiler.explain.query import WhyCell, WhyPattern, ask
from proscribe.compiler.pipeline import Analysis, analyse
from proscribe.compiler.records.canonical import plain
from proscribe.compiler.syntax.parse import source_of
from proscribe.compiler.world.cells import Cell

MINORS = Path(__file__).parents[2] / "policies/minors.policy"
TURNED = """policy "turned" edition 2026
concept animal = bull | lion
concept child as "a child"
concept zookeeper as "a zookeeper"
relation riding as "riding"
relation ridden_by inverse riding as "ridden by"
relation beside symmetric as "beside"
forbid bull -ridden_by-> child
forbid child -beside-> lion
allow * -beside-> animal
"""


def proscribe(*args: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in args])


def explained(what: str, *options: str) -> list[str]:
    result = proscribe("explain", MINORS, what, *options)
    assert result.exit_code == Exit.GOOD, result.output
    return result.output.splitlines()


def analysed(text: str) -> Analysis:
    return analyse(source_of("t.policy", text.encode()))


def cell_of(text: str, what: str) -> WhyCell:
    found = analysed(text)
    assert found.derived is not None, found.diagnostics
    answer, _ = ask(found, found.derived, what)
    assert isinstance(answer, WhyCell)
    return answer


def test_a_forbidden_cell_names_the_rule_the_declarations_and_where_it_is_led() -> None:
    lines = explained("child -drinking-> wine")
    for line in (
        "child -drinking-> wine  is forbidden by R1",
        "  R1  forbids it: minor -drinking-> alcohol (line 61)",
        "    subject  child is below minor (line 17)",
        "    relation  drinking, as the rule says",
        "    object  wine is below alcohol (line 28)",
        "  led to  child -drinking-> juice, by `instead juice` of R1 (line 62)",
        "    forget of R1",
    ):
        assert line in lines


def test_an_excepted_cell_names_the_except_and_the_sets_that_hold_it() -> None:
    lines = explained("teenager -holding-> sword")
    assert lines[0] == "teenager -holding-> sword  is allowed by A10"
    assert "  R3  would forbid it, but excepts it: minor -handling-> weapon (line 73)" in lines
    assert "    except  teenager -holding-> sword (line 75)" in lines
    assert "    neighbour of R3  other subject, sibling in the policy, beside child -holding-> sword" in lines
    assert "    allow of R3  within its names" in lines


def test_a_cell_that_nothing_names() -> None:
    lines = explained("child -riding-> horse")
    assert lines[0] == "child -riding-> horse  is unspecified: no rule speaks of it"
    assert "    neighbour of R4  other object, from the built-in world, beside child -riding-> car" in lines
    assert any("this policy does not know it" in line for line in lines)


def test_a_sentence_says_how_it_was_read() -> None:
    lines = explained("a toddler sipping merlot")
    assert lines[0].startswith('"a toddler sipping merlot": ')
    assert "toddler -drinking-> wine  is forbidden by R1" in lines


def test_a_pattern_is_told_by_what_is_decided_of_its_cells() -> None:
    lines = explained("minor -*-> weapon")
    assert lines[0] == "minor -*-> weapon  63 cells"
    for line in ("  forbidden: 17 cells", "  allowed: 1 cell", "  unspecified: 45 cells", "    R3: 17 cells  line 73"):
        assert line in lines


def test_a_rule_tells_its_names_and_what_each_except_takes() -> None:
    lines = explained("r3")
    assert "  relation  handling (line 58): 3: holding, pointing_at, throwing" in lines
    assert "  except knife  takes 9 cells away (line 74)" in lines
    assert "  except teenager -holding-> sword  takes 1 cell away (line 75)" in lines
    assert "  forget: 17 cells" in lines
    assert explained("A1")[0] == "A1  allows 9 cells: adult -drinking-> alcohol (line 89)"


def test_a_name_tells_what_is_above_and_below_it_and_who_speaks_of_it() -> None:
    lines = explained("wine")
    assert lines[0] == "wine  a concept, declared at line 21"
    assert "  wine is below alcohol (line 28)" in lines
    assert "    R1  3 cells with it as object; wine is below alcohol (line 28)" in lines
    assert "  leaves: 3  holding, pointing_at, throwing" in explained("handling")


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("R9", "this policy has no rule `R9`; it has R1, R2, R3, R4, A1"),
        ("child -drinkin-> wine", "of a relation `drinkin`; did you mean `drinking`?"),
        ("child -> wine", "is no cell: write `child -drinking-> wine`"),
        ("xyzzy plugh", "`xyzzy plugh`: "),
        ("  ", "ask for a rule"),
    ],
)
def test_what_cannot_be_answered(what: str, said: str) -> None:
    result = proscribe("explain", MINORS, what)
    assert result.exit_code == Exit.USAGE
    assert said in result.output


def test_json_says_which_kind_of_answer_it_is() -> None:
    data = json.loads("\n".join(explained("child -drinking-> wine", "--json")))
    assert (data["about"], data["why"]["verdict"], data["why"]["by"]) == ("cell", "forbidden", ["R1"])
    assert data["why"]["rules"][0]["ways"][0]["steps"][0]["span"]["line"] == 17
    assert json.loads("\n".join(explained("R1", "--json")))["about"] == "rule"
    assert json.loads("\n".join(explained("minor -eating-> cake", "--json")))["why"]["allowed_count"] == 3


def test_an_inverse_and_a_symmetric_relation_are_followed() -> None:
    ridden = cell_of(TURNED, "bull -ridden_by-> child")
    assert ridden.cell == Cell("child", "riding", "bull")
    (rule,) = ridden.rules
    assert rule.turned
    assert [(s.below, s.how, s.above) for s in rule.ways[1].steps] == [("riding", "is turned round by", "ridden_by")]
    beside = cell_of(TURNED, "lion -beside-> child")
    assert (beside.verdict, beside.by) == ("forbidden", ("R2",))
    assert [rule.part for rule in beside.rules] == ["decides", "overridden"]
    assert beside.rules[0].ways[1].steps[0].how == "holds both ways"
    assert beside.rules[1].overridden_by == ("R2",)


def test_every_cell_of_a_policy_has_the_verdict_of_its_rules() -> None:
    """The shares of `* -*-> *` and the answers cell by cell agree."""
    found = analysed(TURNED)
    assert found.derived is not None
    answer, _ = ask(found, found.derived, "* -*-> *")
    assert isinstance(answer, WhyPattern)
    counts = {"forbidden": 0, "allowed": 0, "unspecified": 0}
    for subject in found.graph.space.concepts.names:
        for relation in found.graph.space.relations.names:
            for obj in found.graph.space.concepts.names:
                counts[why.decided(found, Cell(subject, relation, obj))[0]] += 1
    told = (answer.forbidden_count, answer.allowed_count, answer.unspecified.count)
    assert told == tuple(counts.values())
    assert sum(told) == answer.count
    assert plain(answer)


def test_a_policy_of_many_rules_is_not_looked_through_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(why, "MAX_RULES", 2)
    lines = explained("child -drinking-> wine")
    assert "    the sets of 4 rules are too many to derive here" in lines
    assert "  led to  child -drinking-> juice, by `instead juice` of R1 (line 62)" in lines
    assert "    forget of R1" in lines


def test_a_script_that_asks_for_json_gets_json_or_a_refusal(tmp_path: Path) -> None:
    svg = tmp_path / "p.svg"
    both = proscribe("explain", MINORS, "--svg", svg, "--json")
    assert json.loads(both.stdout)["rules"]
    assert svg.read_text("utf-8").startswith("<svg")
    for refused in (proscribe("explain", "L021", "--json"), proscribe("explain", MINORS, "--graph", "--json")):
        assert (refused.exit_code, refused.stdout) == (Exit.USAGE, "")


def test_the_code_of_a_message_has_no_what() -> None:
    assert proscribe("explain", "P012", "wine").exit_code == Exit.USAGE


@pytest.mark.parametrize("more", [["child -drinking-> wine"], ["a toddler sipping merlot"], ["--graph"]])
def test_nothing_heavy_is_imported(more: list[str]) -> None:
    heavy = ("torch", "transformers", "open_clip", "scipy", "numpy", "networkx", "jinja2", "PIL")
    code = (
        "import sys\n"
        "from proscribe.compiler.cli.main import main\n"
        f"main({['explain', str(MINORS), *more]!r}, standalone_mode=False)\n"
        f"print([m for m in {heavy!r} if m in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_a_word_that_is_no_name_is_taken_for_a_slip(tmp_path: Path) -> None:
    path = tmp_path / "p.policy"
    path.write_text('policy "p" edition 2026\nconcept child; concept wine; relation r\nforbid child -r-> wine\n')
    said = CliRunner().invoke(main, ["explain", str(path), "chidl"])
    assert said.exit_code == Exit.USAGE
    assert "this policy has no name `chidl`; did you mean `child`?" in said.output
    assert "ask for a rule (R1)" in CliRunner().invoke(main, ["explain", str(path), "zzz"]).output
