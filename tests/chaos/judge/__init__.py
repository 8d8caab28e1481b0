"""The judge of a massage compares what a host sent and was answered with what electrode and motor did."""
