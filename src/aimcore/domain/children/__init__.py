"""The objects that an object of ours owns, and what they need to be as wanted."""
