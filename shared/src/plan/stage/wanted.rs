//! What the idle environment is to become, as people write it.

use std::str::FromStr;

/// What `stage` is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Images, of named containers or of the one there is.
    pub images: Vec<ImageWish>,
    /// The replicas of each workload.
    pub replicas: Option<i32>,
    /// Whether each workload without a number is to have as many as production.
    pub match_active: bool,
}

/// `IMAGE` or `CONTAINER=IMAGE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageWish {
    /// The container; `None` where there is only one to mean.
    pub container: Option<String>,
    /// The image.
    pub image: String,
}

impl FromStr for ImageWish {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (container, image) = match text.split_once('=') {
            Some((container, image)) => (Some(container), image),
            None => (None, text),
        };
        if container == Some("") || image.is_empty() {
            return Err("neither IMAGE nor CONTAINER=IMAGE".to_owned());
        }
        if !image.chars().all(|c| c.is_ascii_graphic()) {
            return Err("an image has no spaces and no characters beyond ASCII".to_owned());
        }
        Ok(Self {
            container: container.map(str::to_owned),
            image: image.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_may_name_its_container() {
        let bare: ImageWish = "registry:5000/tomcat:8@sha256:ab".parse().unwrap();
        assert_eq!(bare.container, None);
        assert_eq!(bare.image, "registry:5000/tomcat:8@sha256:ab");
        let named: ImageWish = "web=tomcat:8".parse().unwrap();
        assert_eq!(named.container.as_deref(), Some("web"));
        assert_eq!(named.image, "tomcat:8");
        for wrong in ["", "=", "web=", "=tomcat:8", "tomcat 8"] {
            assert!(wrong.parse::<ImageWish>().is_err(), "{wrong}");
        }
    }
}
