"""Reference pages, made of what the code declares."""
