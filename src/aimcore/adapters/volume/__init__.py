"""Weights on a volume: gathered in `.aimcore/staging`, each file once, and shown in one step (FETCH-3, FETCH-5)."""
