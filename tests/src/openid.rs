//! A pair whose providers are OpenID Providers, honest or lying, with the steps that only they have.

use crate::app::Provider;
use crate::fault::Fault;
use crate::pair::{Answer, Pair};
use aura_proto::{Builder, ClientSecret};
use aura_providers::{MICROSOFT_ENTRA_ID, Provider as Row};
use aura_test_idp::browser::{Page, Web};
use aura_test_idp::{Account, Behaviour, Client, FormPost, Idp, State};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::{Value, json};
use std::fmt;
use url::Url;

/// Parts of a pair with OpenID Providers. The providers differ only in their ids and issuers; their keys are the same.
///
/// ```
/// use aura_proto::provider::ClaimsSource;
/// use aura_tests::OpenId;
///
/// let mut pair = OpenId::new().provider(|row| row.claims_source(ClaimsSource::IdToken)).pair();
/// assert_eq!(pair.sign_in("dev", "ada").status, 200);
/// assert_eq!(pair.app.fetches.len(), 4, "discovery, the pushed request, the token and the keys");
/// ```
#[must_use = "make the pair"]
pub struct OpenId {
    behaviour: Behaviour,
    begin: fn(&str, &str) -> Row,
    shape: Box<dyn Fn(Row) -> Row>,
    register: Box<dyn Fn(&str) -> Client>,
    configure: Box<dyn FnOnce(Builder) -> Builder>,
}

impl Default for OpenId {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for OpenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenId").field("behaviour", &self.behaviour).finish_non_exhaustive()
    }
}

impl OpenId {
    /// Begins with two honest providers and a site that asks for nothing special.
    pub fn new() -> Self {
        Self {
            behaviour: Behaviour::default(),
            begin: confidential,
            shape: Box::new(|row| row),
            register: Box::new(|id| {
                Client::new(id, aura_test_idp::ClientSecret::new(&format!("{id}-secret")))
            }),
            configure: Box::new(|builder| builder),
        }
    }

    /// Has the providers behave in another way.
    pub fn behaviour(self, behaviour: Behaviour) -> Self {
        Self { behaviour, ..self }
    }

    /// Makes the site a public client of each provider.
    pub fn public(self) -> Self {
        Self { begin: public, ..self }
    }

    /// Sets the site's configuration of each provider.
    pub fn provider(self, shape: impl Fn(Row) -> Row + 'static) -> Self {
        Self { shape: Box::new(shape), ..self }
    }

    /// Registers the site in another way: by this client, for an id.
    pub fn client(self, register: impl Fn(&str) -> Client + 'static) -> Self {
        Self { register: Box::new(register), ..self }
    }

    /// Completes the site's configuration.
    pub fn configure(self, configure: impl FnOnce(Builder) -> Builder + 'static) -> Self {
        Self { configure: Box::new(configure), ..self }
    }

    /// Makes the pair, whose site is `https://app.test`.
    pub fn pair(self) -> Pair {
        let Self { behaviour, begin, shape, register, configure } = self;
        let provider = |id: &str, issuer: &str, routes: &str| {
            let client = register(&format!("{id}-client"))
                .with_redirect_uri(&format!("{routes}/callback/{id}"))
                .and_then(|client| client.with_post_logout_redirect_uri(&format!("{routes}/signedOut")))
                .expect("URIs of the site");
            let idp = Idp::new(issuer).expect("an issuer").client(client).behaviour(behaviour);
            Provider { id: id.to_owned(), idp: idp.accounts(Account::made_up()), state: State::default() }
        };
        let row = |id: &str, issuer: &str| shape(begin(id, issuer));
        Pair::of("https://app.test", row, configure, provider)
    }
}

fn public(id: &str, issuer: &str) -> Row {
    Row::openid(id, issuer, format!("{id}-client"))
}

fn confidential(id: &str, issuer: &str) -> Row {
    public(id, issuer).client_secret(ClientSecret::new(format!("{id}-client-secret")))
}

