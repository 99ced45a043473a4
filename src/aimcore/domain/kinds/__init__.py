"""The kinds of the API: identities, specs, statuses, conditions, owners."""
