"""Where weights come from, which files of them are fetched, and how much room they take."""
