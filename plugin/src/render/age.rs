//! Ages as kubectl writes them: `59s`, `3m5s`, `7h`, `3d4h`, `2y30d`.

use jiff::Timestamp;

/// How long ago it was; `0s` for what lies ahead, for clocks differ.
pub(crate) fn age(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(then).as_secs().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    let two = |large: i64, unit: &str, small: i64, part: &str| match small {
        0 => format!("{large}{unit}"),
        _ => format!("{large}{unit}{small}{part}"),
    };
    // The bounds at which a smaller unit is dropped are those of apimachinery's HumanDuration.
    match seconds {
        ..120 => format!("{seconds}s"),
        120..600 => two(minutes, "m", seconds % 60, "s"),
        600..10_800 => format!("{minutes}m"),
        10_800..28_800 => two(hours, "h", minutes % 60, "m"),
        28_800..172_800 => format!("{hours}h"),
        172_800..691_200 => two(days, "d", hours % 24, "h"),
        691_200..63_072_000 => format!("{days}d"),
        63_072_000..252_288_000 => two(days / 365, "y", days % 365, "d"),
        _ => format!("{}y", days / 365),
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn ages_are_those_of_kubectl() {
        let then = Timestamp::UNIX_EPOCH;
        let after = |seconds| age(then, then + SignedDuration::from_secs(seconds));
        assert_eq!(after(-5), "0s");
        assert_eq!(after(119), "119s");
        assert_eq!(after(185), "3m5s");
        assert_eq!(after(180), "3m");
        assert_eq!(after(601), "10m");
        assert_eq!(after(7 * 3600 + 120), "7h2m");
        assert_eq!(after(9 * 3600 + 120), "9h");
        assert_eq!(after(76 * 3600), "3d4h");
        assert_eq!(after(30 * 86400 + 7200), "30d");
        assert_eq!(after(760 * 86400), "2y30d");
    }
}
