"""What lint rules look things up in, each worked out once when the first of them asks."""

from __future__ import annotations

from functools import cached_property

from ..explain.sentences import Sentences
from ..graph.derive import Derived
from ..graph.relations import Extent, RelationGraph, Sides
from ..graph.retain_bounds import Kept
from ..graph.rule_index import RuleIndex
from ..messages.diagnostics import Span
from ..pipeline import Analysis
from ..resolve.names import Resolved, Rule
from ..resolve.taxonomy import Concept
from ..syntax.nodes import Clause, Group, Policy, RuleStatement, SourceFile
from ..world.cells import Cell, Slot


class Facts:
    """One policy without errors."""

    def __init__(self, analysis: Analysis, derived: Derived) -> None:
        self.analysis, self.derived = analysis, derived
        self.graph: RelationGraph = analysis.graph
        self.resolved: Resolved = analysis.graph.resolved
        self.policy: Policy = analysis.program.policy
        self.source: SourceFile = analysis.source
        self.sides = Sides(self.resolved, self.graph.space)
        self.forbids: tuple[Extent, ...] = self.graph.of_kind("forbid")
        self.allows: tuple[Extent, ...] = self.graph.of_kind("allow")

    @cached_property
    def forbid_index(self) -> RuleIndex:
        """Finds forbids by the leaves of their cells."""
        return RuleIndex(self.graph.space, self.forbids)

    @cached_property
    def allow_index(self) -> RuleIndex:
        """Finds allows by the leaves of their cells."""
        return RuleIndex(self.graph.space, self.allows)

    @cached_property
    def kept(self) -> Kept:
        """Tells how much each forbid keeps."""
        return self.derived.kept()

    @cached_property
    def statements(self) -> dict[str, tuple[RuleStatement, Group | None]]:
        """The statement of each rule by its id, and the group that it stands in."""
        by_place = {statement.span: (statement, group) for statement, group in self.policy.rules()}
        return {rule.id: by_place[rule.span] for rule in self.resolved.rules}

    def clause(self, rule: Rule, keyword: str) -> Clause | None:
        """A clause of a rule, its own or its group's."""
        statement, group = self.statements[rule.id]
        of_group = group.clauses if group and rule.kind == "forbid" else ()
        clauses = (*statement.clauses, *of_group)
        return next((clause for clause in clauses if clause.keyword.text == keyword), None)

    @cached_property
    def read_cells(self) -> tuple[Cell, ...]:
        """The cells that sentences of expectations say."""
        said = [expectation.sentence for expectation in self.resolved.expects if expectation.sentence]
        read = Sentences(self.resolved).read if said else None
        cells = (read(sentence).cell for sentence in said) if read else ()
        return tuple(cell for cell in cells if cell is not None)

    def is_own(self, span: Span | None) -> bool:
        """Whether a place lies in the policy's own file: what a used file says is not this policy's fault."""
        return span is not None and span.file == self.source.path

    @cached_property
    def names(self) -> tuple[Concept, ...]:
        """All concepts and relations."""
        return (*self.resolved.concepts, *self.resolved.relations)

    @cached_property
    def own_names(self) -> tuple[Concept, ...]:
        """The names whose home is the policy's own file."""
        return tuple(concept for concept in self.names if self.is_own(concept.span))

    def is_shown(self, slot: Slot, name: str) -> bool:
        """Whether the built-in world can draw a name."""
        from ..world import lexicon

        return bool(lexicon.depicts(slot, name, self.derived.forms(slot, name)))

    def example(self, extent: Extent) -> Cell:
        """One cell of a rule."""
        first = extent.cells.first()
        assert first is not None  # a rule without cells has no extent
        return first
