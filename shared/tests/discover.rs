//! Discovery, over situations.

#[cfg(test)]
mod situation;

#[test]
fn discovery_says_what_is_expected() {
    situation::for_each("discover", |situation| {
        format!("{} Services", situation.objects.services.len())
    });
}
