//! Users that are composed: Discord's pictures from an id and a hash, Strava's and Apple's names from two parts.

use super::{ProfileError, RowPointers};
use aura_oauth::User;
use serde_json::Value;

/// Discord's user object, <https://discord.com/developers/docs/resources/user#user-object>.
pub(crate) fn discord(userinfo: &Value) -> Result<User, ProfileError> {
    const POINTERS: RowPointers =
        RowPointers::new(&["/id"], &["/global_name", "/username"], &["/email"], &[]);
    let user = POINTERS.user(userinfo)?;
    Ok(match discord_image(user.sub(), userinfo) {
        Some(image) => user.with_image(image),
        None => user,
    })
}

/// Makes the picture's URL as <https://discord.com/developers/docs/reference#image-formatting> says, out of nothing that
/// could lead elsewhere on that host.
fn discord_image(id: &str, userinfo: &Value) -> Option<String> {
    let text = |name| userinfo.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    // An id is a number of 64 bits, whose upper 42 are a time.
    let number: u64 = id.parse().ok()?;
    if let Some(hash) = text("avatar") {
        let plain = hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let extension = if hash.starts_with("a_") { "gif" } else { "png" };
        return plain.then(|| format!("https://cdn.discordapp.com/avatars/{number}/{hash}.{extension}"));
    }
    let index = match text("discriminator") {
        // Accounts with a name of their own have no discriminator.
        None | Some("0") => (number >> 22).checked_rem(6),
        Some(discriminator) => discriminator.parse::<u64>().ok()?.checked_rem(5),
    };
    index.map(|index| format!("https://cdn.discordapp.com/embed/avatars/{index}.png"))
}

/// Strava's athlete, <https://developers.strava.com/docs/reference/#api-Athletes-getLoggedInAthlete>.
pub(crate) fn strava(userinfo: &Value) -> Result<User, ProfileError> {
    const POINTERS: RowPointers = RowPointers::new(&["/id"], &["/firstname"], &[], &["/profile"]);
    const LAST_NAME: RowPointers = RowPointers::new(&["/id"], &["/lastname"], &[], &[]);
    in_two_parts(POINTERS, LAST_NAME, userinfo)
}

/// Apple's claims, and the name that comes beside them,
/// <https://developer.apple.com/documentation/signinwithapple/authenticating-users-with-sign-in-with-apple>.
pub(crate) fn apple(claims: &Value) -> Result<User, ProfileError> {
    const POINTERS: RowPointers = RowPointers::new(&["/sub"], &["/user/name/firstName"], &["/email"], &[]);
    const LAST_NAME: RowPointers = RowPointers::new(&["/sub"], &["/user/name/lastName"], &[], &[]);
    in_two_parts(POINTERS, LAST_NAME, claims)
}

/// Reads a user whose name is given in two parts, of which one may be absent.
fn in_two_parts(first: RowPointers, last: RowPointers, said: &Value) -> Result<User, ProfileError> {
    let (first, last) = (first.user(said)?, last.user(said)?);
    let parts = [first.name(), last.name()];
    let name = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    Ok(first.with_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_discord_picture_is_the_users_or_one_of_the_defaults() {
        let image = |value: Value| discord(&value).unwrap().image().map(str::to_owned);
        let id = "80351110224678912";
        for (value, path) in [
            (
                json!({ "id": id, "avatar": "8342729096ea3675442027381ff50dfe" }),
                "avatars/80351110224678912/8342729096ea3675442027381ff50dfe.png",
            ),
            (
                json!({ "id": id, "avatar": "a_bb71f469c158984e265093a81b3397fb" }),
                "avatars/80351110224678912/a_bb71f469c158984e265093a81b3397fb.gif",
            ),
            (json!({ "id": id, "avatar": null, "discriminator": "0" }), "embed/avatars/5.png"),
            (json!({ "id": id, "discriminator": "1337" }), "embed/avatars/2.png"),
        ] {
            assert_eq!(image(value), Some(format!("https://cdn.discordapp.com/{path}")));
        }
    }

    #[test]
    fn hi_02_a_discord_picture_leads_nowhere_else() {
        for value in [
            json!({ "id": "../../evil" }),
            json!({ "id": "1", "avatar": "../../evil" }),
            json!({ "id": "1", "avatar": "x?y=" }),
            json!({ "id": "1", "discriminator": "evil" }),
        ] {
            assert_eq!(discord(&value).unwrap().image(), None, "{value}");
        }
    }

    #[test]
    fn a_strava_name_has_the_parts_that_are_there() {
        for (value, name) in [
            (json!({ "id": 1, "firstname": "Ada", "lastname": "Lovelace" }), Some("Ada Lovelace")),
            (json!({ "id": 1, "firstname": "Ada", "lastname": "" }), Some("Ada")),
            (json!({ "id": 1, "firstname": null, "lastname": "Lovelace" }), Some("Lovelace")),
            (json!({ "id": 1 }), None),
        ] {
            assert_eq!(strava(&value).unwrap().name(), name, "{value}");
        }
        let odd = strava(&json!({ "id": 1, "firstname": "Ada", "lastname": 7 })).unwrap();
        assert_eq!(odd.name(), Some("Ada"), "a part that is no text is absent");
        assert_eq!(strava(&json!({ "id": true })), Err(ProfileError::WrongType));
    }
}
