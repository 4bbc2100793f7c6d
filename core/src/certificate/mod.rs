//! Certificates: reading, reporting, path validation.

pub mod file;
pub mod pem;
pub mod pkcs7;
