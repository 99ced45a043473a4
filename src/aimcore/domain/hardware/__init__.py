"""What a template asks of nodes, and what nodes have."""
