//! Coming in, going out, and what a stranger is told.

use std::sync::LazyLock;

use clearinghouse::who::invitation;
use keys::totp;
use server::web;
use tokio::runtime::Runtime;

use crate::common::{House, START, Visitor};

const PASSWORD: &str = "a+sentence+that+is+easy+to+keep";

/// One for all and never dropped: a connection that was used in it goes back to its house only while it runs.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

pub fn wait<T>(work: impl Future<Output = T>) -> T {
    RUNTIME.block_on(work)
}

fn code(device: &totp::Secret, house: &House) -> String {
    device.code(u64::try_from(house.app.now().as_second()).unwrap() / totp::STEP_SECONDS)
}

/// Ada, the first administrator, and her code device.
pub fn ada(house: &House) -> (Visitor, totp::Secret) {
    let now = START.parse().unwrap();
    let link = wait(invitation::first(&house.app.house, now))
        .unwrap()
        .unwrap();
    let device = wait(invitation::offer(&house.app.house, link.reveal(), now))
        .unwrap()
        .device;
    let page = house.anon().get(&format!("/invitations/{}", link.reveal()));
    assert!(page.body.contains(&device.base32()), "{}", page.body);
    let form = format!(
        "name=Ada&email=ada@example.org&password={PASSWORD}&code={}",
        code(&device, house)
    );
    let welcome = house
        .anon()
        .post(&format!("/invitations/{}", link.reveal()), &form);
    assert_eq!(welcome.status, 200, "{}", welcome.body);
    assert_eq!(
        welcome.body.matches("<li><code>").count(),
        10,
        "ten recovery codes"
    );
    (
        house.anon().with("cookie", welcome.cookie().unwrap()),
        device,
    )
}

