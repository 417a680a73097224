"""What the command `research` and `python -m research` start; Ctrl-C has its sentence while libraries load, too."""

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line; every error of this package becomes one sentence and its exit code."""
    try:
        from research._terminal import exit_with
    except KeyboardInterrupt:
        print("research: stopped before anything was begun", file=sys.stderr)
        sys.exit(130)

    def load_and_run() -> object:
        from research.cli import app

        return app(prog_name="research", standalone_mode=False)

    exit_with(load_and_run)


if __name__ == "__main__":
    main()
