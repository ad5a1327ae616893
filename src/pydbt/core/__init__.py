"""Tasks, their graph, the plan and the run. Nothing here knows SQL, but ``state/database.py``."""
