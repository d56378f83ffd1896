//! Calls of the typed client to the site of a pair, from a script of the page or from another server.

use crate::pair::Pair;
use aura_client::{Answer, Call, Client, Cookies};
use aura_test_idp::browser::Web;
use url::Url;

impl Pair {
    /// Makes a client of the site's routes.
    pub fn client(&self) -> Client {
        let base = self.url(self.app.auth.base_path());
        Client::new(base.as_str()).expect("a base URL")
    }

    /// Carries out a call as a script of the site's own page: the browser attaches and keeps the cookies.
    pub fn call<A>(&mut self, call: &Call<A>) -> Answer<A> {
        let (head, body) = call.request(&Cookies::default()).into_parts();
        let url = Url::parse(&head.uri.to_string()).expect("a URL");
        let origin = self.url("/");
        self.browser.stand_at(&origin);
        let mut web = Web::default().with(origin.as_str().trim_end_matches('/'), &mut self.app);
        let response = self.browser.fetch(&mut web, head.method, &url, head.headers, body);
        call.read(response.expect("an answer of the own site"))
    }

    /// Carries out a call as another server does on behalf of a browser whose cookies it has.
    pub fn call_with<A>(&mut self, call: &Call<A>, cookies: &mut Cookies) -> Answer<A> {
        let (now, entropy) = (self.browser.now, self.app.entropy());
        let response = self.app.answer_with(call.request(cookies), now, entropy);
        let answer = call.read(response);
        cookies.keep(&answer.set_cookies);
        answer
    }
}
