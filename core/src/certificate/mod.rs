//! Certificates: reading, reporting, path validation.
