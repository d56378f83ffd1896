//! Scenarios over the loopback sockets of all six hosts.
//!
//! The answers of the hosts are equal, header for header, except for dates, random values and connection headers.
//!
//! | Scenario                              | axum | hyper | warp | tower | actix | blocking |
//! |---------------------------------------|------|-------|------|-------|-------|----------|
//! | sign-in                               | same | same  | same | same  | same  | same     |
//! | cancelled sign-in                     | same | same  | same | same  | same  | same     |
//! | two tabs                              | same | same  | same | same  | same  | same     |
//! | sign-out by header                    | same | same  | same | same  | same  | same     |
//! | sign-out by form                      | same | same  | same | same  | same  | same     |
//! | renewal, by route and guard           | same | same  | same | same  | same  | same     |
//! | session in chunks                     | same | same  | same | same  | same  | same     |
//! | 405 and 404                           | same | same  | same | same  | same  | same     |
//! | HEAD                                  | same | same  | same | same  | same  | same     |
//! | body of 64 KiB, one byte more, 1 MiB  | same | same  | same | same  | same  | same     |
//! | slow provider                         | same | same  | same | same  | same  | same     |
//! | slow provider, 200 who wait for it    | same | same  | same | same  | same  | same     |
//! | provider down                         | same | same  | same | same  | same  | same     |
//! | client gone in the middle             | the exchange is dropped | likewise | likewise | likewise | likewise | it takes its time |
//! | 200 sign-ins at once                  | same | same  | same | same  | same  | same     |
//! | guard: programs and people            | same | same  | same | same  | same  | same     |
//! | API: session and CSRF token           | same | same  | same | same  | same  | same     |
//! | sessions that the application ends    | same | same  | same | same  | same  | same     |
//! | rules of guards, changed claims       | same | same  | same | same  | same  | same     |
//! | stored sessions, a store that fails   | same | same  | same | same  | same  | same     |
//! | guards that require a step-up         | same | same  | same | same  | same  | same     |
//! | client gone in a refresh of tokens    | the refresh goes on | likewise | likewise | likewise | likewise | likewise |
//! | too many requests, a store that fails | same | same  | same | same  | same  | same     |

mod checks;
mod connections;
mod embedded;
mod limits;
mod provider;
mod rules;
mod scenarios;
pub(super) mod serving;
mod site;
mod step_up;
mod stored;
mod visitor;

use site::{Host, Site};
use std::time::Duration;
use visitor::Answer;

/// When a scenario that hangs has failed; none comes near.
const LONGEST: Duration = Duration::from_secs(60);

async fn on_every_host(start: fn(Host) -> Site, scenario: impl AsyncFn(&Site) -> Vec<Answer>) {
    let mut expected: Option<Vec<Answer>> = None;
    for host in Host::ALL {
        let site = start(host);
        let answers = tokio::time::timeout(LONGEST, scenario(&site)).await;
        let answers = answers.unwrap_or_else(|_| panic!("{host:?} hangs"));
        assert!(!answers.is_empty());
        let expected = expected.get_or_insert_with(|| answers.clone());
        for (answer, expected) in answers.iter().zip(&*expected) {
            assert_eq!(answer, expected, "{host:?}");
        }
        assert_eq!(answers.len(), expected.len(), "{host:?}");
    }
}

macro_rules! on_every_host {
    ($($scenario:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $scenario() {
                on_every_host(Site::start, scenarios::$scenario).await;
            }
        )*
    };
}

on_every_host! {
    a_user_signs_in
    a_cancelled_sign_in_signs_nobody_in
    two_tabs_sign_in_side_by_side
    a_script_signs_out_by_header
    a_page_signs_out_by_form
    a_session_is_renewed_by_its_route_and_by_the_guard
    a_long_profile_makes_a_session_in_chunks
    a_wrong_method_is_405_and_a_wrong_path_404
    a_head_is_its_get_without_the_body
    a_body_of_64_kib_is_read_and_one_byte_more_refused
    a_slow_provider_holds_up_nobody_else
    two_hundred_who_wait_for_a_provider_hold_up_nobody_else
    a_provider_that_is_down_fails_the_sign_in_alone
    a_client_that_goes_away_leaves_the_site_as_it_was
    two_hundred_sign_ins_at_once_all_work
    a_guard_refuses_programs_and_sends_people_to_sign_in
    an_api_needs_a_session_and_a_csrf_token
    a_page_without_a_script_sends_a_form_and_signs_out
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_the_application_ends_is_over_on_every_path() {
    on_every_host(Site::checking, checks::a_session_that_the_application_ends_is_over_on_every_path).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_that_fails_refuses_and_clears_nothing() {
    on_every_host(Site::checking, checks::a_check_that_fails_refuses_and_clears_nothing).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stored_session_ends_on_every_path() {
    on_every_host(Site::storing, stored::a_stored_session_ends_on_every_path).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_goes_on_when_its_client_goes_away() {
    on_every_host(Site::storing, stored::a_refresh_goes_on_when_its_client_goes_away).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_fails_refuses_and_clears_nothing() {
    on_every_host(Site::storing, stored::a_store_that_fails_refuses_and_clears_nothing).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rl_01_too_many_requests_are_refused_until_their_time() {
    on_every_host(Site::limiting, limits::too_many_requests_are_refused_until_their_time).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rl_04_a_store_of_counts_that_fails_lets_requests_pass() {
    on_every_host(Site::limiting, limits::a_store_of_counts_that_fails_lets_requests_pass).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rl_01_sign_ins_at_once_are_counted_exactly() {
    on_every_host(Site::limiting, limits::sign_ins_at_once_are_counted_exactly).await;
}
