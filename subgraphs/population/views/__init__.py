"""What each agency wrote down: its own rows, in its own form, with its own slips. One module an agency."""
