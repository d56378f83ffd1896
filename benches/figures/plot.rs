//! The growth of a session's cost as a picture: one panel for each thing that grows.

use std::fmt::Write as _;

const WIDTH: u64 = 300;
const HEIGHT: u64 = 180;
const LEFT: u64 = 60;
const TOP: u64 = 30;
const PANEL: u64 = 400;

/// Writes thousands apart.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && digits.len().saturating_sub(index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Draws a panel for each series of sizes and instructions, all to the same scale upwards.
pub(crate) fn svg(series: &[(&str, Vec<(usize, u64)>)]) -> String {
    let width = PANEL.saturating_mul(series.len() as u64);
    let top = series.iter().flat_map(|(_, points)| points).map(|(_, cost)| *cost).max().unwrap_or(1).max(1);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} 260\" font-family=\"sans-serif\" font-size=\"11\">\n\
         <rect width=\"{width}\" height=\"260\" fill=\"#fff\"/>\n"
    );
    for (index, (name, points)) in series.iter().enumerate() {
        let left = PANEL.saturating_mul(index as u64).saturating_add(LEFT);
        // Cannot fail: a String takes everything.
        let _ = panel(&mut text, name, points, left, top);
    }
    text.push_str("</svg>\n");
    text
}

fn panel(text: &mut String, name: &str, points: &[(usize, u64)], left: u64, top: u64) -> std::fmt::Result {
    let bottom = TOP.saturating_add(HEIGHT);
    let widest = points.iter().map(|(size, _)| *size as u64).max().unwrap_or(1).max(1);
    let at = |(size, cost): &(usize, u64)| {
        let x = left.saturating_add((*size as u64).saturating_mul(WIDTH).div_euclid(widest));
        (x, bottom.saturating_sub(cost.saturating_mul(HEIGHT).div_euclid(top)))
    };
    let right = left.saturating_add(WIDTH);
    writeln!(text, "<path d=\"M{left} {TOP}V{bottom}H{right}\" fill=\"none\" stroke=\"#555\"/>")?;
    writeln!(text, "<text x=\"{left}\" y=\"20\">instructions of Auth::session</text>")?;
    writeln!(
        text,
        "<text x=\"{right}\" y=\"{}\" text-anchor=\"end\">{name}</text>",
        bottom.saturating_add(36)
    )?;
    let line: Vec<_> = points.iter().map(at).map(|(x, y)| format!("{x},{y}")).collect();
    writeln!(
        text,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"#06c\" stroke-width=\"2\"/>",
        line.join(" ")
    )?;
    for point in points {
        let (x, y) = at(point);
        writeln!(text, "<circle cx=\"{x}\" cy=\"{y}\" r=\"3\" fill=\"#06c\"/>")?;
        let label = y.saturating_sub(8);
        writeln!(text, "<text x=\"{x}\" y=\"{label}\" text-anchor=\"middle\">{}</text>", grouped(point.1))?;
        let size = bottom.saturating_add(16);
        writeln!(
            text,
            "<text x=\"{x}\" y=\"{size}\" text-anchor=\"middle\">{}</text>",
            grouped(point.0 as u64)
        )?;
    }
    Ok(())
}
