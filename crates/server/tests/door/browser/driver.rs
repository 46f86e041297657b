//! A browser that does as it is told: what of WebDriver (W3C, 2018) our tests need, and no more.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// Keys that have no character, as WebDriver's section 17.4.2 numbers them.
pub const TAB: char = '\u{e004}';
pub const ENTER: char = '\u{e007}';
const CONTROL: char = '\u{e009}';
const DELETE: char = '\u{e017}';
const ALT: char = '\u{e00a}';
const DOWN: char = '\u{e015}';

/// More links than this before the one that is looked for, and no keyboard user would find it either.
const TABS_MAX: usize = 80;

/// How often a page that does not come is looked for: 20 s in all, since the machine may be busy.
const LOOKS_MAX: usize = 1000;
const LOOK_AGAIN: std::time::Duration = std::time::Duration::from_millis(20);

/// Choices of one question; a list of more has another form.
const CHOICES_MAX: usize = 20;

/// A browser with one window, closed when it goes.
pub struct Browser {
    driver: Child,
    agent: ureq::Agent,
    session: String,
}

/// How a page is looked at.
#[derive(Clone, Copy, Debug)]
pub enum Look {
    Light,
    Dark,
    Narrow,
    Print,
}

impl Look {
    pub const ALL: [Look; 4] = [Look::Light, Look::Dark, Look::Narrow, Look::Print];
}

