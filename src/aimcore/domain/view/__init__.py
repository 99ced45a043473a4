"""What a decision may read, how it is found, and what a decision may say."""
