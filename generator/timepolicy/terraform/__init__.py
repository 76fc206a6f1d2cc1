"""A provider for Terraform: what `timepolicy render` makes, as a data source and as a function.

It needs the extra `timepolicy[terraform]`. Terraform's plugin protocol, version 6, is spoken by the library `tf`.
"""
