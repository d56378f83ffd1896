//! Logout tokens (OpenID Connect Back-Channel Logout).

use serde_json::{Map, Value, json};

use crate::entropy::{Entropy, Label};
use crate::id_token::{OTHER_CLIENT, OTHER_ISSUER};
use crate::idp::Idp;
use crate::jws;
use crate::keys::Role;
use crate::lie::Lie;
use crate::state::State;

/// The event of a logout token (OpenID Connect Back-Channel Logout section 2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// Seconds until a logout token expires; section 2.4 suggests at most two minutes.
const LIFETIME: u64 = 120;

type Claims = Map<String, Value>;

/// The user or session that is signed out (OpenID Connect Back-Channel Logout section 2.4).
///
/// ```
/// use aura_test_idp::LogoutSubject;
///
/// assert_ne!(LogoutSubject::Sub("ada"), LogoutSubject::Sid("ada"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogoutSubject<'a> {
    /// The person, in every session, by the `sub` of the ID token.
    Sub(&'a str),
    /// One session, by the `sid` of the ID token.
    Sid(&'a str),
    /// One session of the person, by both.
    SubAndSid {
        /// The `sub` of the ID token.
        sub: &'a str,
        /// The `sid` of the ID token.
        sid: &'a str,
    },
}

/// A lie, and what it does to the honest claims.
type Bend = (Lie, fn(&mut Claims, u64));

const BENT: [Bend; 7] = [
    (Lie::LogoutTokenOtherIss, |claims, _| set(claims, "iss", json!(OTHER_ISSUER))),
    (Lie::LogoutTokenOtherAud, |claims, _| set(claims, "aud", json!(OTHER_CLIENT))),
    (Lie::LogoutTokenWithoutEvents, |claims, _| remove(claims, "events")),
    (Lie::LogoutTokenOtherEvent, |claims, _| {
        set(claims, "events", json!({ "http://schemas.openid.net/event/another": {} }));
    }),
    (Lie::LogoutTokenWithNonce, |claims, _| set(claims, "nonce", json!("n-0S6_WzA2Mj"))),
    (Lie::LogoutTokenWithoutSubject, |claims, _| {
        remove(claims, "sub");
        remove(claims, "sid");
    }),
    (Lie::LogoutTokenExpired, |claims, now| {
        set(claims, "iat", json!(now.saturating_sub(3720)));
        set(claims, "exp", json!(now.saturating_sub(3600)));
    }),
];

impl Idp {
    /// Mints the token that a client gets at its `backchannel_logout_uri`, in the form field `logout_token`
    /// (OpenID Connect Back-Channel Logout section 2.4).
    ///
    /// ```
    /// use aura_test_idp::{Idp, LogoutSubject, State};
    ///
    /// let idp = Idp::new("http://localhost:3000/dev")?;
    /// let subject = LogoutSubject::Sub("ada");
    /// let token = idp.logout_token(&State::default(), "app", subject, 1_700_000_000, [7; 32]);
    /// assert_eq!(token.split('.').count(), 3);
    /// # Ok::<(), aura_test_idp::BaseUrlError>(())
    /// ```
    pub fn logout_token(
        &self,
        state: &State,
        client_id: &str,
        subject: LogoutSubject<'_>,
        now: u64,
        entropy: [u8; 32],
    ) -> String {
        let mut claims = self.honest_logout_claims(client_id, subject, now, &Entropy::new(entropy));
        for (_, bend) in BENT.iter().filter(|(lie, _)| self.tells(*lie)) {
            bend(&mut claims, now);
        }
        let payload = Value::Object(claims).to_string();
        if self.tells(Lie::LogoutTokenAlgNone) {
            return jws::compact(r#"{"alg":"none","typ":"logout+jwt"}"#, &payload, |_| Vec::new());
        }
        let algorithm = self.current_behaviour().signing_algorithm;
        let kid = state.key(algorithm, Role::Signing).kid();
        let algorithm = if self.tells(Lie::LogoutTokenOtherAlg) { algorithm.sibling() } else { algorithm };
        let key = state.key(algorithm, Role::Signing);
        let header = json!({ "alg": key.algorithm().name(), "kid": kid, "typ": "logout+jwt" });
        jws::compact(&header.to_string(), &payload, |input| key.sign(input))
    }

    fn honest_logout_claims(
        &self,
        client_id: &str,
        subject: LogoutSubject<'_>,
        now: u64,
        entropy: &Entropy,
    ) -> Claims {
        let mut claims = Claims::new();
        set(&mut claims, "iss", json!(self.issuer()));
        set(&mut claims, "aud", json!(client_id));
        set(&mut claims, "iat", json!(now));
        set(&mut claims, "exp", json!(now.saturating_add(LIFETIME)));
        set(&mut claims, "jti", json!(entropy.derive(Label::JwtId).as_str()));
        set(&mut claims, "events", json!({ EVENT: {} }));
        let (sub, sid) = match subject {
            LogoutSubject::Sub(sub) => (Some(sub), None),
            LogoutSubject::Sid(sid) => (None, Some(sid)),
            LogoutSubject::SubAndSid { sub, sid } => (Some(sub), Some(sid)),
        };
        if let Some(sub) = sub {
            set(&mut claims, "sub", json!(sub));
        }
        if let Some(sid) = sid {
            set(&mut claims, "sid", json!(sid));
        }
        claims
    }
}

fn set(claims: &mut Claims, name: &str, value: Value) {
    claims.insert(name.to_owned(), value);
}

fn remove(claims: &mut Claims, name: &str) {
    claims.remove(name);
}
