"""The executors of decisions about a massage: asynchronous, and without a decision of their own."""
