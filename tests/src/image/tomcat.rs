//! The application of the pattern: real Tomcat, 7 and 8, from Maven Central.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha512};

use super::archive::{Blob, Image, Start, pack};
use super::layer::Layer;
use super::{Archive, run, runtime};
use crate::cache::{Cache, digest};
use crate::progress::Progress;

const HOME: &str = "opt/tomcat";
const USER: u64 = 10001;
/// Pinned: what is downloaded must not depend on what Maven takes by default.
const DOWNLOAD: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy";
const MAVEN: &str = "install maven";

const SERVER: &str = include_str!("../../images/tomcat/server.xml");
const BROKEN_SERVER: &str = include_str!("../../images/tomcat/server-broken.xml");
const LOGGING: &str = include_str!("../../images/tomcat/logging.properties");

struct Release {
    version: &'static str,
    short: &'static str,
    sha512: &'static str,
}

const SEVEN: Release = Release {
    version: "7.0.109",
    short: "7",
    sha512: "612e830913bf1401bc9540e2273e465b0ee7ef63750a9969a80f1e9da9edb488\
             8aa621fcc6fa5ba23cff94a40e91eb97e3f969b8064dabd49b2d0ea29e59b57e",
};
const EIGHT: Release = Release {
    version: "8.5.100",
    short: "8",
    sha512: "14d8dca911fe9c5b7e636e054ac2e70a532ddc358eda83ed3679e51df8baa7a3\
             97cabb8a5777b815014d46064cbc33e8d9ea75b9426dccdae54fb3913d9a54f0",
};

/// Tomcat 7, Tomcat 8, and a Tomcat 8 that can't start because its `server.xml` is not XML.
pub(super) fn build(cache: &Cache) -> Result<Archive> {
    let java = runtime::key()?;
    let names = [
        names(&SEVEN),
        names(&EIGHT),
        vec![format!("tomcat:{}-broken", EIGHT.version)],
    ];
    let recipe = [
        java.as_bytes(),
        include_bytes!("tomcat.rs"),
        include_bytes!("archive.rs"),
        include_bytes!("layer.rs"),
        SERVER.as_bytes(),
        BROKEN_SERVER.as_bytes(),
        LOGGING.as_bytes(),
    ];
    let key = format!("images/tomcat-{}.tar", digest(recipe));
    let tar = if cache.entry(&key).exists() {
        cache.entry(&key)
    } else {
        let mut progress = Progress::new("images", 4);
        let java = progress.part("a Java runtime", || runtime::layer(cache, &java))?;
        let seven = progress.part("Tomcat 7", || layer(cache, &SEVEN))?;
        let eight = progress.part("Tomcat 8", || layer(cache, &EIGHT))?;
        progress.part("packing Tomcat", || {
            let java = Blob::read(&java)?;
            let mut broken = Layer::default();
            broken.text(format!("{HOME}/conf/server.xml"), BROKEN_SERVER);
            let layers = [
                vec![java.clone(), seven],
                vec![java.clone(), eight.clone()],
                vec![java, eight, broken.blob()?],
            ];
            let images = names.iter().zip(layers).map(|(names, layers)| Image {
                names: names.clone(),
                layers,
                start: start(),
            });
            let packed = pack(&images.collect::<Vec<_>>())?;
            cache.get_or_make(&key, |path| Ok(fs::write(path, packed)?))
        })?
    };
    Ok(Archive {
        images: names.concat(),
        tar,
    })
}

fn names(release: &Release) -> Vec<String> {
    [release.version, release.short]
        .map(|tag| format!("tomcat:{tag}"))
        .into()
}

