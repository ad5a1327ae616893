"""The oracle: random programs, compared between databases, with Python, and with themselves."""
