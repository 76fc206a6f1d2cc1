"""From a policy's text to a document: values with positions, of the schema's shape."""
