"""The report as one page of HTML: no script, nothing from outside, everything from a bundle escaped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from . import words
from .model import Report, counted
from .views import rule_view

_TEMPLATES = Path(__file__).parent / "templates"


def render_html(report: Report) -> str:
    """The page; the same report always gives the same bytes."""
    views = [rule_view(report.manifest, rule) for rule in report.rules]
    return _environment().get_template("report.html.j2").render(report=report, views=views, manifest=report.manifest)


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.filters.update(
        percent=words.percent,
        limit=words.limit,
        tied=words.tied,
        after_verdict=words.after_verdict,
        points=words.points,
        seconds=words.seconds,
        kilobytes=words.kilobytes,
        spoken=words.spoken,
        cell=words.tuple_text,
    )
    environment.globals.update(
        VERDICT=words.VERDICT,
        LIMIT=words.LIMIT,
        KEPT=words.KEPT,
        SIGN=words.SIGN,
        OUTCOME=words.OUTCOME,
        TOWERS=words.TOWERS,
        STAGE=words.STAGE,
        MODALITY=words.MODALITY,
        DIRECTION=words.DIRECTION,
        SETS=words.SETS,
        interval=words.interval,
        count=words.count,
        counted=counted,
    )
    return environment


def _finalize(value: Any) -> Any:
    # Escaping is Jinja's; hidden direction marks are ours. Markup comes from this package alone.
    return words.visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
