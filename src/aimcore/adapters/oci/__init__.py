"""Images as OCI and Docker store them: where their labels are, and how to get at them without a layer."""
