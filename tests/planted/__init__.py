"""Bugs planted by hand, each as a patch, with the law that forbids it and the test that catches it."""