/// Accepts an invitation of `admin`'s to the organization `id`, as `role` there.
fn welcome(
    house: &House,
    admin: &Visitor,
    id: &str,
    name: &str,
    email: &str,
    role: &str,
) -> Visitor {
    let invited = admin.send_json(
        "POST",
        &format!("/organizations/{id}/invitations.json"),
        &serde_json::json!({"email": email, "role": role}).to_string(),
    );
    assert_eq!(invited.status, 201, "{}", invited.body);
    let invited = invited.json();
    let link = invited["link"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap();
    let device = wait(invitation::offer(&house.app.house, link, house.app.now()))
        .unwrap()
        .device;
    let form = format!(
        "name={name}&password={PASSWORD}&code={}",
        code(&device, house)
    );
    let welcome = house.anon().post(&format!("/invitations/{link}"), &form);
    assert_eq!(welcome.status, 200, "{}", welcome.body);
    house.anon().with("cookie", welcome.cookie().unwrap())
}

/// A member whom `admin` invites to the organization `id`.
pub fn invited(house: &House, admin: &Visitor, id: &str, name: &str, email: &str) -> Visitor {
    welcome(house, admin, id, name, email, "member")
}

/// A new organization of finders, with its administrator.
pub fn join(house: &House, staff: &Visitor, name: &str, email: &str) -> (String, Visitor) {
    let made = staff.send_json(
        "POST",
        "/organizations.json",
        &serde_json::json!({"name": name, "kind": "finder"}).to_string(),
    );
    assert_eq!(made.status, 201, "{}", made.body);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let admin = welcome(house, staff, &id, "Lise", email, "admin");
    (id, admin)
}

#[test]
fn the_first_administrator_comes_in_by_link_and_goes_out_by_button() {
    let house = House::start();
    let (ada, device) = ada(&house);
    let page = ada.get("/account");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("(this one)"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let out = ada.post("/sign-out", "");
    assert_eq!(
        (out.status, out.header("location")),
        (303, Some("/?done=signed-out"))
    );
    assert_eq!(
        ada.get("/account").header("location"),
        Some("/sign-in?next=%2Faccount")
    );

    house.later(jiff::SignedDuration::from_mins(1));
    let form = format!(
        "email=ada@example.org&password={PASSWORD}&code={}&next=/organizations",
        code(&device, &house)
    );
    let seen = house.anon().post("/sign-in", &form);
    assert_eq!(
        seen.header("location"),
        Some("/organizations?done=signed-in"),
        "{}",
        seen.body
    );
    let cookie = seen.header("set-cookie").unwrap();
    assert!(
        cookie.contains("; HttpOnly; SameSite=Lax; Max-Age=86400"),
        "{cookie}"
    );
}

#[test]
fn a_sign_in_leads_nowhere_else() {
    let house = House::start();
    let (_, device) = ada(&house);
    for next in [
        "https://elsewhere.example/",
        "//elsewhere.example",
        "/%5Celsewhere.example",
    ] {
        house.later(jiff::SignedDuration::from_mins(1));
        let form = format!(
            "email=ada@example.org&password={PASSWORD}&code={}&next={next}",
            code(&device, &house)
        );
        let seen = house.anon().post("/sign-in", &form);
        assert_eq!(
            seen.header("location"),
            Some("/account?done=signed-in"),
            "{next}"
        );
    }
}

#[test]
fn a_refused_sign_in_reads_the_same_whether_there_is_an_account_or_not() {
    let house = House::start();
    let (_, device) = ada(&house);
    let said = |email: &str, password: &str, code: &str| {
        let form = format!("email={email}&password={password}&code={code}");
        let seen = house.anon().post("/sign-in", &form);
        assert_eq!((seen.status, seen.cookie()), (422, None));
        seen.body.replace(email, "EMAIL").replace(code, "CODE")
    };
    let right = code(&device, &house);
    let answers = [
        said("nobody@example.org", PASSWORD, &right),
        said("ada@example.org", "another+sentence", &right),
        said("ada@example.org", PASSWORD, "000000"),
    ];
    assert!(answers.iter().all(|answer| *answer == answers[0]));
}

#[test]
fn a_token_is_shown_once_and_refused_as_soon_as_it_is_ended() {
    let house = House::start();
    let (ada, _) = ada(&house);
    let made = ada.send_json(
        "POST",
        "/account/tokens.json",
        r#"{"label": "nightly", "scopes": ["read"], "days": 30}"#,
    );
    assert_eq!(made.status, 201, "{}", made.body);
    let token = made.json()["token"].as_str().unwrap().to_owned();
    let program = house
        .anon()
        .with("authorization", &format!("Bearer {token}"));
    assert_eq!(program.get("/organizations.json").status, 200);
    assert_eq!(
        program.get("/account.json").status,
        403,
        "a token does not see the account"
    );
    let account = ada.get("/account.json").json();
    assert!(!account.to_string().contains(&token));
    let id = account["tokens"][0]["id"].as_i64().unwrap();
    assert_eq!(
        ada.post(&format!("/account/tokens/{id}/end"), "").status,
        303
    );
    assert_eq!(program.get("/organizations.json").status, 401);
    assert_eq!(
        program.get("/about.json").status,
        401,
        "better told than treated as a stranger"
    );
}

#[test]
fn an_organization_is_taken_in_invites_exports_and_leaves() {
    let house = House::start();
    let (ada, _) = ada(&house);
    let (id, lise) = join(&house, &ada, "Lab", "lise@lab.example");
    let invitations = format!("/organizations/{id}/invitations.json");
    let waiting = r#"{"email": "bo@lab.example", "role": "member"}"#;
    let waiting = lise.send_json("POST", &invitations, waiting).json();
    let link = waiting["link"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap();

    assert_eq!(
        lise.get("/organizations/new").status,
        404,
        "what she may not do is not there"
    );
    assert_eq!(
        ada.get(&format!("/organizations/{id}/export")).status,
        403,
        "only its own"
    );
    let export = lise.get(&format!("/organizations/{id}/export"));
    assert_eq!(export.header("content-type"), Some("application/x-ndjson"));
    assert!(export.body.contains("lise@lab.example"), "{}", export.body);
    let ask = lise.get(&format!("/organizations/{id}/leave"));
    assert!(ask.body.contains("This cannot be undone"));
    let left = lise.send_json("POST", &format!("/organizations/{id}/leave"), "{}");
    assert_eq!(
        (left.status, left.json()["keys_destroyed"].as_i64()),
        (200, Some(0))
    );
    assert_eq!(lise.get("/account").status, 303, "she is a stranger now");
    assert_eq!(
        house.anon().get(&format!("/invitations/{link}")).status,
        410
    );
    let late = ada.send_json(
        "POST",
        &invitations,
        r#"{"email": "a@b.example", "role": "admin"}"#,
    );
    assert_eq!(late.status, 422, "nobody is invited to who has left");
}

#[test]
fn every_route_asks_for_an_action_of_the_policy_or_says_why_it_is_public() {
    let known: Vec<&str> = policy::Action::ALL
        .iter()
        .map(|action| action.as_str())
        .collect();
    for route in web::routes().list() {
        let why = route.action.strip_prefix("public: ");
        assert!(
            why.is_some_and(|why| !why.is_empty()) || known.contains(&route.action),
            "{} {} asks for `{}`, which the policy does not know",
            route.method,
            route.path,
            route.action
        );
    }
}
