//! The times of a session: its end, and its renewal.

use super::Session;
use super::policy::{Expiration, SessionPolicy};
use aura_types::UnixTime;

impl SessionPolicy {
    /// Returns the end of a session that begins or is renewed at `begun`: at most `latest`.
    pub(crate) fn end(&self, begun: UnixTime, latest: Option<UnixTime>) -> UnixTime {
        let end = begun.saturating_add(self.max_age).whole_seconds();
        latest.map_or(end, |latest| end.min(latest))
    }

    /// Ends a session no later than that at the provider (`session_expiry` of OpenID IPSIE SL1), however often it is renewed.
    #[doc(hidden)]
    #[must_use]
    pub fn capped(&self, session: Session, ends: Option<UnixTime>) -> Session {
        let Some(ends) = ends else { return session };
        let latest = self.latest(&session).map_or(ends, |latest| latest.min(ends));
        session.with(|content| {
            content.latest = Some(latest);
            content.expires_at = latest.min(content.expires_at);
        })
    }

    /// The latest end of a session: the earlier of its own `mexp` and the policy's. Each may be missing. A session may have an `mexp`
    /// because the provider stated `session_expiry`.
    fn latest(&self, session: &Session) -> Option<UnixTime> {
        // Tokens of other implementations do not tell when the session began.
        let began = session.began_at().unwrap_or(session.issued_at());
        let of_policy = self.max_duration.map(|duration| began.saturating_add(duration).whole_seconds());
        session.latest().into_iter().chain(of_policy).min()
    }

    /// Returns the session after an update: renewed under `Rolling` and `Sliding`, with the same end otherwise. One that ended while
    /// the provider or the application was asked keeps its end.
    pub(crate) fn updated(&self, session: &Session, now: UnixTime) -> Session {
        let (issued_at, expires_at) = match self.expiration {
            Expiration::Fixed => (now.whole_seconds(), session.expires_at()),
            Expiration::Absolute => (session.issued_at(), session.expires_at()),
            Expiration::Rolling | Expiration::Sliding { .. } if now < session.expires_at() => {
                (now.whole_seconds(), self.end(now, self.latest(session)))
            }
            Expiration::Rolling | Expiration::Sliding { .. } => (session.issued_at(), session.expires_at()),
        };
        session.issued(issued_at, expires_at, self.latest(session))
    }

    /// Returns the renewed session, if reading it renews it.
    #[doc(hidden)]
    pub fn renewed(&self, session: &Session, now: UnixTime) -> Option<Session> {
        let is_due = match self.expiration {
            Expiration::Fixed | Expiration::Absolute => false,
            Expiration::Rolling => true,
            Expiration::Sliding { threshold_percent } => {
                let left = session.expires_at().as_secs().saturating_sub(now.as_secs());
                let threshold = self.max_age.as_secs().saturating_mul(threshold_percent.into());
                left.saturating_mul(100) < threshold
            }
        };
        let latest = self.latest(session);
        let expires_at = self.end(now, latest);
        let is_other = expires_at != session.expires_at();
        (is_due && is_other).then(|| session.issued(now.whole_seconds(), expires_at, latest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::User;
    use std::time::Duration;

    const BEGUN: UnixTime = UnixTime::from_secs(1000);
    const NOW: UnixTime = UnixTime::from_secs(1500);
    /// The last moment of a session that was begun then.
    const LATEST: UnixTime = UnixTime::from_secs(5000);

    fn policy(expiration: Expiration) -> SessionPolicy {
        let hour = SessionPolicy::default().max_age(Duration::from_secs(3600));
        hour.max_duration(Duration::from_secs(4000)).expiration(expiration)
    }

    /// A session whose token has no `mexp`.
    fn session() -> Session {
        let begun =
            Session::begin(User::new("1".to_owned()), "dev".to_owned(), BEGUN, &policy(Expiration::Rolling));
        begun.with(|content| content.latest = None)
    }

    #[test]
    fn a_session_that_is_updated_or_renewed_is_issued_anew_and_keeps_its_last_moment() {
        let rolling = policy(Expiration::Rolling);
        for changed in [rolling.updated(&session(), NOW), rolling.renewed(&session(), NOW).unwrap()] {
            assert_eq!((changed.issued_at(), changed.latest()), (NOW, Some(LATEST)));
            assert_eq!(changed.began_at(), Some(BEGUN));
            assert_eq!(changed.expires_at(), LATEST, "an hour from now would be later");
        }
        let absolute = policy(Expiration::Absolute).updated(&session(), NOW);
        assert_eq!((absolute.issued_at(), absolute.expires_at()), (BEGUN, session().expires_at()));
    }

    #[test]
    fn an_update_does_not_bring_back_a_session_that_ended_while_it_was_under_way() {
        let ends = session().expires_at();
        let late = |expiration, by| {
            policy(expiration).updated(&session(), UnixTime::from_secs(ends.as_secs() + by)).expires_at()
        };
        for expiration in [Expiration::Rolling, Expiration::Sliding { threshold_percent: 50 }] {
            assert_eq!((late(expiration, 0), late(expiration, 10)), (ends, ends));
        }
        let in_time = UnixTime::from_secs(ends.as_secs() - 1);
        assert!(policy(Expiration::Rolling).updated(&session(), in_time).expires_at() > ends);
    }

    #[test]
    fn an_end_at_the_provider_lets_no_session_escape_a_max_duration_that_is_configured_later() {
        let far = Some(UnixTime::from_secs(90_000));
        let rolling = policy(Expiration::Rolling);
        let unbounded = SessionPolicy { max_duration: None, ..rolling.clone() };
        // The provider's end was kept at the sign-in, or comes at a refresh.
        let (begun, refreshed) = (unbounded.capped(session(), far), rolling.capped(session(), far));
        assert_eq!((begun.latest(), refreshed.latest()), (far, Some(LATEST)));
        // Every renewal moves `iat`, and none the beginning.
        let issued_anew = begun.clone().with(|content| content.issued_at = UnixTime::from_secs(1400));
        for session in [begun, refreshed, issued_anew] {
            let renewed = rolling.renewed(&session, NOW).unwrap();
            assert_eq!((renewed.latest(), renewed.expires_at()), (Some(LATEST), LATEST));
            assert_eq!(rolling.updated(&session, NOW).latest(), Some(LATEST));
        }
        let near = Some(UnixTime::from_secs(2000));
        let capped = rolling.capped(session(), near);
        assert_eq!((capped.latest(), Some(capped.expires_at())), (near, near));
        assert_eq!(rolling.renewed(&capped, NOW), None, "it ends no later");
        assert_eq!(rolling.capped(session(), None), session());
    }
}
