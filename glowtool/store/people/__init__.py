"""The people of this data folder: their names, and what each of them said and wants."""
