"""The doors: the loop, what it shows, and the command line."""
