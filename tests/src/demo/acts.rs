//! The acts, in their order.

use std::time::Duration;

use anyhow::{Result, bail, ensure};

use crate::eventually::eventually;

use super::screen::{Screen, quietly};
use super::traffic::under_load;

/// For the controllers to do their part.
const SOON: Duration = Duration::from_secs(20);
const OLD: &str = "7.0.109";
const NEW: &str = "8.5.100";
/// A side without traffic waits this long before its readiness is asked for, so that the moment in
/// which it must not serve can't be missed.
const SLOW_START: &str = r#"[{"op":"add","path":"/spec/template/spec/containers/0/readinessProbe/initialDelaySeconds","value":8}]"#;

pub(super) async fn all(screen: &mut Screen) -> Result<()> {
    guard(screen).await?;
    begin(screen).await?;
    too_early(screen).await?;
    release(screen).await?;
    back(screen).await?;
    broken(screen).await?;
    leave(screen).await
}

async fn guard(screen: &mut Screen) -> Result<()> {
    screen.act("A guard for everybody, and Tomcat 7 in two environments");
    screen.must("kubectl bluegreen install").await?;
    screen.must("kubectl create namespace shop").await?;
    Ok(())
}

async fn begin(screen: &mut Screen) -> Result<()> {
    screen
        .must("kubectl bluegreen init tomcat -n shop --image tomcat:7 --port 8080")
        .await?;
    let status = screen
        .must("kubectl bluegreen status tomcat -n shop")
        .await?;
    screen.claim(
        status.text.contains("production is blue"),
        "blue serves, with Tomcat 7",
    );
    Ok(())
}

async fn too_early(screen: &mut Screen) -> Result<()> {
    screen.act("Green gets Tomcat 8, which starts slowly: nobody can send production there");
    screen
        .must(&format!(
            "kubectl patch deployment tomcat-deployment-green -n shop --type=json -p '{SLOW_START}'"
        ))
        .await?;
    screen
        .must("kubectl bluegreen stage tomcat -n shop --image tomcat:8 --wait=false")
        .await?;
    starting().await?;
    let patched = screen
        .run(r#"kubectl patch service tomcat-service -n shop -p '{"spec":{"selector":{"role":"green"}}}'"#)
        .await?;
    screen.claim(
        patched.code != 0 && patched.text.contains("Forbidden"),
        "the bare kubectl patch is refused by the API server",
    );
    let switched = screen
        .run("kubectl bluegreen switch tomcat -n shop")
        .await?;
    screen.claim(
        switched.code == 3,
        "the plugin refuses it too, before it asks (exit code 3)",
    );
    let reasons = reasons(&switched.text);
    screen.claim(
        !reasons.is_empty() && reasons.iter().all(|reason| patched.text.contains(reason)),
        "with the same words",
    );
    let role = role().await?;
    screen.claim(role == "blue", "production is blue as before");
    Ok(())
}

/// Waits until the first pod of the new template is there, and not ready for seconds to come: the
/// counts that are told stay the same then.
async fn starting() -> Result<()> {
    let counts = "kubectl get deployment tomcat-deployment-green -n shop -o jsonpath={.status.updatedReplicas}/{.status.replicas}";
    eventually(SOON, || async {
        let seen = quietly(counts).await?;
        ensure!(seen.text.trim() == "1/3", "{}", seen.text);
        Ok(())
    })
    .await
}

async fn release(screen: &mut Screen) -> Result<()> {
    screen.act("Ready, verified on every pod, and switched under load");
    screen
        .must("kubectl bluegreen stage tomcat -n shop --image tomcat:8")
        .await?;
    screen
        .must("kubectl bluegreen verify tomcat -n shop")
        .await?;
    under_load(
        screen,
        "kubectl bluegreen switch tomcat -n shop --verify-prod --reason 'release 8.5.100'",
        OLD,
        NEW,
    )
    .await?;
    screen
        .must("kubectl bluegreen status tomcat -n shop")
        .await?;
    let role = role().await?;
    screen.claim(role == "green", "production is green, with Tomcat 8");
    Ok(())
}

async fn back(screen: &mut Screen) -> Result<()> {
    screen.act("And back, under load");
    let ran = under_load(
        screen,
        "kubectl bluegreen rollback tomcat -n shop --reason 'a customer called'",
        NEW,
        OLD,
    )
    .await?;
    screen.claim(
        ran.took < Duration::from_secs(1),
        &format!(
            "Tomcat 7 serves again after {:.2} s",
            ran.took.as_secs_f64()
        ),
    );
    screen
        .must("kubectl bluegreen history tomcat -n shop")
        .await?;
    Ok(())
}

async fn broken(screen: &mut Screen) -> Result<()> {
    screen.act("A Tomcat that crashes is told at once, not after a timeout");
    let staged = screen
        .run("kubectl bluegreen stage tomcat -n shop --image tomcat:8.5.100-broken --timeout 5m")
        .await?;
    screen.claim(
        staged.code == 3,
        &format!(
            "stage gave up after {:.0} s (exit code 3)",
            staged.took.as_secs_f64()
        ),
    );
    screen.claim(
        staged.text.contains("exit code"),
        "it names the container and its exit code",
    );
    screen.claim(
        staged.text.contains("SEVERE") || staged.text.contains("server.xml"),
        "and shows the last lines of its log",
    );
    let role = role().await?;
    screen.claim(role == "blue", "production never noticed");
    Ok(())
}

async fn leave(screen: &mut Screen) -> Result<()> {
    screen.act("Uninstalled, nothing stays but ordinary Deployments and Services");
    screen.must("kubectl bluegreen uninstall").await?;
    let left = quietly(
        "kubectl get namespaces,clusterroles,clusterrolebindings,validatingwebhookconfigurations,mutatingwebhookconfigurations,flowschemas,prioritylevelconfigurations -o name | grep bluegreen",
    )
    .await?;
    screen.claim(
        left.text.trim().is_empty(),
        "no object of the webhook is left in the cluster",
    );
    let serving = screen
        .must("kubectl get deployments,services -n shop")
        .await?;
    screen.claim(
        serving.text.contains("tomcat-deployment-blue") && serving.text.contains("tomcat-service"),
        "the application is as it was",
    );
    Ok(())
}

/// What production selects.
async fn role() -> Result<String> {
    let ran =
        quietly("kubectl get service tomcat-service -n shop -o jsonpath='{.spec.selector.role}'")
            .await?;
    if ran.code != 0 {
        bail!("cannot read the production Service: {}", ran.text);
    }
    Ok(ran.text.trim().to_owned())
}

/// The sentences that stand behind a code: `  NotReady: 2 of 2 pods are not ready: …`.
fn reasons(text: &str) -> Vec<&str> {
    text.lines()
        .filter_map(|line| line.strip_prefix("  "))
        .filter_map(|line| line.split_once(": "))
        .filter(|(code, _)| {
            code.starts_with(|c: char| c.is_ascii_uppercase())
                && code.chars().all(|c| c.is_ascii_alphabetic())
        })
        .map(|(_, sentence)| sentence)
        .collect()
}
