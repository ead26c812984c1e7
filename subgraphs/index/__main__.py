from resolvers.run import main
from subgraphs.index.schema import subgraph

main(subgraph)
