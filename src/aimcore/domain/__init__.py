"""The rules, pure: standard library only. Importing this package loads nothing; import the module you need."""
