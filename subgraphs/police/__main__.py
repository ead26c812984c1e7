from resolvers.run import main
from subgraphs.police.schema import subgraph

main(subgraph)
