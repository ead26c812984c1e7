"""The gateway under load: `python -m tests.load --help`."""
