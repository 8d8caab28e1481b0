"""The measures of a recording: its movements and parts, and the metrics that are computed of them."""
