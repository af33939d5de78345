"""Outlines: what a note lists, labels and asks, as entries that rules can look at."""
