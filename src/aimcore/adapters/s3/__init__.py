"""Sizes of `s3://` sources: asked where boto3 says, signed by botocore, sent by egress."""
