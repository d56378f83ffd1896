//! Kept provider tokens, and what hosts share between requests.
