"""Where an agency's rows come from."""
