"""Reading a message in its conversation, after the pipeline has understood its words alone.

"And shingles?", "no, I meant Rebif" and two questions in one message mean little or too much by
themselves. The words used here stand in `knowledge/context_words.yml`.
"""
