"""The command `proscribe`: a table of commands, each imported only when it runs.

`proscribe check` must start in a blink, and torch alone takes seconds to import.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

import click

from ..messages.diagnostics import did_you_mean
from .exits import EnvironmentFault, Stopped
from .pipes import escape_what_cannot_be_encoded, failure_of, output_may_fail

# command: (module:function, what the list of commands says about it)
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("init:init", "Start a folder with a first policy."),
    "check": ("check:check", "Say what is wrong with a policy."),
    "fmt": ("fmt:fmt", "Lay a policy out in the one way there is."),
    "lint": ("lint:lint", "Say what is doubtful in a policy."),
    "test": ("test:test_command", "Run a policy's `expect` lines, and say which rules they test."),
    "watch": ("watch:watch", "Check again at each save."),
    "explain": (
        "explain:explain",
        "Show what each rule covers, or why a cell is where it is; draw the policy.",
    ),
    "diff": ("diff:diff", "Show what a change of a policy means: cells, sets, adapters."),
    "emit": ("emit:emit", "Print a stage as canonical JSON, with its schema and hashes."),
    "taxonomy": ("taxonomy:taxonomy", "Suggest declarations for words that no file declares."),
    "plan": ("build:plan", "Show what compile would do, and how long it would take."),
    "compile": ("build:compile_", "Train, attack and package an adapter per rule."),
    "attack": ("attack:attack", "Attack-test a bundle again, or further."),
    "replay": ("replay:replay", "Run one trial of a bundle again, exactly as it was judged, and show it."),
    "report": ("report:report", "Render a bundle's report again."),
    "compare": (
        "compare:compare",
        "Say what is significantly worse or better in one bundle than in another.",
    ),
    "try": ("try_:try_command", "Compare the base's and the guarded answer to a sentence or picture."),
    "lsp": ("lsp:lsp", "Serve an editor: messages, hover, completion, rename."),
    "bench": ("bench:bench", "Measure start time, compile time, memory and encoding cost here."),
    "backbone": ("backbone:backbone", "List, inspect, train and evaluate backbones."),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands in the order of the work, imported or not."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        module_name, _, function = COMMANDS[cmd_name][0].partition(":")
        try:
            module = import_module(f".commands.{module_name}", __package__)
        except ModuleNotFoundError as missing:
            if missing.name and missing.name.startswith("proscribe."):
                raise EnvironmentFault(f"`{cmd_name}` is not part of this installation") from missing
            message = f"`{cmd_name}` needs the package {missing.name}, which is not installed"
            raise EnvironmentFault(message) from missing
        command: click.Command = getattr(module, function)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with a guess at what was meant."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            hint = did_you_mean(args[0], COMMANDS)
            ctx.fail(f"there is no command '{args[0]}'" + (f"; {hint}" if hint else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run; Ctrl-C and a closed pipe have codes of their own, because 1 means that the policy is wrong."""
        try:
            with output_may_fail():
                return super().invoke(ctx)
        except KeyboardInterrupt as interrupt:
            raise Stopped("stopped") from interrupt

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """As click does; here `--help` and `--version` print. NO_COLOR is kept to: https://no-color.org."""
        with output_may_fail():
            context = super().make_context(*args, **extra)
        if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
            context.color = False
        return context

    def main(self, *args: Any, **extra: Any) -> Any:
        """As click does; here a refusal is printed, to a standard error that may be closed."""
        escape_what_cannot_be_encoded()
        try:
            return super().main(*args, **extra)
        except OSError as fault:
            failure = failure_of(fault)
            if failure is None:
                raise
            sys.exit(failure.exit_code)


_EPILOG = (
    "Exit codes: 0 good, 1 the policy is wrong, 2 usage, 3 a rule broke its require, 4 inconclusive, 5 environment."
)


@click.group(cls=LazyGroup, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="proscribe", prog_name="proscribe")
def main() -> None:
    """Compile safety rules about relations into attacked, reported adapters for CLIP-type models."""


if __name__ == "__main__":
    main()
