//! Which container gets which image.

use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, PatchOperation, ReplaceOperation};
use k8s_openapi::api::core::v1::{Container, Service};
use serde_json::Value;

use crate::application::Environment;
use crate::mutate::container_field;
use crate::mutate::front::Front;
use crate::mutate::served;
use crate::workload::Workload;

use super::wanted::ImageWish;
use super::{Declined, ImageChange, refused};

/// A container of the idle environment and the image that it is to run.
#[derive(Clone, Copy, Debug)]
pub(in crate::plan) struct Place<'a> {
    pub(super) workload: &'a Workload,
    pub(in crate::plan) container: &'a Container,
    list: &'static str,
    index: usize,
    image: &'a str,
}

/// The containers that the wishes mean, each once.
pub(in crate::plan) fn choose<'w>(
    idle: &Environment<'w>,
    wishes: &'w [ImageWish],
    services: &[Service],
) -> Result<Vec<Place<'w>>, Declined> {
    let mut chosen: Vec<Place<'w>> = Vec::new();
    for wish in wishes {
        let places = match &wish.container {
            Some(name) => named(idle, name, &wish.image)?,
            None => vec![only(idle, &wish.image, services)?],
        };
        for place in places {
            match chosen.iter().find(|other| other.is_same(&place)) {
                Some(other) if other.image != place.image => {
                    return Err(refused::two_images(
                        &place.container.name,
                        other.image,
                        place.image,
                    ));
                }
                Some(_) => {}
                None => chosen.push(place),
            }
        }
    }
    chosen.sort_by_key(|place| (place.list, place.index));
    Ok(chosen)
}

fn named<'w>(
    idle: &Environment<'w>,
    name: &str,
    image: &'w str,
) -> Result<Vec<Place<'w>>, Declined> {
    let places: Vec<Place<'w>> = all(idle, image)
        .filter(|place| place.container.name == name)
        .collect();
    if places.is_empty() {
        return Err(refused::no_container(idle, name, image));
    }
    Ok(places)
}

/// The one regular container, or the one of several that serves.
fn only<'w>(
    idle: &Environment<'w>,
    image: &'w str,
    services: &[Service],
) -> Result<Place<'w>, Declined> {
    let regular: Vec<Place<'w>> = all(idle, image)
        .filter(|place| place.list == "containers")
        .collect();
    if let [one] = regular.as_slice() {
        return Ok(*one);
    }
    let serving: Vec<&Place<'w>> = regular
        .iter()
        .filter(|place| {
            served::serving(place.workload, &Front::of(place.workload), services)
                .iter()
                .any(|serving| serving.index == place.index)
        })
        .collect();
    match serving.as_slice() {
        [one] => Ok(**one),
        _ => Err(refused::which_container(idle, image)),
    }
}

fn all<'w>(idle: &Environment<'w>, image: &'w str) -> impl Iterator<Item = Place<'w>> {
    idle.workloads.iter().flat_map(move |workload| {
        let spec = workload.pod_spec();
        let regular = spec.into_iter().flat_map(|spec| spec.containers.iter());
        let init = spec
            .into_iter()
            .flat_map(|spec| spec.init_containers.iter().flatten());
        let place = move |list: &'static str| {
            move |(index, container): (usize, &'w Container)| Place {
                workload,
                container,
                list,
                index,
                image,
            }
        };
        regular
            .enumerate()
            .map(place("containers"))
            .chain(init.enumerate().map(place("initContainers")))
    })
}

impl Place<'_> {
    /// Whether it runs another image than it is to run.
    pub(in crate::plan) fn changes(&self) -> bool {
        self.current() != Some(self.image)
    }

    /// The image that it runs.
    pub(in crate::plan) fn current(&self) -> Option<&str> {
        self.container.image.as_deref()
    }

    /// The path of one of its fields.
    pub(in crate::plan) fn field(&self, field: &'static str) -> PointerBuf {
        container_field(self.list, self.index, field)
    }

    /// The change of its image; `add` where the template says nothing of an image.
    pub(in crate::plan) fn operation(&self) -> PatchOperation {
        let path = self.field("image");
        let value = Value::from(self.image);
        match self.current() {
            Some(_) => PatchOperation::Replace(ReplaceOperation { path, value }),
            None => PatchOperation::Add(AddOperation { path, value }),
        }
    }

    /// The change in words.
    pub(in crate::plan) fn change(&self) -> ImageChange {
        ImageChange {
            container: self.container.name.clone(),
            from: self.current().unwrap_or_default().to_owned(),
            to: self.image.to_owned(),
        }
    }

    /// Makes the change on the workload itself.
    pub(in crate::plan) fn set(&self, workload: &mut Workload) {
        let Some(spec) = workload.template_mut().and_then(|it| it.spec.as_mut()) else {
            return;
        };
        let containers = if self.list == "containers" {
            Some(&mut spec.containers)
        } else {
            spec.init_containers.as_mut()
        };
        if let Some(container) = containers.and_then(|all| all.get_mut(self.index)) {
            container.image = Some(self.image.to_owned());
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        std::ptr::eq(self.container, other.container)
    }
}
