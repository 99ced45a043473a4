"""What was found out, for people and for programs: tables, JSON, YAML, names."""
