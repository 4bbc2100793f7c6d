//! Object identifiers by name, in dotted form.

/// id-at-commonName.
pub const COMMON_NAME: &str = "2.5.4.3";
/// id-at-serialNumber.
pub const SERIAL_NUMBER: &str = "2.5.4.5";
/// id-at-countryName.
pub const COUNTRY: &str = "2.5.4.6";
/// id-at-localityName.
pub const LOCALITY: &str = "2.5.4.7";
/// id-at-stateOrProvinceName.
pub const STATE: &str = "2.5.4.8";
/// id-at-organizationName.
pub const ORGANIZATION: &str = "2.5.4.10";
/// id-at-organizationalUnitName.
pub const ORGANIZATIONAL_UNIT: &str = "2.5.4.11";
/// PKCS#9 emailAddress.
pub const EMAIL_ADDRESS: &str = "1.2.840.113549.1.9.1";
/// RFC 4519 domainComponent.
pub const DOMAIN_COMPONENT: &str = "0.9.2342.19200300.100.1.25";

/// id-ce-subjectKeyIdentifier.
pub const SUBJECT_KEY_IDENTIFIER: &str = "2.5.29.14";
/// id-ce-keyUsage.
pub const KEY_USAGE: &str = "2.5.29.15";
/// id-ce-subjectAltName.
pub const SUBJECT_ALT_NAME: &str = "2.5.29.17";
/// id-ce-issuerAltName.
pub const ISSUER_ALT_NAME: &str = "2.5.29.18";
/// id-ce-basicConstraints.
pub const BASIC_CONSTRAINTS: &str = "2.5.29.19";
/// id-ce-nameConstraints.
pub const NAME_CONSTRAINTS: &str = "2.5.29.30";
/// id-ce-certificatePolicies.
pub const CERTIFICATE_POLICIES: &str = "2.5.29.32";
/// anyPolicy, a policy that stands for every other.
pub const ANY_POLICY: &str = "2.5.29.32.0";
/// id-ce-policyMappings.
pub const POLICY_MAPPINGS: &str = "2.5.29.33";
/// id-ce-authorityKeyIdentifier.
pub const AUTHORITY_KEY_IDENTIFIER: &str = "2.5.29.35";
/// id-ce-policyConstraints.
pub const POLICY_CONSTRAINTS: &str = "2.5.29.36";
/// id-ce-extKeyUsage.
pub const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
/// anyExtendedKeyUsage.
pub const ANY_EXTENDED_KEY_USAGE: &str = "2.5.29.37.0";
/// id-ce-inhibitAnyPolicy.
pub const INHIBIT_ANY_POLICY: &str = "2.5.29.54";

/// id-kp-serverAuth.
pub const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
/// id-kp-clientAuth.
pub const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";

/// rsaEncryption.
pub const RSA_ENCRYPTION: &str = "1.2.840.113549.1.1.1";
/// id-mgf1.
pub const MGF1: &str = "1.2.840.113549.1.1.8";
/// id-RSASSA-PSS.
pub const RSASSA_PSS: &str = "1.2.840.113549.1.1.10";
/// md5WithRSAEncryption, which nothing accepts any more.
pub const MD5_WITH_RSA: &str = "1.2.840.113549.1.1.4";
/// id-ecPublicKey.
pub const EC_PUBLIC_KEY: &str = "1.2.840.10045.2.1";
/// secp256r1, P-256.
pub const P256: &str = "1.2.840.10045.3.1.7";
/// secp384r1, P-384.
pub const P384: &str = "1.3.132.0.34";
/// secp521r1, P-521.
pub const P521: &str = "1.3.132.0.35";
/// secp256k1, a curve of 256 bits that is not NIST's.
pub const SECP256K1: &str = "1.3.132.0.10";
/// id-Ed25519, key and signature algorithm.
pub const ED25519: &str = "1.3.101.112";

/// An object identifier that means nothing: under the arc ITU set aside for examples.
pub const UNKNOWN: &str = "2.999.1";
