"""City submissions: the form, the connector that reads it, and the answer to the sender."""
