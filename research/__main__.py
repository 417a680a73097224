"""Lets `python -m research` do what the command `research` does."""

from research.cli import main

if __name__ == "__main__":
    main()
