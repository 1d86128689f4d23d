"""How good the trained model is: the measures, the table, the card."""
