"""The promises adapters keep: small protocols over domain values, and their errors."""
