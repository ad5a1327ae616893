"""``python app.py run`` does what ``pydbt run`` does."""

from pydbt.cli import main

if __name__ == "__main__":
    main()
