"""`proscribe taxonomy suggest`: lines for words that no file declares. It prints, and never writes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from ...syntax.tokens import NAME_PATTERN
from ..exits import EnvironmentFault
from ..files import POLICY_FILE
from .check import analysed

if TYPE_CHECKING:
    from ...explain.suggest import Encode, Suggestion

_NAME = re.compile(NAME_PATTERN)


@click.group()
def taxonomy() -> None:
    """Help with a policy's names."""


@taxonomy.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--policy", type=POLICY_FILE, metavar="FILE", help="Put the names below those of this policy.")
@click.option("--relation", "is_relation", is_flag=True, help="The names are relations, not concepts.")
@click.option("--wordnet", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Where WordNet lies.")
@click.option(
    "--source",
    type=click.Choice(("auto", "wordnet", "mini")),
    default="auto",
    show_default=True,
    help="WordNet, or the nearest words of the built-in backbone; `auto` takes WordNet where it has the word.",
)
def suggest(names: tuple[str, ...], policy: Path | None, is_relation: bool, wordnet: Path | None, source: str) -> None:
    """Print lines that would declare each NAME, with near names, what it is a kind of, and where that comes from.

    Read them before you copy them: WordNet and a model are asked what a word means, not what your policy should say.
    """
    from ...explain.suggest import from_embeddings, from_wordnet, known_names
    from ...resolve.wordnet import find_wordnet

    kind: Literal["concept", "relation"] = "relation" if is_relation else "concept"
    wanted = [_name(name) for name in names]
    known = known_names(analysed(policy) if policy else None, kind)
    found = None if source == "mini" else find_wordnet(wordnet)
    if found is None and (wordnet or source == "wordnet"):
        where = f"in {wordnet}" if wordnet else "installed (Debian: wordnet-base)"
        raise EnvironmentFault(f"WordNet is not {where}: there is no data.noun")
    said: list[Suggestion] = []
    encode: Encode | None = None
    for name in wanted:
        suggestion = from_wordnet(name, known, found) if found else None
        if suggestion is None and source != "wordnet":
            encode = encode or _mini()
            suggestion = from_embeddings(name, known, encode, "mini")
        said.append(suggestion or _nothing(name))
    click.echo("\n\n".join(suggestion.text() for suggestion in said))


def _name(text: str) -> str:
    name = re.sub(r"[\s-]+", "_", text.strip().lower())
    if not _NAME.fullmatch(name):
        raise click.BadParameter(f"{text!r} is no name: write letters, digits and _", param_hint="NAME")
    return name


def _nothing(name: str) -> Suggestion:
    from ...explain.suggest import Suggestion

    return Suggestion(name, ("WordNet has no meaning of it that a picture could show",))


def _mini() -> Encode:
    """The text tower of `mini`; only here is torch imported."""
    from .build import backbone_named

    backbone = backbone_named("mini")
    known: dict[str, Sequence[float]] = {}

    def encode(texts: Sequence[str]) -> Sequence[Sequence[float]]:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(new, backbone.encode_text(new).tolist(), strict=True))
        return [known[text] for text in texts]

    return encode
