"""What every connection passes before Streamlit sees it: who comes, from where, and to what."""
