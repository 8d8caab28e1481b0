"""The steering of a massage: what is asked of it while it runs, and what the roller is ordered then. Pure."""
