"""How Hypothesis makes programs: each choice is its own, to be taken back when a failure is made smaller."""
