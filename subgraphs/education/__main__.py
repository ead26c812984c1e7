from resolvers.run import main
from subgraphs.education.schema import subgraph

main(subgraph)
