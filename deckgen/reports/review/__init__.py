"""Notes and suggestions → decisions of the learner: in the terminal and on the preview's page.

`deciding` makes decisions and writes them, `queue` says what there is to decide, `card_text` shows one.
"""
