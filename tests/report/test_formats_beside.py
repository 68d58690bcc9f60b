"""What stands beside the page: Markdown, JUnit, SARIF, cards; levels; size and time; accessibility."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from proscribe.compiler.attack.verdict.score import pooled_retention
from proscribe.compiler.cli.main import main
from proscribe.compiler.report.read import read_bundle
from proscribe.compiler.report.schema import faults_of, faults_quickly
from proscribe.compiler.report.words import bare, percent
from proscribe.compiler.report.write import refresh_manifest, render_bundle

sys.path.insert(0, str(Path(__file__).parent))
from bundle_fixture import TEXTS, write_bundle

HOSTILE = (
    "<img src=x onerror=alert(1)> ![a](http://x.y/z) [a](javascript:alert(4)) `rm` | www.evil.example @all #1 \x00\x1b"
    "]]> ' \" --- \n---\n# title\nlicense: mit {{ 7*7 }} \u202e\u2028\ufffe"
)
AXE = Path(os.environ.get("PROSCRIBE_AXE", "/tmp/axe/node_modules"))


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return write_bundle(tmp_path / "minors")


def texts_of(folder: Path) -> dict[str, str]:
    """Every rendered file."""
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in render_bundle(folder)}


def test_junit_counts_what_it_holds(bundle: Path) -> None:
    render_bundle(bundle)
    root = ElementTree.parse(bundle / "junit.xml").getroot()
    report = read_bundle(bundle)
    for suite, rule in zip(root, report.rules, strict=True):
        assert int(suite.attrib["tests"]) == len(suite) == 1 + len(rule.attack.families) + len(rule.attack.retention)
        assert int(suite.attrib["failures"]) == len(suite.findall("*/failure"))
        assert int(suite.attrib["skipped"]) == sum(not f.gates for f in rule.attack.families) > 0
    verdict = next(case for case in root[1] if case.attrib["name"] == "verdict")
    failure = verdict.find("failure")
    assert failure is not None
    assert failure.attrib["type"] == "must not ship"
    assert int(root[0].attrib["failures"]) == 0


def test_sarif_points_at_the_policy_line(bundle: Path) -> None:
    render_bundle(bundle)
    run = json.loads((bundle / "report.sarif").read_text("utf-8"))["runs"][0]
    assert [result["ruleId"] for result in run["results"]] == ["proscribe/R2"], "a rule that held is no finding"
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "policies/minors.policy"
    assert place["region"] == {"startLine": 51, "startColumn": 1}
    assert run["results"][0]["level"] == "error"


def test_cards_have_metadata_and_every_part(bundle: Path) -> None:
    render_bundle(bundle)
    text = (bundle / "rules/R2/card.md").read_text("utf-8")
    front = yaml.safe_load(text.split("---\n")[1])
    assert (front["library_name"], front["base_model"], front["datasets"]) == ("peft", "mini", [])
    for part in (
        "**Harm.**",
        "**Who is affected.**",
        "**Conditions.**",
        "**Examples.**",
        "## Evidence",
        "## Model card",
    ):
        assert part in text


def test_hostile_text_is_text_in_every_format(tmp_path: Path) -> None:
    files = texts_of(write_bundle(tmp_path / "hostile", HOSTILE))
    assert len(files) == 9
    for name, text in files.items():
        assert "\u202e" not in text or name.endswith(".json"), name
        if name.endswith(".md"):
            # Outside fenced code no mark of the hostile text is left as markup.
            front, body = text.split("\n---\n", 1) if name.endswith("card.md") else ("", text)
            prose = re.sub(r"(?ms)^ *(`{3,})text\n.*?^ *\1$", "", body)
            assert not re.search(r"<img|!\[|\]\(|`|@all|://|www\.", prose), name
            assert "\x00" not in text
            if front:
                read = yaml.safe_load(front.removeprefix("---\n"))
                assert read["license"] == "unknown"
                assert read["base_model"].startswith("mini<img")
                assert set(read) == {
                    "library_name", "base_model", "base_model_relation", "license", "tags", "datasets",
                }  # fmt: skip
    root = ElementTree.fromstring(files["junit.xml"])
    assert {element.tag for element in root.iter()} == {"testsuites", "testsuite", "testcase", "failure", "skipped"}
    message = json.loads(files["report.sarif"])["runs"][0]["results"][0]["message"]["text"]
    assert "{{{{ 7*7 }}}}" in message
    uri = json.loads(files["report.sarif"])["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", uri["artifactLocation"]["uri"])


def test_a_public_report_shows_no_attack(bundle: Path) -> None:
    internal = texts_of(bundle)
    assert any(TEXTS[0] in text for text in internal.values()), "otherwise this test proves nothing"
    assert "proscribe replay build/minors R2-" in internal["report.html"]
    pictures = set(re.findall(r'class="case".*?src="(data:[^"]+)"', internal["report.html"], re.DOTALL))
    assert pictures
    files = {
        path.relative_to(bundle).as_posix(): path.read_text("utf-8") for path in render_bundle(bundle, level="public")
    }
    for name, text in files.items():
        assert not [said for said in TEXTS if said in text], name
        assert "proscribe replay" not in text, name
        assert not [picture for picture in pictures if picture in text], name
    rule = json.loads(files["rules/R2/report.json"])
    assert (rule["level"], rule["hardest"], rule["withheld"]) == ("public", [], 8)
    assert "Level public" in files["report.html"]
    assert "Level public" in files["report.md"]


def test_commands_name_the_place_that_the_bundle_was_given(bundle: Path) -> None:
    render_bundle(bundle, place=Path("built here/m2"))
    for name in ("report.html", "report.md"):
        text = (bundle / name).read_text("utf-8")
        assert re.search(r"proscribe replay .{1,12}built here/m2.{1,12} R2-", text), name
        assert "build/minors" not in text


def test_full_adds_a_sample_of_every_family(bundle: Path) -> None:
    render_bundle(bundle, level="full")
    report = read_bundle(bundle, level="full")
    assert {t.family for t in report.rules[1].sample} == {"synonym", "style"}
    page = (bundle / "report.html").read_text("utf-8")
    assert all(t.id in page for rule in report.rules for t in rule.sample)
    assert next(t.outcome for t in report.rules[1].sample if t.family == "synonym") == "broke"


def test_no_number_in_the_matrix_that_is_not_in_the_data(bundle: Path) -> None:
    page = texts_of(bundle)["report.html"]
    shown = re.findall(r'<table class="dense matrix".*?</table>', page, re.DOTALL)
    assert len(shown) == 2
    for table, gates in zip(shown, (True, False), strict=True):
        for rule in read_bundle(bundle).rules:
            row = re.search(rf'<th scope="row"><a href="#rule-{rule.facts.id}">.*?</tr>', table)
            assert row
            cells = re.findall(r"<td[^>]*>([^<]*)", row[0])
            worst: dict[tuple[str, str], float] = {}
            for f in rule.attack.families:
                if f.gates == gates:
                    worst[f.family, f.modality] = max(worst.get((f.family, f.modality), 0.0), f.breach)
            assert sorted(cells) == sorted(bare(rate).replace("<", "&lt;") for rate in worst.values())


def test_the_page_says_why_evidence_does_not_count(bundle: Path) -> None:
    page = texts_of(bundle)["report.html"]
    assert page.count("attackers hold the model’s gradients or weights") == len(read_bundle(bundle).rules)
    assert page.count("the base takes too few probes for the tuple to pass or fail a rule by it") == 2
    for rule in read_bundle(bundle).rules:
        (half,) = (f for f in rule.attack.families if f.family == "half pictures")
        assert (half.kind, half.gates) == ("black box", False)
    document = json.loads((bundle / "rules" / read_bundle(bundle).rules[0].facts.id / "report.json").read_text("utf-8"))
    assert {row["modality"] for row in document["statistics"]} == {"text", "picture"}


def test_every_percentage_on_the_page_is_of_the_data(bundle: Path) -> None:
    page = re.sub(
        r"<style>.*?</style>|<script>.*?</script>|width=\"[^\"]*\"",
        "",
        texts_of(bundle)["report.html"],
        flags=re.DOTALL,
    )
    # The confidence, the false positives of a probe, and the ends of axes.
    known = {"95%", "1%", "0%", "10%", "20%", "25%", "30%", "50%", "75%", "100%"}
    numbers: list[float] = []

    def walk(value: object) -> None:
        if isinstance(value, float):
            numbers.append(value)
        elif isinstance(value, dict):
            [walk(v) for v in value.values()]
        elif isinstance(value, list):
            [walk(v) for v in value]
        elif isinstance(value, str):
            known.update(re.findall(r"[\d.]+%", value))

    for path in bundle.glob("rules/*/*.json"):
        walk(json.loads(path.read_text("utf-8")))
    for rule in read_bundle(bundle).rules:
        for towers, stage in {(r.towers, r.stage) for r in rule.attack.retention}:
            own = [r for r in rule.attack.retention if (r.towers, r.stage) == (towers, stage)]
            numbers += pooled_retention(own)
    known |= {percent(n) for n in numbers} | {f"{n * 100:.1f}%" for n in numbers} | {f"{n * 100:g}%" for n in numbers}
    found = set(re.findall(r"\d[\d.]*%", re.sub(r"<svg class=\"bar.*?</svg>", "", page, flags=re.DOTALL)))
    assert len(found) > 30
    assert found - {k.lstrip("<> ") for k in known} == set()


def test_ten_rules_below_three_megabytes_at_every_level(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "ten", rules_count=10)
    for level in ("public", "internal", "full"):
        render_bundle(folder, level=level)  # type: ignore[arg-type]
        assert (folder / "report.html").stat().st_size < 3_000_000


def test_fifty_rules_in_time(tmp_path: Path) -> None:
    """At most ten times what five rules take in the same process; processors differ by more than a factor of two.

    Measured: 6.6 times (9.4 s after 1.43 s) on an AMD EPYC of the third generation; 4.5 s in all on the machine before,
    where the bar is 5 s on idle cores.
    """
    five, fifty = (write_bundle(tmp_path / name, rules_count=n) for name, n in (("five", 5), ("fifty", 50)))
    render_bundle(five)  # the first one loads and compiles what all of them use

    def seconds(folder: Path) -> float:
        started = time.process_time()
        render_bundle(folder)
        return time.process_time() - started

    assert seconds(fifty) < 10 * seconds(five)


def test_quick_faults_are_the_faults(bundle: Path) -> None:
    render_bundle(bundle)
    document = json.loads((bundle / "rules/R1/report.json").read_text("utf-8"))
    assert faults_quickly(document, "report-3") == faults_of(document, "report-3") == ()
    for key, change in (
        ("families", {"breach": 1.5}), ("families", {"status": "great"}), ("families", {"gates": 1}),
        ("statistics", {"any_of_k": [[0, 0.1]]}), ("heat", {"trials": -1}), ("heat", {"more": 1}),
    ):  # fmt: skip
        wrong = {**document, key: [document[key][0], {**document[key][1], **change}]}
        assert faults_quickly(wrong, "report-3") == faults_of(wrong, "report-3") != ()
    for change in ({"rate": 1.5}, {"trials": -1}, {"more": 1}):
        wrong = json.loads(json.dumps(document))
        wrong["curves"][1]["series"][0]["points"][2].update(change)
        assert faults_quickly(wrong, "report-3") == faults_of(wrong, "report-3") != ()


needs_chromium = pytest.mark.skipif(
    not (Path("/usr/bin/chromium").exists() and (AXE / "axe-core").is_dir() and shutil.which("node")),
    reason="needs chromium, node, and axe-core with puppeteer-core in PROSCRIBE_AXE",
)


@needs_chromium
def test_tables_are_sorted_and_filtered_by_keyboard_and_read_without_a_script(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "ten", rules_count=10)
    path = folder / "rules/R10/attack.json"
    attack = json.loads(path.read_text("utf-8"))
    for r in attack["retention"]:
        r |= {"loss_points": -3.0}
    path.write_text(json.dumps(attack))
    refresh_manifest(folder, [path])
    render_bundle(folder)
    script = Path(__file__).parent / "keys.js"
    page = folder / "report.html"
    run = subprocess.run(["node", script, AXE, page], capture_output=True, text=True, check=True, timeout=900)
    found = json.loads(run.stdout)
    assert found["errors"] == []
    assert found["sorted"]["Rule"] == ["descending", *(f"R{n}" for n in range(10, 0, -1))], "R10 comes after R9"
    assert found["sorted"]["Worst loss"][-1] == "R10", "a gain is less than any loss"
    failed, held = found["sorted"]["Verdict"][1:6], found["sorted"]["Verdict"][6:]
    assert ({*failed}, {*held}) == ({"R2", "R4", "R6", "R8", "R10"}, {"R1", "R3", "R5", "R7", "R9"})
    assert found["hidden"] > 5
    assert found["plain"] == {"buttons": 0, "rows": 10}


@needs_chromium
def test_axe_finds_nothing(tmp_path: Path) -> None:
    pages = []
    for level in ("public", "full"):
        # A page as wide as real ones: a matrix beyond a phone's edge with verdicts in its last columns.
        folder = write_bundle(tmp_path / level, rules_count=3 if level == "full" else 2)
        render_bundle(folder, level=level)  # type: ignore[arg-type]
        pages.append(str(folder / "report.html"))
    script = Path(__file__).parent / "axe.js"
    run = subprocess.run(["node", script, AXE, *pages], capture_output=True, text=True, check=True, timeout=900)
    assert json.loads(run.stdout) == []


def test_the_level_is_an_option() -> None:
    from click.testing import CliRunner

    assert "public|internal|full" in CliRunner().invoke(main, ["report", "--help"]).output
