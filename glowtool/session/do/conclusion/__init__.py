"""The conclusion of a massage: how it ends, the error that is told of it, and its log finished."""
