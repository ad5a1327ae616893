"""`python app.py run` does what `pydbt run` does; `python app.py export-dag .` draws the DAG."""

from pydbt.cli import main

if __name__ == "__main__":
    main()
