"""Every outgoing connection of the adapters goes through here: addresses, TLS, redirects and budgets (SEC-3, SEC-4)."""
