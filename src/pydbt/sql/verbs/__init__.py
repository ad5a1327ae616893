"""The verbs, one family a file: the function with its checks, the step, and when it extends a block."""
