"""Weights: which files of a source are fetched, what is known of them, and when a volume has them all."""
