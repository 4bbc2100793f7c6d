//! Name constraints (RFC 5280 section 4.2.1.10).

use super::error::{Fault, PathFault};
use super::limits::Budget;
use crate::certificate::Certificate;
use crate::certificate::general_name::{Form, GeneralName, Subtree};
use crate::certificate::name::{Name, comparison_key};

/// The name constraints of one issuer.
///
/// A path's constraints are kept side by side instead of being merged as RFC 5280 section 6.1.4 (g) words it: a
/// name lies in the intersection of permitted subtrees exactly if it lies in each, and in the union of excluded
/// ones exactly if it lies in any.
pub(super) struct NameConstraints<'a> {
    permitted: Vec<Constraint<'a>>,
    excluded: Vec<Constraint<'a>>,
}

/// One subtree, ready to be compared with.
struct Constraint<'a> {
    form: Form,
    base: Base<'a>,
}

enum Base<'a> {
    /// The comparison key of a directory name.
    Directory(Box<[u8]>),
    /// A host or domain, a mailbox, or an address with its mask, as it stands.
    Octets(&'a [u8]),
    /// A form this crate does not process, a malformed base, or a subtree with a minimum or maximum. A name of
    /// the form is refused then, as the section asks: "process the constraint or reject the certificate".
    Unusable,
}

/// How a name lies to a subtree; `None` where the name is malformed or the constraint not usable.
type IsWithin = Option<bool>;

impl<'a> NameConstraints<'a> {
    /// The constraints that `certificate`, at place `at` of the path, puts on those below it.
    pub(super) fn of(
        certificate: &'a Certificate,
        at: usize,
        budget: &mut Budget,
    ) -> Result<Option<Self>, Fault> {
        let Some(subtrees) = certificate.extensions().name_constraints() else { return Ok(None) };
        let [permitted, excluded] =
            subtrees.map(|subtrees| subtrees.map(Constraint::new).collect::<Vec<_>>());
        budget.name_comparisons.spend(permitted.len().saturating_add(excluded.len()), at)?;
        Ok(Some(Self { permitted, excluded }))
    }

    /// Checks every name of `certificate`, which is at place `at` of the path (RFC 5280 section 6.1.3 (b), (c)).
    pub(super) fn check(
        &self,
        certificate: &Certificate,
        at: usize,
        budget: &mut Budget,
    ) -> Result<(), Fault> {
        let extensions = certificate.extensions();
        if !certificate.subject().is_empty() {
            self.check_name(&Presented::Subject(certificate.subject()), at, budget)?;
        }
        match extensions.alternative_names() {
            Some(names) => names.map(Presented::from).try_for_each(|name| self.check_name(&name, at, budget)),
            // Section 4.2.1.10: without alternative names, constraints on mailboxes concern the subject's.
            None if self.constrains(Form::Email) => match certificate.subject().email_addresses() {
                Some(addresses) => addresses.iter().try_for_each(|address| {
                    self.check_name(&Presented::Octets(Form::Email, address.as_bytes()), at, budget)
                }),
                None => self.check_name(&Presented::Malformed(Form::Email), at, budget),
            },
            None => Ok(()),
        }
    }

    fn constrains(&self, form: Form) -> bool {
        self.permitted.iter().chain(&self.excluded).any(|constraint| constraint.form == form)
    }

    fn check_name(&self, name: &Presented<'_>, at: usize, budget: &mut Budget) -> Result<(), Fault> {
        budget.name_comparisons.spend(self.permitted.len().saturating_add(self.excluded.len()), at)?;
        let form = name.form();
        let mut permitted = self.permitted.iter().filter(|constraint| constraint.form == form).peekable();
        if permitted.peek().is_some()
            && !permitted.any(|constraint| constraint.holds(name, false) == Some(true))
        {
            return Err(fault(
                name,
                at,
                "RFC 5280 section 6.1.3 (b)",
                "a name within the permitted subtrees",
            ));
        }
        let mut excluded = self.excluded.iter().filter(|constraint| constraint.form == form);
        if excluded.any(|constraint| constraint.holds(name, true) != Some(false)) {
            return Err(fault(
                name,
                at,
                "RFC 5280 section 6.1.3 (c)",
                "a name outside of the excluded subtrees",
            ));
        }
        Ok(())
    }
}

fn fault(name: &Presented<'_>, at: usize, rule: &'static str, required: &'static str) -> Fault {
    Fault::new(PathFault::NameConstraints, at, rule, required, name.describe())
}

