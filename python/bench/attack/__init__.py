"""The red team: what somebody can work out from the figures of a pack.

`relations` says what every metric counts and how metrics are tied; `chats` and `cells` make exact
cells in numpy, `stored` reads them from a database; `estimator` takes all published figures
together; `differencing`, `membership` and `averaging` are attacks on one person or one day;
`curves` weighs what the noise costs.
"""
