"""What may be said of counts and margins; one file a method, each with its reference.

`family_statistics` applies them to the trials of a rule, `with_q` corrects the tests over all rules of a policy.
"""

from __future__ import annotations

from .family import family_statistics, with_q

__all__ = ["family_statistics", "with_q"]
