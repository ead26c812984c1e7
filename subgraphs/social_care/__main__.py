from resolvers.run import main
from subgraphs.social_care.schema import subgraph

main(subgraph)
