"""One turn of the loop on a folder of files: load the programme, run the mechanisms' pure parts, write the report."""
