//! The example `service` as its clients see it: a process that answers HTTP.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use crate::support::program;
use misp_onboarding::trust_store::TrustDomain;
use misp_onboarding::{Actor, Clock, Onboarding, Role, SystemClock};
use misp_onboarding_sqlite::SqliteStore;
use misp_onboarding_testkit::pki::TestPki;
use serde_json::{Value, json};

#[test]
fn a_partner_is_onboarded_and_its_key_authenticates() {
    let service = Service::start();
    let (status, partner) = service.post("/partners", &new_partner("bank"));
    assert_eq!((status, &partner["state"]), (201, &json!("inactive")), "{partner}");
    let certificate = service.pki.issue("Example Bank").pem();
    let (status, uploaded) = service.put("/partners/bank/certificate", certificate.as_bytes());
    assert_eq!((status, &uploaded["partner"]["state"]), (200, &json!("active")), "{uploaded}");
    let (status, generated) = service.post("/partners/bank/license-keys", &json!({"name": "production"}));
    assert_eq!(status, 201, "{generated}");

    let (status, verdict) = service.post("/authenticate", &json!({"license_key": generated["license_key"]}));
    assert_eq!((status, &verdict["good"]), (200, &json!(true)), "{verdict}");
    assert_eq!(verdict["authorization"]["partner"], "bank", "{verdict}");
    let (_, verdict) = service.post("/authenticate", &json!({"license_key": "no key"}));
    assert_eq!(verdict, json!({"good": false, "code": "authenticate.malformed"}));
}

#[test]
fn lists_go_on_where_the_page_before_ended() {
    let service = Service::start();
    for number in 0..10 {
        assert_eq!(service.post("/partners", &new_partner(&format!("bank-{number}"))).0, 201);
    }
    let (status, first) = service.get("/partners");
    assert_eq!((status, first["items"].as_array().unwrap().len()), (200, 8), "{first}");
    let (_, second) = service.get(&format!("/partners?after={}", first["next"].as_str().unwrap()));
    assert_eq!((second["items"].as_array().unwrap().len(), &second["next"]), (2, &Value::Null), "{second}");
}

#[test]
fn what_is_refused_says_why_and_what_status_it_is() {
    let service = Service::start();
    assert_eq!(service.post("/partners", &new_partner("bank")).0, 201);
    let bad = service.pki.issue("Another Bank").pem();
    let mut two_wrong = new_partner("other bank");
    two_wrong["contact_number"] = json!("none");
    for (what, (status, answer), want, code) in [
        ("taken", service.post("/partners", &new_partner("bank")), 409, "input.taken"),
        ("fields", service.post("/partners", &two_wrong), 400, "input.invalid"),
        (
            "certificate",
            service.put("/partners/bank/certificate", bad.as_bytes()),
            422,
            "certificate.rejected",
        ),
        ("nobody", service.put("/partners/nobody/certificate", bad.as_bytes()), 404, "partner.not_found"),
        (
            "inactive",
            service.post("/partners/bank/license-keys", &json!({"name": "n"})),
            409,
            "partner.not_active",
        ),
        (
            "no field",
            service.post("/authenticate", &json!({"key": "misp_secret"})),
            400,
            "service.unreadable",
        ),
    ] {
        assert_eq!((status, &answer["code"]), (want, &json!(code)), "{what}: {answer}");
        assert!(!answer.to_string().contains("misp_secret"), "{answer}");
    }
    let (_, answer) = service.post("/partners", &two_wrong);
    assert_eq!(answer["facts"]["fields"].as_array().unwrap().len(), 2, "{answer}");
}

#[test]
fn without_the_token_only_authenticate_answers() {
    let mut service = Service::start();
    service.token = "another".to_owned();
    let (status, answer) = service.get("/partners");
    assert_eq!((status, &answer["code"]), (401, &json!("service.not_authenticated")));
    assert_eq!(service.post("/partners", &new_partner("bank")).0, 401);
    assert_eq!(service.post("/authenticate", &json!({"license_key": "no key"})).0, 200);
}

#[test]
fn asked_to_stop_it_ends_by_itself() {
    for signal in ["-INT", "-TERM"] {
        let mut service = Service::start();
        let id = service.process.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        assert!(service.process.wait().unwrap().success(), "{signal}");
    }
}

fn new_partner(id: &str) -> Value {
    json!({
        "id": id,
        "organization": "Example Bank",
        "address": "1 Harbor Street",
        "contact_number": "+1 (555) 0100",
        "email": format!("{}@example.org", id.replace(' ', "-")),
    })
}

/// The running service; stopped when dropped.
struct Service {
    process: Child,
    url: String,
    token: String,
    pki: TestPki,
    agent: ureq::Agent,
    _folder: tempfile::TempDir,
}

impl Service {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = folder.path().join("onboarding.sqlite");
        let pki = TestPki::new(SystemClock.now());
        let onboarding = Onboarding::builder(Arc::new(SqliteStore::open(&db).unwrap())).build().unwrap();
        let admin = Actor::new("ana".parse().unwrap(), [Role::PartnerAdmin]);
        onboarding.upload_ca_certificates(&admin, &TrustDomain::auth(), pki.ca_pem().as_bytes()).unwrap();

        let mut command = Command::new(program("service"));
        command.arg("--db").arg(&db).args(["--listen", "127.0.0.1:0"]).env("ADMIN_TOKEN", "sesame");
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").expect("the service says where").to_owned();
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        Self { process, url, token: "sesame".to_owned(), pki, agent, _folder: folder }
    }

    fn get(&self, path: &str) -> (u16, Value) {
        let request = self.agent.get(format!("{}{path}", self.url));
        read(request.header("Authorization", format!("Bearer {}", self.token)).call())
    }

    fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = self.agent.post(format!("{}{path}", self.url));
        let request = request.header("Authorization", format!("Bearer {}", self.token));
        read(request.header("Content-Type", "application/json").send(body.to_string()))
    }

    fn put(&self, path: &str, body: &[u8]) -> (u16, Value) {
        let request = self.agent.put(format!("{}{path}", self.url));
        read(request.header("Authorization", format!("Bearer {}", self.token)).send(body))
    }
}

fn read(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> (u16, Value) {
    let mut answer = answer.unwrap();
    let body = answer.body_mut().read_to_string().unwrap();
    (answer.status().as_u16(), serde_json::from_str(&body).unwrap_or_else(|_| panic!("no JSON: {body}")))
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
