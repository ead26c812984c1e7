"""Single changes to the code, and whether any test notices: `python -m tests.mutation --sample 200 --seed N`."""
