//! Another house that recognizes people, in earnest: discovery, PKCE, codes and signed tokens over HTTP
//! (OpenID Connect Core 1.0), and every way in which it could be wrong.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

pub const CLIENT: &str = "seamark";
pub const SECRET: &str = "a secret of the client";

/// What the provider does otherwise than it should.
#[derive(Clone, Debug, Default)]
pub struct Wrong {
    /// Replaces claims of the token; null takes one out.
    pub claims: BTreeMap<&'static str, Value>,
    /// `none`, `HS256` by the client's secret, `HS256-public` by the public key, `other-key`, `ES256`.
    pub signed: &'static str,
    /// Replaces what it says of itself.
    pub described: BTreeMap<&'static str, Value>,
    /// What the token's address answers in place of a token.
    pub token: Option<(u16, &'static str)>,
    /// How many bytes stand before its list of keys.
    pub padding: usize,
}

/// A running provider.
pub struct Provider {
    inner: Arc<Inner>,
}

struct Inner {
    issuer: String,
    rsa: RsaKeyPair,
    other: RsaKeyPair,
    ec: EcdsaKeyPair,
    said: Mutex<Said>,
}

#[derive(Default)]
struct Said {
    wrong: Wrong,
    now: i64,
    claims: BTreeMap<String, Value>,
    /// What each code stands for: challenge, nonce and address to go back to.
    codes: HashMap<String, (String, String, String)>,
    count: u32,
}

impl Provider {
    /// One on a free port, that recognizes `subject`.
    pub fn start(subject: &str, now: jiff::Timestamp) -> Provider {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let key = || RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let inner = Arc::new(Inner {
            issuer: format!("http://{address}"),
            rsa: key(),
            other: key(),
            ec,
            said: Mutex::new(Said {
                now: now.as_second(),
                ..Said::default()
            }),
        });
        let serving = Arc::clone(&inner);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                // A browser opens connections ahead, and says nothing on some of them.
                let serving = Arc::clone(&serving);
                thread::spawn(move || serving.answer(stream));
            }
        });
        let provider = Provider { inner };
        provider.is(subject, json!({}));
        provider
    }

    pub fn issuer(&self) -> &str {
        &self.inner.issuer
    }

    /// From now on it recognizes `subject`, of whom it says `claims`.
    pub fn is(&self, subject: &str, claims: Value) {
        let mut said = self.inner.said.lock().unwrap();
        said.claims = serde_json::from_value(claims).unwrap();
        said.claims.insert("sub".to_owned(), json!(subject));
    }

    /// From now on it is wrong in this way.
    pub fn goes(&self, wrong: Wrong) {
        self.inner.said.lock().unwrap().wrong = wrong;
    }

    pub fn at(&self, now: jiff::Timestamp) {
        self.inner.said.lock().unwrap().now = now.as_second();
    }
}

impl Inner {
    fn answer(&self, mut stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let target = line.split(' ').nth(1).unwrap_or("/").to_owned();
        let (mut length, mut basic) = (0, String::new());
        loop {
            let mut header = String::new();
            if reader.read_line(&mut header).unwrap_or(0) <= 2 {
                break;
            }
            let (name, value) = header.split_once(':').unwrap_or_default();
            match name.to_lowercase().as_str() {
                "content-length" => length = value.trim().parse().unwrap_or(0),
                "authorization" => basic = value.trim().to_owned(),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let (status, extra, text) = match path {
            "/.well-known/openid-configuration" => (200, String::new(), self.described()),
            "/keys" => (200, String::new(), self.keys()),
            "/authorize" => (302, self.authorize(query), String::new()),
            "/token" => {
                let (status, text) = self.token(&String::from_utf8(body).unwrap(), &basic);
                (status, String::new(), text)
            }
            "/elsewhere" => (200, String::new(), self.keys()),
            _ => (404, String::new(), String::new()),
        };
        let head = format!(
            "HTTP/1.1 {status} It\r\ncontent-type: application/json\r\nconnection: close\r\n{extra}content-length: {}\r\n\r\n",
            text.len()
        );
        let _ = stream.write_all((head + text.as_str()).as_bytes());
    }

    fn described(&self) -> String {
        let issuer = &self.issuer;
        let mut said = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/keys"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
        });
        for (name, value) in &self.said.lock().unwrap().wrong.described {
            said[*name] = value.clone();
        }
        said.to_string()
    }

