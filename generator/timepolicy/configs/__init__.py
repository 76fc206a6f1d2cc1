"""Stage: the importer. From files that time daemons read to what is wrong with them, and to a policy's text."""
