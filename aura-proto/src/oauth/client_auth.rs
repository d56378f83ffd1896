//! How does the client prove itself at the token endpoint? (RFC 6749 section 2.3.1)

use crate::provider::SecretPlacement;
use crate::secret::ClientSecret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use url::form_urlencoded;

/// How the client authenticates.
#[derive(Clone, Debug)]
pub(crate) enum ClientAuthentication {
    /// By the form fields `client_id` and `client_secret`.
    SecretPost(ClientSecret),
    /// By HTTP Basic.
    SecretBasic(ClientSecret),
    /// Not at all: a public client, protected by PKCE.
    None,
}

impl ClientAuthentication {
    pub(crate) fn with_secret(placement: SecretPlacement, secret: ClientSecret) -> Self {
        match placement {
            SecretPlacement::Post => Self::SecretPost(secret),
            SecretPlacement::Basic => Self::SecretBasic(secret),
        }
    }

    /// Puts the secret elsewhere, if there is one.
    pub(crate) fn placed(self, placement: SecretPlacement) -> Self {
        match self {
            Self::SecretPost(secret) | Self::SecretBasic(secret) => Self::with_secret(placement, secret),
            Self::None => Self::None,
        }
    }

    pub(crate) fn secret_is_empty(&self) -> bool {
        match self {
            Self::SecretPost(secret) | Self::SecretBasic(secret) => secret.expose().is_empty(),
            Self::None => false,
        }
    }

    /// Adds the form fields, which come first in the contract's order.
    pub(crate) fn add_fields(&self, client_id: &str, form: &mut form_urlencoded::Serializer<'_, String>) {
        match self {
            Self::SecretPost(secret) => {
                form.append_pair("client_id", client_id).append_pair("client_secret", secret.expose());
            }
            Self::None => {
                form.append_pair("client_id", client_id);
            }
            Self::SecretBasic(_) => {}
        }
    }

    /// Makes the `Authorization` header, where one is used. Both parts are form-encoded first.
    pub(crate) fn header(&self, client_id: &str) -> Option<HeaderValue> {
        let Self::SecretBasic(secret) = self else { return None };
        let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let credentials = STANDARD.encode(format!("{}:{}", encode(client_id), encode(secret.expose())));
        // Cannot fail: base64 is ASCII.
        let mut header = HeaderValue::try_from(format!("Basic {credentials}")).ok()?;
        header.set_sensitive(true);
        Some(header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ts_05_odd_characters_are_form_encoded_before_basic() {
        let authentication = ClientAuthentication::SecretBasic(ClientSecret::new("p:a ss+%ü"));
        let header = authentication.header("id:1").unwrap();
        let credentials = header.to_str().unwrap().strip_prefix("Basic ").unwrap();
        let decoded = STANDARD.decode(credentials).unwrap();
        assert_eq!(String::from_utf8(decoded).unwrap(), "id%3A1:p%3Aa+ss%2B%25%C3%BC");
    }

    #[test]
    fn se_03_basic_puts_nothing_into_the_form() {
        let mut form = form_urlencoded::Serializer::new(String::new());
        ClientAuthentication::SecretBasic(ClientSecret::new("s")).add_fields("id", &mut form);
        assert_eq!(form.finish(), "");
    }
}
