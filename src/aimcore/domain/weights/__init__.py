"""Where weights come from, and how much room they take."""
