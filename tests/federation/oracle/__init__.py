"""The oracle's parts: random federations and queries, and the judgement of what came of them.

`schema` is one schema divided over subgraphs; `federations` draws such schemas and `records` their data; `sdl` and
`parts` give each subgraph its own; `queries` draws queries over any schema; `verdict` compares two answers.
"""
