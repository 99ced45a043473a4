"""A Kubernetes cluster: its objects as changes, and the four ways to write to it (OWN-4)."""
