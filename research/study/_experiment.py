"""What every experiment shares: its command line, its configuration, and a run folder like a study's."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from research._terminal import exit_with, say, short, work
from research.study._config import Loaded, load_config, write_config
from research.study._folder import RunFolder
from research.study._manifest import file_hash
from research.study._run import about_this_run, provenance

if TYPE_CHECKING:
    import polars as pl

    from research.figures import Plot
    from research.study._schema import Section

__all__ = ["Outcome", "experiment_main"]

Progress = Callable[[str, int, int], None]


class Outcome:
    """What an experiment found.

    Parameters
    ----------
    tables : dict of str to polars.DataFrame
    plots : list of Plot
    findings : list of str
        What it says, in sentences; the first three lead.
    methods : str
        One paragraph on how.
    notes : list of str
        What must not be concluded.
    inputs : dict of str to str
        Hashes of what was read.
    model : dict, optional
        The embedding model.
    """

    def __init__(
        self,
        *,
        tables: dict[str, pl.DataFrame],
        plots: list[Plot],
        findings: list[str],
        methods: str,
        notes: list[str],
        inputs: dict[str, str],
        model: dict[str, Any] | None = None,
    ) -> None:
        self.tables = tables
        self.plots = plots
        self.findings = findings
        self.methods = methods
        self.notes = notes
        self.inputs = inputs
        self.model = model


def experiment_main(
    name: str, title: str, settings: type[Section], body: Callable[[Loaded[Any], Progress], Outcome]
) -> None:
    """Be the command line of one experiment: ``python -m experiments.NAME CONFIG [--out DIR] [--set key=value]``.

    Parameters
    ----------
    name : str
        Name of its module, and of its run folder.
    title : str
        Heading of its report.
    settings : type
        The pydantic model of its configuration.
    body : callable
        Takes the configuration and a progress callable, gives an `Outcome`. It neither prints nor writes.
    """
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

    @app.command(help=title)
    def run(
        config: Annotated[Path, typer.Argument(help="The experiment's YAML file.", show_default=False)],
        out: Annotated[Path | None, typer.Option(help="The run folder; results/NAME if not given.")] = None,
        set_: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Replace one value.")] = None,
        base: Annotated[Path | None, typer.Option(help="Where relative paths start from.", show_default=False)] = None,
        log_file: Annotated[Path | None, typer.Option(help="The log; beside the run folder if not given.")] = None,
        verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say more on the terminal.")] = False,
    ) -> None:
        started, clock = datetime.now(UTC), time.perf_counter()
        with work(verbose) as (progress, log_to):
            loaded = load_config(config, settings, set_ or (), base)
            place = out if out is not None else Path("results") / name
            log_to(log_file if log_file is not None else place.parent / f"{place.name}.log")
            with RunFolder(place, name, kind="experiment") as folder:
                outcome = body(loaded, progress)
                _write(folder, loaded, outcome, title)
                folder.run = about_this_run(loaded.base, folder.place, started, time.perf_counter() - clock)
        say(f"Report: {short(place / 'report.html')}")
        for finding in outcome.findings:
            say(f"- {finding}")

    exit_with(lambda: app(prog_name=f"python -m experiments.{name}", standalone_mode=False))


def _write(folder: RunFolder, loaded: Loaded[Any], outcome: Outcome, title: str) -> None:
    from research.report import build_report

    folder.facts = provenance(inputs=outcome.inputs, model=outcome.model)
    folder.write_text("config.yaml", write_config(loaded.values))
    for table, frame in outcome.tables.items():
        folder.write_table(table, frame)
    for plot in outcome.plots:
        folder.write_plot(plot)
    folder.write_text(
        "report.html",
        build_report(
            title=title,
            tables=outcome.tables,
            plots=outcome.plots,
            findings=outcome.findings,
            methods=outcome.methods,
            provenance={**folder.facts, "configuration": file_hash(folder.path / "config.yaml")},
            notes=outcome.notes,
        ),
    )
