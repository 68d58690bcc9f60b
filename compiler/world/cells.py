"""The unit of meaning of the whole compiler: a cell, one (subject, relation, object) of leaf names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Slot = Literal["subject", "relation", "object"]
SLOTS: tuple[Slot, ...] = ("subject", "relation", "object")


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """Leaf names of one tuple; an empty string is a slot that is left out (a marginal).

    >>> str(Cell("child", "drinking", "wine"))
    'child -drinking-> wine'
    >>> str(Cell("child", "", "wine"))
    'child + wine'
    """

    subject: str
    relation: str
    object: str

    def __str__(self) -> str:
        if self.subject and self.relation and self.object:
            return f"{self.subject} -{self.relation}-> {self.object}"
        if self.relation:
            return " ".join(part for part in (self.subject, self.relation, self.object) if part)
        return " + ".join(part for part in (self.subject, self.object) if part)

    def get(self, slot: Slot) -> str:
        """The leaf name in one slot."""
        return {"subject": self.subject, "relation": self.relation, "object": self.object}[slot]

    def replaced(self, slot: Slot, name: str) -> Cell:
        """The neighbour that differs in one slot only."""
        parts = {"subject": self.subject, "relation": self.relation, "object": self.object}
        parts[slot] = name
        return Cell(**parts)

    def agrees(self, whole: Cell) -> bool:
        """True where every slot that this cell names is the same in `whole`."""
        return all(not self.get(slot) or self.get(slot) == whole.get(slot) for slot in SLOTS)
