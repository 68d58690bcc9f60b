"""`proscribe try`: the base's and the guarded answer to a sentence or picture side by side, and which rule acted."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from ...records.canonical import to_json
from ..exits import EnvironmentFault

if TYPE_CHECKING:
    from PIL.Image import Image
    from proscribe.runtime import Backbone, Bundle, Guarded
    from torch import Tensor

SHOWN = 3
ACTED_DISTANCE = 0.05


@dataclass(frozen=True, slots=True)
class Candidate:
    """A caption that a probe may be taken for, and the rules that forbid its cell."""

    caption: str
    cell: str
    forbidden_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A candidate and its cosine to the probe."""

    caption: str
    cell: str
    forbidden_by: tuple[str, ...]
    cosine: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What base and guarded take one probe for. `moved` is each rule's own cosine distance from the base."""

    probe: str
    kind: Literal["sentence", "picture"]
    base: tuple[Match, ...]
    guarded: tuple[Match, ...]
    cosine: float
    moved: dict[str, float]
    acted: str | None


@click.command("try")
@click.argument("bundle", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("sentence", required=False)
@click.option("--image", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A picture to try.")
@click.option("--backbone", metavar="NAME", help="The backbone; that of the bundle where it is left out.")
@click.option("--json", "as_json", is_flag=True, help="Print the answers as JSON.")
def try_command(bundle: Path, sentence: str | None, image: Path | None, backbone: str | None, as_json: bool) -> None:
    """Show what the base and the guarded model take a SENTENCE or picture for, and which rule of BUNDLE acted."""
    if not (sentence and sentence.strip()) and image is None:
        raise click.UsageError("give a sentence in quotes, or --image FILE, or both")
    picture = _open(image) if image else None
    from proscribe.runtime import BundleRefused, EnvironmentProblem, load_backbone, load_bundle

    try:
        with _waiting("loading the model and the rules"):
            loaded = load_bundle(bundle)
            model = load_backbone(backbone or str(loaded.manifest["backbone"].get("name", "mini")))
            guarded = loaded.attach(model)
            known = candidates(loaded)
        answers = []
        if sentence and sentence.strip():
            answers.append(compare(sentence, sentence, model, guarded, known))
        if image and picture is not None:
            answers.append(compare(picture, str(image), model, guarded, known))
    except (BundleRefused, EnvironmentProblem) as fault:
        raise EnvironmentFault(str(fault)) from fault
    if as_json:
        shown = {"bundle": str(bundle), "backbone": model.name, "answers": [asdict(a) for a in answers]}
        click.echo(to_json(shown, indent=2))
    elif sys.stdout.isatty():
        for answer in answers:
            _on_terminal(answer)
    else:
        click.echo("\n".join(line for answer in answers for line in lines(answer)))


def candidates(bundle: Bundle) -> tuple[Candidate, ...]:
    """Everything a probe can be taken for: the plan's universe, or else what the rules' own files name."""
    facts = {rule: _object(bundle, f"rules/{rule}/rule.json") for rule in bundle.rules}
    forbidden: dict[str, list[str]] = {}
    for rule, found in facts.items():
        for cell in found.get("forget", ()):
            forbidden.setdefault(str(cell), []).append(rule)
    plan = _object(bundle, "plan.json") if "plan.json" in bundle.manifest["files"] else {}
    captions: dict[str, str] = {}
    for entry in plan.get("universe") or ():
        captions.setdefault(_cell_text(entry["cell"]), str(entry["caption"]))
    if not captions:
        named = [cell for found in facts.values() for cell in _named(found)]
        captions = {cell: caption for cell in (*forbidden, *named) if (caption := caption_of(cell))}
    return tuple(Candidate(text, cell, tuple(forbidden.get(cell, ()))) for cell, text in captions.items())


def caption_of(cell: str) -> str:
    """The plain caption of `subject -relation-> object`; empty for what is no whole cell.

    >>> caption_of("child -drinking-> wine"), caption_of("allow adult -*-> wine"), caption_of("child + wine")
    ('a child drinking wine', '', '')
    """
    from ...corpus.captions import compose
    from ...corpus.phrasebook import with_article
    from ...world.lexicon import word

    subject, _, rest = cell.partition(" -")
    relation, _, object_ = rest.partition("-> ")
    names = {"subject": subject, "relation": relation, "object": object_}
    if not all(names.values()) or "*" in cell:
        return ""
    parts = []
    for slot in ("subject", "relation", "object"):
        known = word(slot, names[slot])
        parts.append(with_article(slot, known.canonical if known else names[slot].replace("_", " ")))
    return compose("{s} {r} {o}", *parts)


def compare(probe: str | Image, name: str, model: Backbone, guarded: Guarded, known: tuple[Candidate, ...]) -> Answer:
    """Rank the candidates for one probe by base and guarded, and ask each rule alone how far it moves it."""

    def encode(by: Backbone | Guarded) -> Tensor:
        return by.encode_text([probe])[0] if isinstance(probe, str) else by.encode_image([probe])[0]

    guarded.enable(*guarded.rules)
    base_D, guarded_D = encode(model), encode(guarded)
    texts = [candidate.caption for candidate in known]
    base_ND, guarded_ND = model.encode_text(texts), guarded.encode_text(texts)
    if isinstance(probe, str):
        # A guarded forbidden caption stands at the redirect, where it could not say what the sentence is.
        for row, candidate in enumerate(known):
            if candidate.forbidden_by:
                guarded_ND[row] = base_ND[row]
    moved = {}
    for rule in guarded.rules:
        guarded.only(rule)
        moved[rule] = round(float(1.0 - base_D @ encode(guarded)), 4)
    guarded.enable(*guarded.rules)
    most = max(moved, key=lambda rule: moved[rule], default=None)
    return Answer(
        probe=name,
        kind="sentence" if isinstance(probe, str) else "picture",
        base=_best(base_ND @ base_D, known),
        guarded=_best(guarded_ND @ guarded_D, known),
        cosine=round(float(base_D @ guarded_D), 4),
        moved=moved,
        acted=most if most is not None and moved[most] > ACTED_DISTANCE else None,
    )


def lines(answer: Answer) -> list[str]:
    """The answer in plain lines."""
    found = [f"{answer.kind}: {answer.probe}"]
    for side, matches in (("base", answer.base), ("guarded", answer.guarded)):
        for place, match in enumerate(matches, 1):
            said = f"  {side:8}{place}. {match.cosine:.3f}  {match.caption}"
            found.append(said + (f"  (forbidden by {', '.join(match.forbidden_by)})" if match.forbidden_by else ""))
    return [*found, f"  {verdict(answer)}"]


def verdict(answer: Answer) -> str:
    """Which rule acted, and how far the guarded answer is from the base's."""
    cosine = f"cosine of guarded to base {answer.cosine:.3f}"
    if answer.acted is None:
        return f"no rule acted ({cosine})"
    return f"{answer.acted} acted: alone it moves the {answer.kind} by {answer.moved[answer.acted]:.3f} ({cosine})"


def _on_terminal(answer: Answer) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(f"{answer.kind}: {answer.probe}"), title_justify="left", title_style="bold")
    for side in ("base", "guarded"):
        table.add_column(side)
        table.add_column("cosine", justify="right")
    for pair in zip(answer.base, answer.guarded, strict=True):
        row: list[Text] = []
        for match in pair:
            note = f"  forbidden by {', '.join(match.forbidden_by)}" if match.forbidden_by else ""
            row += [
                Text.assemble((match.caption, "red" if note else ""), (note, "dim")),
                Text(f"{match.cosine:.3f}"),
            ]
        table.add_row(*row)
    console = Console()
    console.print(table)
    console.print(Text(verdict(answer), "bold red" if answer.acted else "dim"))


def _best(cosines_N: Tensor, known: tuple[Candidate, ...]) -> tuple[Match, ...]:
    top = cosines_N.topk(min(SHOWN, len(known)))
    return tuple(
        Match(known[row].caption, known[row].cell, known[row].forbidden_by, round(cosine, 4))
        for row, cosine in zip(top.indices.tolist(), top.values.tolist(), strict=True)
    )


def _named(facts: dict[str, Any]) -> list[str]:
    """The cells that a rule's file names beside the forbidden ones: redirects and allows."""
    redirects = [_cell_text(entry["target"]) for entry in facts.get("redirect", ())]
    allows = [str(text).removeprefix("allow ").partition(" except ")[0] for text in facts.get("allow_texts", ())]
    return [*redirects, *allows]


def _cell_text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    from ...world.cells import Cell

    return str(Cell(**cell) if isinstance(cell, dict) else Cell(*cell))


def _object(bundle: Bundle, path: str) -> dict[str, Any]:
    found = bundle.read_json(path)
    return found if isinstance(found, dict) else {}


def _open(path: Path) -> Image:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as opened:
            return opened.convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError) as fault:
        raise click.BadParameter(f"{path} is no picture that can be read", param_hint="--image") from fault


def _waiting(text: str) -> Any:
    """A spinner where a person watches; nothing where none does."""
    if not sys.stderr.isatty():
        return nullcontext()
    from rich.console import Console

    return Console(stderr=True).status(text)
