"""The page How it works as static HTML: for any web space or a USB stick, without a server.

Run: python -m stimage.explainer.site OUT
"""
