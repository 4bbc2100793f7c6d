//! A table in plain text.

use std::time::Duration;

/// Lays out the rows under the header; columns from `numbers` on are aligned to the right.
pub(crate) fn render<const N: usize>(header: [&str; N], rows: &[[String; N]], numbers: usize) -> String {
    let header = header.map(str::to_owned);
    let widths: [usize; N] = std::array::from_fn(|column| {
        std::iter::once(&header).chain(rows).map(|row| row[column].chars().count()).max().unwrap_or(0)
    });
    let rule = widths.map(|width| "-".repeat(width));
    let mut text = String::new();
    for row in [&header, &rule].into_iter().chain(rows) {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
            let gap = if column == 0 { "" } else { "  " };
            line += &match column < numbers {
                true => format!("{gap}{cell:<width$}"),
                false => format!("{gap}{cell:>width$}"),
            };
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// `8.2 s` or `3 min 05 s`.
pub(crate) fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds / 60 {
        0 => format!("{seconds}.{} s", time.subsec_millis() / 100),
        minutes => format!("{minutes} min {:02} s", seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_goes_left_and_numbers_go_right() {
        let rows = [["rust", "all features", "120"], ["kotlin", "ü", "7"]].map(|row| row.map(str::to_owned));
        let want = "\
part    what          passed
------  ------------  ------
rust    all features     120
kotlin  ü                  7
";
        assert_eq!(render(["part", "what", "passed"], &rows, 2), want);
    }

    #[test]
    fn a_table_may_have_no_rows() {
        assert_eq!(render(["part"], &[], 1), "part\n----\n");
    }

    #[test]
    fn durations_read_naturally() {
        assert_eq!(duration(Duration::from_millis(90)), "0.0 s");
        assert_eq!(duration(Duration::from_millis(59_999)), "59.9 s");
        assert_eq!(duration(Duration::from_secs(185)), "3 min 05 s");
    }
}
