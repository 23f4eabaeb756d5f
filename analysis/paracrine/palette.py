"""Colours and marks that the pictures share."""

# Okabe and Ito's colours, which people with any common colour vision tell apart.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")
LINES = ("-", "--", ":", "-.")
MARKERS = ("v", "s", "D", "o", "^", "P", "X", "*")
