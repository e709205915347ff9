"""Tables in and out, chunk by chunk: Parquet, CSV, Excel, and the frames of other libraries. Nothing here knows the law."""
