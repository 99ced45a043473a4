"""A cluster in memory, with Kubernetes' semantics: what `plan` runs on, and the fake that the contract suite verifies."""
