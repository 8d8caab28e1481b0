"""A routine seen before it is felt: its zones, levels, rises and cues over time, for a terminal and as SVG."""
