"""The synthetic population: one consistent truth, and each agency's own imperfect record of it.

`world` makes the truth from a number of children and a seed; `views` writes down what each agency would hold of it,
with the disagreements of real life; `databases` puts that into the agencies' databases. Nothing here is about a real
person.
"""
