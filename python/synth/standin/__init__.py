"""The stand-in production: an application schema filled with invented or real activity.

`source.Source` holds who wrote what and when; it comes from `csv_source.read` (real data) or
`simulate.simulate`. `invent.Inventor` dresses it with names, addresses and message bodies
that carry planted personal data, and `load.load` copies the result into a database.
"""
