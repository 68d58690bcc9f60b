"""Large policies: what `proscribe bench --language` measures, held loosely here because the machine is shared."""

from __future__ import annotations

import resource
import time
import tracemalloc

from proscribe.compiler.cli.benchmarks.language import Measured, as_plain, measure, table
from proscribe.compiler.cli.benchmarks.synthetic_policy import generated_policy
from proscribe.compiler.messages.diagnostics import MAX_DIAGNOSTICS
from proscribe.compiler.pipeline import Analysis, analyse
from proscribe.compiler.syntax.parse import source_of
from proscribe.compiler.world.cells import SLOTS


def checked(text: str) -> tuple[Analysis, float]:
    started = time.process_time()
    found = analyse(source_of("p.policy", text.encode()))
    return found, time.process_time() - started


def test_ten_thousand_rules() -> None:
    """0.6 s on the development machine; a quadratic pass takes minutes."""
    found, seconds = checked(generated_policy(10_000, 2_000))
    assert found.diagnostics == ()
    assert found.derived is not None
    assert len(found.graph.extents) == 10_000
    assert found.derived.forbidden_count > 50_000
    assert seconds < 6


def test_ten_thousand_rules_where_every_pair_meets() -> None:
    """Each allow holds every forbid: notes up to the cap, then only errors are looked for, and there is none."""
    people = "".join(f"concept c{n} : person\n" for n in range(2_000))
    rules = "".join(f"forbid c{n % 2000} -r{n % 40}-> c{n * 7 % 2000}\n" for n in range(5_000))
    allows = "allow person -r-> person\n" * 5_000
    relations = "".join(f"relation r{n} : r\n" for n in range(40))
    text = f'policy "p" edition 2026\nconcept person; relation r\n{people}{relations}{rules}{allows}'
    found, seconds = checked(text)
    assert found.derived is not None
    assert len(found.diagnostics) == MAX_DIAGNOSTICS
    assert {d.code for d in found.diagnostics} == {"P402"}
    assert seconds < 6
    for more in ("allow c3 -r3-> c21", "forbid c5 -r-> person\nallow person -r5-> c21"):  # the same; across
        found, seconds = checked(text + more)
        assert found.derived is None, "an error after the cap is still found"
        assert [d.code for d in found.diagnostics if d.severity == "error"] == ["P401"]


def test_ten_thousand_unknown_names() -> None:
    known = "".join(f"concept known_thing_{n}\n" for n in range(2_000))
    rules = "".join(f"forbid unknown_thing_{n} -r-> knwon_thing_{n % 2000}\n" for n in range(10_000))
    found, seconds = checked(known + rules)
    assert len(found.diagnostics) == MAX_DIAGNOSTICS
    assert seconds < 8


def test_a_wildcard_over_a_large_taxonomy_is_never_written_out() -> None:
    names = "".join(f"concept c{n}\n" for n in range(3_000)) + "".join(f"relation r{n}\n" for n in range(50))
    text = f'policy "p" edition 2026\n{names}forbid * -*-> * except c7\nallow c7 -*-> *\n'
    tracemalloc.start()
    found, _ = checked(text)
    assert found.derived is not None
    count = 2_999 * 50 * 2_999
    assert found.derived.forbidden_count == count
    assert [d.code for d in found.diagnostics] == ["P406"]
    sets = found.derived.rules[0]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sets.forget_count == count
    assert len(sets.forget) == 20_000
    assert all(item.cell.get(slot) != "c7" for item in sets.forget for slot in SLOTS)
    assert sets.allows
    assert peak < 200e6
    assert found.derived.uncovered_count >= 0
    assert found.derived.too_wide == ("R1",)


def test_the_benchmark_itself() -> None:
    found = measure(((50, 40),), runs=1)
    assert [one.rules for one in found] == [2, 50]
    # Linux counts what the parent held at the fork into the child's peak: in a run of all tests that is torch.
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert all(0 < one.seconds < 20 and 5 < one.megabytes < max(600, own + 100) for one in found)
    shown = table((Measured(2, 4, 0.1, 20), Measured(1000, 200, 0.2, 25), Measured(10000, 2000, 1.1, 60)))
    assert shown.splitlines()[-1].split() == ["10,000", "2,000", "1.10", "60", "1.00"]
    assert as_plain(found)[0]["rules"] == 2
