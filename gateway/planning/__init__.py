"""Planning: an operation becomes the fetches that answer it.

The words, in the order in which the algorithm uses them:

- A *position* is a place in the response: `child.siblings`. A *node* is a place in the query graph where its data can
  be had: `Child@INDEX`. One position can often be reached at several nodes.
- A *path* leads from the start to a node by *moves*: `select` a field in the same subgraph, `narrow` an abstract type
  to one of its object types, `enter` another subgraph by a key. Entering has a *need*: the key's fields, and those that
  a field's `@requires` names, which must be had first. A need is planned like an operation, from the node that one
  leaves.
- The search (`querygraph.search`) goes through the operation. At each position it keeps the cheapest path to every
  node that can be reached there, and so comes to every *leaf* with all the ways that lead to it. Then one way is chosen
  for each leaf by branch and bound (`querygraph.choose`), so that the *tree* that they make (`querygraph.tree`) is the
  cheapest. `querygraph.cost` says what a move costs: a fetch costs as much as a thousand fields, so that the fewest
  fetches win, and among those the ones that select least.
- From the tree `fetches` makes *steps*: one subgraph, one position, what to send (the *inputs* of its representations)
  and what to select. Fields that only serve as inputs are hidden: they get a response key that the client does not use.
- `passes` rewrite the steps: what goes to the same subgraph for the same position, and does not depend on each other,
  becomes one step, which remembers its parts for when an agency does not give what one of them requires; fields that a
  subgraph would refuse under one key get keys of their own.
- The *plan* orders steps in waves. Steps of one wave to one subgraph travel as one request (`plan`).

Everything is done in declared order, so that one operation always has one plan. The search counts its expansions and
refuses an operation that passes the bound; it never takes exponential time, as each need is searched once a depth and
the choice among ways stops after a fixed number of tries, with the best that it has.
"""

from gateway.planning.plan import Crossing, Demand, Guard, Input, Plan, Request, Segment, Step
from gateway.planning.planner import Planner
from gateway.planning.readings import Reading, field_paths, reading, readings

__all__ = [
    "Crossing",
    "Demand",
    "Guard",
    "Input",
    "Plan",
    "Planner",
    "Reading",
    "Request",
    "Segment",
    "Step",
    "field_paths",
    "reading",
    "readings",
]
