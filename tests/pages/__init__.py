"""Pages through AppTest."""
