"""What a command found, written for a person (`text`) or for a machine (`json`, `sarif`, `github`)."""

from __future__ import annotations

from .model import FileResult
from .render import FORMATS, Format, render

__all__ = ["FORMATS", "FileResult", "Format", "render"]
