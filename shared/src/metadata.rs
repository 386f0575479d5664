//! What every object carries.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// An annotation's value.
pub(crate) fn annotation<'a>(metadata: &'a ObjectMeta, key: &str) -> Option<&'a str> {
    let annotations = metadata.annotations.as_ref()?;
    annotations.get(key).map(String::as_str)
}

/// What a kubectl command needs to find the object: ` -n shop`; nothing for one without a namespace.
pub(crate) fn namespace_flag(metadata: &ObjectMeta) -> String {
    let namespace = metadata.namespace.as_ref();
    namespace.map_or_else(String::new, |namespace| format!(" -n {namespace}"))
}
