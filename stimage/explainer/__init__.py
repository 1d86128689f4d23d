"""The text of the page "How it works": chapters, facts and the list of figures. Stands alone."""
