//! What UniFFI's generator cannot be told: see ADR-0011 for the reasons.
//!
//! Each adjustment fails where it does not find what it adjusts, so a new version of UniFFI cannot lose one silently.

use anyhow::{Result, bail, ensure};
use regex::{Captures, Regex};

pub(crate) fn adjust(generated: String) -> Result<String> {
    let mut kotlin = Kotlin(generated);
    kotlin.for_java()?;
    kotlin.exceptions()?;
    kotlin.findings()?;
    kotlin.internals()?;
    kotlin.throwables_of_the_host()?;
    kotlin.closed_arguments()?;
    kotlin.direct_calls()?;
    kotlin.texts()?;
    kotlin.contact_data()?;
    Ok(kotlin.0)
}

/// The source as it is so far.
struct Kotlin(String);

impl Kotlin {
    /// Replaces what the pattern matches, in `times` places or, for none, in at least one.
    fn replace(
        &mut self,
        what: &str,
        pattern: &str,
        times: Option<usize>,
        by: impl Fn(&Captures<'_>) -> String,
    ) -> Result<()> {
        let pattern = Regex::new(pattern)?;
        let found = pattern.find_iter(&self.0).count();
        let expected = times.map_or(found > 0, |times| found == times);
        ensure!(expected, "{what}: {found} places found in what UniFFI generated");
        self.0 = pattern.replace_all(&self.0, by).into_owned();
        Ok(())
    }

    fn replace_text(&mut self, what: &str, text: &str, times: usize, by: &str) -> Result<()> {
        self.replace(what, &regex::escape(text), Some(times), |_| by.to_owned())
    }

    /// Java has no default arguments, no companion objects and no functions outside of classes.
    fn for_java(&mut self) -> Result<()> {
        self.replace_text(
            "the class of the functions",
            "@file:Suppress(\"NAME_SHADOWING\")",
            1,
            "@file:Suppress(\"NAME_SHADOWING\")\n@file:JvmName(\"MispOnboarding\")",
        )?;
        self.replace(
            "records with defaults",
            r"(?m)^data class (\w+) (\((?:[^)]|\)\s*=)*? = )",
            None,
            |found| format!("data class {} @JvmOverloads constructor {}", &found[1], &found[2]),
        )?;
        self.replace("constructors with defaults", r"(?m)^    constructor(\([^)]* = )", None, |found| {
            format!("    @JvmOverloads constructor{}", &found[1])
        })?;
        self.replace(
            "functions with defaults",
            r"(?m)(@Throws\(\w+::class\) )fun (`\w+`\([^)]* = )",
            None,
            |found| format!("@JvmOverloads {}fun {}", &found[1], &found[2]),
        )?;
        for function in ["inMemory", "open", "generate", "parse"] {
            self.replace(
                "constructors by name",
                &format!(r"((?:@JvmOverloads )?@Throws\(\w+::class\) fun `{function}`)"),
                Some(1),
                |found| format!("@JvmStatic {}", &found[1]),
            )?;
        }
        self.replace_text(
            "what is closed",
            "interface Disposable {\n    fun destroy()\n",
            1,
            "interface Disposable : AutoCloseable {\n    fun destroy()\n    override fun close() = destroy()\n",
        )?;
        for interface in ["Clock", "StoreFactory"] {
            let declaration = format!("public interface {interface} {{");
            self.replace_text(
                "interfaces of one method",
                &declaration,
                1,
                &format!("public fun {}", &declaration[7..]),
            )?;
        }
        Ok(())
    }

    /// Exceptions are unchecked, share what all of them have, and say what Rust says.
    fn exceptions(&mut self) -> Result<()> {
        // An exception that has a cause would be one more thing to close.
        let destroy = Regex::new(
            r#"(?s)    @Suppress\("UNNECESSARY_SAFE_CALL"\)[^\n]*\n    override fun destroy\(\) \{.*?\n    \}\n"#,
        )?;
        let cause = Regex::new(r"val `cause`")?;
        let message = Regex::new(r#"get\(\) = "[^\n]*detail=[^\n]*""#)?;
        for (class, common) in [
            ("OnboardingException", ["kind", "code", "pmsCode", "detail"].as_slice()),
            ("PathException", &["code", "detail"]),
            ("TransferException", &["code", "detail"]),
            ("StoreException", &[]),
        ] {
            let start = format!(r"sealed class {class}: kotlin\.Exception\(\)(, Disposable)? *\{{");
            self.class(class, &start, |body| {
                let body = destroy.replace(body, "");
                let body = cause.replace_all(&body, "override val `cause`");
                let body = message.replace_all(&body, "get() = detail");
                Ok(format!(
                    "sealed class {class}: kotlin.RuntimeException() {{\n{}",
                    with_common(class, &body, common)?
                ))
            })?;
        }
        Ok(())
    }

    /// What all findings have can be asked of any.
    fn findings(&mut self) -> Result<()> {
        let common = ["code", "pmsCode", "severity", "rule", "required", "found", "isError", "text"];
        self.class("Finding", r"sealed class Finding *\{", |body| {
            Ok(format!("sealed class Finding {{\n{}", with_common("Finding", body, &common)?))
        })
    }

    /// Puts what `adjusted` makes of a class's body in place of the class's head, which the pattern matches, and its body.
    fn class(
        &mut self,
        class: &str,
        head: &str,
        adjusted: impl FnOnce(&str) -> Result<String>,
    ) -> Result<()> {
        let Some(declared) = Regex::new(head)?.find(&self.0) else {
            bail!("{class}: not found in what UniFFI generated");
        };
        let Some(length) = self.0[declared.end()..].find("\n}\n") else {
            bail!("the end of {class}: not found in what UniFFI generated");
        };
        let (from, body, to) = (declared.start(), declared.end(), declared.end() + length);
        let adjusted = adjusted(&self.0[body..to])?;
        self.0.replace_range(from..to, &adjusted);
        Ok(())
    }

    /// What is there for the sources beside the generated one alone.
    fn internals(&mut self) -> Result<()> {
        for name in ["ThrownByHost", "TransferInput", "TransferOutput", "TransferWatcher"] {
            for declaration in [
                format!("public interface {name} {{"),
                format!("open class {name}Impl: "),
                format!("public object FfiConverterType{name}: "),
            ] {
                let internal = format!("internal {}", declaration.trim_start_matches("public "));
                self.replace_text("internal interfaces", &declaration, 1, &internal)?;
            }
        }
        self.replace("internal functions", r"(?m) fun (`transfer\w+`)\(", Some(4), |found| {
            format!(" internal fun {}(", &found[1])
        })
    }

    /// What a store of the host's throws comes back as it is, and no stack trace becomes text.
    fn throwables_of_the_host(&mut self) -> Result<()> {
        self.replace_text(
            "callbacks catch",
            "    } catch(e: kotlin.Exception) {\n        ",
            2,
            "    } catch(thrown: kotlin.Throwable) {\n        val e = asStoreException(thrown)\n        ",
        )?;
        self.replace_text(
            "stack traces",
            "val err = try { e.stackTraceToString() } catch(_: Throwable) { \"\" }",
            2,
            "val err = thrown.javaClass.name",
        )
    }

    /// An object that is closed and then handed to a call would be memory that is freed and then used: arguments are
    /// guarded as the object's own methods are.
    fn closed_arguments(&mut self) -> Result<()> {
        self.replace("objects as arguments", r"return value\.uniffiCloneHandle\(\)", None, |_| {
            "return value.callWithHandle { it }".to_owned()
        })
    }

    /// The calls of every request go through one buffer: see `direct.rs`.
    fn direct_calls(&mut self) -> Result<()> {
        let guard = "return block(this.uniffiCloneHandle())";
        let start = "internal inline fun <R> callWithHandle(block: (handle: Long) -> R): R {";
        let class = self.0.find("open class Onboarding: Disposable");
        let method = class.and_then(|class| self.0[class..].find(start).map(|place| class + place));
        let Some(from) = method else { bail!("the engine's class: not found in what UniFFI generated") };
        let Some(length) = self.0[from..].find("    // Use a static inner class") else {
            bail!("the end of callWithHandle: not found in what UniFFI generated");
        };
        let borrowing = self.0[from..from + length].replace("callWithHandle", "callBorrowing");
        ensure!(borrowing.contains(guard), "the handle: not found in what UniFFI generated");
        let borrowing = borrowing.replace(guard, "return block(this.handle)");
        self.0.insert_str(from, &borrowing);
        for (method, arguments, call) in [
            ("authenticate", r"`presented`: kotlin\.String", "DirectCalls.authenticate(it, presented, null)"),
            (
                "authenticateAt",
                r"`presented`: kotlin\.String, `at`: Timestamp",
                "DirectCalls.authenticate(it, presented, at)",
            ),
            (
                "inspectCertificate",
                r"`actor`: Actor, `partner`: PartnerId, `file`: kotlin\.ByteArray",
                "DirectCalls.inspectCertificate(it, actor, partner, file)",
            ),
        ] {
            let pattern = format!(
                r"(?s)(override fun `{method}`\({arguments}\)\s*: \w+) \{{\s*return FfiConverter\w+\.lift\(\s*callWithHandle \{{.*?_status\)\s*\}}\s*\}}\s*\)\s*\}}"
            );
            self.replace(method, &pattern, Some(1), |found| {
                format!("{} {{\n        return callBorrowing {{ {call} }}\n    }}", &found[1])
            })?;
        }
        Ok(())
    }

    /// Texts are most of a report, and are read where they are: see `Conversions.kt`.
    fn texts(&mut self) -> Result<()> {
        self.replace(
            "texts",
            r"(?s)(object FfiConverterString: .*?override fun read\(buf: ByteBuffer\): String) \{.*?\n    \}",
            Some(1),
            |found| format!("{} = textOf(buf)", &found[1]),
        )
    }

    /// Addresses, telephone numbers and email addresses reach no log by way of `toString`.
    fn contact_data(&mut self) -> Result<()> {
        for (class, shown) in [
            (
                "Partner",
                "id=$id, organization=$organization, state=$state, policyGroup=$policyGroup, certificate=$certificate, version=$version",
            ),
            (
                "NewPartner",
                "id=$id, organization=$organization, language=$language, policyGroup=$policyGroup",
            ),
            ("PartnerUpdate", "language=$language"),
        ] {
            let pattern = format!(r"(?sm)(^data class {class} .*?^\)\s*\{{)");
            let class = class.to_owned();
            self.replace("records with contact data", &pattern, Some(1), |found| {
                format!("{}\n    override fun toString(): String = \"{class}({shown})\"\n", &found[1])
            })?;
        }
        Ok(())
    }
}

/// A sealed class's body in which what all subclasses have is the class's own: declared once more, with what is said of it
/// in the first one.
fn with_common(class: &str, body: &str, common: &[&str]) -> Result<String> {
    let mut declared = String::new();
    let mut body = body.to_owned();
    for name in common {
        let property = Regex::new(&format!(r"(?s)(/\*\*(?:[^*]|\*[^/])*\*/\s*)val `{name}`: ([\w.]+\??)"))?;
        let Some(found) = property.captures(&body) else {
            bail!("{name} of {class}: not found in what UniFFI generated");
        };
        declared += &format!("    {}abstract val `{name}`: {}\n\n", &found[1], &found[2]);
        body = body.replace(&format!("val `{name}`: "), &format!("override val `{name}`: "));
    }
    Ok(declared + &body)
}
