"""The operator: the core's own loop as a service, one key at a time, for as long as it runs."""
