"""The running app in Chromium."""
