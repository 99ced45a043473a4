"""What an image says of itself: its labels, and what they recommend."""
