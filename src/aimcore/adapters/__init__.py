"""Translators between the domain and the world: one library each, strangers to one another."""
