"""The demonstration: everything that `make demo` runs. The portal itself never imports it."""

#: Reserved for examples (RFC 2606): nothing that is sent there could arrive anywhere.
DOMAIN = "demo.example"
