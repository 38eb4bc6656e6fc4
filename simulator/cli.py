"""Command line of the offline engine: `python -m simulator backtest | conformance | generate | docs`.

Commands are imported when they are called, so that `--help` and a backtest start fast.
"""

import importlib
import importlib.util
import sys
import traceback
from pathlib import Path
from typing import Any, Final, NoReturn

import click

from simulator.errors import SimulatorError

_COMMANDS: Final = {
    "backtest": ("simulator.backtest_command:backtest", "Run the algorithm of a project."),
    "conformance": ("simulator.conformance:conformance", "Compare the engine with runs recorded on LEAN."),
    "generate": ("simulator.market.cli:generate", "Write a synthetic LEAN data folder."),
    "docs": ("simulator.stub_check:docs", "Write the list of what the engine offers of LEAN's API."),
}


class LazyGroup(click.Group):
    """Imports a command's module when the command is looked up; one whose module is absent is not offered."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands whose modules exist."""
        del ctx
        return [name for name, (target, _) in _COMMANDS.items() if importlib.util.find_spec(target.split(":")[0])]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module, attribute = _COMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name][1]) for name in self.list_commands(ctx)])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Runs a LEAN algorithm offline, on LEAN's data folder, with LEAN's semantics."""


def main() -> NoReturn:
    """Runs the command line and ends the process: 0 done, 1 failed with one message, 2 used wrongly."""
    try:
        cli.main(standalone_mode=True)
    except SimulatorError as problem:
        fail(str(problem))
    except Exception as problem:  # noqa: BLE001 - the one boundary that turns any error into a message
        fail(f"{location(problem)}{type(problem).__name__}: {problem}")
    sys.exit(0)


def fail(message: str) -> NoReturn:
    """Prints one error message and ends the process with code 1."""
    click.echo(f"Error: {message}", err=True)
    sys.exit(1)


def location(problem: BaseException, folder: Path | None = None) -> str:
    """Where an exception came from, "file:line: ": the innermost frame below the folder, else the innermost of all."""
    frames: Any = traceback.extract_tb(problem.__traceback__)
    inside = [frame for frame in frames if folder is not None and Path(frame.filename).resolve().is_relative_to(folder.resolve())]
    chosen = (inside or list(frames))[-1:]
    return "".join(f"{frame.filename}:{frame.lineno}: " for frame in chosen)
