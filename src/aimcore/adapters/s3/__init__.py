"""Sizes of `s3://` sources: boto3 behind a guarded transport."""
