"""One massage from start to end: a pure machine, and the asynchronous runner around it."""
