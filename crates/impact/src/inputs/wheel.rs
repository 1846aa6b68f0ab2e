//! A wheel: the package that it installs, and what its SBOMs say is inside of it (PEP 770, `*.dist-info/sboms/`).
//!
//! The archive is read as a bounded stream and never unpacked; one that two readers could read differently is refused.

use std::io::{Read, Seek};

use bastide_archive::{Archive, ArchiveError, Limits};

use super::{Kind, MAX_DOCUMENT_BYTES, read};
use crate::{
    inputs::draft::reason,
    inventory::{Inventory, Unread},
};

/// The most SBOMs that are read of one wheel.
const MAX_SBOMS: usize = 100;

/// What a wheel holds.
pub fn read_wheel(document: &str, wheel: impl Read + Seek) -> Inventory {
    members(document, wheel)
        .unwrap_or_else(|error| Inventory::unreadable(document, Kind::Wheel, reason(&error)))
}

fn members(document: &str, wheel: impl Read + Seek) -> Result<Inventory, ArchiveError> {
    let mut archive = Archive::open(document, wheel, Limits::WHEEL)?;
    let mut inventory = Inventory::new(document, Kind::Wheel);
    let in_info = |name: &str| {
        let (directory, rest) = name.split_once('/')?;
        directory.ends_with(".dist-info").then(|| rest.to_owned())
    };
    let members: Vec<(usize, String, String)> = archive
        .members()
        .iter()
        .enumerate()
        .filter(|(_, member)| !member.is_directory)
        .filter_map(|(index, member)| Some((index, member.name.clone(), in_info(&member.name)?)))
        .collect();
    let mut package = String::new();
    if let Some((index, name, _)) = members.iter().find(|(_, _, rest)| rest == "METADATA") {
        let bytes = archive.read(*index, Limits::WHEEL.member_bytes)?;
        let told = read(Kind::Installed, &inside(document, name), &bytes, &mut |_, _| Err(String::new()));
        package = told.components.first().map(|one| one.package.name().to_owned()).unwrap_or_default();
        append(&mut inventory, told, "");
    } else {
        unread(
            &mut inventory,
            document,
            "METADATA",
            "there is none in a *.dist-info directory, so this is no wheel",
        );
    }
    let sboms: Vec<_> = members.iter().filter(|(_, _, rest)| rest.starts_with("sboms/")).collect();
    for (index, name, _) in sboms.iter().take(MAX_SBOMS) {
        let place = inside(document, name);
        let bytes = archive.read(*index, MAX_DOCUMENT_BYTES as u64)?;
        match Kind::of_name(name.rsplit('/').next().unwrap_or(name)).or_else(|| Kind::of_content(&bytes)) {
            Some(kind) => {
                append(&mut inventory, read(kind, &place, &bytes, &mut |_, _| Err(String::new())), &package);
            }
            None => unread(
                &mut inventory,
                &place,
                "the whole document",
                "it is no SBOM of a form that is known here",
            ),
        }
    }
    if sboms.len() > MAX_SBOMS {
        unread(&mut inventory, document, "more SBOMs", &format!("at most {MAX_SBOMS} are read"));
    }
    Ok(inventory)
}

fn inside(document: &str, member: &str) -> String {
    format!("{document}!/{member}")
}

/// Takes over what a member tells; what an SBOM names is inside of the wheel's package.
fn append(inventory: &mut Inventory, told: Inventory, package: &str) {
    inventory.components.extend(told.components.into_iter().map(|mut component| {
        // The package itself stands in its own SBOM as a rule.
        if !package.is_empty() && component.package.name() != package {
            component.path.retain(|name| name != package);
            component.path.insert(0, package.to_owned());
        }
        component
    }));
    inventory.unread.extend(told.unread);
}

fn unread(inventory: &mut Inventory, file: &str, what: &str, reason: &str) {
    let place = bastide_model::finding::Place { file: Some(file.to_owned()), ..Default::default() };
    inventory.unread.push(Unread { place, what: what.to_owned(), reason: reason.to_owned() });
}
