"""The lazy DataFrame: plans of verbs, compiled to one SELECT, and what SQL there is around it."""
