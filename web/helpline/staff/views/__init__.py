"""The console's pages: each module reads a request, has the work done, and answers with a page."""
