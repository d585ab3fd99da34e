"""What is taken along: the HTML report, the model card, the facts beside an exported model."""
