"""What is doubtful in a policy that has no errors: `run` asks every rule of `RULES`."""

from .facts import Facts
from .model import Finding, LintRule
from .run import RULES, Linted, run

__all__ = ["RULES", "Facts", "Finding", "LintRule", "Linted", "run"]