/// A name that a certificate presents.
enum Presented<'a> {
    Subject(&'a Name),
    /// The comparison key of an alternative name.
    Directory(Box<[u8]>),
    Octets(Form, &'a [u8]),
    Malformed(Form),
}

impl<'a> From<GeneralName<'a>> for Presented<'a> {
    fn from(name: GeneralName<'a>) -> Self {
        match name.form {
            Form::Directory => match comparison_key(name.element.content, 0) {
                Ok(key) => Self::Directory(key),
                Err(_) => Self::Malformed(Form::Directory),
            },
            form => Self::Octets(form, name.element.content),
        }
    }
}

impl Presented<'_> {
    fn form(&self) -> Form {
        match self {
            Self::Subject(_) | Self::Directory(_) => Form::Directory,
            Self::Octets(form, _) | Self::Malformed(form) => *form,
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Octets(Form::IpAddress, octets) => match ip_address(octets) {
                Some(address) => format!("the iPAddress {address}"),
                None => "a malformed iPAddress".to_owned(),
            },
            Self::Octets(form @ (Form::Email | Form::Dns | Form::Uri), octets) => {
                let shown = octets.get(..octets.len().min(128)).unwrap_or_default();
                format!("the {} \"{}\"", form.name(), shown.escape_ascii())
            }
            Self::Subject(name) => format!("the subject {name}"),
            Self::Malformed(form) => format!("a malformed {}", form.name()),
            Self::Directory(_) | Self::Octets(..) => format!("a {}", self.form().name()),
        }
    }
}

fn ip_address(octets: &[u8]) -> Option<std::net::IpAddr> {
    match octets.len() {
        4 => <[u8; 4]>::try_from(octets).ok().map(Into::into),
        _ => <[u8; 16]>::try_from(octets).ok().map(Into::into),
    }
}

impl<'a> Constraint<'a> {
    fn new(subtree: Subtree<'a>) -> Self {
        let form = subtree.base.form;
        let content = subtree.base.element.content;
        let base = match form {
            // Section 4.2.1.10: minimum and maximum are not used in this profile.
            _ if subtree.has_distances => Base::Unusable,
            Form::Directory => comparison_key(content, 0).map_or(Base::Unusable, Base::Directory),
            Form::Email | Form::Dns | Form::Uri | Form::IpAddress => Base::Octets(content),
            Form::OtherName | Form::X400Address | Form::EdiParty | Form::RegisteredId => Base::Unusable,
        };
        Self { form, base }
    }

    /// Whether `name`, which is of the same form, lies within this subtree. With `or_may`, whether it may, which
    /// differs for wildcards.
    fn holds(&self, name: &Presented<'_>, or_may: bool) -> IsWithin {
        match (&self.base, name) {
            (Base::Directory(base), Presented::Subject(name)) => {
                Some(name.comparison_key().starts_with(base))
            }
            (Base::Directory(base), Presented::Directory(name)) => Some(name.starts_with(base)),
            (Base::Octets(base), Presented::Octets(Form::Dns, name)) => dns_is_within(name, base, or_may),
            (Base::Octets(base), Presented::Octets(Form::Email, name)) => email_is_within(name, base),
            (Base::Octets(base), Presented::Octets(Form::Uri, name)) => uri_is_within(name, base),
            (Base::Octets(base), Presented::Octets(Form::IpAddress, name)) => ip_is_within(name, base),
            _ => None,
        }
    }
}

/// A host name: labels of letters, digits, `-` and `_`, each of at least one character.
fn is_host(host: &[u8]) -> bool {
    host.split(|octet| *octet == b'.').all(|label| {
        !label.is_empty()
            && label.iter().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_'))
    })
}

/// Whether `host` is `domain` with one or more labels added on the left; both are host names.
fn is_below(host: &[u8], domain: &[u8]) -> bool {
    let Some((left, right)) = host.len().checked_sub(domain.len()).and_then(|at| host.split_at_checked(at))
    else {
        return false;
    };
    left.ends_with(b".") && right.eq_ignore_ascii_case(domain)
}

