"""What a run learns from: its rows, batches, class weights, and features of the frozen part."""
