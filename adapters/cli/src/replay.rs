//! `aura replay`: a transcript of a failed sign-in, run again under this configuration.

use crate::arguments::Options;
use crate::environment::{Variables, read_file};
use crate::report::{Failure, Report, Status};
use aura_blocking::env::Lookup;
use aura_replay::{Difference, Transcript};
use serde_json::json;
use std::path::Path;

pub(crate) fn replay(options: &Options, file: &Path, process: Lookup<'_>) -> Result<Report, Failure> {
    let transcript: Transcript =
        read_file(file)?.parse().map_err(|error| Failure(format!("{}: {error}", file.display())))?;
    let configured = Variables::read(options, process)?.auth(options, |builder| builder)?;
    let outcome = transcript.replay(&configured.auth);
    let status = match &outcome {
        Ok(()) => Status::Clean,
        Err(Difference::NotATranscript | Difference::TooLong) => Status::Failed,
        Err(_) => Status::Warned,
    };
    let result = outcome
        .map_or_else(|difference| difference.to_string(), |()| "it runs as it was recorded".to_owned());
    let outline: String = transcript.actions().iter().map(|action| format!("{action}\n")).collect();
    Ok(Report {
        text: format!("{outline}\n{result}\n"),
        json: json!({ "actions": transcript.actions(), "same": status == Status::Clean, "result": result }),
        status,
    })
}
