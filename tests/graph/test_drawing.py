"""The picture of a policy: where everything stands, and that it is one well-formed file."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from proscribe.compiler.cli.exits import Exit
from proscribe.compiler.cli.main import main
from proscribe.compiler.explain.drawing import layout as module
from proscribe.compiler.explain.drawing.layout import WIDTH, Drawing, drawing
from proscribe.compiler.explain.drawing.name_trees import families
from proscribe.compiler.explain.drawing.svg import svg_of
from proscribe.compiler.graph.relations import RelationGraph
from proscribe.compiler.pipeline import analyse, analyse_file
from proscribe.compiler.syntax.parse import source_of

POLICIES = Path(__file__).parents[2] / "policies"
RULED = [POLICIES / "minors.policy", POLICIES / "wine.policy", *sorted((POLICIES / "examples").glob("*.policy"))]
SVG = "{http://www.w3.org/2000/svg}"


def graph_of(text: str) -> RelationGraph:
    return analyse(source_of("p.policy", text.encode())).graph


def minors() -> Drawing:
    return drawing(analyse_file(POLICIES / "minors.policy").graph)


def test_families_hold_names_below_the_nearest_name_of_a_rule() -> None:
    found = analyse_file(POLICIES / "minors.policy").graph
    subjects = families(found.resolved, found.extents, "subject")
    assert [(f.name, f.leaves, [b.name for b in f.below]) for f in subjects] == [
        ("minor", ("child", "toddler"), ["teenager"]),
        ("adult", ("elder", "man", "woman"), []),
    ]
    assert subjects[0].names == ("minor", "teenager")


@pytest.mark.parametrize("path", RULED, ids=lambda path: path.stem)
def test_nothing_overlaps_and_everything_is_inside(path: Path) -> None:
    found = drawing(analyse_file(path).graph)
    assert found.arrows
    for x in {box.x for box in found.boxes}:
        column = sorted((b for b in found.boxes if b.x == x), key=lambda b: b.y)
        assert all(above.y + above.height < below.y for above, below in pairwise(column))
    for box in found.boxes:
        assert box.x >= 0
        assert box.x + box.width <= WIDTH
        assert box.y + box.height < found.height
        assert all(box.y < line.y < box.y + box.height for line in box.lines)
        assert all(above.y < below.y for above, below in pairwise(box.lines))
    labels = sorted(found.arrows, key=lambda a: a.label_y)
    for above, below in pairwise(labels):
        assert below.label_y - above.label_y >= 19 + 12 * len(above.notes)
    left = [box for box in found.boxes if box.x < WIDTH / 2]
    for arrow in found.arrows:
        assert any(box.y < arrow.y < box.y + box.height for box in left), "an arrow leaves from a box"
        assert arrow.label_x > left[0].x + left[0].width


def test_a_rule_is_an_arrow_with_its_excepts_and_where_it_leads() -> None:
    arrows = {arrow.rule: arrow for arrow in minors().arrows}
    assert arrows["R3"].label == "R3 handling"
    assert arrows["R3"].notes == ("except knife", "except teenager -holding-> sword", "instead ball")
    assert arrows["R3"].title.startswith("R3: forbid minor -handling-> weapon, 17 cells because weapons")
    assert arrows["A1"].kind == "allow"
    assert len(drawing(analyse_file(POLICIES / "minors.policy").graph, ["R2"]).arrows) == 1


@pytest.mark.parametrize("path", RULED, ids=lambda path: path.stem)
def test_the_file_is_well_formed_and_stands_alone(path: Path) -> None:
    text = svg_of(drawing(analyse_file(path).graph))
    root = ET.fromstring(text)
    assert root.get("viewBox", "").startswith(f"0 0 {WIDTH} ")
    assert "prefers-color-scheme: dark" in text
    assert not re.search(r"<script|href|url\(|@import|<image", text)
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {"svg", "title", "desc", "style", "text", "g", "path", "rect"}


def test_what_a_policy_says_is_never_markup() -> None:
    found = graph_of(
        'policy "</text><script>x</script>&\u0001" edition 2026\nconcept a as "<b>"; concept c; relation r\n'
        'forbid a -r-> c because "]]> & <i>\'"'
    )
    root = ET.fromstring(svg_of(drawing(found)))
    assert not root.findall(f".//{SVG}script")
    assert "<i>'" in next(g for g in root.iter(f"{SVG}g") if g.find(f"{SVG}title") is not None)[0].text  # type: ignore[operator]


def test_long_and_many_names_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    many = " | ".join(f"leaf_number_{n}" for n in range(40))
    text = f"concept a{'b' * 60} = {many}\nrelation {'very_' * 12}long\nforbid a{'b' * 60} -{'very_' * 12}long-> *\n"
    found = drawing(graph_of(text + "allow * -*-> leaf_number_3"))
    texts = [line.text for box in found.boxes for line in box.lines]
    assert max(map(len, texts)) <= 17
    assert any(re.search(r" \+\d+$", said) for said in texts)
    assert max(len(arrow.label) for arrow in found.arrows) <= 20
    monkeypatch.setattr(module, "MOST_RULES", 1)
    cut = drawing(graph_of(text + "allow * -*-> leaf_number_3"))
    assert (len(cut.arrows), cut.left_out) == (1, 1)
    assert "and 1 more rules" in svg_of(cut)


def test_a_policy_without_rules_is_a_picture_too() -> None:
    ET.fromstring(svg_of(drawing(graph_of('policy "p" edition 2026\nconcept a'))))


def test_explain_writes_the_picture_and_draws_in_the_terminal(tmp_path: Path) -> None:
    out = tmp_path / "minors.svg"
    result = CliRunner().invoke(main, ["explain", str(RULED[0]), "--svg", str(out), "--graph"])
    assert result.exit_code == Exit.GOOD
    assert out.read_text("utf-8") == svg_of(minors())
    lines = result.output.splitlines()
    assert lines[:4] == [
        "minor  child, toddler",
        "  R1  forbids -drinking-> alcohol: beer, whisky, wine (9 cells)",
        "    instead  juice",
        "  R2  forbids -smoking-> tobacco: cigar, cigarette, pipe (9 cells)",
    ]
    assert "  teenager" in lines
    assert "    A10  allows -holding-> sword (1 cell)" in lines
    missing = CliRunner().invoke(main, ["explain", str(RULED[0]), "--svg", str(tmp_path / "no/x.svg")])
    assert missing.exit_code == Exit.ENVIRONMENT
