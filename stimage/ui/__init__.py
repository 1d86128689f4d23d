"""Everything besides the pages that imports Streamlit."""
