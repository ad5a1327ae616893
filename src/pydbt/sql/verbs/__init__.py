"""The verbs: one family a file; in each the checks, the step, and the predicate that says when it extends a block."""
