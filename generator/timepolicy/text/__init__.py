"""Stage 1: text. A policy's text with its positions; nothing here knows what the text means."""