/// "Any DNS name that can be constructed by simply adding zero or more labels to the left-hand side".
fn dns_is_within(name: &[u8], base: &[u8], or_may: bool) -> IsWithin {
    let (host, is_wildcard) = match name.strip_prefix(b"*.") {
        Some(parent) => (parent, true),
        None => (name, false),
    };
    if !is_host(host) {
        return None;
    }
    // An empty base has no labels, so every name is within. A leading period stands against the section's words
    // and is widely read as "at least one label more"; the strict profile refuses it.
    let (domain, only_below) = match base {
        [] => return Some(true),
        [b'.', domain @ ..] => (domain, true),
        domain => (domain, false),
    };
    if !is_host(domain) {
        return None;
    }
    // `host` under a wildcard stands for names with one label more.
    let is_domain = host.eq_ignore_ascii_case(domain);
    let is_within = is_below(host, domain) || (is_domain && (is_wildcard || !only_below));
    // `*.example.com` may be used as `a.example.com`, though it does not lie within it.
    let may_be_within = or_may
        && is_wildcard
        && domain.iter().position(|octet| *octet == b'.').is_some_and(|dot| {
            domain.get(dot + 1..).is_some_and(|parent| !only_below && parent.eq_ignore_ascii_case(host))
        });
    Some(is_within || may_be_within)
}

/// A mailbox, all mailboxes of a host, or all of the hosts within a domain.
fn email_is_within(name: &[u8], base: &[u8]) -> IsWithin {
    let (local, host) = split_mailbox(name)?;
    match base {
        // Not defined; read as OpenSSL and Go do.
        [] => Some(true),
        [b'.', domain @ ..] if is_host(domain) => Some(is_below(host, domain)),
        base if is_host(base) => Some(host.eq_ignore_ascii_case(base)),
        base => {
            // Local parts are compared exactly (RFC 5280 section 7.5).
            let (base_local, base_host) = split_mailbox(base)?;
            Some(local == base_local && host.eq_ignore_ascii_case(base_host))
        }
    }
}

/// Local part and host of `local@host`. A quoted local part is not read: nobody certifies one, and what is not
/// understood is refused.
fn split_mailbox(mailbox: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = mailbox.iter().position(|octet| *octet == b'@')?;
    let (local, host) = (mailbox.get(..at)?, mailbox.get(at + 1..)?);
    let is_plain = local.iter().all(|octet| octet.is_ascii_graphic() && *octet != b'"');
    (is_plain && !local.is_empty() && is_host(host)).then_some((local, host))
}

/// "The constraint MUST be specified as a fully qualified domain name and MAY specify a host or a domain", compared
/// with the host of the URI.
fn uri_is_within(name: &[u8], base: &[u8]) -> IsWithin {
    let host = uri_host(name)?;
    match base {
        // Not defined; read as for the other forms.
        [] => Some(true),
        [b'.', domain @ ..] if is_host(domain) => Some(is_below(host, domain)),
        base if is_host(base) => Some(host.eq_ignore_ascii_case(base)),
        _ => None,
    }
}

/// The host of a URI with an authority; `None` where there is none or it is not a fully qualified domain name, in
/// which case the section says to reject the certificate.
fn uri_host(uri: &[u8]) -> Option<&[u8]> {
    let colon = uri.iter().position(|octet| *octet == b':')?;
    let authority = uri.get(colon + 1..)?.strip_prefix(b"//")?;
    let end =
        authority.iter().position(|octet| matches!(octet, b'/' | b'?' | b'#')).unwrap_or(authority.len());
    let authority = authority.get(..end)?;
    let host_and_port = match authority.iter().rposition(|octet| *octet == b'@') {
        Some(at) => authority.get(at + 1..)?,
        None => authority,
    };
    let host = host_and_port.split(|octet| *octet == b':').next()?;
    // An address is no domain name: its last label is a number.
    let last_label = host.rsplit(|octet| *octet == b'.').next()?;
    (is_host(host) && !last_label.iter().all(u8::is_ascii_digit)).then_some(host)
}

/// An address and a mask of the same length "in the style of RFC 4632 (CIDR)".
fn ip_is_within(name: &[u8], base: &[u8]) -> IsWithin {
    let (network, mask) = match base.len() {
        8 => base.split_at_checked(4)?,
        32 => base.split_at_checked(16)?,
        _ => return None,
    };
    let bits: u32 = mask.iter().map(|octet| octet.count_ones()).sum();
    let leading: u32 = match mask.iter().position(|octet| *octet != 0xff) {
        Some(whole) => whole as u32 * 8 + mask.get(whole)?.leading_ones(),
        None => bits,
    };
    if bits != leading || !matches!(name.len(), 4 | 16) {
        return None;
    }
    let is_same_network =
        name.iter().zip(network).zip(mask).all(|((name, network), mask)| name & mask == network & mask);
    // An address of the other family lies in no network of this one.
    Some(name.len() == network.len() && is_same_network)
}
