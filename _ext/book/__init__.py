"""The book's own Sphinx extension."""
