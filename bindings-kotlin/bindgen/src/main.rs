//! Writes the Kotlin side of the native library: what UniFFI generates, with the adjustments of `adjust.rs`.

mod adjust;

use std::env;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use uniffi::{GenerateOptions, TargetLanguage};

/// Where UniFFI puts the source, below the folder it is told: package and namespace of `uniffi.toml` and `lib.rs`.
const SOURCE: &str = "io/github/misponboarding/misp_onboarding.kt";

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [library, folder] = arguments.as_slice() else {
        bail!("usage: misp-onboarding-kotlin-bindgen <LIBRARY> <FOLDER>");
    };
    uniffi::generate(GenerateOptions {
        languages: vec![TargetLanguage::Kotlin],
        source: library.into(),
        out_dir: folder.into(),
        ..GenerateOptions::default()
    })?;
    let source = PathBuf::from(folder).join(SOURCE);
    let generated =
        fs::read_to_string(&source).with_context(|| format!("cannot read {}", source.display()))?;
    fs::write(&source, adjust::adjust(generated)?)
        .with_context(|| format!("cannot write {}", source.display()))
}
