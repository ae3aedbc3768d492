"""One page about a validation, or about two: a verdict for the hurried, all the rest below it."""
