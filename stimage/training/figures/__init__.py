"""Makes every figure of the explainer from the model, its training pictures and its measurements.

Run: python -m stimage.training.figures
"""
