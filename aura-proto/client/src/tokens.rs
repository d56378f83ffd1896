//! A provider's tokens as a page reads them.

use crate::answered::Answered;
use crate::error::ClientError;
use aura_types::{AccessToken, IdToken, ProviderTokens, RefreshToken, StrictObject, UnixTime};
use serde_json::Value;

/// Reads the tokens out of an answer that must have them.
pub(crate) fn read(answered: Answered) -> Result<ProviderTokens, ClientError> {
    let Some(Value::Object(mut tokens)) = answered.accepted()?.into_members().remove("tokens") else {
        return Err(ClientError::Member("tokens"));
    };
    // No token types are understood but these, whose names are case-insensitive (RFC 6749 section 7.1, RFC 9449 section 5).
    tokens.retain(|_, value| !value.is_null());
    let mut tokens = StrictObject::from(tokens);
    let token_type = take(&mut tokens, "tokenType")?.unwrap_or_else(|| "Bearer".to_owned());
    if !["Bearer", "DPoP"].iter().any(|known| token_type.eq_ignore_ascii_case(known)) {
        return Err(ClientError::Member("tokenType"));
    }
    let access_token = take(&mut tokens, "accessToken")?.filter(|token| !token.is_empty());
    let access_token = AccessToken::new(access_token.ok_or(ClientError::Member("accessToken"))?);
    // Some servers write zero for an unknown end.
    let expires_at = moment(&mut tokens, "expiresAt")?.filter(|end| end.as_secs() > 0);
    let refresh_token = take(&mut tokens, "refreshToken")?.map(RefreshToken::new);
    let refresh_token_expires_at =
        moment(&mut tokens, "refreshTokenExpiresAt")?.filter(|end| end.as_secs() > 0);
    let id_token = take(&mut tokens, "idToken")?.map(IdToken::new);
    let scopes = scopes(&mut tokens)?;
    let issued_at = moment(&mut tokens, "issuedAt")?.ok_or(ClientError::Member("issuedAt"))?;
    let mut read = ProviderTokens::new(access_token, issued_at);
    (read.expires_at, read.refresh_token, read.refresh_token_expires_at) =
        (expires_at, refresh_token, refresh_token_expires_at);
    (read.id_token, read.scopes) = (id_token, scopes);
    Ok(read)
}

fn take(tokens: &mut StrictObject, name: &'static str) -> Result<Option<String>, ClientError> {
    tokens.take_text(name).map_err(|_| ClientError::Member(name))
}

fn moment(tokens: &mut StrictObject, name: &'static str) -> Result<Option<UnixTime>, ClientError> {
    let seconds = tokens.take_seconds(name).map_err(|_| ClientError::Member(name))?;
    Ok(seconds.map(UnixTime::from_secs))
}

/// Reads the scopes. Some servers leave the whole list in one text, though no scope has a space in it (RFC 6749
/// section 3.3).
fn scopes(tokens: &mut StrictObject) -> Result<Vec<String>, ClientError> {
    let texts = tokens.take_texts("scopes").map_err(|_| ClientError::Member("scopes"))?;
    Ok(texts
        .iter()
        .flat_map(|text| text.split(' '))
        .filter(|scope| !scope.is_empty())
        .map(str::to_owned)
        .collect())
}
