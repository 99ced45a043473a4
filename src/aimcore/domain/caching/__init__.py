"""Weights on volumes, as pure functions: what fills a claim, what its Job looks like, how that ended, what a cache says (CACHE)."""
