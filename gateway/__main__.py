"""`python -m gateway` is the `cps` command."""

from gateway.cli import main

main()
