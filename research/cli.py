"""The command `research`. Heavy libraries load inside the commands, so that `--help` comes back at once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from research._terminal import say, short, work
from research.errors import InputError, VerificationError

__all__ = ["app"]

app = typer.Typer(
    help="Themes, framing and stance in news text, with their uncertainty and the figures of the paper.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_Config = Annotated[Path, typer.Argument(help="A study's YAML file.", show_default=False)]
_Folder = Annotated[Path, typer.Argument(help="A run folder, for example results/putin_visit.", show_default=False)]
_Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set", help="Replace one value, as key.subkey=value; may be given more than once.", metavar="KEY=VALUE"
    ),
]
_Base = Annotated[
    Path | None,
    typer.Option(
        help="Where the configuration's relative paths start from, if not its own folder.", show_default=False
    ),
]
_Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say more on the terminal.")]


@app.command()
def run(
    config: _Config,
    set_: _Set = None,
    out: Annotated[Path | None, typer.Option(help="The run folder; results/NAME if not given.")] = None,
    base: _Base = None,
    log_file: Annotated[Path | None, typer.Option(help="The log; beside the run folder if not given.")] = None,
    verbose: _Verbose = False,
) -> None:
    """Run a study: texts in; tables, figures and a report out."""
    _refuse_experiment(config)
    with work(verbose) as (progress, log_to):
        from research.study import load_study, run_study

        loaded = load_study(config, set_ or (), base)
        place = out if out is not None else Path("results") / loaded.values.name
        log_to(log_file if log_file is not None else place.parent / f"{place.name}.log")
        done = run_study(loaded, out=place, progress=progress)
    say(f"Report: {short(done.folder / 'report.html')}")
    for number, finding in enumerate(done.findings, start=1):
        say(f"{number}. {finding}")


@app.command()
def check(config: _Config, set_: _Set = None, base: _Base = None, verbose: _Verbose = False) -> None:
    """Show every resolved value of a configuration and the file it came from; read its files, count its documents."""
    _refuse_experiment(config)
    with work(verbose):
        import json

        from research.study import check_study, flatten, load_study

        loaded = load_study(config, set_ or (), base)
        values = flatten(loaded.values.model_dump(mode="json"))
        n_documents, notes = check_study(loaded)
    width = max(len(key) for key in values)
    for key, value in values.items():
        say(f"{key:<{width}}  {json.dumps(value, ensure_ascii=False)}  [{loaded.origins[key]}]")
    say(f"Every file was found; {n_documents} document{'s' if n_documents != 1 else ''}.")
    for note in notes:
        say(f"Note: {note}")


@app.command()
def schema() -> None:
    """Print the JSON schema of a study's configuration, for editors."""
    with work(False):
        import json

        from research.study import json_schema

        text = json.dumps(json_schema(), indent=2, ensure_ascii=False)
    say(text)


@app.command()
def verify(folder: _Folder, base: _Base = None, verbose: _Verbose = False) -> None:
    """Run a finished study or experiment again in a fresh process and name every file that differs."""
    with work(verbose) as (progress, _):
        from research.study import read_manifest, verify_run

        n_files = len(read_manifest(folder)["files"])
        progress("running again", 0, 1)
        differences = verify_run(folder, base)
        progress("running again", 1, 1)
    for line in differences:
        say(line)
    if differences:
        raise VerificationError(f"{folder}: {len(differences)} difference(s) from a new run, of {n_files} files")
    say(f"{folder}: all {n_files} files are the same byte for byte")


@app.command()
def apply(
    folder: _Folder,
    source: Annotated[
        str,
        typer.Argument(
            metavar="INPUT", help="New texts: a table, a text file, or a glob in quotes.", show_default=False
        ),
    ],
    out: Annotated[Path, typer.Option(help="Where the table goes (.parquet or .csv).", show_default=False)],
    unit: Annotated[
        Literal["paragraph", "document"] | None,
        typer.Option(help="What a table's row is; if not given, what the study's was. Text files are documents."),
    ] = None,
    base: _Base = None,
    verbose: _Verbose = False,
) -> None:
    """Score new texts with the models that a finished run saved."""
    if out.suffix not in (".parquet", ".csv"):
        raise InputError(
            f"--out {out}: the table is written as parquet or CSV; give a name that ends in .parquet or .csv"
        )
    if not out.absolute().parent.is_dir():
        raise InputError(f"--out {out}: the folder {out.parent} does not exist; make it first")
    with work(verbose) as (progress, _):
        from research.corpus import find_files
        from research.study import apply_run

        # The same file under whatever name: a link, or other letters where the disk takes these for equal.
        if out.exists() and any(out.samefile(path) for path in find_files(source)):
            raise InputError(f"--out {out}: is a file that {source} names, and would be overwritten; give another name")
        table = apply_run(folder, source, unit=unit, base=base, progress=progress)
        partial = out.with_name(f".{out.name}.{os.getpid()}.partial")
        try:
            if out.suffix == ".csv":
                from research._csv import safe_csv

                partial.write_text(safe_csv(table), encoding="utf-8", newline="\n")
            else:
                table.write_parquet(partial, compression="zstd")
            partial.replace(out)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise InputError(f"--out {out}: cannot be written ({error.strerror or error})") from None
    say(f"{len(table)} paragraph{'s' if len(table) != 1 else ''}: {out}")


def _refuse_experiment(config: Path) -> None:
    """Point to the right command for an experiment's configuration."""
    if config.parent.name == "experiments" and config.is_file():
        raise InputError(
            f"{config} is an experiment's configuration; run it with `python -m experiments.{config.stem} {config}`"
        )
