"""What the command `research` and `python -m research` start; Ctrl-C has its sentence while libraries load, too."""

import sys

__all__ = ["main"]


def main() -> None:
    """Load the command line and run it."""
    try:
        from research._terminal import exit_with
    except KeyboardInterrupt:
        print("research: stopped before anything was begun", file=sys.stderr)
        sys.exit(130)

    def load_and_run() -> None:
        from research.cli import main as command

        command()

    exit_with(load_and_run)


if __name__ == "__main__":
    main()
