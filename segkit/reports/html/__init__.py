"""report.html and the other pages: for people, without script and without network."""
