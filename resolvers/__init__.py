"""The kit that an agency publishes its subgraph with.

A mapped table is declared once (`declare`, with the codecs of `mapping`); entity resolution (`entity`), batching and
keyset paging (`loaders`, `statements`) and the schema with its access directives (`types`, `subgraph`, `sdl`) follow
from it. `serve` and `run` make it a process; `sources` reads the agency's existing database.
"""
