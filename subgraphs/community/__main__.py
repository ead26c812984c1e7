from resolvers.run import main
from subgraphs.community.schema import subgraph

main(subgraph)
