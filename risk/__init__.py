"""The risk rules: each judges every opening proposal; a closing passes every gate."""
