"""`fmt` keeps meaning and comments, is done after one time, and refuses what it cannot read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from proscribe.compiler.messages.diagnostics import Diagnostics
from proscribe.compiler.syntax import format, parse
from proscribe.compiler.syntax.parse import source_of
from proscribe.compiler.syntax.tokens import comments

ROOT = Path(__file__).parents[2]
SHIPPED = sorted([*(ROOT / "policies").rglob("*.policy"), *(ROOT / "compiler/cli/starter").glob("*.policy")])
CORPUS = sorted([*SHIPPED, *(ROOT / "tests/cases").rglob("*.policy"), *(ROOT / "tests/data").glob("*.policy")])
SAID = re.compile(r'"[^"\n]*"|\S+')


def formatted(text: str) -> str:
    found = Diagnostics()
    result = format.run(source_of("p.policy", text.encode("utf-8", "surrogatepass")), found)
    assert result is not None, found.found
    return result


def hold(data: bytes) -> bool:
    """Check every law on one file; False where it cannot be parsed."""
    source, found = source_of("p.policy", data), Diagnostics()
    policy = parse.run(source, found)
    text = format.run(source, Diagnostics())
    if found.has_errors:
        assert text is None
        return False
    assert text is not None
    after = source_of("p.policy", text.encode("utf-8", "surrogatepass"))
    assert format.meaning(parse.run(after, Diagnostics())) == format.meaning(policy)
    assert [c.text for c in comments(after)] == [c.text for c in comments(source)]
    # Nothing but blanks, `;` and line ends comes or goes.
    bare = [" ".join(SAID.findall(t)).replace(";", " ").replace(" ", "") for t in (source.text, text)]
    if "#" not in text and '"' not in text:
        assert bare[0] == bare[1]
    assert format.run(after, Diagnostics()) == text
    assert text == "" or (text.endswith("\n") and not text.startswith("\n"))
    assert "\n\n\n" not in text
    assert not re.search(r"[ \t]\n", text)
    return True


@pytest.mark.parametrize("path", CORPUS, ids=lambda p: p.stem)
def test_every_policy_of_the_project(path: Path) -> None:
    can_parse = hold(path.read_bytes())
    assert can_parse or "tests/cases" in str(path)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_what_ships_is_laid_out(path: Path) -> None:
    assert formatted(path.read_text("utf-8")) == path.read_text("utf-8")


NAMES = st.sampled_from(["a", "child", "wine", "policies", "red_wine", "酒", "a_very_long_name_that_fills_the_line"])
TEXTS = st.sampled_from(['"x"', '"a glass  of wine"', '"#"', '""', '"a form that is long enough to make lines wrap"'])


def words(*parts: object) -> st.SearchStrategy[list[str]]:
    """Words in a row: plain ones, drawn ones and lists."""
    drawn = [part if isinstance(part, st.SearchStrategy) else st.just(part) for part in parts]
    flat = st.tuples(*drawn)
    return flat.map(lambda found: [w for part in found for w in (part if isinstance(part, list) else [part])])


def listed(item: st.SearchStrategy[object], between: str, most: int = 6) -> st.SearchStrategy[list[str]]:
    def join(items: list[object]) -> list[str]:
        found: list[str] = []
        for one in items:
            found += [between] if found else []
            found += one if isinstance(one, list) else [str(one)]
        return found

    return st.lists(item, min_size=1, max_size=most).map(join)


def maybe(what: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
    return st.one_of(st.just([]), what)


SLOT = st.one_of(NAMES, st.just("*"))
PATTERN = words(SLOT, "-", SLOT, "->", SLOT)
DECLARATION = words(
    st.sampled_from(["concept", "relation"]),
    NAMES,
    maybe(st.one_of(words("symmetric"), words("inverse", NAMES))),
    maybe(words(":", listed(NAMES, ","))),
    maybe(words("=", listed(NAMES, "|", 9))),
    maybe(words("as", listed(TEXTS, ","))),
)
BOUND = words(
    st.sampled_from(["breach", "retention"]), st.sampled_from(["<=", "≥", ">"]), st.sampled_from(["5%", "5 %"])
)
CLAUSE = st.one_of(
    words("except", listed(st.one_of(NAMES, PATTERN), ",")),
    words("instead", NAMES),
    words("because", TEXTS),
    words("severity", st.just("low")),
    words("require", listed(BOUND, ",", 2)),
)
CLAUSES = st.lists(CLAUSE, max_size=3).map(lambda found: [w for clause in found for w in clause])
RULE = words(st.sampled_from(["forbid", "allow"]), PATTERN, CLAUSES)
RULES = st.lists(RULE, max_size=3).map(lambda found: [w for rule in found for w in [*rule, ";"]])
GROUP = words("group", TEXTS, "{", CLAUSES, ";", RULES, "}")
VERDICT = st.one_of(words("forbidden", maybe(words("by", st.just("R1")))), words("unspecified"))
EXPECT = words("expect", st.one_of(TEXTS, PATTERN), VERDICT)
HEADS = words("policy", TEXTS, "edition", "2026"), words("use", TEXTS)
STATEMENT = st.one_of(*HEADS, DECLARATION, DECLARATION, RULE, GROUP, EXPECT)
BLANK = st.sampled_from(
    [" ", "  ", "\t", "", "", "", " \n  ", "\n", "\n\n   ", " # said\n  ", "\n  ## doc\n    ", "# x\n# y\n "]
)
BETWEEN = st.sampled_from(
    ["\n", "\n\n", "\n\n\n", ";", "; ", "\n; ## x\n", "\n## doc\n", "\n   ## doc\n\n", " # c\n", "\n    # tail\n"]
)


@st.composite
def policies(draw: st.DrawFn) -> str:
    text = ""
    for statement in draw(st.lists(STATEMENT, max_size=6)):
        for word in statement:
            blank = draw(BLANK)
            needed = text[-1:].isalnum() or text[-1:] in ('"', "_", "%", "")
            text += (blank or (" " if needed else "")) + word
        text += draw(BETWEEN)
    return text + draw(st.sampled_from(["", "\n", "# end", "\n\n  ## end\n\n"]))


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(policies())
def test_any_policy(text: str) -> None:
    hold(text.encode())


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='ab -><="#;\n{}|,:*\t', max_size=60))
def test_any_text(text: str) -> None:
    hold(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        'use "x"\n; ## x\n # said\n  use "x"\n',
        'use "x"\n; ## x\n; ## y\n# z\n  use "y"\n',
        'use "x"\n; ## x\n; # y\n  ## z\n  use "y"\n',
    ],
)
def test_comments_behind_a_lone_semicolon(text: str) -> None:
    hold(text.encode())


def test_the_layout() -> None:
    before = """