impl Pair {
    /// Makes a pair that has a provider `entra` beside, with an issuer for each tenant (`https://login.test/TENANT/v2.0`), whose
    /// configuration is the next one that is read. Nobody answers at its other endpoints.
    pub fn with_tenants(shape: impl FnOnce(Row) -> Row + 'static) -> Self {
        let entra = MICROSOFT_ENTRA_ID.with_public_client("client").with_id("entra");
        let entra = shape(entra.issuer("https://login.test/common/v2.0"));
        let mut pair = OpenId::new().configure(|builder| builder.provider(entra)).pair();
        let document = json!({
            "issuer": "https://login.test/{tenantid}/v2.0",
            "authorization_endpoint": "https://login.test/authorize",
            "token_endpoint": "https://login.test/token",
            "jwks_uri": "https://login.test/jwks",
            "id_token_signing_alg_values_supported": ["EdDSA"],
        });
        pair.app.discovery_fault = Some(Fault::json(200, &document.to_string()));
        pair
    }

    /// Makes a pair of honest OpenID Providers and a site that asks for nothing special.
    pub fn openid() -> Self {
        OpenId::new().pair()
    }

    /// Approves the sign-in at a provider that answers by a form.
    pub fn approve_form(&mut self, provider: &str, authorize: &Url, account: &str) -> FormPost {
        let (now, entropy) = (self.browser.now, self.app.entropy());
        let provider = self.app.provider(provider);
        let form =
            provider.idp.approve_form_post(&mut provider.state, authorize.as_str(), account, now, entropy);
        form.expect("the provider approves")
    }

    /// Posts a provider's form from the provider's own page.
    pub fn post_form(&mut self, provider: &str, form: &FormPost) -> Page {
        let provider = Url::parse(self.app.provider(provider).idp.issuer()).expect("an issuer");
        self.browser.stand_at(&provider);
        let action = Url::parse(form.action()).expect("a URL");
        let fields: Vec<_> = form.fields().collect();
        let site = self.url("/");
        let mut web = Web::default().with(site.as_str().trim_end_matches('/'), &mut self.app);
        self.browser.submit_form(&mut web, &action, &fields)
    }

    /// Goes to an endpoint of a provider with the browser, and returns what is answered.
    pub fn at_provider(&mut self, provider: &str, url: &Url) -> Response<Bytes> {
        let (now, entropy) = (self.browser.now, self.app.entropy());
        let provider = self.app.provider(provider);
        let request = Request::get(url.as_str()).body(Bytes::new()).expect("a request");
        provider.idp.handle(&mut provider.state, request, now, entropy)
    }

    /// Sends a request with a body past the browser.
    pub fn send_form(&mut self, path: &str, body: &str) -> Answer {
        let (now, entropy) = (self.browser.now, self.app.entropy());
        let form = "application/x-www-form-urlencoded";
        let request = Request::builder().method(Method::POST).uri(path).header("content-type", form);
        let request = request.body(Bytes::copy_from_slice(body.as_bytes())).expect("a request");
        self.app.answer_with(request, now, entropy).into()
    }

    /// Returns the session at the provider (`sid`) that the latest ID token names.
    pub fn provider_session(&self) -> String {
        let answers = self.app.answers.iter().rev();
        let mut bodies = answers.filter_map(|answer| serde_json::from_slice::<Value>(answer.body()).ok());
        let token = bodies.find_map(|body| body["id_token"].as_str().map(str::to_owned));
        let token = token.expect("an ID token");
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).expect("claims")).expect("base64url");
        serde_json::from_slice::<Value>(&claims).expect("JSON")["sid"].as_str().expect("a sid").to_owned()
    }

    /// Has a provider behave in another way from now on.
    pub fn set_behaviour(&mut self, provider: &str, behaviour: Behaviour) {
        self.app.provider(provider).idp.set_behaviour(behaviour);
    }

    /// Returns how many sign-ins the browser has under way.
    pub fn attempts(&self) -> usize {
        self.cookies().iter().filter(|(name, _)| name.contains("aura-auth.state.")).count()
    }
}
