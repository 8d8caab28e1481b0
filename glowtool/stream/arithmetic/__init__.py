"""The numbers behind the stages: conversions of groups of channels, and the filter in Python and in scipy."""
