"""Pipelines of generative models kept in git."""

__version__ = "0.1.0"
