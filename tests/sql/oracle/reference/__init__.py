"""What a program means, in plain Python: lists of tuples, three-valued logic, exact numbers.

It is written to be read, not to be fast, and shares no line with ``pydbt``. Its own tests cover every branch.
"""
