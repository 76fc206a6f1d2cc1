"""A provider for Terraform: the product of `timepolicy render` as a data source and as a function.

It needs the extra `timepolicy[terraform]`. The library `tf` implements version 6 of Terraform's plugin protocol.
"""
