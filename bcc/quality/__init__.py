"""What is wrong with the pictures: checks that turn arrays (features, probabilities) into findings.

Nothing stands here yet but its place; exact duplicates are found in `bcc.datasets.identity`.
"""
