"""What tests share: small models, files, servers, pages."""
