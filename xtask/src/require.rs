//! What the tests need beyond Rust, and how a machine that lacks it gets it.

use std::process::Command;

use anyhow::{Result, bail, ensure};

use crate::run::{run, succeeds};

/// A tool, known to be there when its probe succeeds: a package's name says little about what runs.
#[derive(Debug, PartialEq)]
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    pub(crate) probe: &'static [&'static str],
    pub(crate) from: Source,
}

/// Where a tool comes from.
#[derive(Debug, PartialEq)]
pub(crate) enum Source {
    Debian(&'static [&'static str]),
    Rustup(&'static str),
}

pub(crate) const C_COMPILER: Tool =
    Tool { name: "a C compiler", probe: &["cc", "--version"], from: Source::Debian(&["gcc", "libc6-dev"]) };

/// libFuzzer is written in C++.
pub(crate) const CXX_COMPILER: Tool =
    Tool { name: "a C++ compiler", probe: &["c++", "--version"], from: Source::Debian(&["g++"]) };

/// For the test that reads every tracked file.
pub(crate) const GIT: Tool =
    Tool { name: "git", probe: &["git", "--version"], from: Source::Debian(&["git"]) };

pub(crate) const OPENSSL: Tool =
    Tool { name: "openssl", probe: &["openssl", "version"], from: Source::Debian(&["openssl"]) };

/// Debian splits the standard library: a `python3` that runs may still be unable to make an environment.
pub(crate) const PYTHON: Tool = Tool {
    name: "python3 with venv",
    probe: &["python3", "-c", "import ensurepip, venv"],
    from: Source::Debian(&["python3", "python3-venv"]),
};

/// Debian keeps the server's programs out of PATH, in a folder for each version.
pub(crate) const POSTGRESQL: Tool = Tool {
    name: "PostgreSQL",
    probe: &["sh", "-c", "ls /usr/lib/postgresql/*/bin/initdb || test -x \"$(pg_config --bindir)/initdb\""],
    from: Source::Debian(&["postgresql"]),
};

/// For the crate `openssl`, which benchmarks measure.
pub(crate) const LIBSSL: Tool = Tool {
    name: "OpenSSL's headers",
    probe: &["pkg-config", "--exists", "openssl"],
    from: Source::Debian(&["libssl-dev", "pkg-config"]),
};

/// A runtime alone cannot run a source file.
pub(crate) const JDK: Tool =
    Tool { name: "a JDK", probe: &["javac", "--version"], from: Source::Debian(&["default-jdk-headless"]) };

pub(crate) const MAVEN: Tool =
    Tool { name: "Maven", probe: &["mvn", "--version"], from: Source::Debian(&["maven"]) };

pub(crate) const RUSTFMT: Tool =
    Tool { name: "rustfmt", probe: &["cargo", "fmt", "--version"], from: Source::Rustup("rustfmt") };

pub(crate) const CLIPPY: Tool =
    Tool { name: "clippy", probe: &["cargo", "clippy", "--version"], from: Source::Rustup("clippy") };

/// Returns once all tools are there, installing what is missing where that is allowed.
///
/// # Errors
///
/// Names the tools that are missing and the commands that would install them.
pub(crate) fn ensure_present(tools: &[&Tool]) -> Result<()> {
    let missing = absent(tools);
    if missing.is_empty() {
        return Ok(());
    }
    let rights = Rights::here();
    let commands = installation(&missing, rights);
    let advice = format!("missing: {}; install with\n\n{}", names(&missing), typed(&commands));
    if needs_apt(&missing) && (rights == Rights::User || !succeeds(&["apt-get", "--version"])) {
        bail!("{advice}");
    }
    for words in &commands {
        if let Err(error) = run(Command::new(words[0]).args(&words[1..])) {
            bail!("{error:#}\n{advice}");
        }
    }
    let still = absent(&missing);
    ensure!(
        still.is_empty(),
        "installed, but does not run: {}; is another one earlier in PATH?",
        names(&still)
    );
    Ok(())
}