    fn keys(&self) -> String {
        // PKCS #1, appendix A.1.1: after nine bytes of headers the modulus, after two more the exponent.
        let public = self.rsa.public_key().as_ref();
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let point = self.ec.public_key().as_ref();
        let padding = " ".repeat(self.said.lock().unwrap().wrong.padding);
        let keys = json!({"keys": [
            {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "rsa",
             "n": text(&public[9..265]),
             "e": text(&public[267..270])},
            {"kty": "EC", "use": "sig", "alg": "ES256", "kid": "ec", "crv": "P-256",
             "x": text(&point[1..33]), "y": text(&point[33..65])},
        ]});
        format!("{padding}{keys}")
    }

    /// Everyone is let in at once, and sent back with a code.
    fn authorize(&self, query: &str) -> String {
        let asked: HashMap<String, String> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["code_challenge_method"], "S256");
        assert_eq!(asked["client_id"], CLIENT);
        let mut said = self.said.lock().unwrap();
        said.count += 1;
        let code = format!("code-{}", said.count);
        let back = asked["redirect_uri"].clone();
        let stands = (
            asked["code_challenge"].clone(),
            asked["nonce"].clone(),
            back.clone(),
        );
        said.codes.insert(code.clone(), stands);
        format!(
            "location: {back}?code={code}&state={}&iss={}\r\n",
            asked["state"], self.issuer
        )
    }

    /// Gives a token for a code, once, to whom the code was given.
    fn token(&self, body: &str, basic: &str) -> (u16, String) {
        if let Some((status, text)) = self.said.lock().unwrap().wrong.token {
            return (status, text.replace("ISSUER", &self.issuer));
        }
        let refused = |why: &str| (400, json!({"error": why}).to_string());
        let expected = STANDARD.encode(format!("{CLIENT}:{}", SECRET.replace(' ', "+")));
        if basic != format!("Basic {expected}") {
            return refused("invalid_client");
        }
        let asked: HashMap<String, String> = url::form_urlencoded::parse(body.as_bytes())
            .into_owned()
            .collect();
        let Some((challenge, nonce, back)) = self.said.lock().unwrap().codes.remove(&asked["code"])
        else {
            return refused("invalid_grant");
        };
        let verifier = digest::digest(&digest::SHA256, asked["code_verifier"].as_bytes());
        if URL_SAFE_NO_PAD.encode(verifier) != challenge || asked["redirect_uri"] != back {
            return refused("invalid_grant");
        }
        let token = self.signed(&nonce);
        let answer = json!({"access_token": "none", "token_type": "Bearer", "id_token": token});
        (200, answer.to_string())
    }

    fn signed(&self, nonce: &str) -> String {
        let said = self.said.lock().unwrap();
        let mut claims = json!({
            "iss": self.issuer, "aud": CLIENT, "nonce": nonce, "iat": said.now, "exp": said.now + 300,
        });
        for (name, value) in &said.claims {
            claims[name] = value.clone();
        }
        for (name, value) in &said.wrong.claims {
            claims[*name] = match value {
                Value::Number(by) if matches!(*name, "iat" | "exp") => {
                    json!(said.now + by.as_i64().unwrap())
                }
                other => other.clone(),
            };
        }
        if let Value::Object(map) = &mut claims {
            map.retain(|_, value| !value.is_null());
        }
        let (alg, kid) = match said.wrong.signed {
            "none" => ("none", "rsa"),
            "HS256" | "HS256-public" => ("HS256", "rsa"),
            "ES256" => ("ES256", "ec"),
            _ => ("RS256", "rsa"),
        };
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!(
            "{}.{}",
            part(json!({"alg": alg, "kid": kid, "typ": "JWT"})),
            part(claims)
        );
        let by_rsa = |key: &RsaKeyPair| {
            let mut signature = vec![0; key.public_modulus_len()];
            let dice = SystemRandom::new();
            key.sign(&RSA_PKCS1_SHA256, &dice, text.as_bytes(), &mut signature)
                .unwrap();
            signature
        };
        let by_secret = |secret: &[u8]| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
            hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
        };
        let signature = match said.wrong.signed {
            "none" => Vec::new(),
            "HS256" => by_secret(SECRET.as_bytes()),
            "HS256-public" => by_secret(self.rsa.public_key().as_ref()),
            "other-key" => by_rsa(&self.other),
            "ES256" => {
                let dice = SystemRandom::new();
                let signature = self.ec.sign(&dice, text.as_bytes()).unwrap();
                signature.as_ref().to_vec()
            }
            _ => by_rsa(&self.rsa),
        };
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}
