"""What the runtime refuses, in words that name what was wrong and where."""

from __future__ import annotations


class EnvironmentProblem(Exception):
    """Weights are missing or changed, or the machine lacks something; the CLI exits with 5."""


class BundleRefused(Exception):
    """A bundle whose bytes, paths or fingerprint are not what its manifest says; the CLI exits with 5."""
