//! Options that providers need.