/// What the image needs of a Tomcat: no scripts, no other applications than the front page, no secrets.
fn layer(cache: &Cache, release: &Release) -> Result<Blob> {
    let unpacked = unpacked(cache, release)?;
    let mut layer = Layer::base(USER);
    for file in [
        "LICENSE",
        "NOTICE",
        "bin/bootstrap.jar",
        "bin/tomcat-juli.jar",
    ] {
        layer.copy(format!("{HOME}/{file}"), &unpacked.join(file))?;
    }
    for file in ["catalina.properties", "context.xml", "web.xml"] {
        layer.copy(
            format!("{HOME}/conf/{file}"),
            &unpacked.join("conf").join(file),
        )?;
    }
    for folder in ["lib", "webapps/ROOT"] {
        layer.tree(format!("{HOME}/{folder}"), &unpacked.join(folder))?;
    }
    layer.text(format!("{HOME}/conf/server.xml"), SERVER);
    layer.text(format!("{HOME}/conf/logging.properties"), LOGGING);
    for folder in ["temp", "work"] {
        layer.folder(format!("{HOME}/{folder}"), 0o755, USER);
    }
    layer.blob()
}

/// The distribution's folder in the cache.
fn unpacked(cache: &Cache, release: &Release) -> Result<PathBuf> {
    let name = format!("tomcat-{}", release.version);
    let folder = cache.get_or_make(&format!("downloads/{name}"), |path| {
        fs::create_dir(path)?;
        download(release, path)?;
        let file = path.join(format!("{name}.tar.gz"));
        check(&file, release.sha512)?;
        run::output(
            Command::new("tar")
                .arg("-xzf")
                .arg(&file)
                .arg("-C")
                .arg(path),
            "install tar",
        )?;
        Ok(fs::remove_file(file)?)
    })?;
    Ok(folder.join(format!("apache-{name}")))
}

fn download(release: &Release, to: &Path) -> Result<()> {
    let artifact = format!("org.apache.tomcat:tomcat:{}:tar.gz", release.version);
    let mut maven = Command::new("mvn");
    maven
        .args(["--batch-mode", "--quiet", "-Dstyle.color=never", DOWNLOAD])
        .arg(format!("-Dartifact={artifact}"))
        .arg(format!("-DoutputDirectory={}", to.display()))
        // Away from the checkout, where Maven would look for a project.
        .current_dir(to);
    run::output(&mut maven, MAVEN).with_context(|| format!("cannot download {artifact}"))?;
    Ok(())
}

fn check(file: &Path, sha512: &str) -> Result<()> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let found = Sha512::digest(&bytes)
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    if found != sha512 {
        bail!(
            "{} is not the file that is expected: its SHA-512 is {found}, not {sha512}",
            file.display()
        );
    }
    Ok(())
}

fn start() -> Start {
    let home = format!("/{HOME}");
    let opened = [
        "java.base/java.lang",
        "java.base/java.io",
        "java.rmi/sun.rmi.transport",
    ];
    let mut entrypoint = vec![
        format!("/{}/bin/java", runtime::HOME),
        // A small heap, one collector thread and the quick compiler: several run on one small node.
        "-Xmx96m".into(),
        "-XX:+UseSerialGC".into(),
        "-XX:TieredStopAtLevel=1".into(),
        "-XX:-UsePerfData".into(),
        "-Djava.awt.headless=true".into(),
        format!("-Dcatalina.home={home}"),
        format!("-Dcatalina.base={home}"),
        format!("-Djava.io.tmpdir={home}/temp"),
        format!("-Djava.util.logging.config.file={home}/conf/logging.properties"),
        "-Djava.util.logging.manager=org.apache.juli.ClassLoaderLogManager".into(),
    ];
    // Tomcat 7 and 8 are older than modules.
    entrypoint.extend(opened.map(|package| format!("--add-opens={package}=ALL-UNNAMED")));
    entrypoint.extend([
        "-cp".into(),
        format!("{home}/bin/bootstrap.jar:{home}/bin/tomcat-juli.jar"),
    ]);
    entrypoint.extend(["org.apache.catalina.startup.Bootstrap", "start"].map(String::from));
    Start {
        user: USER.to_string(),
        entrypoint,
        env: vec!["LANG=C.UTF-8".into()],
        working_dir: home,
    }
}