policy   "p"    edition 2026;concept wine as "wine";concept  red_wine:wine
concept alcohol=wine|beer


## Of the forbid.
forbid child-drinking->alcohol except wine,child -drinking-> beer because "age"
  require breach<=5 %,retention >= 98% # hard
       # of the allow
allow adult -drinking-> wine because "adults"
group "g"{severity low;instead juice

    forbid   child -x-> *   # c
        # except beer
    forbid *-x->child}expect "a"   forbidden   by R1; expect a -b-> c allowed
# end
"""
    assert (
        formatted(before)
        == """policy "p" edition 2026
concept wine     as "wine"
concept red_wine : wine
concept alcohol = wine | beer

## Of the forbid.
forbid child -drinking-> alcohol
    except wine, child -drinking-> beer
    because "age"
    require breach <= 5 %, retention >= 98%  # hard
    # of the allow
allow adult -drinking-> wine because "adults"
group "g" {
    severity low
    instead juice

    forbid child -x-> *  # c
        # except beer
    forbid * -x-> child
}
expect "a" forbidden by R1
expect a -b-> c allowed
# end
"""
    )


def test_long_lists_wrap() -> None:
    names = [f"name_number_{n}" for n in range(9)]
    text = formatted(f'concept many = {"|".join(names)} as "x"\nforbid many -x-> y except {", ".join(names)}\n')
    assert text == (
        "concept many = name_number_0 | name_number_1 | name_number_2 | name_number_3 | name_number_4\n"
        "    | name_number_5 | name_number_6 | name_number_7 | name_number_8\n"
        '    as "x"\n'
        "forbid many -x-> y\n"
        "    except name_number_0, name_number_1, name_number_2, name_number_3, name_number_4, name_number_5,\n"
        "        name_number_6, name_number_7, name_number_8\n"
    )
    assert max(map(len, text.splitlines())) <= format.WIDTH


def test_names_are_aligned_in_a_row_only() -> None:
    assert formatted('concept a as "x"\nconcept child as "y"\n\nconcept b as "z"\nrelation drinking as "u"\n') == (
        'concept a     as "x"\nconcept child as "y"\n\nconcept b as "z"\nrelation drinking as "u"\n'
    )


def test_a_comment_is_not_made_the_doc_of_what_follows() -> None:
    """A `##` behind a `;` says nothing of the next statement, also when it gets a line of its own."""
    assert (
        formatted("concept a # said\n; ## not of b\nconcept b") == "concept a  # said\n    ## not of b\n\nconcept b\n"
    )
