//! Commands that are shown, so that they can be pasted: each gets the connection flags that this one
//! was given.

use std::path::Path;

use super::Connection;

const KUBECTL: &str = "kubectl ";
/// What a command stands behind, and no word of a sentence that only speaks of one.
const BEFORE: [&str; 4] = ["\n", ": ", "; ", "("];

impl Connection {
    /// A text whose commands reach the same place as this one did.
    pub(crate) fn repeat_in(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, command)) = rest.split_once(KUBECTL) {
            out.push_str(before);
            out.push_str(KUBECTL);
            rest = command;
            if let Some(ours) = command.strip_prefix("bluegreen ") {
                out.push_str("bluegreen ");
                rest = ours;
                out.push_str(&self.flags(true, !names_a_namespace(ours)));
            } else if out.strip_suffix(KUBECTL).is_some_and(|before| {
                before.is_empty() || BEFORE.iter().any(|one| before.ends_with(one))
            }) {
                // A kubeconfig's own commands go to no cluster, and some commands name a namespace.
                let goes = !command.starts_with("config ");
                out.push_str(&self.flags(goes, goes && !names_a_namespace(command)));
            }
        }
        out + rest
    }

    fn flags(&self, context: bool, namespace: bool) -> String {
        let kubeconfig = self.kubeconfig.as_deref().and_then(Path::to_str);
        let flags = [
            ("--kubeconfig", kubeconfig),
            ("--context", self.context.as_deref().filter(|_| context)),
            ("-n", self.namespace.as_deref().filter(|_| namespace)),
        ];
        flags
            .into_iter()
            .filter_map(|(flag, value)| Some(format!("{flag} {} ", quoted(value?))))
            .collect()
    }
}

/// Whether the command at the start of the text does.
fn names_a_namespace(text: &str) -> bool {
    let line = text.lines().next().unwrap_or_default();
    let command = line.split(KUBECTL).next().unwrap_or_default();
    command.split(' ').any(|word| word == "-n")
}

/// A value as a shell takes it for one word.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags() -> Connection {
        Connection {
            namespace: Some("two".to_owned()),
            context: Some("my cluster's".to_owned()),
            ..Connection::default()
        }
    }

    #[test]
    fn a_command_that_is_shown_goes_where_this_one_went() {
        let text = "kubectl bluegreen verify web; kubectl get pods";
        assert_eq!(Connection::default().repeat_in(text), text);
        assert_eq!(
            flags().repeat_in(text),
            "kubectl bluegreen --context 'my cluster'\\''s' -n two verify web; \
             kubectl --context 'my cluster'\\''s' -n two get pods"
        );
    }

    #[test]
    fn a_namespace_that_a_command_names_is_its_own() {
        let connection = Connection {
            context: None,
            ..flags()
        };
        let cases = [
            (
                "hint: kubectl rollout status deployment/web -n one\nhint: kubectl get pods",
                "hint: kubectl rollout status deployment/web -n one\nhint: kubectl -n two get pods",
            ),
            (
                "kubectl get pods; kubectl logs web -n one; kubectl bluegreen list",
                "kubectl -n two get pods; kubectl logs web -n one; kubectl bluegreen -n two list",
            ),
            (
                "kubectl bluegreen verify web -n one",
                "kubectl bluegreen verify web -n one",
            ),
        ];
        for (text, repeated) in cases {
            assert_eq!(connection.repeat_in(text), repeated);
        }
    }

    #[test]
    fn a_kubeconfig_is_all_that_its_own_commands_need() {
        let connection = Connection {
            kubeconfig: Some("/tmp/config".into()),
            ..flags()
        };
        assert_eq!(
            connection.repeat_in("name one with --context; kubectl config get-contexts lists them"),
            "name one with --context; kubectl --kubeconfig /tmp/config config get-contexts lists them"
        );
    }

    #[test]
    fn a_sentence_that_speaks_of_a_command_is_left_alone() {
        let text = "correct its selector with kubectl apply or kubectl patch";
        assert_eq!(flags().repeat_in(text), text);
    }
}
