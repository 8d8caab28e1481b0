"""The rules of the lint beyond single numbers, and the findings that all of its rules make."""
