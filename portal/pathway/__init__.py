"""The rules of the pathway. They know neither the web nor the database: values in, values out."""