/// Each tool that does not run, once.
fn absent<'a>(tools: &[&'a Tool]) -> Vec<&'a Tool> {
    let mut absent = Vec::new();
    for tool in tools {
        if !absent.contains(tool) && !succeeds(tool.probe) {
            absent.push(*tool);
        }
    }
    absent
}

/// How this program may install Debian's packages.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Rights {
    Root,
    Sudo,
    User,
}

impl Rights {
    fn here() -> Self {
        let id = Command::new("id").arg("-u").output();
        if id.is_ok_and(|id| id.stdout.trim_ascii() == b"0") {
            Rights::Root
        } else if succeeds(&["sudo", "-n", "true"]) {
            Rights::Sudo
        } else {
            Rights::User
        }
    }
}

/// The commands that install the tools, as words.
fn installation(tools: &[&Tool], rights: Rights) -> Vec<Vec<&'static str>> {
    let mut packages: Vec<&str> = Vec::new();
    let mut components = Vec::new();
    for tool in tools {
        match &tool.from {
            Source::Debian(names) => packages.extend(names.iter()),
            Source::Rustup(name) => components.push(*name),
        }
    }
    let apt: &[&str] = match rights {
        Rights::Root => &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"],
        Rights::Sudo => &["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"],
        Rights::User => &["sudo", "apt-get"],
    };
    let mut commands = Vec::new();
    if !packages.is_empty() {
        commands.push([apt, &["update"]].concat());
        commands.push([apt, &["install", "--yes", "--no-install-recommends"], &packages].concat());
    }
    if !components.is_empty() {
        commands.push([&["rustup", "component", "add"], &components[..]].concat());
    }
    commands
}

fn needs_apt(tools: &[&Tool]) -> bool {
    tools.iter().any(|tool| matches!(tool.from, Source::Debian(_)))
}

fn names(tools: &[&Tool]) -> String {
    tools.iter().map(|tool| tool.name).collect::<Vec<_>>().join(", ")
}

fn typed(commands: &[Vec<&str>]) -> String {
    commands.iter().map(|words| format!("    {}\n", words.join(" "))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABSENT: Tool =
        Tool { name: "absent", probe: &["no-such-program"], from: Source::Debian(&["absent-package"]) };
    const BROKEN: Tool = Tool { name: "broken", probe: &["false"], from: Source::Rustup("broken-component") };
    const PRESENT: Tool =
        Tool { name: "present", probe: &["true"], from: Source::Debian(&["present-package"]) };

    #[test]
    fn a_tool_is_there_when_its_probe_succeeds() {
        assert_eq!(absent(&[&ABSENT, &BROKEN, &PRESENT, &ABSENT]), [&ABSENT, &BROKEN]);
        assert!(ensure_present(&[&PRESENT]).is_ok());
    }

    #[test]
    fn packages_are_installed_together_after_one_update() {
        let commands = installation(&[&ABSENT, &BROKEN, &PRESENT], Rights::Root);
        assert_eq!(
            typed(&commands),
            "    env DEBIAN_FRONTEND=noninteractive apt-get update\n    \
             env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
             absent-package present-package\n    \
             rustup component add broken-component\n"
        );
    }

    #[test]
    fn rights_decide_how_packages_are_installed() {
        let update = |rights| installation(&[&ABSENT], rights)[0].join(" ");
        assert_eq!(update(Rights::Sudo), "sudo -n env DEBIAN_FRONTEND=noninteractive apt-get update");
        assert_eq!(update(Rights::User), "sudo apt-get update");
    }

    #[test]
    fn a_component_alone_leaves_the_packages_alone() {
        assert_eq!(
            installation(&[&BROKEN], Rights::Root),
            [["rustup", "component", "add", "broken-component"]]
        );
        assert!(!needs_apt(&[&BROKEN]));
    }
}
