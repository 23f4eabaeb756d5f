"""Reading and drawing the results of Paracrine runs.

``paracrine.plot`` draws the time series of one or several runs; it stands behind the command ``paracrine plot``.
"""
