"""A download from listing to marker, over ports: what is whole stays, what is missing is fetched, verified and shown (FETCH)."""
