//! The design's invariants, a module each, over any request, any cookies and any list of provider answers.
#![cfg(test)]
#![expect(clippy::arithmetic_side_effects, reason = "moments of a test are far from the ends of their type")]

mod any;
mod any_answers;
mod any_browser;
mod believed;
mod devices;
mod failing;
mod inv_01;
mod inv_02;
mod inv_03;
mod inv_04;
mod inv_05;
mod inv_06;
mod inv_07;
mod inv_08;
mod inv_09;
mod inv_10;
mod inv_11;
mod inv_12;
mod inv_12_openid;
mod inv_13;
mod inv_14;
mod inv_15;
mod jose;
mod op;
mod play;
mod properties;
mod reach;
mod redirects;
mod replays;
mod secrecy;
mod shown;
mod site;
