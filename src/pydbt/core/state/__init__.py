"""The memory between runs: one contract, kept in memory or in a database."""
