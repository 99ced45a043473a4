"""Sizes of `hf://` sources: one question to the hub that the source names, sent by egress."""
