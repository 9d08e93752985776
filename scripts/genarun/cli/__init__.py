"""The command line: the only room that prints."""

from genarun.cli.app import main

__all__ = ["main"]