impl Browser {
    /// Starts one; `None`, said aloud, where there is no driver: `cargo xtask test` installs it.
    pub fn open() -> Option<Browser> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the driver is a program of its own, and this is a test"
        )]
        let started = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut driver) = started else {
            println!("skipped: there is no `chromedriver`; `cargo xtask test` installs it");
            return None;
        };
        let lines = BufReader::new(driver.stdout.take()?).lines();
        // It says first that it starts "on port 0", and then on which one it did.
        let port = lines.map_while(Result::ok).find_map(|line| {
            let port = line.split("on port ").nth(1)?.trim_end_matches('.');
            port.parse::<u16>().ok().filter(|port| *port != 0)
        })?;
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build();
        let mut browser = Browser {
            driver,
            agent: config.new_agent(),
            session: format!("http://127.0.0.1:{port}/session"),
        };
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--window-size=1280,900",
        ];
        let wanted =
            json!({"capabilities": {"alwaysMatch": {"goog:chromeOptions": {"args": arguments}}}});
        let opened = browser.say("", &wanted);
        let id = opened["sessionId"]
            .as_str()
            .unwrap_or_else(|| panic!("no session: {opened}"))
            .to_owned();
        browser.session = format!("{}/{id}", browser.session);
        Some(browser)
    }

    /// Goes to `address`.
    pub fn go(&self, address: &str) {
        self.say("/url", &json!({"url": address}));
    }

    /// Has the browser send `cookie`, `NAME=VALUE`, to the site it is at.
    pub fn cookie(&self, cookie: &str) {
        let (name, value) = cookie.split_once('=').unwrap();
        self.say(
            "/cookie",
            &json!({"cookie": {"name": name, "value": value}}),
        );
    }

    /// Plugs in a device that keeps passkeys and always recognizes who holds it (WebAuthn level 2, section 11).
    pub fn authenticator(&self) -> Authenticator<'_> {
        let wanted = json!({
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserConsenting": true, "isUserVerified": true,
        });
        let id = self.say("/webauthn/authenticator", &wanted);
        Authenticator {
            browser: self,
            path: format!("/webauthn/authenticator/{}", id.as_str().unwrap()),
        }
    }

    /// Waits until the window has this title: a page that comes by script is not waited for by itself.
    ///
    /// # Panics
    ///
    /// Where it does not come.
    pub fn arrive(&self, title: &str) {
        self.wait_for(title, || self.title() == title);
    }

    /// Waits until the page says `text`.
    ///
    /// # Panics
    ///
    /// Where it does not.
    pub fn says(&self, text: &str) {
        self.wait_for(text, || self.so_far().contains(text));
    }

    /// What stands on a page that may still be on its way.
    fn so_far(&self) -> String {
        let text = self.run("return document.body ? document.body.innerText : ''");
        text.as_str().unwrap_or("").to_owned()
    }

    /// Twenty seconds, on a machine that does much else.
    fn wait_for(&self, what: &str, is_there: impl Fn() -> bool) {
        for _ in 0..400 {
            if is_there() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("`{what}` does not come; the page says {}", self.so_far());
    }

    /// What `script` returns.
    pub fn run(&self, script: &str) -> Value {
        self.say("/execute/sync", &json!({"script": script, "args": []}))
    }

    /// What `script` calls its last argument with.
    pub fn run_later(&self, script: &str) -> Value {
        self.say("/execute/async", &json!({"script": script, "args": []}))
    }

    /// The title of the window.
    pub fn title(&self) -> String {
        self.run("return document.title")
            .as_str()
            .unwrap_or("")
            .to_owned()
    }

    /// What stands on the page, as it is read.
    pub fn text(&self) -> String {
        let script = "return document.querySelector('main').innerText";
        self.run(script).as_str().unwrap_or("").to_owned()
    }

    /// Types `text`, key by key, wherever the focus is.
    pub fn keys(&self, text: &str) {
        let keys = text.chars().flat_map(|key| [down(key), up(key)]);
        self.strike(keys.collect());
    }

    /// Presses `key` while Alt is held: what a page names as its access key.
    pub fn access(&self, key: char) {
        self.leave(|| self.strike(vec![down(ALT), down(key), up(key), up(ALT)]));
    }

    /// Goes to the field called `name` and types `text` into it.
    pub fn fill(&self, name: &str, text: &str) {
        self.tab_to(name);
        self.keys(text);
    }

    /// Empties the field that has the focus.
    pub fn clear(&self) {
        self.strike(vec![down(CONTROL), down('a'), up('a'), up(CONTROL)]);
        self.keys(&DELETE.to_string());
    }

    /// Goes back to the page before.
    pub fn go_back(&self) {
        self.say("/back", &json!({}));
    }

    /// Goes to the box called `name` and ticks it.
    pub fn tick(&self, name: &str) {
        self.fill(name, " ");
    }

    /// Goes to the question whose first choice is called `first`, and from there to the choice `name`.
    pub fn choose(&self, first: &str, name: &str) {
        self.fill(first, " ");
        for _ in 0..CHOICES_MAX {
            if self.focused() == name {
                return;
            }
            self.keys(&DOWN.to_string());
        }
        panic!("below `{first}` stands no `{name}`");
    }

    fn strike(&self, keys: Vec<Value>) {
        self.say(
            "/actions",
            &json!({"actions": [{"type": "key", "id": "keyboard", "actions": keys}]}),
        );
    }

    /// Presses Tab until what has the focus is called `name`, and has a visible outline there.
    ///
    /// # Panics
    ///
    /// Where the keyboard does not lead there, or the eye cannot see that it does.
    pub fn tab_to(&self, name: &str) {
        for _ in 0..TABS_MAX {
            self.keys(&TAB.to_string());
            if self.focused() == name {
                let outline =
                    self.run("return getComputedStyle(document.activeElement).outlineStyle");
                assert_ne!(
                    outline, "none",
                    "`{name}` has the focus, and nothing shows it"
                );
                return;
            }
        }
        panic!(
            "the keyboard does not lead to `{name}` on `{}`",
            self.title()
        );
    }

    /// What has the focus, by the words that a screen reader says.
    pub fn focused(&self) -> String {
        let script = "const it = document.activeElement; const label = it.labels && it.labels[0]; \
                      return (label ? label.innerText : it.innerText || it.value || '').replace(/\\s+/g, ' ').trim()";
        self.run(script).as_str().unwrap_or("").to_owned()
    }

    /// Goes to the link or button called `name`, presses it, and waits for the page it leads to.
    pub fn press(&self, name: &str) {
        self.tab_to(name);
        self.leave(|| self.keys(&ENTER.to_string()));
    }

    /// The same for what leads to no other page: what folds a part away, a link to a place further down.
    pub fn press_here(&self, name: &str) {
        self.tab_to(name);
        self.keys(&ENTER.to_string());
    }

    /// Does what leads to another page, and waits until that is there: a key is struck before its page is asked for.
    fn leave(&self, act: impl FnOnce()) {
        self.run("window.isTheOldPage = true");
        act();
        for _ in 0..LOOKS_MAX {
            let script = "return !window.isTheOldPage && document.readyState === 'complete'";
            if self.run(script) == true {
                return;
            }
            std::thread::sleep(LOOK_AGAIN);
        }
        panic!("nothing came after `{}`", self.title());
    }

    /// Looks at pages in another way from now on.
    pub fn look(&self, look: Look) {
        let scheme = if matches!(look, Look::Dark) {
            "dark"
        } else {
            "light"
        };
        let media = if matches!(look, Look::Print) {
            "print"
        } else {
            "screen"
        };
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.command(
            "Emulation.setEmulatedMedia",
            &json!({"media": media, "features": features}),
        );
        let (width, height) = if matches!(look, Look::Narrow) {
            (390, 844)
        } else {
            (1280, 900)
        };
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.command("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Keeps a picture of the whole page in `target/screenshots/NAME.png`.
    pub fn picture(&self, name: &str) {
        let taken = self.command(
            "Page.captureScreenshot",
            &json!({"captureBeyondViewport": true}),
        );
        let bytes = base64::Engine::decode(
            &base64::engine::general_purpose::STANDARD,
            taken["data"].as_str().unwrap_or(""),
        )
        .unwrap();
        let folder = target().join("screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), bytes).unwrap();
    }

    fn command(&self, name: &str, params: &Value) -> Value {
        self.say("/goog/cdp/execute", &json!({"cmd": name, "params": params}))
    }

    fn say(&self, path: &str, body: &Value) -> Value {
        let request = self
            .agent
            .post(format!("{}{path}", self.session))
            .header("content-type", "application/json");
        self.read(path, request.send(body.to_string()).unwrap())
    }

    fn read(&self, path: &str, mut response: ureq::http::Response<ureq::Body>) -> Value {
        let said: Value = serde_json::from_str(
            &response
                .body_mut()
                .with_config()
                .limit(64 << 20)
                .read_to_string()
                .unwrap(),
        )
        .unwrap();
        assert!(
            response.status().is_success(),
            "{path}: {}",
            said["value"]["message"]
        );
        said["value"].clone()
    }
}

fn down(key: char) -> Value {
    json!({"type": "keyDown", "value": key})
}

fn up(key: char) -> Value {
    json!({"type": "keyUp", "value": key})
}

/// A device that is plugged in.
pub struct Authenticator<'a> {
    browser: &'a Browser,
    path: String,
}

impl Authenticator<'_> {
    /// What it keeps.
    pub fn credentials(&self) -> Vec<Value> {
        let path = format!("{}/credentials", self.path);
        let address = format!("{}{path}", self.browser.session);
        let said = self
            .browser
            .read(&path, self.browser.agent.get(address).call().unwrap());
        said.as_array().cloned().unwrap_or_default()
    }

    /// Has it forget `credential` and keep it as it was before it was ever used: what a copy of it would be.
    pub fn turn_back(&self, credential: &Value) {
        let id = credential["credentialId"].as_str().unwrap();
        let path = format!("{}/credentials/{id}", self.path);
        let address = format!("{}{path}", self.browser.session);
        let gone = self.browser.agent.delete(address).call().unwrap();
        self.browser.read(&path, gone);
        let mut copy = credential.clone();
        copy["signCount"] = json!(0);
        self.browser
            .say(&format!("{}/credential", self.path), &copy);
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.agent.delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// The workspace's `target`.
pub fn target() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target")
}
