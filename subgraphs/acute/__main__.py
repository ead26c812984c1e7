from resolvers.run import main
from subgraphs.acute.schema import subgraph

main(subgraph)
