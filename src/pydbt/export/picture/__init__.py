"""What the drawn formats share: colours, labels, two layouts, and Graphviz in a process of its own."""
