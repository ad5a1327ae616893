"""Whose something is, and whether that process still lives: what passes with its process is known by it."""

from pydbt.owner.process import (
    LEFTOVER_AFTER,
    Owner,
    is_gone,
    is_leftover,
    mark,
    this_process,
)

__all__ = ["LEFTOVER_AFTER", "Owner", "is_gone", "is_leftover", "mark", "this_process"]
