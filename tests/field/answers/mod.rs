//! Answers of providers: keys, tokens, claims, documents.
