"""The version of the attack-tests, for hashes."""

from __future__ import annotations

# Raised whenever the attack-tests would find other numbers for the same adapters.
ATTACK_VERSION = 7
# Where a manifest's `versions` say which of them found all of the bundle's trials; before FIRST_NAMED they did not.
ATTACKS = "attacks"
FIRST_NAMED = 5
