//! Lies: named deviations from the specifications, in one table.

/// Writes the rows of the table as an enum, its list and its facts, so that none can be forgotten.
macro_rules! lies {
    ($($place:ident { $($(#[doc = $doc:literal])+ $lie:ident: $verdict:ident $(= $module:literal)?,)+ })+) => {
        /// One way to be wrong, to be switched on by [`Behaviour::lie`](crate::Behaviour::lie).
        ///
        /// Several may be active at once. A relying party has to refuse what they lead to, unless the lie
        /// [`is_tolerated`](Self::is_tolerated).
        ///
        /// ```
        /// use aura_test_idp::{Lie, Place};
        ///
        /// let in_id_tokens = Lie::ALL.iter().filter(|lie| lie.place() == Place::IdToken);
        /// assert!(in_id_tokens.count() > 30);
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Lie {
            $($($(#[doc = $doc])+ $lie,)+)+
        }

        impl Lie {
            /// All lies, in the order of a sign-in.
            ///
            /// ```
            /// use aura_test_idp::Lie;
            ///
            /// assert!(Lie::ALL.contains(&Lie::IdTokenAlgNone));
            /// ```
            pub const ALL: &'static [Self] = &[$($(Self::$lie),+),+];

            const fn row(self) -> (Place, Verdict, Option<&'static str>) {
                match self {
                    $($(Self::$lie => (Place::$place, Verdict::$verdict, lies!(@ $($module)?)),)+)+
                }
            }
        }
    };
    (@) => { None };
    (@ $module:literal) => { Some($module) };
}

lies! {
    Discovery {
        /// The `issuer` is another than the one that was asked (OpenID Connect Discovery section 4.3).
        DiscoveryOtherIssuer: Refused = "oidcc-client-test-discovery-issuer-mismatch",
        /// The `issuer` ends in a slash, which counts (OpenID Connect Discovery section 4.3).
        DiscoveryIssuerWithTrailingSlash: Refused,
        /// Every endpoint is at `http` and on no loopback address (OpenID Connect Core section 16.17).
        DiscoveryHttpEndpoints: Refused,
        /// The endpoints that servers call are at the link-local address of cloud metadata services.
        DiscoveryPrivateAddress: Refused,
        /// There is no `jwks_uri` (OpenID Connect Discovery section 3).
        DiscoveryWithoutJwksUri: Refused,
        /// There is no `authorization_endpoint` (OpenID Connect Discovery section 3).
        DiscoveryWithoutAuthorizationEndpoint: Refused,
        /// There is no `token_endpoint` (OpenID Connect Discovery section 3).
        DiscoveryWithoutTokenEndpoint: Refused,
        /// The document is HTML.
        DiscoveryNotJson: Refused,
        /// The `issuer` occurs twice, the second time as another (RFC 8259 section 4).
        DiscoveryDuplicateMembers: Refused,
        /// There is no document.
        DiscoveryNotFound: Refused,
        /// The answer is a redirect to the document.
        DiscoveryRedirects: Refused,
    }
    Jwks {
        /// The key set is HTML.
        JwksNotJson: Refused,
        /// The key set has no key at all.
        JwksEmpty: Refused,
        /// The good key comes after 10,000 others.
        JwksTenThousandKeys: Refused,
        /// The key comes with its private part (RFC 7517 section 9.2).
        JwksWithPrivateKey: Refused,
        /// The key is for encryption, by its `use` (RFC 7517 section 4.2).
        JwksWrongUse: Refused,
        /// The answer is a redirect to the key set.
        JwksRedirects: Refused,
    }
    AuthorizationResponse {
        /// The `iss` is another provider's (RFC 9207 section 2.4).
        CallbackOtherIss: Refused,
        /// There is no `iss`, although discovery promises it (RFC 9207 section 2.4).
        CallbackWithoutIss: Refused,
        /// The `iss` is empty.
        CallbackEmptyIss: Refused,
        /// The right `iss` occurs twice (RFC 6749 section 3.1).
        CallbackIssTwice: Refused,
    }
    TokenResponse {
        /// The answer is form-encoded, as GitHub's.
        TokenFormEncoded: Tolerated,
        /// An error comes with the status 200, as GitHub's.
        TokenErrorWithStatus200: Refused,
        /// There is no `token_type` (RFC 6749 section 5.1).
        TokenWithoutTokenType: Tolerated,
        /// The `token_type` is `mac`, which no client supports (RFC 6749 section 7.1).
        TokenTypeMac: Refused,
        /// The `token_type` is a number.
        TokenTypeNumber: Refused,
        /// The `expires_in` is a string.
        TokenExpiresInString: Tolerated,
        /// The `scope` is an array.
        TokenScopeArray: Tolerated,
        /// The `scope` has commas for spaces.
        TokenScopeWithCommas: Tolerated,
        /// There is no `access_token` (OpenID Connect Core section 3.1.3.3).
        TokenWithoutAccessToken: Refused,
        /// The `id_token` is a number.
        TokenIdTokenNumber: Refused,
        /// The answer is a redirect to the real answer.
        TokenRedirects: Refused,
    }
    IdToken {
        /// There is no ID token (OpenID Connect Core section 3.1.3.3).
        IdTokenMissing: Refused,
        /// The ID token is no JWT.
        IdTokenNotAJwt: Refused,
        /// The ID token has the five parts of an encrypted one.
        IdTokenEncryptedLooking: Refused,
        /// The `iss` is another provider's.
        IdTokenOtherIss: Refused = "oidcc-client-test-invalid-iss",
        /// The `iss` is another tenant's of the same provider, with the same keys.
        IdTokenOtherTenantIss: Refused,
        /// There is no `iss`.
        IdTokenWithoutIss: Refused,
        /// There is no `sub`.
        IdTokenWithoutSub: Refused = "oidcc-client-test-missing-sub",
        /// The `sub` is empty.
        IdTokenEmptySub: Refused,
        /// The `aud` is another client.
        IdTokenOtherAud: Refused = "oidcc-client-test-invalid-aud",
        /// There is no `aud`.
        IdTokenWithoutAud: Refused = "oidcc-client-test-missing-aud",
        /// There are several audiences and no `azp` (OpenID Connect Core section 3.1.3.7 step 4).
        IdTokenSeveralAudWithoutAzp: Refused,
        /// The `azp` is another client.
        IdTokenOtherAzp: Refused,
        /// The `nonce` is another attempt's.
        IdTokenOtherNonce: Refused = "oidcc-client-test-nonce-invalid",
        /// There is no `nonce`, although one was sent.
        IdTokenWithoutNonce: Refused,
        /// The `at_hash` is another access token's (OpenID Connect Core section 3.1.3.8).
        IdTokenOtherAtHash: Refused = "oidcc-client-test-invalid-athash",
        /// There is no `at_hash`, which is optional here.
        IdTokenWithoutAtHash: Tolerated,
        /// The person signed in a day ago, which matters where a `max_age` was sent.
        IdTokenOldAuthTime: Tolerated,
        /// There is no `auth_time`, which matters where a `max_age` was sent.
        IdTokenWithoutAuthTime: Tolerated,
        /// The `acr` is none that was asked for, which matters where one was.
        IdTokenOtherAcr: Tolerated,
        /// It expired an hour ago.
        IdTokenExpired: Refused,
        /// There is no `exp`.
        IdTokenWithoutExp: Refused,
        /// It was issued an hour from now.
        IdTokenIssuedInTheFuture: Refused,
        /// There is no `iat`.
        IdTokenWithoutIat: Refused = "oidcc-client-test-missing-iat",
        /// It is not valid before an hour from now (RFC 7519 section 4.1.5).
        IdTokenNotYetValid: Refused,
        /// The `sub` is a number.
        IdTokenSubNumber: Refused,
        /// The `iss` is an array.
        IdTokenIssArray: Refused,
        /// The `aud` is an object.
        IdTokenAudObject: Refused,
        /// The `aud` is an empty array.
        IdTokenAudEmptyArray: Refused,
        /// The `exp` is a string.
        IdTokenExpString: Refused,
        /// The `iat` is a string.
        IdTokenIatString: Refused,
        /// The `nonce` is an array that holds the right one.
        IdTokenNonceArray: Refused,
        /// The `sub` occurs twice, the second time as another (RFC 7519 section 4).
        IdTokenDuplicateClaims: Refused,
        /// The `alg` is `none` and the signature empty (RFC 8725 section 3.2).
        IdTokenAlgNone: Refused = "oidcc-client-test-idtoken-sig-none",
        /// The `alg` is another than discovery and the key allow; an RSA key signs by it all the same (RFC 8725
        /// section 3.1).
        IdTokenOtherAlg: Refused,
        /// It is signed by HS256, with the public key's PEM text as the secret (RFC 8725 section 2.1).
        IdTokenHs256WithPublicKey: Refused,
        /// The signature has a flipped bit; with ES256 that is the suite's `oidcc-client-test-invalid-sig-es256`.
        IdTokenBadSignature: Refused = "oidcc-client-test-invalid-sig-rs256",
        /// The `kid` and the key are not in the key set.
        IdTokenUnknownKid: Refused,
        /// There is no `kid`, and one key that fits.
        IdTokenWithoutKid: Tolerated = "oidcc-client-test-kid-absent-single-jwks",
        /// There is no `kid`, and two keys that fit.
        IdTokenWithoutKidAmongSeveral: Tolerated = "oidcc-client-test-kid-absent-multiple-jwks",
        /// The header names an unknown critical extension (RFC 7515 section 4.1.11).
        IdTokenCritHeader: Refused,
        /// The header brings its own key, which fits (RFC 8725 section 3.10).
        IdTokenEmbeddedJwk: Refused,
        /// The key is rotated just before it signs.
        KeyRotatedJustBeforeSigning: Tolerated = "oidcc-client-test-signing-key-rotation-just-before-signing",
    }
    Userinfo {
        /// The `sub` is another person's (OpenID Connect Core section 5.3.2).
        UserinfoOtherSub: Refused = "oidcc-client-test-userinfo-invalid-sub",
        /// There is no `sub` (OpenID Connect Core section 5.3.2).
        UserinfoWithoutSub: Refused,
        /// The answer is HTML.
        UserinfoNotJson: Refused,
        /// The answer is a redirect to the real answer.
        UserinfoRedirects: Refused,
    }
    Server {
        /// Every answer to a server comes after a minute, set by a [`Delay`](crate::Delay).
        SlowAnswer: Refused,
        /// Every answer to a server goes on for 2 MiB.
        EndlessBody: Refused,
    }
    Refresh {
        /// A refreshed ID token has another `iss` (OpenID Connect Core section 12.2).
        RefreshOtherIss: Refused = "oidcc-client-test-refresh-token-invalid-issuer",
        /// A refreshed ID token has another `sub` (OpenID Connect Core section 12.2).
        RefreshOtherSub: Refused = "oidcc-client-test-refresh-token-invalid-sub",
    }
    EndSession {
        /// The browser comes back from the sign-out with another `state`.
        EndSessionOtherState: Tolerated = "oidcc-client-test-rp-init-logout-other-state",
        /// The browser comes back from the sign-out without the `state`.
        EndSessionWithoutState: Tolerated = "oidcc-client-test-rp-init-logout-no-state",
    }
    LogoutToken {
        /// The `alg` is `none` and the signature empty (OpenID Connect Back-Channel Logout section 2.6).
        LogoutTokenAlgNone: Refused = "oidcc-client-test-rp-backchannel-rpinitlogout-alg-none",
        /// The `alg` is another than discovery and the key allow; an RSA key signs by it all the same.
        LogoutTokenOtherAlg: Refused = "oidcc-client-test-rp-backchannel-rpinitlogout-wrong-alg",
        /// The `iss` is another provider's.
        LogoutTokenOtherIss: Refused = "oidcc-client-test-rp-backchannel-rpinitlogout-wrong-iss",
        /// The `aud` is another client.
        LogoutTokenOtherAud: Refused = "oidcc-client-test-rp-backchannel-rpinitlogout-wrong-aud",
        /// There are no `events`.
        LogoutTokenWithoutEvents: Refused = "oidcc-client-test-rp-backchannel-rpinitlogout-no-event",
        /// The `events` are others than a sign-out.
        LogoutTokenOtherEvent: Refused = "oidcc-client-test-rp-backchannel-rpinitlogout-wrong-event",
        /// There is a `nonce`, as in an ID token.
        LogoutTokenWithNonce: Refused = "oidcc-client-test-rp-backchannel-rpinitlogout-with-nonce",
        /// There is neither `sub` nor `sid`.
        LogoutTokenWithoutSubject: Refused,
        /// It expired an hour ago.
        LogoutTokenExpired: Refused,
    }
}

/// Place of a lie.
///
/// ```
/// use aura_test_idp::{Lie, Place};
///
/// assert_eq!(Lie::JwksEmpty.place(), Place::Jwks);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Place {
    /// In the configuration document.
    Discovery,
    /// In the key set.
    Jwks,
    /// In the authorization response.
    AuthorizationResponse,
    /// In the token endpoint's answer, except the ID token.
    TokenResponse,
    /// In the ID token, or by its signature.
    IdToken,
    /// In the userinfo endpoint's answer.
    Userinfo,
    /// In every answer to a server: discovery, key set, token and userinfo.
    Server,
    /// In the ID token that a refresh token gives.
    Refresh,
    /// In the redirect after a sign-out.
    EndSession,
    /// In the logout token.
    LogoutToken,
}

/// Reaction of a correct relying party.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Refused,
    Tolerated,
}

impl Lie {
    /// Returns the place of the lie.
    ///
    /// ```
    /// use aura_test_idp::{Lie, Place};
    ///
    /// assert_eq!(Lie::UserinfoOtherSub.place(), Place::Userinfo);
    /// ```
    #[must_use]
    pub const fn place(self) -> Place {
        self.row().0
    }

    /// Returns whether a correct relying party may go on: the lie is then a leniency, or only unusual.
    ///
    /// ```
    /// use aura_test_idp::Lie;
    ///
    /// assert!(Lie::TokenFormEncoded.is_tolerated());
    /// assert!(!Lie::IdTokenAlgNone.is_tolerated());
    /// ```
    #[must_use]
    pub const fn is_tolerated(self) -> bool {
        matches!(self.row().1, Verdict::Tolerated)
    }

    /// Returns the equivalent test module of the OpenID Foundation's conformance suite.
    ///
    /// ```
    /// use aura_test_idp::Lie;
    ///
    /// assert_eq!(Lie::IdTokenOtherIss.conformance_module(), Some("oidcc-client-test-invalid-iss"));
    /// ```
    #[must_use]
    pub const fn conformance_module(self) -> Option<&'static str> {
        self.row().2
    }
}

/// The lies that a provider tells at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lies(u128);

impl Lies {
    pub(crate) const fn with(self, lie: Lie) -> Self {
        Self(self.0 | Self::bit(lie))
    }

    pub(crate) const fn contain(self, lie: Lie) -> bool {
        self.0 & Self::bit(lie) != 0
    }

    /// Cannot wrap: a test counts no more lies than bits.
    const fn bit(lie: Lie) -> u128 {
        1_u128.wrapping_shl(lie as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::collections::BTreeSet;

    #[test]
    fn every_lie_has_a_bit_of_its_own() {
        assert!(Lie::ALL.len() <= 128);
        for lie in Lie::ALL {
            let lies = Lies::default().with(*lie);
            let told: Vec<_> = Lie::ALL.iter().filter(|other| lies.contain(**other)).collect();
            assert_eq!(told, [lie]);
        }
    }

    #[test]
    fn every_conformance_module_is_named_once() {
        let modules: Vec<_> = Lie::ALL.iter().filter_map(|lie| lie.conformance_module()).collect();
        assert_eq!(modules.iter().collect::<BTreeSet<_>>().len(), modules.len());
        assert!(modules.iter().all(|module| module.starts_with("oidcc-client-test-")));
    }
}
