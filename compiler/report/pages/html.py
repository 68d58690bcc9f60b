"""The report as one page of HTML: nothing from outside, everything from a bundle escaped.

Its one script sorts and filters tables; the page's own security policy lets no other run, by its hash.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from .. import words
from ..figures.matrix import BADNESS, matrix
from ..model import Report, counted
from ..pooled import pooled_words
from ..views import rule_views

_TEMPLATES = Path(__file__).parents[1] / "templates"


def render_html(report: Report) -> str:
    """The page; the same report always gives the same bytes."""
    script = (_TEMPLATES / "sort.js").read_text("utf-8").strip()
    template = _environment().get_template("report.html.j2")
    return template.render(
        report=report,
        views=rule_views(report),
        manifest=report.manifest,
        gating=matrix(report.rules, True),
        evidence=matrix(report.rules, False),
        script=Markup(script),
        script_hash=b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


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
        bare=words.bare,
        chance=words.chance,
        number=words.number,
        limit=words.limit,
        tied=words.tied,
        after_verdict=words.after_verdict,
        points=words.points,
        seconds=words.seconds,
        kilobytes=words.kilobytes,
        spoken=words.spoken,
        cell=words.tuple_text,
        reason=words.reason,
        blocked_words=words.blocked_words,
    )
    environment.globals.update(
        VERDICT=words.VERDICT,
        LIMIT=words.LIMIT,
        KEPT=words.KEPT,
        SIGN=words.SIGN,
        ORDER={status: -rank for status, rank in BADNESS.items()},  # as tables sort it
        OUTCOME=words.OUTCOME,
        TOWERS=words.TOWERS,
        STAGE=words.STAGE,
        MODALITY=words.MODALITY,
        DIRECTION=words.DIRECTION,
        SETS=words.SETS,
        BLOCKED=words.BLOCKED,
        KIND=words.KIND,
        LEVEL=words.LEVEL,
        a_setting=words.a_setting,
        pooled_words=pooled_words,
        interval=words.interval,
        count=words.count,
        counted=counted,
    )
    return environment


def _finalize(value: Any) -> Any:
    # Escaping is Jinja's; hidden direction marks are ours. Markup comes from this package alone.
    return words.visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
