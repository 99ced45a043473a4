"""The smallest words: quantities, image references, globs, names, layers."""
