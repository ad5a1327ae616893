"""``python -m pydbt`` is ``pydbt``, where the command itself is not on the path."""

from __future__ import annotations

from pydbt.cli import main

# A worker process imports this file once more, under another name.
if __name__ == "__main__":
    main()
