"""Every attack family, listed in one place, in the order of the report."""

from __future__ import annotations

from ..family import Family
from .context import Context
from .corruption import Corruption
from .paraphrase import Paraphrase
from .style import Style
from .synonym import Synonym

FAMILIES: tuple[Family, ...] = (Paraphrase(), Synonym(), Context(), Style(), Corruption())
