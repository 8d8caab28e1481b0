"""The judge of a massage: what a host sent and was answered against what electrode and motor received and did."""
