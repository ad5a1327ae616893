"""In and out in bulk: rows that Python holds become tables, files become frames, results leave in batches.

``create_dataframe``, ``range``, ``sql`` and ``read`` of a `Session` are made here, and ``to_arrow``,
``to_batches`` and the like of a `DataFrame`. pyarrow, pandas and polars are imported where they are used.
"""
