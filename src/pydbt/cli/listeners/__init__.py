"""Listeners of a run that write to the terminal: one form of output a file."""
